"""Trainable NLP pipelines out of small, separately installed plugins.

Nothing is imported before it is asked for: `import spanwright` costs little more than Python itself.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

# What typing.TYPE_CHECKING means, without the cost of importing typing.
TYPE_CHECKING = False

# Public name -> (module, attribute); an attribute of None is the module itself.
_LAZY: dict[str, tuple[str, str | None]] = {
    "load": ("spanwright.language", "load"),
    "blank": ("spanwright.language", "blank"),
    "Language": ("spanwright.language", "Language"),
    "Vocab": ("spanwright_tokens.vocab", "Vocab"),
    "prefer_gpu": ("thinc.api", "prefer_gpu"),
    "require_gpu": ("thinc.api", "require_gpu"),
    "require_cpu": ("thinc.api", "require_cpu"),
    "info": ("spanwright.cli.info", "info"),
    "render": ("spanwright.drawing", "render"),
    "explain": ("spanwright.glossary", "explain"),
    "Config": ("spanwright.config", "Config"),
    "SpanwrightError": ("spanwright.errors", "SpanwrightError"),
    "registry": ("spanwright.registry", None),
    "util": ("spanwright.util", None),
    "errors": ("spanwright.errors", None),
}

__all__ = [
    "Config",
    "Language",
    "SpanwrightError",
    "Vocab",
    "__version__",
    "blank",
    "errors",
    "explain",
    "info",
    "load",
    "prefer_gpu",
    "registry",
    "render",
    "require_cpu",
    "require_gpu",
    "util",
]

if TYPE_CHECKING:
    from typing import Any

    from thinc.api import prefer_gpu, require_cpu, require_gpu

    from spanwright_tokens.vocab import Vocab

    from . import errors, registry, util
    from .cli.info import info
    from .config import Config
    from .drawing import render
    from .errors import SpanwrightError
    from .glossary import explain
    from .language import Language, blank, load


def __getattr__(name: str) -> Any:
    """Import the module that defines a public name, on first use."""
    if name not in _LAZY:
        # A submodule that nobody has imported yet (`spanwright.tokens`).
        if not name.startswith("_"):
            try:
                return import_module(f"{__name__}.{name}")
            except ModuleNotFoundError as error:
                if error.name != f"{__name__}.{name}":
                    raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LAZY[name]
    found = import_module(module)
    value = found if attribute is None else getattr(found, attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})
