"""Corpora of raw texts, one JSON value a line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwright.errors import DataFormatError
from spanwright.tokens import Example

from ..errors import EmptyCorpusError
from .files import require_path, walk_corpus
from .text import read_lines

if TYPE_CHECKING:
    from spanwright.language import Language


def JsonlCorpus_v1(  # noqa: N802
    path: Path | None, min_length: int = 0, max_length: int = 0, limit: int = 0
) -> JsonlCorpus:
    """spacy.JsonlCorpus.v1: raw texts of a `.jsonl` file with one {"text": ...} a line, or of all such in a folder.

    path: The file or folder.
    min_length: Leave out texts of fewer tokens; 0 (the default): none.
    max_length: Leave out texts of so many tokens or more; 0 (the default): none.
    limit: Give so many examples at most; 0 (the default): all.

    Returns a callable: `nlp -> Iterator[Example]`. Raises NoPathError (a ValueError) if there is no path.
    """
    return JsonlCorpus(path, min_length=min_length, max_length=max_length, limit=limit)


class JsonlCorpus:
    """Raw texts of a `.jsonl` file, or of all such files in a folder, as examples without annotation.

    path: The file or folder. Each line is a JSON object with a "text"; lines are read as they are needed.
    limit: Give so many examples at most; 0: all.
    min_length: Leave out texts of fewer tokens; 0: none.
    max_length: Leave out texts of so many tokens or more; 0: none.

    Raises, when called: MissingFileError (a FileNotFoundError), EmptyCorpusError (a ValueError), and DataFormatError
    (a ValueError) that names file and line, for a line that is no JSON, has no text, or is not UTF-8.
    """

    file_type = "jsonl"

    def __init__(self, path: str | Path | None, *, limit: int = 0, min_length: int = 0, max_length: int = 0) -> None:
        self.path = require_path(path, "spacy.JsonlCorpus.v1")
        self.min_length = min_length
        self.max_length = max_length
        self.limit = limit

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """The examples, tokenised by `nlp`."""
        count = 0
        for file in walk_corpus(self.path, ".jsonl"):
            for number, line in read_lines(file):
                if not line.strip():
                    continue
                doc = nlp.make_doc(_text_of(line, f"{file}:{number}"))
                if len(doc) < self.min_length or 0 < self.max_length <= len(doc):
                    continue
                yield Example(doc, doc.copy())
                count += 1
                if 0 < self.limit <= count:
                    return
        if not count:
            raise EmptyCorpusError(
                f"The corpus {self.path} is empty: it has no text within min_length {self.min_length} and max_length "
                f"{self.max_length}."
            )


def _text_of(line: str, where: str) -> str:
    try:
        record: Any = json.loads(line)
    except ValueError as error:
        raise DataFormatError(f"{where}: this line is no JSON: {error}") from None
    text = record.get("text") if isinstance(record, dict) else None
    if not isinstance(text, str):
        found = sorted(record) if isinstance(record, dict) else type(record).__name__
        raise DataFormatError(f'{where}: expected an object with a "text", found {found}.')
    return text
