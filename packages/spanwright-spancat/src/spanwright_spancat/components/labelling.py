"""The labels of a SpanCategorizer, and how it is made ready for training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from types import NoneType
from typing import TYPE_CHECKING, Any

from spanwright.errors import InvalidTypeError, InvalidValueError, ModelDataError, PipelineError, SpanwrightWarning
from spanwright.pipe import TrainablePipe, check_get_examples
from spanwright.tokens import Doc, Example

from ..layers.resize import insert_output, output_node
from ..suggesters import Suggester, ngram_suggester
from .candidates import check_candidates, other_groups
from .coverage import Coverage

if TYPE_CHECKING:
    from thinc.types import Ragged

    from spanwright.language import Language

SAMPLE_SIZE = 10  # Examples that shape inference sees, as in spaCy


class UnseenLabelWarning(SpanwrightWarning):
    """No gold span has a label that the component shall learn."""


class NotALabelError(InvalidTypeError, ValueError):
    """A label that is no string; spaCy users catch ValueError."""


class SpanLabeller(TrainablePipe):
    """The part of `SpanCategorizer` that has to do with labels and initialization."""

    _label_setting = "labels"
    suggester: Suggester
    add_negative_label: bool

    @property
    def key(self) -> str:
        """Key of the spans in `doc.spans`."""
        return str(self.cfg["spans_key"])

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the model's outputs."""
        return tuple(self.cfg["labels"])

    @property
    def label_data(self) -> list[str]:
        """The labels, for `initialize(labels=...)`."""
        return list(self.cfg["labels"])

    @property
    def _label_map(self) -> dict[str, int]:
        return {label: column for column, label in enumerate(self.labels)}

    @property
    def _n_labels(self) -> int:
        """The number of the model's outputs."""
        return len(self.cfg["labels"]) + int(self.add_negative_label)

    @property
    def _negative_label_i(self) -> int | None:
        """The output that stands for "no label", if there is one."""
        return len(self.cfg["labels"]) if self.add_negative_label else None

    def add_label(self, label: str) -> int:
        """Add a label; a model that has weights already grows by an output. Returns 1, or 0 if the label is there."""
        if not isinstance(label, str):
            raise NotALabelError(
                f"Component '{self.name}' takes strings as labels, but got {type(label).__name__} ({label!r})."
            )
        if label in self.cfg["labels"]:
            return 0
        width = self._output_width()
        grow = width is not None and width == self._n_labels
        if grow:
            self._allow_extra_label()
            insert_output(self.model, len(self.cfg["labels"]))
            self._weights_changed()
        self.vocab.strings.add(label)
        self.cfg["labels"].append(label)
        return 1

    @property
    def is_resizable(self) -> bool:
        """Whether labels can be added once the model has weights."""
        return output_node(self.model) is not None

    def _output_width(self) -> int | None:
        node = output_node(self.model) or self.model
        return node.get_dim("nO") if node.has_dim("nO") else None

    def _allow_extra_label(self) -> None:
        if not self.is_resizable:
            raise InvalidValueError(
                f"Component '{self.name}' was initialized with {self._output_width()} outputs and cannot take another "
                "label: its scorer is not one linear or softmax layer. Add labels before `initialize`."
            )

    def _check_labels(self, cfg: dict[str, Any], load_model: Any, where: str) -> None:
        super()._check_labels(cfg, load_model, where)
        outputs = getattr(load_model, "outputs", None)
        labels = cfg.get("labels", self.cfg["labels"])
        if outputs is not None and len(labels) + self._extra_outputs > outputs:
            raise ModelDataError(
                f"{where}: component '{self.name}' has the labels {labels}, and its saved model has {outputs} outputs."
            )

    @property
    def _extra_outputs(self) -> int:
        return int(self.add_negative_label)

    # Initializing

    def initialize(  # type: ignore[override]
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
        if isinstance(labels, str) or not isinstance(labels, (Iterable, NoneType)):
            raise NotALabelError(f"Component '{self.name}': labels must be a list of strings, but got {labels!r}.")
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
            # Without tokens there is no shape to infer.
            if len(sample) < SAMPLE_SIZE and len(example.x):
                sample.append(example)
            coverage.add(example)
        self._check_seen(seen, sample, given=labels is not None)
        coverage.warn(self.name, others_annotate=bool(_annotating(nlp)))
        if not sample:
            raise PipelineError(f"Component '{self.name}' cannot be initialized: no Doc to train on has a token.")
        docs = [example.x for example in sample]
        spans = ngram_suggester(docs, [1], ops=self.model.ops)
        outputs = self.model.ops.alloc2f(len(spans.dataXd), self._n_labels)
        inputs: Any = (docs, spans)
        self._initialize_model(inputs, outputs)

    def _suggest(self, docs: Sequence[Doc]) -> Ragged:
        """The candidates of some Docs, checked."""
        found = self.suggester(docs, ops=self.model.ops)
        check_candidates(found, docs, self.name)
        if found.dataXd.dtype == found.lengths.dtype == "int32":
            return found
        lengths: Any = found.lengths.astype("int32")
        return type(found)(found.dataXd.astype("int32"), lengths)

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
