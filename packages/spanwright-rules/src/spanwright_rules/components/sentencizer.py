"""The component sentencizer: sentences begin after final punctuation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from spanwright.errors import DataFormatError
from spanwright.language import Language
from spanwright.pipe import Pipe, batches
from spanwright.tokens import Doc, gather, lengths, scatter
from spanwright_tokens.io import dump_msgpack, read_json, read_msgpack, write_json
from spanwright_tokens.vocab.strings import get_string_id

from ..final_marks import FINAL_MARKS

if TYPE_CHECKING:
    from spanwright.tokens import Example


def senter_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F-score of sentences, as spacy.senter_scorer.v1 gives them."""
    from spanwright.registry import get

    return get("scorers", "spacy.senter_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "sentencizer",
    assigns=["token.is_sent_start", "doc.sents"],
    default_config={"punct_chars": None, "overwrite": False, "scorer": {"@scorers": "spacy.senter_scorer.v1"}},
    default_score_weights={"sents_f": 1.0, "sents_p": 0.0, "sents_r": 0.0},
)
def make_sentencizer(
    nlp: Language, name: str, punct_chars: list[str] | None, overwrite: bool, scorer: Callable | None
) -> Sentencizer:
    """sentencizer: starts a sentence after final punctuation.

    punct_chars: The marks that end a sentence; null takes those of many scripts.
    overwrite: Whether to replace sentence starts that are set already.
    scorer: Scores sentences.
    """
    return Sentencizer(name, punct_chars=punct_chars, overwrite=overwrite, scorer=scorer)


class Sentencizer(Pipe):
    """Starts a sentence after final punctuation, and after whatever other punctuation follows that.

    name: The component's name in its pipeline.
    punct_chars, overwrite, scorer: See `make_sentencizer`.
    """

    default_punct_chars: ClassVar[list[str]] = list(FINAL_MARKS)

    def __init__(
        self,
        name: str = "sentencizer",
        *,
        punct_chars: Iterable[str] | None = None,
        overwrite: bool = False,
        scorer: Callable | None = senter_score,
    ) -> None:
        self.name = name
        self.punct_chars = set(punct_chars or self.default_punct_chars)
        self.overwrite = overwrite
        self.scorer = scorer

    def __call__(self, doc: Doc) -> Doc:
        """Set the sentence starts of one Doc, and return it."""
        try:
            self.set_annotations([doc], self.predict([doc]))
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Set the sentence starts of a stream of Docs, in batches. A Doc that fails goes to the error handler.

        batch_size: How many Docs are looked at together.
        """
        for docs in batches(stream, batch_size):
            try:
                self.set_annotations(docs, self.predict(docs))
            except Exception:
                yield from super().pipe(docs)
            else:
                yield from docs

    def predict(self, docs: Sequence[Doc]) -> list[list[bool]]:
        """For each token of each Doc whether it starts a sentence."""
        docs = list(docs)
        counts = lengths(docs).tolist()
        if not any(counts):
            return [[] for _ in docs]
        table = gather(docs, ["ORTH", "IS_PUNCT"])
        marks = np.asarray([get_string_id(mark) for mark in self.punct_chars], dtype=np.uint64)
        final = np.isin(table[:, 0], marks)
        plain = ~final & (table[:, 1] == 0)
        guesses, start = [], 0
        for count in counts:
            guesses.append(_starts(final[start : start + count], plain[start : start + count]).tolist())
            start += count
        return guesses

    def set_annotations(self, docs: Any, batch_tag_ids: Sequence[Sequence[bool]]) -> None:
        """Set the sentence starts that `predict` found."""
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        guesses = np.asarray([guess for doc_guesses in batch_tag_ids for guess in doc_guesses], dtype=bool)
        if not len(guesses):
            return
        values = np.where(guesses, 1, -1)
        if not self.overwrite:
            existing = gather(docs, "SENT_START")[:, 0].astype(np.int64)
            values = np.where(existing == 0, values, existing)
        scatter(docs, "SENT_START", values)

    # Files

    def _settings(self) -> dict[str, Any]:
        return {"punct_chars": list(self.punct_chars), "overwrite": self.overwrite}

    def _load(self, settings: Any, where: str) -> None:
        if not isinstance(settings, dict):
            raise DataFormatError(f"{where}: a dict of settings is needed, found {type(settings).__name__}.")
        marks = settings.get("punct_chars", self.default_punct_chars)
        if not isinstance(marks, list) or not all(isinstance(mark, str) for mark in marks):
            raise DataFormatError(f"{where}: punct_chars must be a list of texts, found {marks!r}.")
        self.punct_chars = set(marks)
        self.overwrite = bool(settings.get("overwrite", self.overwrite))

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The settings as bytes."""
        return dump_msgpack(self._settings())

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Sentencizer:
        """Load what `to_bytes` gave. Raises DataFormatError (a ValueError)."""
        where = f"component '{self.name}'"
        self._load(read_msgpack(bytes_data, where=where), where)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the settings to a file of the path's name that ends with .json."""
        write_json(Path(path).with_suffix(".json"), self._settings())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Sentencizer:
        """Load what `to_disk` wrote. Raises MissingFileError (a FileNotFoundError) or DataFormatError."""
        file = Path(path).with_suffix(".json")
        self._load(read_json(file), str(file))
        return self


def _starts(final: NDArray[np.bool_], plain: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which tokens of a Doc start a sentence: the first, and the first plain one after each final mark."""
    starts = np.zeros(len(final), dtype=bool)
    starts[:1] = True
    places = np.flatnonzero(plain)
    # The first plain token after a mark: between it and the plain token before there is a mark.
    marks_before = np.cumsum(final)[places]
    new = np.diff(marks_before, prepend=0) > 0
    starts[places[new]] = True
    return starts
