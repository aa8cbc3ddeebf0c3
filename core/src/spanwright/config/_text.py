"""Reading and writing the text of a config: sections in brackets, `key = JSON value`, references `${a.b}`."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..errors import Problem

SECTION_ORDER = (
    "paths", "variables", "system", "nlp", "components", "corpora", "training", "pretraining", "initialize",
    "spanwright",
)  # fmt: skip
REFERENCE = re.compile(r"\$\{([^}]+)\}")
_PYTHON_LITERALS = {"True": True, "False": False, "None": None}
# A key that the text form could not give back has to stay inside a JSON value.
_PLAIN_KEY = re.compile(r"[^\s=:\[#;$][^=:\n\r$]*(?<!\s)\Z")


@dataclass(frozen=True)
class Line:
    """Where a setting stands: file (None for a string), line number from 1, and the text of the line."""

    file: str | None
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.file or 'line'}{':' if self.file else ' '}{self.number}"


@dataclass
class ParsedText:
    """What a config's text says: nested blocks, the line of each dotted path, and what is wrong with it."""

    blocks: dict[str, Any] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def has_reference(text: str) -> bool:
    """Whether a text holds a `${...}` that is not escaped as `$${...}`."""
    return any(kind == "reference" for kind, _ in split_references(text))


def split_references(text: str) -> list[tuple[str, str]]:
    """Cut a text into ("text", ...) and ("reference", "a.b") pieces; `$$` in a text becomes `$`."""
    pieces: list[tuple[str, str]] = []
    plain: list[str] = []
    position = 0
    while position < len(text):
        if text.startswith("$$", position):
            plain.append("$")
            position += 2
            continue
        match = REFERENCE.match(text, position)
        if match is None:
            plain.append(text[position])
            position += 1
            continue
        if plain:
            pieces.append(("text", "".join(plain)))
            plain = []
        pieces.append(("reference", match.group(1).strip()))
        position = match.end()
    if plain:
        pieces.append(("text", "".join(plain)))
    return pieces


def parse_value(text: str) -> Any:
    """A value from its text: JSON if it is that, else the text itself; references stay as they are written."""
    if "$" not in text:
        return _load(text)
    value = _load(text)
    # A string with a reference stays raw, with its quotes; a list keeps the references in its strings.
    return text if isinstance(value, str) and has_reference(text) else _unescaped(value)


def _unescaped(value: Any) -> Any:
    """A value with `$` for `$$`, but in strings with references, and before `{`, where the escape is still needed."""
    if isinstance(value, str):
        return value if has_reference(value) else re.sub(r"\$\$(?!\{)", "$", value)
    return _mapped(value, _unescaped)


def _escaped(value: Any) -> Any:
    """The reverse of `_unescaped`."""
    if isinstance(value, str):
        if has_reference(value):
            return value
        return re.sub(r"\$\$\{|\$", lambda match: "$$" if match.group() == "$" else match.group(), value)
    return _mapped(value, _escaped)


def _mapped(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, Mapping):
        return {key: change(inner) for key, inner in value.items()}
    return [change(inner) for inner in value] if isinstance(value, (list, tuple)) else value


