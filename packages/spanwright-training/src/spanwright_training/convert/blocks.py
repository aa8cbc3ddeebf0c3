"""Lines in blocks: sentences between empty lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

T = TypeVar("T")
# Line number (from 1) and text.
Line = tuple[int, str]


def blocks(text: str) -> Iterator[list[Line]]:
    """The lines between empty ones (or ones of white space alone)."""
    block: list[Line] = []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.rstrip("\r")
        if line.strip():
            block.append((number, line))
        elif block:
            yield block
            block = []
    if block:
        yield block


def groups(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of so many items; 0 puts all in one."""
    stream = iter(items)
    while group := list(islice(stream, size or None)):
        yield group


def new_vocab(vocab: Any = None) -> Any:
    """The vocabulary given, or an empty one."""
    if vocab is not None:
        return vocab
    from spanwright.vocab import Vocab

    return Vocab()
