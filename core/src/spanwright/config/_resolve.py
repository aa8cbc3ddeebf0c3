"""Turning a config into objects, and filling in what it leaves out."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from ..errors import ConfigError, Problem
from ..registry import Provider, Registry
from ..registry import registry as default_registry
from ._check import POSITIONAL, Checker, Schema, join
from ._config import Config, apply_overrides
from ._interpolate import Interpolator, exists
from ._merge import merge, promise_key
from ._signature import read_signature
from ._text import Line
from ._types import describe, fits


class Resolved(dict[str, Any]):
    """The objects that a config stands for, which can be asked where each came from."""

    def __init__(self, values: Mapping[str, Any], providers: Mapping[str, Provider], lines: Mapping[str, Line]) -> None:
        super().__init__(values)
        self.providers = dict(providers)
        self._lines = dict(lines)

    def where(self, path: str) -> str | None:
        """File and line of a setting, and for a function who provides it; None for an unknown path.

        path: Dotted path in the whole config, such as "components.tagger.model".
        """
        line, provider = self._lines.get(path), self.providers.get(path)
        parts = [str(line)] if line else []
        if provider is not None:
            parts.append(f"{provider.name} = {provider.target}, from {provider.owner}")
        return ": ".join(parts) or None


def resolve(
    config: Mapping[str, Any], *, section: str | None = None, schema: Schema | None = None,
    overrides: Mapping[str, Any] | None = None, validate: bool = True, registry: Registry | None = None,
) -> Any:  # fmt: skip
    """Call the functions that a config names, innermost first, and return the config with their results.

    config: The config, or any nested dicts. Values that are no JSON (an `nlp` object) are passed on as they are.
    section: Dotted path of the one block to resolve; references are followed in the whole config, but nothing
        outside the block is looked up. What is returned is the block (or the object, if the block names a function).
    schema: What plain blocks hold: a function or dataclass whose signature says it (for the block), or a mapping
        from section to one.
    overrides: Dotted path -> value.
    validate: Check arguments against the functions' signatures.

    Raises ConfigError with all problems at once, before any function has been called.
    """
    registry = registry or default_registry
    blocks, lines = _prepare(config, section, overrides)
    with registry.preferring(preferences(config)):
        checker = Checker(registry, lines, validate=validate)
        node, path = _descend(blocks, section)
        if section is None and promise_key(node) is not None:
            raise ConfigError(
                "The config as a whole can't name a function: put the block under a section, or resolve just it "
                "with section=...."
            )
        if not isinstance(node, Mapping):
            raise ConfigError([Problem(section or "", None, f"expected a block; found {node!r}.")])
        checker.walk(node, path)
        if schema is not None and validate:
            checker.schema(node, schema, path)
        checker.raise_problems()
        value = _Caller(checker, lines).build(node, path)
    providers = {where: row for where, (row, _) in checker.functions.items()}
    return Resolved(value, providers, lines) if type(value) is dict else value


def fill(
    config: Mapping[str, Any], *, section: str | None = None, schema: Schema | None = None,
    overrides: Mapping[str, Any] | None = None, validate: bool = True, registry: Registry | None = None,
) -> Config:  # fmt: skip
    """A copy of a config with the defaults of every function it names; nothing is called.

    Arguments as for `resolve`. A config with references keeps them. Defaults that JSON cannot hold are left out.
    """
    registry = registry or default_registry
    blocks, lines = _prepare(config, section, overrides)
    with registry.preferring(preferences(config)):
        checker = Checker(registry, lines, validate=validate)
        node, path = _descend(blocks, section)
        checker.walk(node, path)
        if schema is not None and validate:
            checker.schema(node, schema, path)
        checker.raise_problems()
        filled = _fill_block(node, path, checker)
        if schema is not None:
            filled = _fill_schema(filled, schema)
    original = _descend(Config(config), section)[0]
    whole = Config(config)
    if overrides and section is None:
        whole = whole.override(overrides)
        original = whole
    result = Config(merge(original, filled), is_interpolated=whole.is_interpolated, section_order=whole.section_order)
    result._lines = dict(whole._lines) if section is None else {}
    return result


def providers(config: Mapping[str, Any], *, registry: Registry | None = None) -> dict[str, Provider]:
    """Who provides each function that a config names, by dotted path. Imports no plugin; skips unknown names."""
    registry = registry or default_registry
    found: dict[str, Provider] = {}

    def walk(block: Mapping[str, Any], path: str) -> None:
        key = promise_key(block)
        if key is not None and isinstance(block[key], str) and registry.has(key[1:], block[key]):
            found[path] = registry.find(key[1:], block[key])
        for name, value in block.items():
            if isinstance(value, Mapping):
                walk(value, join(path, str(name)))

    with registry.preferring(preferences(config)):
        walk(config, "")
    return found


def preferences(config: Mapping[str, Any]) -> dict[str, str]:
    """The distributions that a config prefers, as `registry.preferring` takes them.

    They stand in sections such as

        [spanwright.prefer.architectures]
        spacy.Tagger.v2 = "spanwright-tagger"
    """
    block = config.get("spanwright", {})
    given = block.get("prefer", {}) if isinstance(block, Mapping) else {}
    choices: dict[str, str] = {}
    for kind, names in given.items() if isinstance(given, Mapping) else ():
        if isinstance(names, Mapping):
            choices.update({f"{kind}:{name}": str(distribution) for name, distribution in names.items()})
        else:
            choices[kind] = str(names)
    return choices


def _prepare(
    config: Mapping[str, Any], section: str | None, overrides: Mapping[str, Any] | None
) -> tuple[dict[str, Any], dict[str, Line]]:
    """Blocks without references, and the lines they came from. Only what `section` needs is followed."""
    whole: dict[str, Any] = Config(config) if overrides else dict(config)
    if overrides:
        whole = whole.copy()
        problems = apply_overrides(whole, overrides)
        if problems:
            raise ConfigError(problems)
    lines = config.lines if isinstance(config, Config) else {}
    if section is not None and not exists(whole, section):
        raise ConfigError([Problem(section, None, "the config has no such section.", kind="missing")])
    if getattr(config, "is_interpolated", True):
        return whole, lines
    interpolator = Interpolator(whole, lines)
    if section is None:
        whole = interpolator.everything()
    else:
        whole = _nested(section, interpolator.value(section))
    if interpolator.problems:
        raise ConfigError(interpolator.problems)
    return whole, lines


def _nested(path: str, value: Any) -> dict[str, Any]:
    for part in reversed(path.split(".")):
        value = {part: value}
    return dict(value)


def _descend(blocks: Mapping[str, Any], section: str | None) -> tuple[Any, str]:
    node: Any = blocks
    for part in section.split(".") if section else ():
        node = node[part]
    return node, section or ""


def _fill_block(block: Mapping[str, Any], path: str, checker: Checker) -> dict[str, Any]:
    filled = dict(block)
    if path in checker.functions:
        for name, parameter in read_signature(checker.functions[path][1]).parameters.items():
            if name not in filled and POSITIONAL not in filled and not parameter.required:
                _add_default(filled, name, parameter.default)
    for key, value in filled.items():
        if isinstance(value, Mapping):
            filled[key] = _fill_block(value, join(path, key), checker)
    return filled


def _fill_schema(block: dict[str, Any], schema: Schema) -> dict[str, Any]:
    if callable(schema):
        for name, parameter in read_signature(schema).parameters.items():
            if name not in block and not parameter.required:
                _add_default(block, name, parameter.default)
        return block
    return {**block, **{name: _fill_schema(block[name], inner) for name, inner in schema.items() if name in block}}


def _add_default(block: dict[str, Any], name: str, default: Any) -> None:
    if isinstance(default, PurePath):
        default = str(default)
    if isinstance(default, tuple):
        default = list(default)
    if default is None or isinstance(default, (bool, int, float, str, list, dict)):
        block[name] = merge(default, {}) if isinstance(default, dict) else default


class _Caller:
    """Calls the functions of checked blocks, innermost first."""

    def __init__(self, checker: Checker, lines: Mapping[str, Line]) -> None:
        self.checker = checker
        self.lines = lines

    def build(self, block: Mapping[str, Any], path: str) -> Any:
        """The value of a block."""
        name = promise_key(block)
        values: dict[str, Any] = {}
        for key, value in block.items():
            if key != name:
                values[key] = self.build(value, join(path, key)) if isinstance(value, Mapping) else value
        positional = values.get(POSITIONAL)
        if isinstance(positional, Mapping):
            values[POSITIONAL] = tuple(positional.values())
        if name is None:
            return values
        return self._call(block[name], values, path)

    def _call(self, name: str, values: dict[str, Any], path: str) -> Any:
        row, func = self.checker.functions[path]
        positional = values.pop(POSITIONAL, ())
        if self.checker.validate:
            self._check_results(values, func, path, name)
        try:
            return func(*positional, **values)
        except Exception as error:
            if sys.version_info >= (3, 11):
                line = self.lines.get(path)
                place = f" ({line})" if line else ""
                error.add_note(f"This happened in '{name}' from {row.owner}, called for the block [{path}]{place}.")
            raise

    def _check_results(self, values: dict[str, Any], func: Any, path: str, name: str) -> None:
        """Compare what inner functions returned with what the outer one expects."""
        parameters = read_signature(func).parameters
        for key, value in values.items():
            inner = join(path, key)
            if inner not in self.checker.functions or key not in parameters:
                continue
            if not fits(value, parameters[key].annotation):
                expected = describe(parameters[key].annotation)
                given = self.checker.functions[inner][0].name
                text = f"'{name}' expects {expected}; the function '{given}' returned a {type(value).__name__}."
                self.checker.note(path, key, text, "type", expected=expected, found=value)
        self.checker.raise_problems()
