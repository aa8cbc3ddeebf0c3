"""Every typed error of the wiring, beside those of the data that spanwright-tokens defines.

Each derives from `SpanwrightError` and from the built-in type that spaCy users catch today.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spanwright_tokens import errors as _tokens_errors
from spanwright_tokens.errors import *  # noqa: F403
from spanwright_tokens.errors import SpanwrightError


class RegistryError(SpanwrightError, ValueError):
    """A registered name cannot be used.

    state: Why: "missing" (nobody installed provides it), "outdated" (a later version of an installed distribution
        does), "incomplete" (an installed distribution should, and does not), "blocked" (SPANWRIGHT_BLOCK switches it
        off), "broken" (its code cannot be imported), "conflict" (two provide it); None for other mistakes.
    distribution: What to install, upgrade, mend or let in, if that is known.
    """

    state: str | None = None
    distribution: str | None = None


class UnknownRegistryError(RegistryError, AttributeError):
    """No registry of this name exists (`registry.architecturs`)."""


class RegistryMiss(RegistryError, LookupError):  # noqa: N818
    """No provider of a name is installed.

    registry, name: What was asked for.
    nearest: Names of that registry that look like it, best first.
    state, distribution: As for `RegistryError`.
    """

    state = "missing"

    def __init__(
        self,
        message: str,
        *,
        registry: str = "",
        name: str = "",
        nearest: Sequence[str] = (),
        distribution: str | None = None,
        state: str = "missing",
    ) -> None:
        super().__init__(message)
        self.registry = registry
        self.name = name
        self.nearest = list(nearest)
        self.distribution = distribution
        self.state = state


class MissingPluginError(RegistryMiss):
    """The name is known, and so is the distribution to install, to upgrade or to let in for it."""


class RegistryConflict(RegistryError):  # noqa: N818
    """Two providers offer one name, and none is preferred."""

    state = "conflict"


class BrokenPluginError(RegistryError, ImportError):
    """A plugin is installed, but the code it declares cannot be imported."""

    state = "broken"

    def __init__(self, message: str, *, distribution: str | None = None) -> None:
        super().__init__(message)
        self.distribution = distribution


class PluginError(SpanwrightError, ValueError):
    """A plugin's `hooks.py` cannot be used: it fails to import, or has a hook that nobody calls."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a config.

    section: Dotted path of the block; empty at the top.
    key: The setting in that block, or None if the block itself is meant.
    message: What is wrong and how to mend it, in one or two sentences.
    kind: "missing", "unexpected", "type", "name", "plugin", "reference", "cycle", "syntax" or "call".
    expected, found: The expected type in words, and the value found.
    nearest: The closest valid key or name.
    distribution: What to install, if that would mend it.
    state: For a part that cannot be used: why, as for `RegistryError`.
    where: "file:line" of the offending text, if known.
    source: That line itself.
    """

    section: str
    key: str | None
    message: str
    kind: str = "type"
    expected: str | None = None
    found: Any = None
    nearest: str | None = None
    distribution: str | None = None
    where: str | None = None
    source: str | None = None
    state: str | None = None

    @property
    def path(self) -> str:
        """Dotted path of the setting."""
        return ".".join(part for part in (self.section, self.key) if part)

    def __str__(self) -> str:
        block = f"[{self.section}]" if self.section else "config"
        head = f"{block} {self.key}: {self.message}" if self.key else f"{block}: {self.message}"
        if self.where or self.source:
            place = self.where or ""
            head += f"\n    {place}{': ' if place and self.source else ''}{self.source or ''}"
        return head


class ConfigError(SpanwrightError, ValueError):
    """A config has problems: all of them, found in one pass.

    problems: One `Problem` for each.
    """

    def __init__(self, problems: Iterable[Problem] | str, *, title: str | None = None) -> None:
        if isinstance(problems, str):
            problems = [Problem("", None, problems)]
        self.problems = list(problems)
        count = len(self.problems)
        self.title = title or f"The config has {count} problem{'' if count == 1 else 's'}"
        lines = "\n".join(f"- {problem}" for problem in self.problems)
        super().__init__(f"{self.title}:\n{lines}")

    @property
    def errors(self) -> list[Mapping[str, Any]]:
        """The problems as confection reports them: dicts with `loc` and `msg`."""
        return [{"loc": p.path.split("."), "msg": p.message, "type": p.kind} for p in self.problems]

    def __reduce__(self) -> Any:
        return _rebuild_config_error, (self.problems, self.title)


def _rebuild_config_error(problems: list[Problem], title: str) -> ConfigError:
    return ConfigError(problems, title=title)


class PipelineError(SpanwrightError, ValueError):
    """A pipeline cannot be built, changed or run as asked."""


class NotFiniteError(SpanwrightError, ValueError):
    """Scores or a loss are no numbers (NaN).

    component: Whose they are.
    """

    def __init__(self, message: str, *, component: str = "") -> None:
        super().__init__(message)
        self.component = component


class ListenerError(SpanwrightError, ValueError):
    """A listener has no upstream, or the upstream has nothing for a Doc."""


class ModelDataError(SpanwrightError, ValueError):
    """The weights in a message do not fit the model they are meant for."""


_own = {name for name, value in list(globals().items()) if isinstance(value, type) and issubclass(value, Exception)}
__all__ = sorted({*getattr(_tokens_errors, "__all__", ()), *_own, "Problem"})
