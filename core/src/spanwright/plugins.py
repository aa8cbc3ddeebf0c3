"""Plugins: which are installed, what each registers, and their hooks (pluggy).

    plugins = get_plugins()                  # loads the hooks modules of all distributions, once
    plugins.hook.commands()                  # ask all of them; see spanwright.hookspecs
    plugins.broken                           # distribution -> why its hooks could not be used
    installed_plugins()                      # what is installed, from metadata: imports nothing

SPANWRIGHT_BLOCK=dist1,dist2 switches distributions off: their names and their hooks. SPANWRIGHT_TRACE_HOOKS=1 prints
each call of a hook to standard error.
"""

from __future__ import annotations

import os
import sys
import warnings
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

import pluggy

from . import hookspecs
from .errors import BrokenPluginError, PluginError, SpanwrightWarning
from .registry import Provider, blocked_distributions, nearest, registry
from .registry._index import canonical

TRACE_VARIABLE = "SPANWRIGHT_TRACE_HOOKS"


@dataclass(frozen=True)
class InstalledPlugin:
    """A distribution that registers names or hooks.

    distribution, version, lifecycle: As its metadata says.
    names: The rows of the names it offers.
    hooks: Module with its hooks, if it has one.
    blocked: Whether SPANWRIGHT_BLOCK switches it off.
    """

    distribution: str
    version: str | None
    lifecycle: str | None
    names: tuple[Provider, ...]
    hooks: str | None
    blocked: bool


class Plugins(pluggy.PluginManager):
    """The hooks of the installed distributions.

    block: Distributions to leave out, beside those that SPANWRIGHT_BLOCK names.

    One plugin that fails to load, or that has a hook nobody calls, is left out with a warning; why stands in `broken`.
    """

    def __init__(self, block: Iterable[str] = ()) -> None:
        super().__init__("spanwright")
        self.add_hookspecs(hookspecs)
        self.broken: dict[str, PluginError] = {}
        self.origins: dict[str, Provider] = {}
        blocked = blocked_distributions() | {canonical(name) for name in block}
        if os.environ.get(TRACE_VARIABLE):
            self.trace.root.setwriter(lambda text: print(text, end="", file=sys.stderr))
            self.enable_tracing()
        registry.index.refresh()
        for row in registry.index.hooks():
            if canonical(row.distribution or "") not in blocked:
                self._load(row)

    def add(self, module: Any, name: str) -> None:
        """Register a module (or object) with hooks under a name.

        Raises PluginError for a hook that no spec knows, naming the nearest, or with arguments that it lacks.
        """
        try:
            self.register(module, name)
            self.check_pending()
        except pluggy.PluginValidationError as error:
            if self.has_plugin(name):
                self.unregister(name=name)
            raise PluginError(self._explain(module, name, error)) from error

    def owner(self, plugin: Any) -> str:
        """Distribution and version that a plugin's hooks come from."""
        row = self.origins.get(self.get_name(plugin) or "")
        return row.owner if row else str(self.get_name(plugin))

    def _load(self, row: Provider) -> None:
        name = row.distribution or row.module
        try:
            self.add(row.load(), name)
        except (BrokenPluginError, PluginError) as error:
            text = str(error)
            if isinstance(error, BrokenPluginError):
                cause = error.__cause__
                text = f"The hooks of {row.owner} cannot be loaded: {row.module}: {type(cause).__name__}: {cause}."
            self.broken[name] = PluginError(f"{text} Its hooks are left out; SPANWRIGHT_BLOCK={name} hides this.")
            warnings.warn(str(self.broken[name]), SpanwrightWarning, stacklevel=4)
        else:
            self.origins[name] = row

    def _explain(self, module: Any, name: str, error: pluggy.PluginValidationError) -> str:
        known = [spec for spec in vars(hookspecs) if hasattr(getattr(hookspecs, spec), "spanwright_spec")]
        for attribute in dir(module):
            marked = hasattr(getattr(module, attribute, None), "spanwright_impl")
            if marked and attribute not in known:
                close = nearest(attribute, known, limit=1)
                hint = f" Did you mean '{close[0]}'?" if close else f" There are: {', '.join(sorted(known))}."
                return f"The plugin '{name}' has a hook '{attribute}' that nobody calls.{hint}"
        return f"The plugin '{name}' has a hook that cannot be called: {error}"


