"""Modules whose names are looked up in the installed plugins when they are asked for (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from .errors import MissingPluginError, RegistryMiss


class MissingNameError(MissingPluginError, ImportError):  # type: ignore[misc]
    """An import needs a plugin that is not installed; the message says which."""


def plugin_names(
    module: str, names: Mapping[str, str], *, rest: str | None = None
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """The `__getattr__` and `__dir__` of a module that looks names up.

    names: Name -> where it is, as "factories:tagger" (the leaf module that has this factory also has a class of the
        name), "=layers:spacy.StaticVectors.v2" (the registered object itself) or "package.module:attribute".
    rest: Where every other name is, in the same form.

    An attribute whose plugin is not installed raises MissingNameError (an ImportError) with the distribution to
    install. `from module import *` takes what is installed.
    """

    def installed(name: str) -> bool:
        try:
            get(name)
        except MissingNameError:
            return False
        return True

    def get(name: str) -> Any:
        if name == "__all__":
            own = [name for name in vars(import_module(module)) if not name.startswith("_")]
            return sorted({*own, *filter(installed, names)})
        place = names.get(name, rest)
        if place is None or name.startswith("__"):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        try:
            return _fetch(place, name, module)
        except RegistryMiss as error:
            raise MissingNameError(
                f"Can't import {name} from {module}: {error}", name=error.name, distribution=error.distribution
            ) from error

    def listing() -> list[str]:
        return sorted({*vars(import_module(module)), *names})

    return get, listing


def _module(where: str, name: str, module: str) -> Any:
    try:
        return import_module(where)
    except ModuleNotFoundError as error:
        package = where.partition(".")[0]
        if error.name != package:
            raise
        distribution = package.replace("_", "-")
        raise MissingNameError(
            f"Can't import {name} from {module}: {distribution} has it, which is not installed. Install it: "
            f"pip install {distribution}",
            name=name,
            distribution=distribution,
        ) from error


def _fetch(place: str, name: str, module: str) -> Any:
    from .registry import registry

    where, _, what = place.partition(":")
    if where.startswith("="):
        return registry.get(where[1:], what)
    if "." in where:
        return getattr(_module(where, name, module), what)
    row = registry.find(where, what)
    row.load()
    leaf = import_module(row.module)
    if not hasattr(leaf, name):
        raise AttributeError(f"module {module!r} has no attribute {name!r}; {row.owner} would offer it in {row.module}")
    return getattr(leaf, name)
