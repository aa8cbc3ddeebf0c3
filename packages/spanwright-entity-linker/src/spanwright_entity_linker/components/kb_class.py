"""Which class a saved knowledge base is of: files of one class are nothing to another."""

from __future__ import annotations

import warnings
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any

from spanwright.errors import PipelineError, SpanwrightWarning
from spanwright_tokens.io import read_json, write_json

from ..knowledge_base import InMemoryLookupKB

FILE = "kb_class.json"


def class_name(kb: Any) -> str:
    """Module and name of a knowledge base's class."""
    return f"{type(kb).__module__}.{type(kb).__qualname__}"


def write_class(folder: Path, kb: Any) -> None:
    """Write which class the knowledge base is of, with the distribution and version it comes from.

    Nothing is written for an InMemoryLookupKB, which is what files are of without a word.
    """
    if type(kb) is InMemoryLookupKB:
        (folder / FILE).unlink(missing_ok=True)
        return
    write_json(folder / FILE, {"class": class_name(kb), **_origin(type(kb).__module__)})


def _origin(module: str) -> dict[str, str]:
    package = module.partition(".")[0]
    for distribution in packages_distributions().get(package, ()):
        try:
            return {"distribution": distribution, "version": version(distribution)}
        except PackageNotFoundError:
            continue
    return {}


def check_class(folder: Path, kb: Any, component: str) -> None:
    """Raise PipelineError (a ValueError) if a saved knowledge base is of another class than the one to load it into.

    Classes are compared by name; none is imported.
    """
    file = folder / FILE
    saved = read_json(file) if file.is_file() else {}
    if not isinstance(saved, dict) or saved.get("class", class_name(kb)) == class_name(kb):
        return
    origin = f" of {saved['distribution']} {saved.get('version', '')}".rstrip() if saved.get("distribution") else ""
    raise PipelineError(
        f"{file}: the knowledge base was saved as {saved['class']}{origin}, and component '{component}' makes a "
        f"{class_name(kb)}. {_hint(component)}"
    )


def warn_of_class(kb: Any, made: str, component: str) -> None:
    """Warn that a pipeline will not load again, since its config makes a knowledge base of another class (`made`)."""
    if class_name(kb) != made:
        warnings.warn(
            f"Component '{component}' has a knowledge base of class {class_name(kb)}, and its config makes a {made}: "
            f"the saved pipeline will not load. {_hint(component)}",
            SpanwrightWarning,
            stacklevel=3,
        )


def _hint(component: str) -> str:
    return f"Set [components.{component}.generate_empty_kb] to a registered function that makes the former."
