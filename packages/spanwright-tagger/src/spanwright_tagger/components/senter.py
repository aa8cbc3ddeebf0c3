"""The component senter: which tokens start a sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import UnsupportedError
from spanwright.language import Language
from spanwright.pipe import check_get_examples
from spanwright.tokens import Doc, scatter

from .tagger import Tagger, _batch, _keep_existing

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

DEFAULT_SENTER_MODEL: dict[str, Any] = {
    "@architectures": "spacy.Tagger.v2",
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 12,
        "depth": 1,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 2,
        "subword_features": True,
    },
}

LABELS = ("I", "S")  # inside a sentence, start of a sentence


def senter_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Precision, recall and F-score of sentences, as spacy.senter_scorer.v1 gives them."""
    from spanwright.scorer import Scorer

    def has_sents(doc: Doc) -> bool:
        return doc.has_annotation("SENT_START")

    scores = Scorer.score_spans(examples, "sents", has_annotation=has_sents, **kwargs)
    del scores["sents_per_type"]
    return scores


@Language.factory(
    "senter",
    assigns=["token.is_sent_start"],
    default_config={
        "model": DEFAULT_SENTER_MODEL,
        "overwrite": False,
        "scorer": {"@scorers": "spacy.senter_scorer.v1"},
    },
    default_score_weights={"sents_f": 1.0, "sents_p": 0.0, "sents_r": 0.0},
)
def make_senter(nlp: Language, name: str, model: Model, overwrite: bool, scorer: Callable | None) -> SentenceRecognizer:
    """senter: sets which tokens start a sentence.

    model: Scores the two labels "I" and "S", such as spacy.Tagger.v2.
    overwrite: Whether to replace sentence starts that are set already.
    scorer: Scores predictions.
    """
    return SentenceRecognizer(nlp.vocab, model, name, overwrite=overwrite, scorer=scorer)


class SentenceRecognizer(Tagger):
    """Sets which tokens start a sentence (`Token.is_sent_start`).

    vocab: The vocabulary shared with the pipeline.
    model: Scores two labels: list of Docs in, list of float32 matrices (tokens, 2) out.
    name: The component's name in its pipeline.
    overwrite, scorer: See `make_senter`.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "senter",
        *,
        overwrite: bool = False,
        scorer: Callable | None = senter_score,
    ) -> None:
        super().__init__(vocab, model, name, overwrite=overwrite, scorer=scorer)
        self.cfg = {"overwrite": overwrite}

    @property
    def labels(self) -> tuple[str, ...]:
        """Inside and start of a sentence."""
        return LABELS

    @property
    def hide_labels(self) -> bool:
        """The labels are of no interest to users."""
        return True

    @property
    def label_data(self) -> None:
        """The labels are always the same."""

    def add_label(self, label: str, values: Any = None) -> int:
        """The labels are always the same."""
        raise UnsupportedError(f"Component '{self.name}' has the labels {list(LABELS)} and takes no others.")

    @property
    def is_resizable(self) -> bool:
        """The labels are always the same."""
        return False

    def _make_ids(self, labels: Sequence[str]) -> Any:
        return numpy.asarray([-1, 1], dtype="int64")

    def set_annotations(self, docs: Sequence[Doc], batch_tag_ids: Sequence[numpy.ndarray]) -> None:
        """Set the sentence starts that `predict` chose."""
        docs, guesses = _batch(docs, batch_tag_ids)
        if not len(guesses):
            return
        values = self._label_ids()[guesses]
        if not self.cfg["overwrite"]:
            values = _keep_existing(docs, "SENT_START", values)
        scatter(docs, "SENT_START", values)

    def _truths(self, examples: Sequence[Example]) -> list[list[str | None]]:
        names = {None: None, 1: LABELS[1]}
        return [[names.get(start, LABELS[0]) for start in eg.get_aligned("SENT_START")] for eg in examples]

    def initialize(  # type: ignore[override]
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None
    ) -> None:
        """Allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        """
        check_get_examples(get_examples, "SentenceRecognizer.initialize")
        self._initialize_weights(get_examples)
