"""A pipeline's table of vectors, made from a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from spanwright.errors import InvalidValueError
from spanwright.registry import nearest

from .reading import read_vectors

# Attributes of a word that a vector can stand for.
ATTRS = ("ORTH", "LOWER", "NORM", "SHAPE", "PREFIX", "SUFFIX")


def convert_vectors(
    nlp: Any,
    vectors_loc: str | Path | None,
    *,
    truncate: int = 0,
    prune: int = -1,
    name: str | None = None,
    mode: str = "default",
    attr: str = "ORTH",
    silent: bool = True,
) -> None:
    """Give a pipeline the vectors of a file.

    nlp: The pipeline; its vocabulary gets the words and the vectors.
    vectors_loc: The file: word2vec, GloVe, fastText or floret as text; plain, .gz or .zip. None changes the name only.
    truncate: Read so many words only; 0 reads all.
    prune: Keep the vectors of so many words; each other word gets the one most like its own. -1 keeps all.
    name: Name of the table; by default that of the pipeline and ".vectors".
    mode: "default" or "floret".
    attr: The attribute of a token whose value is looked up: ORTH, LOWER, NORM and so on.
    silent: Show no progress.

    Raises MissingFileError (a FileNotFoundError), DataFormatError and InvalidValueError (ValueErrors).
    """
    from spanwright.vectors import Vectors

    key = check_attr(attr)
    if prune == 0 or prune < -1:
        raise InvalidValueError(f"prune is a number of vectors to keep, or -1 to keep all, found {prune}.")
    if prune > 0 and mode == "floret":
        raise InvalidValueError("A floret table cannot be pruned: each word uses rows from all over it.")
    vocab = nlp.vocab
    if vectors_loc is not None:
        read = read_vectors(vectors_loc, truncate, mode=mode, silent=silent)
        vectors = Vectors(strings=vocab.strings, data=read.data, attr=key, **read.settings)
        if not read.settings:
            keys = np.fromiter((vocab.strings.add(word) for word in read.words), dtype="uint64")
            vectors.key2row.fill(keys, read.rows)
        vocab.vectors = vectors
    vocab.vectors.name = name or f"{nlp.meta['lang']}_{nlp.meta['name']}.vectors"
    if prune > 0:
        vocab.prune_vectors(prune)


def check_attr(attr: str) -> str:
    """The attribute in upper case. Raises InvalidValueError for one that no vector can stand for."""
    known = "ORTH" if attr.upper() == "TEXT" else attr.upper()
    if known not in ATTRS:
        close = nearest(known, ATTRS, limit=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise InvalidValueError(f"'{attr}' is no attribute to look vectors up by: {', '.join(ATTRS)}.{hint}")
    return known
