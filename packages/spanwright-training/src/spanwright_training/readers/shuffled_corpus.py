"""Corpora that do not fit in memory, in random order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from spanwright.errors import InvalidValueError

from .corpus import Corpus
from .files import require_path

NAME = "spanwright.ShuffledCorpus.v1"


def ShuffledCorpus_v1(  # noqa: N802
    path: Path | None,
    gold_preproc: bool,
    max_length: int = 0,
    limit: int = 0,
    augmenter: Callable[..., Any] | None = None,
    buffer: int = 10000,
) -> Corpus:
    """spanwright.ShuffledCorpus.v1: as spacy.Corpus.v1, in another order each time, with bounded memory.

    path: A folder of `.spacy` files, none larger than what fits in memory; or a single file.
    gold_preproc, max_length, limit, augmenter: As for `spacy.Corpus.v1`.
    buffer: Docs that are held in memory, among which the next is drawn. The files come in random order too.

    For `training.max_epochs = -1`, where the corpus is streamed and the training loop does not shuffle. The order
    follows the seed ([training] seed), and a resumed run finds its place in it.

    Returns a callable: `nlp -> Iterator[Example]`. Raises NoPathError (a ValueError) if there is no path, and
    InvalidValueError (a ValueError) for a buffer below 1.
    """
    if buffer < 1:
        raise InvalidValueError(f"{NAME}: the buffer holds at least one Doc, found {buffer}.")
    return Corpus(
        require_path(path, NAME),
        gold_preproc=gold_preproc,
        max_length=max_length,
        limit=limit,
        augmenter=augmenter,
        shuffle=True,
        buffer=buffer,
    )
