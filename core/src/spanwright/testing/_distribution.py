"""Checks of a distribution: what it declares exists, and what exists is declared."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib.machinery import PathFinder
from pathlib import Path
from typing import Any

from ..errors import BrokenPluginError
from ..registry import Provider
from ._numbers import ConformanceError

STEM = re.compile(r"[A-Za-z]\w*_v\d+\Z")
VERSIONED = re.compile(r"(?:.*\.)?(?P<stem>\w+)\.(?P<version>v\d+)\Z")


def check_distribution(name: str) -> None:
    """Check the declarations of an installed distribution. Raises ConformanceError that lists every fault.

    Each entry point must load from a leaf module; a name `space.Stem.vN` must be the function `Stem_vN`, whose
    docstring opens with the name; a factory must be decorated with `Language.factory` under its name. The other way
    round, each public function `Stem_vN` and each factory in its sources must be declared. What the hooks module
    announces must load.

    name: As pip knows it.
    """
    from ..plugins import get_plugins, installed_plugins
    from ..registry._index import canonical

    found = [plugin for plugin in installed_plugins() if canonical(plugin.distribution) == canonical(name)]
    if not found:
        raise ConformanceError(f"No installed distribution '{name}' declares anything in a group spanwright_*.")
    plugin = found[0]
    faults = [fault for row in plugin.names for fault in _declared(row)]
    faults += _undeclared(plugin.names)
    broken = get_plugins().broken.get(plugin.distribution)
    if broken is not None:
        faults.append(str(broken))
    if faults:
        lines = "\n".join(f"- {fault}" for fault in dict.fromkeys(faults))
        raise ConformanceError(f"{plugin.distribution} {plugin.version} has faults in what it registers:\n{lines}")


def _declared(row: Provider) -> Iterator[str]:
    """Faults of one entry point."""
    title = f"@{row.registry} '{row.name}' ({row.target})"
    try:
        value = row.load()
    except BrokenPluginError as error:
        yield str(error)
        return
    home = getattr(value, "__module__", row.module)
    if home != row.module:
        yield f"{title}: the object is defined in {home}. Point the entry point at that leaf module."
    if row.registry == "factories":
        yield from _factory(row, value, title)
        return
    parts = VERSIONED.match(row.name)
    if parts is None:
        return
    expected = f"{parts['stem']}_{parts['version']}"
    if row.qualname != expected:
        yield f"{title}: the function is called {row.qualname}; expected {expected}."
    first = (inspect.getdoc(value) or "").split("\n")[0]
    if not _opens_with(first, row.name):
        yield f"{title}: its docstring opens with '{first[:60]}'; expected the name '{row.name}' first."


def _opens_with(line: str, name: str) -> bool:
    return line.lstrip("`").startswith(name)


def _factory(row: Provider, value: Any, title: str) -> Iterator[str]:
    """A factory must have been decorated under its name; importing it has run the decorator."""
    from ..language import Language

    if row.name in Language._factory_meta:
        return
    meta = getattr(value, "factory_meta", None)
    if meta is None:
        yield f"{title}: the function is no factory. Decorate it with @Language.factory('{row.name}')."
    else:
        yield f"{title}: the factory is decorated as '{meta.factory}'; expected '{row.name}'."


def _undeclared(rows: tuple[Provider, ...]) -> Iterator[str]:
    """Functions `Stem_vN` and factories in the sources that no entry point declares."""
    targets = {(row.module, row.qualname) for row in rows}
    factories = {row.name for row in rows if row.registry == "factories"}
    for package in sorted({row.module.partition(".")[0] for row in rows}):
        for module, file in _sources(package):
            if ".testing" in module:
                continue
            for node in ast.parse(file.read_text(encoding="utf8")).body:
                if not isinstance(node, (ast.FunctionDef, ast.ClassDef)):
                    continue
                if STEM.match(node.name) and (module, node.name) not in targets and _is_registered_kind(node):
                    yield f"{module}:{node.name} looks like a registered function, and no entry point declares it."
                for name in _factory_names(node):
                    if name not in factories:
                        yield f"{module}:{node.name} is the factory '{name}', and no entry point declares it."


def _is_registered_kind(node: ast.FunctionDef | ast.ClassDef) -> bool:
    """Whether the docstring opens with the versioned name that the function's own name stands for."""
    first = (ast.get_docstring(node) or "").split("\n")[0]
    stem, _, version = node.name.rpartition("_")
    return f".{stem}.{version}" in first.split(":")[0]


def _factory_names(node: ast.FunctionDef | ast.ClassDef) -> Iterator[str]:
    """The names under which `@Language.factory` or `@Language.component` decorates a function."""
    for decorator in node.decorator_list:
        if not isinstance(decorator, ast.Call) or not isinstance(decorator.func, ast.Attribute):
            continue
        owner = getattr(decorator.func.value, "id", "")
        if owner == "Language" and decorator.func.attr in ("factory", "component"):
            given = [*decorator.args, *(word.value for word in decorator.keywords if word.arg == "name")]
            if given and isinstance(given[0], ast.Constant):
                yield str(given[0].value)


def _sources(package: str) -> Iterator[tuple[str, Path]]:
    """The modules of an installed package with their files; imports nothing."""
    spec = PathFinder.find_spec(package)
    for location in (spec.submodule_search_locations or ()) if spec else ():
        root = Path(location)
        for file in sorted(root.rglob("*.py")):
            parts = (package, *file.relative_to(root).with_suffix("").parts)
            yield ".".join(parts).removesuffix(".__init__"), file
