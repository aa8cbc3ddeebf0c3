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


def read_lines(data: bytes, where: str) -> list[Any]:
    """The values of a file with one a line. Raises DataFormatError that names the line."""
    values = []
    for number, line in enumerate(data.splitlines(), start=1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise DataFormatError(f"{where}, line {number}: this is no complete JSON: {error}") from None
    return values
