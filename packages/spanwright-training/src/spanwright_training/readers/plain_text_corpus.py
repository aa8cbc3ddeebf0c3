"""Corpora of raw texts, one a line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spanwright.tokens import Example

from ..errors import EmptyCorpusError
from .files import require_path, walk_corpus
from .text import read_lines

if TYPE_CHECKING:
    from spanwright.language import Language


def PlainTextCorpus_v1(  # noqa: N802
    path: Path | None, min_length: int = 0, max_length: int = 0
) -> PlainTextCorpus:
    """spacy.PlainTextCorpus.v1: raw texts of a `.txt` file with one a line, or of all such files in a folder.

    path: The file or folder.
    min_length: Leave out texts of fewer tokens; 0 (the default): none.
    max_length: Leave out texts of more tokens; 0 (the default): none.

    Returns a callable: `nlp -> Iterator[Example]`. Raises NoPathError (a ValueError) if there is no path.
    """
    return PlainTextCorpus(path, min_length=min_length, max_length=max_length)


class PlainTextCorpus:
    """Raw texts of a `.txt` file (UTF-8, one text a line), or of all such files in a folder.

    path: The file or folder; lines are read as they are needed, and empty lines passed over.
    min_length: Leave out texts of fewer tokens; 0: none.
    max_length: Leave out texts of more tokens; 0: none.

    Raises, when called: MissingFileError (a FileNotFoundError), EmptyCorpusError (a ValueError), and DataFormatError
    (a ValueError) that names file and line, where bytes are not UTF-8.
    """

    file_type = "txt"

    def __init__(self, path: str | Path | None, *, min_length: int = 0, max_length: int = 0) -> None:
        self.path = require_path(path, "spacy.PlainTextCorpus.v1")
        self.min_length = min_length
        self.max_length = max_length

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """The examples, tokenised by `nlp`."""
        empty = True
        for file in walk_corpus(self.path, ".txt"):
            for _, text in read_lines(file):
                if not text:
                    continue
                doc = nlp.make_doc(text)
                if len(doc) < self.min_length or 0 < self.max_length < len(doc):
                    continue
                empty = False
                yield Example(doc, doc.copy())
        if empty:
            raise EmptyCorpusError(
                f"The corpus {self.path} is empty: it has no line within min_length {self.min_length} and max_length "
                f"{self.max_length}."
            )
