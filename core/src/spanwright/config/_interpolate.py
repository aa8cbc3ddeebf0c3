"""Putting values in the place of references: `${a.b}`, `${a.b:c}`, and whole sections."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ..errors import Problem
from ._text import Line, has_reference, parse_value, split_references

_MISSING = object()


class _Failed(Exception):  # noqa: N818
    """A reference could not be followed; the problem is already noted."""


class Interpolator:
    """Follows the references of one config, on demand, and notes what is wrong with them in `problems`.

    broken: Paths of the settings that have no value for it.
    """

    def __init__(self, blocks: Mapping[str, Any], lines: Mapping[str, Line] | None = None) -> None:
        self.blocks = blocks
        self.lines = lines or {}
        self.problems: list[Problem] = []
        self._trail: list[str] = []
        self._done: dict[str, Any] = {}
        self.broken: set[str] = set()
        self._too_deep = False

    def value(self, path: str) -> Any:
        """The value (or block) at a dotted path, without references in it; None where one could not be followed."""
        try:
            return self._at(path)
        except _Failed:
            return None
        except RecursionError:
            self._trail.clear()
            if not self._too_deep:  # those after it in the chain need no line of their own
                self._note(path, "it follows references of references without end in sight. Give it a value.")
            self._too_deep = True
            return None

    def everything(self) -> dict[str, Any]:
        """All blocks, without references."""
        return {key: self.value(key) for key in self.blocks}

    def _at(self, path: str) -> Any:
        if path in self._done:
            return self._done[path]
        if path in self.broken:
            raise _Failed
        if path in self._trail:
            self._note_cycle(path)
            raise _Failed
        self._trail.append(path)
        try:
            value = self._clean(find(self.blocks, path), path)
        except _Failed:
            self.broken.add(path)
            raise
        finally:
            self._trail.pop()
        self._done[path] = value
        return value

    def _clean(self, value: Any, path: str) -> Any:
        if isinstance(value, Mapping):
            cleaned = {}
            for key, inner in value.items():
                try:
                    plain = isinstance(key, str) and "." not in key
                    cleaned[key] = self._at(f"{path}.{key}") if plain else self._clean(inner, path)
                except _Failed:
                    cleaned[key] = None
            return cleaned
        if isinstance(value, list):
            return [self._element(inner, path) for inner in value]
        if isinstance(value, str) and "${" in value:
            return self._text(value, path) if has_reference(value) else value.replace("$${", "${")
        return value

    def _element(self, value: Any, path: str) -> Any:
        """An element of a list: a string there stands in quotes, so only a section gives another type."""
        if isinstance(value, list):
            return [self._element(inner, path) for inner in value]
        if isinstance(value, Mapping):
            return {key: self._element(inner, path) for key, inner in value.items()}
        if isinstance(value, str) and has_reference(value):
            return self._text(json.dumps(value), path)
        return value

    def _text(self, text: str, path: str) -> Any:
        """The value of a raw text that has references in it."""
        whole = split_references(text.strip())
        if len(whole) == 1:
            return _copied(self._follow(whole[0][1], path))
        try:
            quoted = json.loads(text)
        except ValueError:
            quoted = None
        if isinstance(quoted, str):
            pieces = split_references(quoted)
            values = [self._piece(kind, piece, path, alone=len(pieces) == 1) for kind, piece in pieces]
            if len(values) == 1 and isinstance(values[0], Mapping):
                return _copied(values[0])
            return "".join(_as_text(value) for value in values)
        values = [(kind, self._piece(kind, piece, path, alone=False)) for kind, piece in whole]
        as_json = "".join(value if kind == "text" else json.dumps(value) for kind, value in values)
        loaded = parse_value(as_json.replace("$", "$$"))
        if not isinstance(loaded, str):
            return loaded
        return parse_value("".join(_as_text(value) for _, value in values).replace("$", "$$"))

    def _piece(self, kind: str, piece: str, path: str, *, alone: bool) -> Any:
        if kind == "text":
            return piece
        value = self._follow(piece, path)
        if isinstance(value, Mapping) and not alone:
            self._note(
                path,
                f"it puts the whole section ${{{piece}}} into a text. Refer to one of its settings instead, for "
                f"instance ${{{piece}.{next(iter(value), 'key')}}}.",
            )
            raise _Failed
        return value

    def _follow(self, reference: str, path: str) -> Any:
        target = reference.replace(":", ".")
        if "." not in target:
            # A bare name is a setting of the same section, else a section.
            beside = f"{path.rpartition('.')[0]}.{target}"
            if beside != path and find(self.blocks, beside) is not _MISSING:
                target = beside
        if find(self.blocks, target) is _MISSING:
            self._note_nothing(reference, target, path)
            raise _Failed
        return self._at(target)

    def _note_nothing(self, reference: str, target: str, path: str) -> None:
        from ..registry import nearest

        choices = [known for known in paths_of(self.blocks) if known != path]
        tail = target.rpartition(".")[2]
        close = nearest(target, [known for known in choices if known.rpartition(".")[2] == tail], limit=1, cutoff=0.3)
        close = close or _nearest_path(target, choices)
        hint = f" Did you mean ${{{close[0]}}}?" if close else ""
        self._note(
            path,
            f"it refers to ${{{reference}}}, but the config has no such setting or section.{hint}",
            nearest=close[0] if close else None,
        )

    def _note_cycle(self, path: str) -> None:
        circle = [*self._trail[self._trail.index(path) :], path]
        self._note(
            self._trail[-1],
            f"its value refers back to itself: {' -> '.join(circle)}. Give one of them a value.",
            kind="cycle",
        )

    def _note(self, path: str, message: str, *, kind: str = "reference", nearest: str | None = None) -> None:
        section, _, key = path.rpartition(".")
        line = self.lines.get(path)
        self.problems.append(
            Problem(
                section,
                key,
                message,
                kind=kind,
                nearest=nearest,
                where=str(line) if line else None,
                source=line.text if line else None,
                found=find(self.blocks, path),
            )
        )


def find(blocks: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path, or a marker that is no value of any config."""
    node: Any = blocks
    for part in path.split("."):
        if not isinstance(node, Mapping) or part not in node:
            return _MISSING
        node = node[part]
    return node


def exists(blocks: Mapping[str, Any], path: str) -> bool:
    """Whether something stands at a dotted path."""
    return find(blocks, path) is not _MISSING


def paths_of(blocks: Mapping[str, Any], prefix: str = "") -> list[str]:
    """The dotted paths of all settings and sections."""
    paths = []
    for key, value in blocks.items():
        path = f"{prefix}{key}"
        paths.append(path)
        if isinstance(value, Mapping):
            paths.extend(paths_of(value, f"{path}."))
    return paths


def _nearest_path(target: str, choices: list[str]) -> list[str]:
    from difflib import get_close_matches

    return get_close_matches(target, choices, n=1, cutoff=0.6)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _copied(value: Any) -> Any:
    """A copy of nested dicts and lists that shares whatever else they hold."""
    if isinstance(value, Mapping):
        return {key: _copied(inner) for key, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value
