"""Corpora of annotated Docs: files that DocBin wrote (`.spacy`)."""

from __future__ import annotations

import random
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwright.errors import SpanwrightWarning
from spanwright.tokens import Doc, DocBin, Example, Span

from ..errors import EmptyCorpusError
from .files import require_path, walk_corpus

if TYPE_CHECKING:
    from spanwright.language import Language
    from spanwright.vocab import Vocab

FILE_TYPE = ".spacy"


def Corpus_v1(  # noqa: N802
    path: Path | None,
    gold_preproc: bool,
    max_length: int = 0,
    limit: int = 0,
    augmenter: Callable[..., Any] | None = None,
) -> Corpus:
    """spacy.Corpus.v1: annotated Docs of a `.spacy` file, or of all such files in a folder.

    path: The file or folder.
    gold_preproc: Give single sentences with gold tokens, instead of whole texts for the tokenizer. Only for text that
        is cut up the same way when the pipeline is used.
    max_length: Docs of so many tokens or more are cut into their sentences, and sentences as long are left out;
        0 (the default): no limit.
    limit: Read so many Docs at most; 0 (the default): all.
    augmenter: Makes each example into several, such as `spacy.lower_case.v1`; None keeps them as they are.

    Returns a callable: `nlp -> Iterator[Example]`. Raises NoPathError (a ValueError) if there is no path.
    """
    return Corpus(
        require_path(path, "spacy.Corpus.v1"),
        gold_preproc=gold_preproc,
        max_length=max_length,
        limit=limit,
        augmenter=augmenter,
    )


class Corpus:
    """Annotated Docs of a `.spacy` file or a folder of them, read file by file, as examples.

    path: The file or folder.
    limit: Read so many Docs at most; 0: all.
    gold_preproc: Give single sentences with gold tokens.
    max_length: Docs of so many tokens or more are cut into sentences; sentences as long, and long Docs without
        sentence starts, are left out with a warning. 0: no limit.
    augmenter: `(nlp, example) -> Iterator[Example]`; None keeps examples as they are.
    shuffle: Bring the Docs into random order (Python's `random`). With `buffer` 0 all are held in memory for it.
    buffer: Shuffle with bounded memory: the files in random order, and the Docs of the stream within a buffer of so
        many (10,000 is a good size). Meant for folders of many files, one of which fits in memory.

    Calling it with `nlp` gives the examples. The predicted Doc has the tokenizer's tokens; with `gold_preproc`, or
    where a Doc does not know its spaces, it has the gold ones. Reading again gives new objects.

    Raises, when called: MissingFileError (a FileNotFoundError) for a missing path, EmptyCorpusError (a ValueError) if
    there is no example in it, DataFormatError (a ValueError) for a file of another kind.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        limit: int = 0,
        gold_preproc: bool = False,
        max_length: int = 0,
        augmenter: Callable[..., Any] | None = None,
        shuffle: bool = False,
        buffer: int = 0,
    ) -> None:
        self.path = require_path(path, "Corpus")
        self.gold_preproc = gold_preproc
        self.max_length = max_length
        self.limit = limit
        self.augmenter = augmenter
        self.shuffle = shuffle
        self.buffer = buffer

    def __call__(self, nlp: Language) -> Iterator[Example]:
        """The examples.

        nlp: The pipeline whose tokenizer and vocabulary are used.
        """
        references = self._in_order(self.read_docbin(nlp.vocab, self._files()))
        make = self.make_examples_gold_preproc if self.gold_preproc else self.make_examples
        count = 0
        for example in make(nlp, references):
            count += 1
            if self.augmenter is None:
                yield example
            else:
                yield from self.augmenter(nlp, example)
        if not count:
            reason = f" of fewer than {self.max_length} tokens (max_length)" if self.max_length else ""
            raise EmptyCorpusError(
                f"The corpus {self.path} is empty: there is no Doc with tokens{reason} in it. Was it converted from "
                "the right file?"
            )

    def make_examples(self, nlp: Language, reference_docs: Iterable[Doc]) -> Iterator[Example]:
        """Examples of whole Docs, or of the sentences of those that are too long."""
        skipped = 0
        for reference in reference_docs:
            if self._fits(reference):
                if len(reference):
                    yield self._make_example(nlp, reference, gold_tokens=False)
            elif reference.has_annotation("SENT_START"):
                for sentence in reference.sents:
                    if self._fits(sentence):
                        yield self._make_example(nlp, sentence.as_doc(), gold_tokens=False)
                    else:
                        skipped += 1
            else:
                skipped += 1
        if skipped:
            warnings.warn(
                f"Corpus {self.path}: {skipped} sentences, or Docs without sentence starts, have max_length "
                f"({self.max_length}) tokens or more, and are left out. Raise max_length, or add sentence starts.",
                SpanwrightWarning,
                stacklevel=3,
            )

    def make_examples_gold_preproc(self, nlp: Language, reference_docs: Iterable[Doc]) -> Iterator[Example]:
        """Examples of single sentences, with gold tokens."""
        for reference in reference_docs:
            sentences = [reference]
            if reference.has_annotation("SENT_START"):
                sentences = [sentence.as_doc() for sentence in reference.sents]
            for sentence in sentences:
                if len(sentence):
                    yield self._make_example(nlp, sentence, gold_tokens=True)

    def read_docbin(self, vocab: Vocab, locs: Iterable[str | Path]) -> Iterator[Doc]:
        """The Docs of the files, in order; empty Docs are passed over, and `limit` holds for all files together."""
        count = 0
        for location in locs:
            for doc in DocBin().from_disk(location).get_docs(vocab):
                if len(doc):
                    yield doc
                    count += 1
                    if 0 < self.limit <= count:
                        return

    def _fits(self, tokens: Doc | Span) -> bool:
        return self.max_length == 0 or len(tokens) < self.max_length

    def _files(self) -> list[Path]:
        files = walk_corpus(self.path, FILE_TYPE)
        if self.shuffle and self.buffer:
            random.shuffle(files)
        return files

    def _in_order(self, docs: Iterator[Doc]) -> Iterable[Doc]:
        if not self.shuffle:
            return docs
        if self.buffer:
            return shuffle_stream(docs, self.buffer)
        everything = list(docs)
        random.shuffle(everything)
        return everything

    def _make_example(self, nlp: Language, reference: Doc, *, gold_tokens: bool) -> Example:
        if not gold_tokens and not reference.has_unknown_spaces:
            return Example(nlp.make_doc(reference.text), reference)
        spaces = reference.to_array(["SPACY"]).astype(bool).tolist()
        return Example(Doc(nlp.vocab, words=[token.text for token in reference], spaces=spaces), reference)


def shuffle_stream(items: Iterable[Any], buffer: int, rng: random.Random | None = None) -> Iterator[Any]:
    """The items of a stream in random order, holding `buffer` of them at a time.

    items: The stream.
    buffer: How many items are held; an item can come up to any place later than its own, but at most `buffer` places
        earlier. 1 keeps the order.
    rng: Random numbers; by default one is seeded from Python's `random`, once, when the first item is asked for, so
        that what else draws from `random` meanwhile does not change the order.
    """
    rng = rng or random.Random(random.getrandbits(64))
    held: list[Any] = []
    for item in items:
        if len(held) < max(1, buffer):
            held.append(item)
            continue
        place = rng.randrange(len(held))
        yield held[place]
        held[place] = item
    rng.shuffle(held)
    yield from held