@cache
def get_plugins() -> Plugins:
    """The hooks of the installed distributions, loaded on the first call."""
    return Plugins()


def installed_plugins() -> list[InstalledPlugin]:
    """All distributions that register names or hooks, by name. Imports none of them."""
    rows: dict[str, list[Provider]] = {}
    hooks: dict[str, str] = {}
    versions: dict[str, Provider] = {}
    registry.index.refresh()
    for names in registry.index.rows().values():
        for row in (row for found in names.values() for row in found):
            rows.setdefault(row.distribution or "", []).append(row)
            versions[row.distribution or ""] = row
    for row in registry.index.hooks():
        hooks[row.distribution or ""] = row.module
        versions.setdefault(row.distribution or "", row)
    blocked = blocked_distributions()
    return [
        InstalledPlugin(
            name,
            row.version,
            row.lifecycle,
            tuple(sorted(rows.get(name, ()), key=lambda row: (row.registry, row.name))),
            hooks.get(name),
            canonical(name) in blocked,
        )
        for name, row in sorted(versions.items())
    ]


def declare_extensions(plugins: Plugins | None = None) -> list[str]:
    """Set the extension attributes that plugins announce, where they are not set yet; return their names.

    Nothing need call this: it happens when an attribute is first asked for that nobody has set (`doc._.name`,
    `Doc.has_extension`). The code behind getters, setters and methods is imported when it is first called.

    plugins: Whose hooks are asked; those of the installed distributions by default.

    Raises PluginError (a ValueError) for an attribute of something that has none, after all others have been set.
    """
    from .tokens import Doc, Span, Token, Underscore

    owners: dict[str, Any] = {"Doc": Doc, "Span": Span, "Token": Token}
    declared = []
    wrong = []
    for extension in (found for group in (plugins or get_plugins()).hook.extensions() for found in group):
        if extension.owner not in owners:
            wrong.append(extension)
            continue
        owner = owners[extension.owner]
        if extension.name in getattr(Underscore, f"{extension.owner.lower()}_extensions"):
            continue  # has_extension would ask for what is being declared here
        targets = {key: getattr(extension, key) for key in ("getter", "setter", "method")}
        given = {key: LateFunction(target) for key, target in targets.items() if target is not None}
        owner.set_extension(extension.name, **(given or {"default": extension.default}))
        declared.append(f"{extension.owner}._.{extension.name}")
    if wrong:
        raise PluginError(
            f"The extension attribute '{wrong[0].name}' belongs to '{wrong[0].owner}'. Expected Doc, Span or Token."
        )
    return declared


class LateFunction:
    """A function by its place, "package.module:function", which is imported when it is first called."""

    def __init__(self, target: str) -> None:
        self.target = target

    def __repr__(self) -> str:
        return f"<function at {self.target}>"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the function. Raises BrokenPluginError (an ImportError) if it cannot be imported."""
        try:
            func = load_target(self.target)
        except (ImportError, AttributeError) as error:
            raise BrokenPluginError(
                f"A plugin announces {self.target} as the code of an extension attribute, and that cannot be imported: "
                f"{type(error).__name__}: {error}. Reinstall the plugin, or report it to its authors."
            ) from error
        return func(*args, **kwargs)


def load_target(target: str | None) -> Any:
    """The object that "package.module:name" stands for; None for None."""
    if target is None:
        return None
    module, _, name = target.partition(":")
    return getattr(import_module(module), name)
