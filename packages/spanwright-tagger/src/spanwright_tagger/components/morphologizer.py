"""The component morphologizer: morphological features and coarse part of speech of each token."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidValueError
from spanwright.language import Language
from spanwright.pipe import check_get_examples
from spanwright.tokens import Doc, gather, scatter
from spanwright_tokens.errors import nearest
from spanwright_tokens.parts_of_speech import IDS as POS_IDS
from spanwright_tokens.parts_of_speech import NAMES as POS_NAMES
from spanwright_tokens.vocab import Morphology

from .tagger import Tagger, _batch, _keep_existing, _not_a_label

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

DEFAULT_MORPH_MODEL: dict[str, Any] = {
    "@architectures": "spacy.Tagger.v2",
    "tok2vec": {
        "@architectures": "spacy.Tok2Vec.v2",
        "embed": {
            "@architectures": "spacy.CharacterEmbed.v2",
            "width": 128,
            "rows": 7000,
            "nM": 64,
            "nC": 8,
            "include_static_vectors": False,
        },
        "encode": {
            "@architectures": "spacy.MaxoutWindowEncoder.v2",
            "width": 128,
            "depth": 4,
            "window_size": 1,
            "maxout_pieces": 3,
        },
    },
}


def morphologizer_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """The accuracy of coarse tags and of features, as spacy.morphologizer_scorer.v1 gives it."""
    from spanwright.registry import get

    return get("scorers", "spacy.morphologizer_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "morphologizer",
    assigns=["token.morph", "token.pos"],
    default_config={
        "model": DEFAULT_MORPH_MODEL,
        "overwrite": True,
        "extend": False,
        "scorer": {"@scorers": "spacy.morphologizer_scorer.v1"},
        "label_smoothing": 0.0,
    },
    default_score_weights={"pos_acc": 0.5, "morph_acc": 0.5, "morph_per_feat": None},
)
def make_morphologizer(
    nlp: Language,
    model: Model,
    name: str,
    overwrite: bool,
    extend: bool,
    label_smoothing: float,
    scorer: Callable | None,
) -> Morphologizer:
    """morphologizer: sets morphological features and the coarse part of speech of each token.

    model: Scores labels, such as spacy.Tagger.v2: list of Docs in, list of float32 matrices (tokens, labels) out.
    overwrite: Whether to replace features and parts of speech that are set already.
    extend: Whether to add the features to those that are set; with `overwrite`, values of the same feature are
        replaced, without, they are kept.
    label_smoothing: Probability that training spreads over the other labels, 0.0 to 0.1 as a rule.
    scorer: Scores predictions.
    """
    return Morphologizer(
        nlp.vocab, model, name, overwrite=overwrite, extend=extend, label_smoothing=label_smoothing, scorer=scorer
    )


class Morphologizer(Tagger):
    """Sets morphological features and the coarse part of speech of each token (`Token.morph`, `Token.pos`).

    A label is the token's features with the part of speech among them ("Number=Sing|POS=NOUN").

    vocab: The vocabulary shared with the pipeline.
    model: Scores labels: list of Docs in, list of float32 matrices (tokens, labels) out.
    name: The component's name in its pipeline.
    overwrite, extend, label_smoothing, scorer: See `make_morphologizer`.
    """

    POS_FEAT = "POS"
    _label_setting = "labels_morph"

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "morphologizer",
        *,
        overwrite: bool = True,
        extend: bool = False,
        label_smoothing: float = 0.0,
        scorer: Callable | None = morphologizer_score,
    ) -> None:
        super().__init__(vocab, model, name, overwrite=overwrite, scorer=scorer, label_smoothing=label_smoothing)
        self.cfg = {
            "extend": extend,
            "label_smoothing": label_smoothing,
            "labels_morph": {},
            "labels_pos": {},
            "overwrite": overwrite,
        }

    # Labels

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the model's outputs."""
        return tuple(self.cfg["labels_morph"])

    @property
    def label_data(self) -> dict[str, dict[str, Any]]:
        """Features and parts of speech by label, for `initialize(labels=...)`."""
        return {"morph": self.cfg["labels_morph"], "pos": self.cfg["labels_pos"]}

    def add_label(self, label: str) -> int:
        """Add a label such as "Number=Sing|POS=NOUN"; returns 1, or 0 if it is there already."""
        if not isinstance(label, str):
            raise _not_a_label(label, self.name)
        if label in self.labels:
            return 0
        self._allow_extra_label()
        features = Morphology.feats_to_dict(label)
        pos = features.pop(self.POS_FEAT, "")
        self._remember(pos, features)
        self._grow()
        return 1

    def _remember(self, pos: str, features: Mapping[str, str]) -> None:
        if pos not in POS_IDS:
            raise InvalidValueError(
                f"Component '{self.name}': {pos!r} is no coarse part of speech.{nearest(pos, POS_IDS)}"
            )
        label = self._label(pos, features)
        if label not in self.cfg["labels_morph"]:
            text = self._normalize(features)
            self.cfg["labels_morph"][label] = "" if text == Morphology.EMPTY_MORPH else text
            self.cfg["labels_pos"][label] = int(POS_IDS[pos])

    def _normalize(self, features: Mapping[str, str]) -> str:
        return self.vocab.strings[self.vocab.morphology.add(dict(features))]

    def _label(self, pos: str, features: Mapping[str, str]) -> str:
        return self._normalize({**features, self.POS_FEAT: pos} if pos else features)

    def _make_ids(self, labels: Sequence[str]) -> Any:
        add = self.vocab.morphology.add
        morphs = [add(self.cfg["labels_morph"].get(label, "")) for label in labels]
        parts = [self.cfg["labels_pos"].get(label, 0) for label in labels]
        return numpy.asarray(morphs, dtype="uint64"), numpy.asarray(parts, dtype="uint64")

    # Annotating

    def set_annotations(self, docs: Sequence[Doc], batch_tag_ids: Sequence[numpy.ndarray]) -> None:
        """Set the features and parts of speech that `predict` chose."""
        docs, guesses = _batch(docs, batch_tag_ids)
        if not len(guesses):
            return
        ids, pos_ids = self._label_ids()
        morphs, parts = ids[guesses], pos_ids[guesses]
        if self.cfg.get("extend"):
            morphs = self._merged(gather(docs, "MORPH")[:, 0], morphs)
        elif not self.cfg["overwrite"]:
            morphs = _keep_existing(docs, "MORPH", morphs)
        if not self.cfg["overwrite"]:
            parts = _keep_existing(docs, "POS", parts)
        scatter(docs, "MORPH", morphs)
        scatter(docs, "POS", parts)

    def _merged(self, existing: numpy.ndarray, predicted: numpy.ndarray) -> numpy.ndarray:
        """Features that are set and predicted ones together, worked out once for each pair."""
        pairs, rows = numpy.unique(numpy.stack([existing, predicted], axis=1), axis=0, return_inverse=True)
        strings = self.vocab.strings
        merged = []
        for old, new in pairs.tolist():
            parts = [Morphology.feats_to_dict(strings[key]) for key in (old, new)]
            first, last = parts if self.cfg["overwrite"] else reversed(parts)
            merged.append(self.vocab.morphology.add({**first, **last}))
        return numpy.asarray(merged, dtype="uint64")[rows.reshape(-1)]

    # Training

    def _truths(self, examples: Sequence[Example]) -> list[list[str | None]]:
        known = set(self.labels)
        found: dict[tuple[str | None, str | None], str | None] = {}
        truths = []
        for example in examples:
            row = []
            parts = example.get_aligned("POS", as_string=True)
            morphs = example.get_aligned("MORPH", as_string=True)
            for key in zip(parts, morphs, strict=True):
                if key not in found:
                    found[key] = self._truth(*key, known)
                row.append(found[key])
            truths.append(row)
        return truths

    def _truth(self, pos: str | None, morph: str | None, known: set[str]) -> str | None:
        """The label of a pair; None if either is not aligned, both are missing, or the label is not known."""
        if pos is None or morph is None or (not pos and not morph):
            return None
        label = self._label(pos, Morphology.feats_to_dict(morph))
        return label if label in known else None

    # Initializing

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> None:
        """Set up the labels and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: Features ("morph") and parts of speech ("pos") by label, as `label_data` gives them; by default those
            of the examples, in the order in which they appear.
        """
        check_get_examples(get_examples, "Morphologizer.initialize")
        if labels is not None:
            self.cfg["labels_morph"] = dict(labels["morph"])
            self.cfg["labels_pos"] = dict(labels["pos"])
        else:
            self._remember_all(get_examples())
        self._require_labels()
        self._initialize_weights(get_examples)

    def _remember_all(self, examples: Iterable[Example]) -> None:
        seen: set[tuple[int, int]] = {(0, 0)}
        for example in examples:
            doc = example.reference
            pairs, firsts = numpy.unique(gather([doc], ["POS", "MORPH"]), axis=0, return_index=True)
            for pos, morph in pairs[numpy.argsort(firsts)].tolist():
                if (pos, morph) not in seen:
                    seen.add((pos, morph))
                    self._remember(POS_NAMES[pos], Morphology.feats_to_dict(doc.vocab.strings[morph]))
