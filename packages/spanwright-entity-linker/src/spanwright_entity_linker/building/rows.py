"""Rows of CSV and JSONL files, with their lines."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from spanwright.errors import InvalidValueError, MissingFileError
from spanwright_tokens.errors import nearest

from .problems import Problems

Row = tuple[int, dict[str, Any]]
JSONL = (".jsonl", ".jsonlines", ".ndjson")


def read_rows(path: Path, problems: Problems, *, needed: Collection[str], known: Collection[str]) -> Iterator[Row]:
    """The rows of a file with their lines; values of CSV are texts, and empty ones are left out.

    needed: Columns of a CSV file that there must be. known: Columns or keys that there may be.

    Raises MissingFileError (a FileNotFoundError), and InvalidValueError (a ValueError) for other formats.
    """
    if not path.is_file():
        raise MissingFileError(f"There is no file {path}.")
    if path.suffix.lower() in JSONL:
        rows = _jsonl(path, problems, known)
    elif path.suffix.lower() == ".csv":
        rows = _csv(path, problems, needed, known)
    else:
        raise InvalidValueError(f"{path}: entities and aliases are read from .csv and .jsonl, found '{path.suffix}'.")
    try:
        yield from rows
    except UnicodeDecodeError as error:
        problems.add(1, f"the file is not UTF-8: {error}")


def _csv(path: Path, problems: Problems, needed: Collection[str], known: Collection[str]) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            header = [name.strip() for name in next(reader, [])]
        except csv.Error as error:
            problems.add(1, f"this is no CSV: {error}")
            return
        missing = [name for name in needed if name not in header]
        strange = [name for name in header if name not in known]
        for name in missing:
            problems.add(1, f"the header has no column '{name}', found {', '.join(map(repr, header)) or 'nothing'}")
        for name in strange:
            problems.add(1, f"the column '{name}' is not known.{nearest(name, known)}")
        twice = sorted({name for name in header if header.count(name) > 1} - set(strange))
        for name in twice:
            problems.add(1, f"the header has the column '{name}' more than once")
        if missing or strange or twice:
            return
        try:
            for cells in reader:
                if not any(map(str.strip, cells)):
                    continue
                if len(cells) == len(header):
                    yield (
                        reader.line_num,
                        {name: cell for name, cell in zip(header, cells, strict=True) if cell.strip()},
                    )
                else:
                    problems.add(reader.line_num, f"the header has {len(header)} columns, this row has {len(cells)}")
        except csv.Error as error:
            problems.add(reader.line_num, f"this is no CSV: {error}")


def _jsonl(path: Path, problems: Problems, known: Collection[str]) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                problems.add(number, f"this is no JSON: {error}")
                continue
            if not isinstance(row, dict):
                problems.add(number, f"each line must be a JSON object, found a {type(row).__name__}")
                continue
            for name in sorted(set(row) - set(known)):
                problems.add(number, f"the key '{name}' is not known.{nearest(name, known)}")
            yield number, {name: value for name, value in row.items() if value is not None}
