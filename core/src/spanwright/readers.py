"""Readers of plain data files for configs, by the names that srsly publishes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any


def read_json_v1(path: Path) -> Any:
    """`srsly.read_json.v1`: what a JSON file holds.

    path: The file.
    """
    import srsly

    return srsly.read_json(path)


def read_jsonl_v1(path: Path, skip: bool = False) -> Iterable[Any]:
    """`srsly.read_jsonl.v1`: the values of a file with one JSON value a line, read as they are asked for.

    path: The file; "-" is standard input.
    skip: Pass over lines that are no JSON, instead of raising ValueError.
    """
    import srsly

    return srsly.read_jsonl(path, skip=skip)


def read_msgpack_v1(path: Path, use_list: bool = True) -> Any:
    """`srsly.read_msgpack.v1`: what a msgpack file holds.

    path: The file.
    use_list: Make lists of arrays; otherwise tuples.
    """
    import srsly

    return srsly.read_msgpack(path, use_list=use_list)


def read_yaml_v1(path: Path) -> Any:
    """`srsly.read_yaml.v1`: what a YAML file holds.

    path: The file.
    """
    import srsly

    return srsly.read_yaml(path)
