"""Building a knowledge base from files of entities and aliases."""

from .build import build_kb
from .problems import KBFilesError

__all__ = ["KBFilesError", "build_kb"]
