"""How a SpanCategorizer is made ready for training: labels, what the suggester misses, weights."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from spanwright.errors import PipelineError, SpanwrightWarning
from spanwright.pipe import check_get_examples
from spanwright.tokens import Doc, Example

from ..suggesters import ngram_suggester
from .candidates import other_groups
from .coverage import Coverage

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.language import Language

SAMPLE_SIZE = 10  # Examples that shape inference sees, as in spaCy


class UnseenLabelWarning(SpanwrightWarning):
    """No gold span has a label that the component shall learn."""


class Initialization:
    """The part of `SpanCategorizer` that prepares training."""

    name: str
    model: Model
    key: str
    labels: tuple[str, ...]
    _n_labels: int
    add_label: Callable[[str], int]
    _suggest: Callable[[Sequence[Doc]], Any]
    _require_labels: Callable[[], None]
    _initialize_model: Callable[..., None]

    def initialize(
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Sequence[str] | None = None,
    ) -> None:
        """Set up the labels, warn of gold spans that the suggester misses, and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: The labels, such as `label_data` gave; by default those of the examples.

        Raises PipelineError (a ValueError) if there are no labels.
        """
        check_get_examples(get_examples, "SpanCategorizer.initialize")
        for label in labels or ():
            self.add_label(label)
        sample: list[Example] = []
        seen: set[str] = set()
        coverage = Coverage(self._suggest, self.key)
        for example in get_examples():
            found = [span.label_ for span in example.reference.spans.get(self.key, [])]
            seen.update(found)
            if labels is None:
                for label in found:
                    self.add_label(label)
            if len(sample) < SAMPLE_SIZE:
                sample.append(example)
            coverage.add(example)
        self._check_seen(seen, sample, given=labels is not None)
        coverage.warn(self.name, others_annotate=bool(_annotating(nlp)))
        docs = [example.x for example in sample]
        spans = ngram_suggester(docs, [1], ops=self.model.ops)
        outputs = self.model.ops.alloc2f(len(spans.dataXd), self._n_labels)
        self._initialize_model((docs, spans), outputs)

    def _check_seen(self, seen: set[str], sample: Sequence[Example], *, given: bool) -> None:
        if not seen:
            text = f"no Doc to train on has spans under '{self.key}' ({other_groups(sample, self.key)})"
            if not self.labels:
                raise PipelineError(
                    f"Component '{self.name}' has no labels: {text}. Set its spans_key to the group with the gold "
                    f"spans, or give labels ([initialize.components.{self.name}])."
                )
            self._warn_unseen(f"Component '{self.name}' has nothing to learn: {text}.")
            return
        self._require_labels()
        unseen = [label for label in self.labels if label not in seen]
        if given and unseen:
            names = ", ".join(repr(label) for label in unseen)
            self._warn_unseen(f"No gold span under '{self.key}' has the label {names} of component '{self.name}'.")

    def _warn_unseen(self, text: str) -> None:
        warnings.warn(text, UnseenLabelWarning, stacklevel=4)


def _annotating(nlp: Language | None) -> Sequence[str]:
    """Components that annotate in training, as the pipeline's config says."""
    config = getattr(nlp, "_config", None) or {}
    training = config.get("training") or {}
    return training.get("annotating_components") or ()