def _load(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return _PYTHON_LITERALS.get(text, text)


def parse(text: str, file: str | None = None) -> ParsedText:
    """Read a config's text. Problems are gathered, not raised; what could be read stands in `blocks`."""
    result = ParsedText()
    entries = _read_lines(text, file, result.problems)
    for path, line, _ in entries:
        result.lines.setdefault(path, line)
    _check_parents([path for path, _, _ in entries], result)
    for path, _, settings in entries:
        node: Any = result.blocks
        for part in path.split("."):
            node = node.setdefault(part, {}) if isinstance(node, dict) else {}
        for key, (value_text, line) in settings.items():
            result.lines[f"{path}.{key}"] = line
            node[key] = parse_value(value_text)
    _check_clashes(entries, result)
    return result


_Settings = dict[str, tuple[str, Line]]


def _read_lines(text: str, file: str | None, problems: list[Problem]) -> list[tuple[str, Line, _Settings]]:
    """Sections with their settings as texts, in the order of the file, parents before children."""
    entries: list[tuple[str, Line, _Settings]] = []
    sections: dict[str, Line] = {}
    settings: _Settings | None = None
    key, indent = None, 0
    for number, raw in enumerate(text.splitlines(), 1):
        stripped = raw.strip()
        line = Line(file, number, stripped)
        if not stripped or stripped[0] in "#;":
            continue
        depth = len(raw) - len(raw.lstrip())
        if settings is not None and key is not None and depth > indent:
            value, first = settings[key]
            settings[key] = (f"{value}\n{stripped}" if value else stripped, first)
            continue
        indent, key = depth, None
        if stripped.startswith("[") and stripped.endswith("]"):
            name = stripped[1:-1].strip()
            settings = {}
            if name in sections:
                message = f"the section stands here again; it began at {sections[name]}. Merge the two."
                problems.append(_syntax(name, None, message, line))
            else:
                sections[name] = line
                entries.append((name, line, settings))
            continue
        match = re.match(r"(.*?)\s*[=:]\s*(.*)\Z", stripped)
        if match is None or not match.group(1):
            message = f"can't read the line '{stripped}'. Expected [section] or key = value."
            problems.append(_syntax(entries[-1][0] if entries else "", None, message, line))
        elif settings is None:
            message = "a setting stands before the first [section]. Put it under one."
            problems.append(_syntax("", match.group(1), message, line))
        else:
            key = match.group(1)
            if key in settings:
                message = f"the setting stands here again; it was given at {settings[key][1]}. Keep one of them."
                problems.append(_syntax(entries[-1][0], key, message, line))
            settings[key] = (match.group(2), line)
            if match.group(2)[:1] == "'" == match.group(2)[-1:]:
                warnings.warn(
                    f"[{entries[-1][0]}] {key} = {match.group(2)} ({line}) is in single quotes, which become part "
                    "of the value: values are JSON, so write double quotes.",
                    stacklevel=4,
                )
    return sorted(entries, key=lambda entry: entry[0].count("."))


def _syntax(section: str, key: str | None, message: str, line: Line) -> Problem:
    return Problem(section, key, message, kind="syntax", where=str(line), source=line.text)


def _check_parents(paths: list[str], result: ParsedText) -> None:
    known = set(paths)
    for path in paths:
        parts = path.split(".")
        for index in range(1, len(parts)):
            parent = ".".join(parts[:index])
            # A block of positional arguments needs no header of its own.
            if parent in known or "*" in parts[:index]:
                continue
            from ..registry import nearest

            close = nearest(parent, known - {path}, limit=1)
            hint = f" Did you mean [{close[0]}]?" if close else ""
            line = result.lines[path]
            message = f"the section [{parent}] above it is not defined.{hint} Add a line [{parent}] if it is meant."
            result.problems.append(
                Problem(path, None, message, kind="reference", nearest=close[0] if close else None,
                        where=str(line), source=line.text)
            )  # fmt: skip
            break


def _check_clashes(entries: list[tuple[str, Line, _Settings]], result: ParsedText) -> None:
    settings = {f"{path}.{key}": line for path, _, known in entries for key, (_, line) in known.items()}
    for path, line, _ in entries:
        if path in settings:
            section, _, key = path.rpartition(".")
            message = f"the section [{path}] also stands as a setting at {settings[path]}. Keep one of them."
            result.problems.append(_syntax(section, key, message, line))


def write(blocks: Mapping[str, Any], *, order: Iterable[str] = SECTION_ORDER) -> str:
    """The text of nested blocks: sections in canonical order, each followed by its sub-sections.

    Raises TypeError, naming the setting, for a value that JSON cannot hold.
    """
    ranks = {name: rank for rank, name in enumerate(order)}
    out: list[str] = []
    for name in sorted(blocks, key=lambda name: ranks.get(name, len(ranks))):
        _write_section(name, blocks[name], out)
    return "\n\n".join(out)


def _write_section(path: str, block: Any, out: list[str]) -> None:
    inner = {key: value for key, value in block.items() if _is_block(value)}
    lines = [f"{key} = {dump_value(value, f'{path}.{key}')}" for key, value in block.items() if key not in inner]
    if lines or not path.endswith(".*"):
        out.append("\n".join([f"[{path}]", *lines]))
    for key, value in inner.items():
        _write_section(f"{path}.{key}", value, out)


def _is_block(value: Any) -> bool:
    """Whether a mapping can be written as a section of its own."""
    if not isinstance(value, Mapping):
        return False
    return all(isinstance(key, str) and _PLAIN_KEY.match(key) for key in value) and all(
        "." not in key and "]" not in key for key, inner in value.items() if _is_block(inner)
    )


def dump_value(value: Any, path: str) -> str:
    """The text of one value. A string with a reference is written as it is, everything else as JSON."""
    if isinstance(value, str) and has_reference(value):
        return value
    try:
        return json.dumps(_escaped(value))
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"Can't write the config: {path} is {value!r} ({type(value).__name__}), which JSON cannot hold. Register "
            "a function that returns the object, and name it in the config with @."
        ) from error
