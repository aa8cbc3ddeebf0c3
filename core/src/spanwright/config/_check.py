"""Finding everything that is wrong with the blocks of a config, before any function is called."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ..errors import ConfigError, Problem, RegistryError, RegistryMiss
from ..registry import Provider, Registry, nearest
from ._merge import promise_key
from ._signature import Parameter, Signature, read_signature
from ._text import Line
from ._types import PROMISED, describe, fits

# The key of a block of positional arguments.
POSITIONAL = "*"


class Checker:
    """Walks the blocks of a config, looks up the functions they name and gathers problems.

    functions: Dotted path of a block -> (who provides its function, the function).
    problems: All that is wrong.
    """

    def __init__(self, registry: Registry, lines: Mapping[str, Line], *, validate: bool = True) -> None:
        self.registry = registry
        self.lines = lines
        self.validate = validate
        self.functions: dict[str, tuple[Provider, Any]] = {}
        self.problems: list[Problem] = []

    def walk(self, block: Mapping[str, Any], path: str) -> Any:
        """Check a block and all inside it; return what stands for its value in a type check."""
        name = promise_key(block)
        inner = {
            key: self.walk(value, join(path, key)) if isinstance(value, Mapping) else value
            for key, value in block.items()
            if key != name
        }
        if name is None:
            return inner
        func = self._look_up(block, name, path)
        if func is not None and self.validate:
            self.arguments(inner, read_signature(func), path, str(block[name]))
        return PROMISED

    def arguments(
        self, given: Mapping[str, Any], signature: Signature, path: str, function: str, *, what: str = "argument"
    ) -> None:
        """Note arguments that are missing, unknown or of another type than the signature says."""
        known = signature.parameters
        free = [key for key in known if key not in given]
        for key, value in given.items():
            if key == POSITIONAL:
                if signature.positional is None and not known:
                    self.note(path, key, f"'{function}' takes no positional arguments.", "unexpected", found=value)
                continue
            if key in known:
                self._type(value, known[key], path, function)
            elif not signature.open:
                self._unknown(key, value, free, list(known), path, function, what)
        for key, parameter in known.items():
            if key not in given and parameter.required and POSITIONAL not in given:
                expected = describe(parameter.annotation) if parameter.annotation is not Any else None
                text = f"'{function}' needs the {what} '{key}'{f', {expected}' if expected else ''}. Add it."
                self.note(path, key, text, "missing", expected=expected)

    def schema(self, block: Mapping[str, Any], schema: Schema, path: str) -> None:
        """Note settings of plain blocks that are missing, unknown or of another type than a schema says."""
        if callable(schema):
            values = {key: PROMISED if promise_key(value) is not None else value for key, value in block.items()}
            self.arguments(values, read_signature(schema), path, path or "config", what="setting")
            return
        for name, inner in schema.items():
            if isinstance(block.get(name), Mapping):
                self.schema(block[name], inner, join(path, name))

    def note(self, section: str, key: str | None, message: str, kind: str, **details: Any) -> None:
        """Add a problem, with the line it stands on."""
        line = self.lines.get(join(section, key) if key else section) or self.lines.get(section)
        self.problems.append(
            Problem(section, key, message, kind=kind, where=str(line) if line else None,
                    source=line.text if line else None, **details)
        )  # fmt: skip

    def raise_problems(self) -> None:
        """Raise ConfigError if anything was found."""
        if self.problems:
            raise ConfigError(self.problems)

    def _look_up(self, block: Mapping[str, Any], key: str, path: str) -> Any:
        name, kind = block[key], key[1:]
        more = [other for other in block if isinstance(other, str) and other.startswith("@") and other != key]
        if more:
            self.note(path, more[0], f"a block names one function, and this one has {key} already.", "unexpected")
            return None
        try:
            row = self.registry.find(kind, name)
            func = self.registry.get(kind, name)
        except RegistryError as error:
            close = error.nearest[0] if isinstance(error, RegistryMiss) and error.nearest else None
            kind = "name" if isinstance(error, RegistryMiss) and not error.distribution else "plugin"
            self.note(
                path, key, str(error), kind,
                found=name, nearest=close, distribution=error.distribution, state=error.state,
            )  # fmt: skip
        else:
            self.functions[path] = (row, func)
            return func
        return None

    def _type(self, value: Any, parameter: Parameter, path: str, function: str) -> None:
        if fits(value, parameter.annotation):
            return
        expected = describe(parameter.annotation)
        self.note(
            path,
            parameter.name,
            f"'{function}' expects {expected}; found {shown(value)}.",
            "type",
            expected=expected,
            found=value,
        )

    def _unknown(
        self, key: str, value: Any, free: list[str], known: list[str], path: str, function: str, what: str
    ) -> None:
        # A default may have set the key that was meant, so that it is not free.
        close = nearest(key, free, limit=1) or nearest(key, known, limit=1)
        free = free or known
        other = self._version_with(key, path)
        if other:
            hint = f"'{other}' has it: name that, or leave {key} out."
        elif close:
            hint = f"Did you mean '{close[0]}'?"
        else:
            hint = f"It has: {', '.join(free)}." if free else f"It has no {what}s."
        self.note(
            path, key, f"'{function}' has no {what} '{key}'. {hint}", "unexpected",
            found=value, nearest=close[0] if close and not other else None,
        )  # fmt: skip

    def _version_with(self, argument: str, path: str) -> str | None:
        """The newest other version of a block's function that has an argument."""
        row = self.functions[path][0] if path in self.functions else None
        stem, _, version = row.name.rpartition(".v") if row is not None else ("", "", "")
        if row is None or not stem or not version.isdigit():
            return None
        others = [name for name in self.registry.names(row.registry) if name.rpartition(".v")[0] == stem]
        for name in sorted(others, reverse=True):
            with contextlib.suppress(RegistryError):
                if argument in read_signature(self.registry.get(row.registry, name)).parameters:
                    return name
        return None


def check(
    blocks: Mapping[str, Mapping[str, Any]], *, lines: Mapping[str, Line], registry: Registry,
    schemas: Mapping[str, Schema] | None = None,
) -> list[Problem]:  # fmt: skip
    """All that is wrong with several blocks of a config, without calling anything.

    blocks: Dotted path -> block, without references. `PROMISED` stands for arguments that are not known yet.
    lines: Where settings were read, for the messages.
    schemas: Dotted path -> what that block holds, as for `resolve`.
    """
    checker = Checker(registry, lines)
    for path, block in blocks.items():
        checker.walk(block, path)
        if schemas and path in schemas:
            checker.schema(block, schemas[path], path)
    return checker.problems


def join(path: str, key: str) -> str:
    """A dotted path."""
    return f"{path}.{key}" if path else key


def shown(value: Any) -> str:
    """A value as a message shows it, cut if it is long."""
    if isinstance(value, Mapping):
        return f"a block with the settings {', '.join(map(str, list(value)[:5]))}" if value else "an empty block"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    text = repr(value)
    text = text if len(text) <= 60 else f"{text[:57]}..."
    kind = {str: "a text", int: "a whole number", float: "a number", list: "a list"}.get(type(value))
    return f"{text} ({kind})" if kind else text


Schema = Mapping[str, Callable[..., Any]] | Callable[..., Any]
