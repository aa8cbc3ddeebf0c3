"""The pipeline object `nlp`: a `Language`, its factories and components, and how pipelines are loaded.

Each file here is about one thing that a pipeline does; `Language` (base.py) puts them together.
"""

from .base import Language
from .defaults import BaseDefaults, create_vocab
from .factories import FactoryMeta
from .languages import get_lang_class
from .loading import blank, load
from .own_settings import component_settings
from .select import DisabledPipes

__all__ = [
    "BaseDefaults",
    "DisabledPipes",
    "FactoryMeta",
    "Language",
    "blank",
    "component_settings",
    "create_vocab",
    "get_lang_class",
    "load",
]
