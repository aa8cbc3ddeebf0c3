"""Patterns as files with one JSON value a line."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from spanwright.errors import DataFormatError
from spanwright_tokens.io import write_json_bytes


def dump_lines(values: Iterable[Any]) -> bytes:
    """Values as JSON, one a line."""
    return b"".join(write_json_bytes(value) + b"\n" for value in values)


class Lines(list):
    """Values of a file, one a line, that know where they stand.

    where: The file.
    """

    def __init__(self, where: str) -> None:
        super().__init__()
        self.where = where
        self.numbers: list[int] = []

    def place(self, index: int) -> str:
        """The file and the line of a value."""
        return f"{self.where}, line {self.numbers[index]}"


def read_lines(data: bytes, where: str) -> Lines:
    """The values of a file with one a line. Raises DataFormatError that names the line."""
    values = Lines(where)
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                values.append(json.loads(line))
                values.numbers.append(number)
            except (ValueError, RecursionError) as error:
                raise DataFormatError(f"{where}, line {number}: this is no complete JSON: {error}") from None
    return values
