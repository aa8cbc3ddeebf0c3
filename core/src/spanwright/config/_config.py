"""The config as an object: nested dicts that remember which line each setting came from."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import ConfigError, DataFormatError, InvalidTypeError, MissingFileError, Problem
from ._interpolate import Interpolator, exists, find, paths_of
from ._merge import merge
from ._text import SECTION_ORDER, Line, parse, write

# What overrides may begin: sections that other programs do not write.
OWN = re.compile(r"spanwright(\.components\..+)?")


class Config(dict[str, Any]):
    """A config: nested dicts, one for each section, that can be read from and written to text.

    data: Nested dicts, or another Config (also one of confection or thinc).
    is_interpolated: Whether references `${a.b}` have been replaced by values. A Config read with
        `interpolate=False` keeps them, so that it can be written as it was.
    section_order: Order of the top-level sections in the text; others follow in the order of the data.
    """

    is_interpolated: bool
    section_order: list[str]

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        is_interpolated: bool | None = None,
        section_order: Iterable[str] | None = None,
    ) -> None:
        super().__init__()
        if data is not None and not isinstance(data, Mapping):
            raise InvalidTypeError(
                f"A Config is made from nested dicts or another Config; found {type(data).__name__}. To read text "
                "or a file, use Config().from_str(text) or Config().from_disk(path)."
            )
        given = getattr(data, "is_interpolated", True)
        self.is_interpolated = given if is_interpolated is None else is_interpolated
        order = getattr(data, "section_order", None) if section_order is None else section_order
        self.section_order = list(order or SECTION_ORDER)
        self._lines: dict[str, tuple[Line, Any]] = dict(getattr(data, "_lines", {}))
        self.update(data or {})

    # --- text

    def from_str(
        self, text: str, *, interpolate: bool = True, overrides: Mapping[str, Any] | None = None,
        file: str | Path | None = None,
    ) -> Config:  # fmt: skip
        """Read a text, in place of what was here, and return self.

        interpolate: Replace references by values.
        overrides: Dotted path -> value, put in before references are followed.
        file: What messages shall call the text.

        Raises ConfigError with all problems of the text; the Config is left as it was then.
        """
        parsed = parse(text, str(file) if file is not None else None)
        problems = parsed.problems + apply_overrides(parsed.blocks, overrides or {})
        blocks = parsed.blocks
        if interpolate:
            interpolator = Interpolator(blocks, parsed.lines)
            blocks = interpolator.everything()
            problems += interpolator.problems
        if problems:
            raise ConfigError(problems)
        self.clear()
        self.update(blocks)
        self.is_interpolated = interpolate
        self._lines = {
            path: (line, find(blocks, path)) for path, line in parsed.lines.items() if path not in (overrides or {})
        }
        return self

    def to_str(self, *, interpolate: bool = True) -> str:
        """The text of the config; `interpolate` replaces references by values first."""
        blocks = self.interpolate() if interpolate and not self.is_interpolated else self
        return write(blocks, order=self.section_order)

    def from_bytes(
        self, data: bytes, *, interpolate: bool = True, overrides: Mapping[str, Any] | None = None
    ) -> Config:
        """Read a text in UTF-8; see `from_str`."""
        return self.from_str(data.decode("utf8"), interpolate=interpolate, overrides=overrides)

    def to_bytes(self, *, interpolate: bool = True) -> bytes:
        """The text in UTF-8; see `to_str`."""
        return self.to_str(interpolate=interpolate).encode("utf8")

    def from_disk(
        self, path: str | Path, *, interpolate: bool = True, overrides: Mapping[str, Any] | None = None
    ) -> Config:
        """Read a file; see `from_str`. Raises MissingFileError if there is none, DataFormatError if it is no text."""
        path = Path(path)
        if not path.is_file():
            beside = sorted(other.name for other in path.parent.glob("*.cfg")) if path.parent.is_dir() else []
            hint = f" That folder has: {', '.join(beside)}." if beside else ""
            raise MissingFileError(f"There is no config file {path}.{hint}")
        try:
            text = path.read_text(encoding="utf8")
        except UnicodeDecodeError as error:
            raise DataFormatError(
                f"{path}: expected the text of a config in UTF-8; the byte at position {error.start} is none. The file "
                "is damaged, of another kind, or in another encoding: save it as UTF-8."
            ) from None
        return self.from_str(text, interpolate=interpolate, overrides=overrides, file=path)

    def to_disk(self, path: str | Path, *, interpolate: bool = True) -> None:
        """Write a file; see `to_str`."""
        Path(path).write_text(self.to_str(interpolate=interpolate), encoding="utf8")

    # --- changes, each on a copy

    def interpolate(self) -> Config:
        """A copy with values in the place of references. Raises ConfigError with all that cannot be followed."""
        interpolator = Interpolator(self, self.lines)
        blocks = interpolator.everything()
        if interpolator.problems:
            raise ConfigError(interpolator.problems)
        result = Config(blocks, is_interpolated=True, section_order=self.section_order)
        result._lines = {path: (line, find(blocks, path)) for path, line in self.lines.items() if exists(blocks, path)}
        return result

    def copy(self) -> Config:
        """A deep copy."""
        return copy.deepcopy(self)

    def merge(self, updates: Mapping[str, Any], *, remove_extra: bool = False) -> Config:
        """A copy with `updates` put over it; see `remove_extra` of spanwright.config.merge."""
        other = updates if isinstance(updates, Config) else Config(updates)
        merged = merge(other, self, remove_extra=remove_extra)
        both = self.is_interpolated and other.is_interpolated
        result = Config(merged, is_interpolated=both, section_order=self.section_order)
        result._lines = {**self._lines, **other._lines}
        return result

    def override(self, overrides: Mapping[str, Any]) -> Config:
        """A copy with values put in at dotted paths.

        Raises ConfigError for a path whose section does not exist. [spanwright] and [spanwright.components.*] are
        made.
        """
        result = self.copy()
        problems = apply_overrides(result, overrides)
        if problems:
            raise ConfigError(problems)
        for path in overrides:
            result._lines.pop(path, None)
        return result

    # --- where things came from

    @property
    def lines(self) -> dict[str, Line]:
        """The line of each dotted path whose value still is the one that was read there."""
        return {path: line for path, (line, value) in self._lines.items() if _is_still(find(self, path), value)}

    def where(self, path: str) -> Line | None:
        """The line that a setting or section was read from; None if it was not, or has been changed since."""
        return self.lines.get(path)

    def __deepcopy__(self, memo: dict[int, Any]) -> Config:
        data = {key: copy.deepcopy(value, memo) for key, value in self.items()}
        result = Config(data, is_interpolated=self.is_interpolated, section_order=self.section_order)
        result._lines = dict(self._lines)
        return result

    def __reduce__(self) -> Any:
        return _rebuild, (dict(self), self.is_interpolated, self.section_order, self._lines)


def _rebuild(data: dict[str, Any], is_interpolated: bool, order: list[str], lines: dict[str, Any]) -> Config:
    config = Config(data, is_interpolated=is_interpolated, section_order=order)
    config._lines = lines
    return config


def _is_still(now: Any, then: Any) -> bool:
    if isinstance(now, Mapping) and isinstance(then, Mapping):
        return True
    return type(now) is type(then) and bool(now == then)


def _make(blocks: dict[str, Any], section: str) -> None:
    """Make the sections of a dotted path that there are not yet."""
    for key in section.split("."):
        following = blocks.setdefault(key, {})
        if not isinstance(following, dict):
            return
        blocks = following


def apply_overrides(blocks: dict[str, Any], overrides: Mapping[str, Any]) -> list[Problem]:
    """Put values in at dotted paths, in place; return a problem for each path whose section does not exist.

    [spanwright] and [spanwright.components.*] are made.
    """
    problems = []
    for path, value in overrides.items():
        section, _, key = path.rpartition(".")
        if OWN.fullmatch(section):
            _make(blocks, section)
        node = find(blocks, section) if section else None
        if not isinstance(node, dict):
            from ..registry import nearest

            close = nearest(path, [known for known in paths_of(blocks) if "." in known], limit=1)
            hint = f" Did you mean {close[0]}?" if close else ""
            expected = f"there is no section [{section}]" if section else "it needs a section, as in nlp.batch_size"
            message = f"can't override '{path}': {expected}.{hint}"
            nearest_path = close[0] if close else None
            problems.append(Problem(section, key, message, kind="unexpected", found=value, nearest=nearest_path))
            continue
        node[key] = value
    return problems
