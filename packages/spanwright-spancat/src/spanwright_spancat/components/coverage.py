"""How many gold spans a suggester finds, said before training: what it misses can never be learnt."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from spanwright.errors import SpanwrightWarning
from spanwright.tokens import Example

from ..suggesters import MissingGroupError
from .candidates import Gold, to_numpy

# Docs with gold spans that are looked at; more would hold up large corpora.
ENOUGH = 1000
BATCH = 100
SHOWN = 8


class SuggesterWarning(SpanwrightWarning):
    """Gold spans are not among the candidates, so they cannot be learnt."""


class Coverage:
    """Counts gold spans and candidates.

    suggest: The component's suggester.
    key: Key of the gold spans in `doc.spans`.
    """

    def __init__(self, suggest: Callable[..., Any], key: str) -> None:
        self.suggest, self.key = suggest, key
        self.docs = self.gold = self.found = self.unaligned = self.candidates = 0
        self.missed_lengths: Counter[int] = Counter()
        self.possible = True
        self._waiting: list[Example] = []

    def add(self, example: Example) -> None:
        """Look at an Example, if it has gold spans and there have not been enough."""
        if not self.possible or self.docs + len(self._waiting) >= ENOUGH:
            return
        if len(example.reference.spans.get(self.key, [])):
            self._waiting.append(example)
            if len(self._waiting) >= BATCH:
                self._count()

    def _count(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting or not self.possible:
            return
        try:
            found = self.suggest([example.predicted for example in waiting])
        except MissingGroupError:
            # It reads what another component sets, which has not run yet.
            self.possible = False
            return
        self._compare(waiting, found)

    def _compare(self, examples: Sequence[Example], found: Any) -> None:
        gold = Gold.of(examples, self.key)
        missed = gold.rows(found) < 0
        self.docs += len(examples)
        self.candidates += int(to_numpy(found.lengths).sum())
        self.unaligned += gold.unaligned
        self.gold += len(missed) + gold.unaligned
        self.found += int((~missed).sum())
        self.missed_lengths.update((gold.end - gold.start)[missed].tolist())

    def warn(self, name: str, *, others_annotate: bool = False) -> None:
        """Warn if gold spans were missed.

        name: The component's name.
        others_annotate: Whether components annotate in training, and the suggester may wait for them.
        """
        self._count()
        waits = not self.possible or not self.candidates
        if (not self.docs and self.possible) or (waits and others_annotate):
            return
        if waits:
            self._say(
                f"The suggester of component '{name}' suggests no spans for the Docs to train on. If it reads what "
                "another component sets, list that component in [training] annotating_components."
            )
        elif self.found < self.gold:
            self._say(self._text(name))

    def _text(self, name: str) -> str:
        recall = 100 * self.found / self.gold
        parts = [
            f"The suggester of component '{name}' finds {self.found} of {self.gold} gold spans under '{self.key}' "
            f"(recall {recall:.1f}%), with {self.candidates / self.docs:.1f} candidates a Doc ({self.docs} Docs seen). "
            "Scores cannot rise above that recall."
        ]
        if self.missed_lengths:
            most = ", ".join(f"{length} ({count})" for length, count in self.missed_lengths.most_common(SHOWN))
            parts.append(
                f"Tokens in the spans it misses: {most}{' and others' if len(self.missed_lengths) > SHOWN else ''}."
            )
        if self.unaligned:
            parts.append(f"{self.unaligned} are no whole tokens as the pipeline's tokenizer cuts the text.")
        return " ".join(parts)

    def _say(self, text: str) -> None:
        warnings.warn(text, SuggesterWarning, stacklevel=5)
