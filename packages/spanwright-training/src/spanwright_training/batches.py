"""The batches of a run, in the order that the seed gives, from any place on."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy

from .errors import EmptyCorpusError, ResumeError
from .random_state import get_random_state, set_random_state
from .series import Counted


class Batches:
    """Endless (or `max_epochs` epochs of) batches of Examples, with the epoch that each belongs to.

    nlp: The pipeline, which the corpus is read with.
    corpus: Gives the Examples each time it is called with the pipeline.
    batcher: Makes batches of Examples.
    max_epochs: 0 for no limit; -1 to stream the corpus, which is then neither held in memory nor shuffled here.
    series: The schedules that the batcher draws from, by path.
    name: Where the corpus stands in the config, for messages.
    start: A `position` of an earlier run, to go on from there.

    An epoch's order is a shuffle of the one before, by Python's random numbers, as in spaCy.
    """

    def __init__(
        self,
        nlp: Any,
        corpus: Callable[[Any], Iterable[Any]],
        batcher: Callable[[Iterable[Any]], Iterable[list[Any]]],
        max_epochs: int,
        *,
        series: Mapping[str, Counted] | None = None,
        name: str = "corpora.train",
        start: Mapping[str, Any] | None = None,
    ) -> None:
        self.nlp = nlp
        self.corpus = corpus
        self.batcher = batcher
        self.max_epochs = max_epochs
        self.series = dict(series or {})
        self.name = name
        self.start = start
        self.epoch = 0
        self.taken = 0
        self.order: list[int] | None = None
        self.words: int | None = None
        self._begin: dict[str, Any] = {}
        self._examples: list[Any] | None = None
        self._rest: Iterator[Any] = iter(())
        self._is_open = False

    @property
    def position(self) -> dict[str, Any]:
        """Where the run is, as plain data: what has been taken, and the random numbers' state then and now."""
        order = None if self.order is None else numpy.array(self.order, dtype="int64")
        place = {"epoch": self.epoch, "taken": self.taken, "order": order, "words": self.words}
        return {**place, **self._begin, "now": get_random_state()}

    def open(self) -> None:
        """Read the corpus, unless it is streamed, and go to the place to start from. Iterating does it, if need be."""
        self._examples = None if self.max_epochs < 0 else self._read()
        self._rest = iter(())
        if self.start is not None:
            self._rest = self._rest_of_epoch(self.start)
        self._is_open = True

    def __iter__(self) -> Iterator[tuple[int, list[Any]]]:
        if not self._is_open:
            self.open()
        if self.start is not None:
            yield from self._taken(self._rest)
            self.epoch += 1
        while self.max_epochs < 1 or self.epoch < self.max_epochs:
            if self.order is not None:
                # The same draws as a shuffle of the examples themselves.
                random.shuffle(self.order)
            self._begin = {
                "drawn": {path: one.drawn for path, one in self.series.items()},
                "random": get_random_state(),
            }
            self.taken = 0
            yield from self._taken(self._batched())
            if not self.taken:
                self._complain()
            self.epoch += 1

    def _batched(self) -> Iterator[Any]:
        examples = self._examples
        ordered: Iterable[Any] = self.corpus(self.nlp) if examples is None else [examples[i] for i in self.order or ()]
        return iter(self.batcher(ordered))

    def _taken(self, batches: Iterator[Any]) -> Iterator[tuple[int, list[Any]]]:
        for batch in batches:
            self.taken += 1
            yield self.epoch, list(batch)

    def _read(self) -> list[Any]:
        examples = list(self.corpus(self.nlp))
        if not examples:
            raise EmptyCorpusError(
                f"The training corpus [{self.name}] has no examples. Look at its path, and at settings that leave "
                "examples out (max_length, limit)."
            )
        self.order = list(range(len(examples)))
        self.words = sum(len(example) for example in examples)
        return examples

    def _rest_of_epoch(self, start: Mapping[str, Any]) -> Iterator[Any]:
        """The batches of the current epoch that have not been taken."""
        if self._examples is not None:
            known, count = 0 if start["order"] is None else len(start["order"]), len(self._examples)
            if known != count or start["words"] != self.words:
                raise ResumeError(
                    f"The training corpus [{self.name}] has changed since the run was saved: it had {known} examples "
                    f"with {start['words']} words, and has {count} with {self.words}. Resume with the same data, or "
                    "start anew without --resume."
                )
            self.order = [int(index) for index in start["order"]]
        for path, one in self.series.items():
            one.forward(start["drawn"].get(path, 0))
        self.epoch, self.taken = start["epoch"], start["taken"]
        self._begin = {"drawn": dict(start["drawn"]), "random": start["random"]}
        set_random_state(start["random"])
        batches = self._batched()
        found = sum(1 for _ in islice(batches, self.taken))
        if found < self.taken:
            raise ResumeError(
                f"The corpus [{self.name}] ended after {found} batches of epoch {self.epoch}, of which {self.taken} "
                "had been taken when the run was saved: its data has changed."
            )
        set_random_state(start["now"])
        return batches

    def _complain(self) -> None:
        if self._examples is None:
            why = f"The training corpus [{self.name}], which is streamed (max_epochs = -1), has no examples."
        else:
            why = (
                f"No batch can be made of the {len(self._examples)} examples of [{self.name}]: [training.batcher] "
                "leaves all of them out. Make its size larger, or set discard_oversize = false."
            )
        raise EmptyCorpusError(why)


def subdivide_batch(batch: Iterable[Any], accumulate_gradient: int) -> Iterator[list[Any]]:
    """Parts of a batch whose gradients are added up before the weights change: sorted by length, of equal number.

    accumulate_gradient: How many parts; what is left over makes one more.
    """
    ordered = sorted(batch, key=lambda example: len(example.predicted))
    size = len(ordered) // accumulate_gradient
    for start in range(0, size * accumulate_gradient, size or 1):
        yield ordered[start : start + size]
    rest = ordered[size * accumulate_gradient :]
    if rest:
        yield rest
