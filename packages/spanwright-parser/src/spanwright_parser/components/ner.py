"""The component ner: named entities."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.language import Language
from spanwright.tokens import gather

from ..transitions import Biluo
from .dep_parser import DEFAULT_PARSER_MODEL
from .transition_parser import TransitionParser, own_settings

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Doc, Example
    from spanwright.vocab import Vocab

DEFAULT_NER_MODEL: dict[str, Any] = {
    key: "ner" if key == "state_type" else dict(value) if isinstance(value, dict) else value
    for key, value in DEFAULT_PARSER_MODEL.items()
}

ASSIGNS = ["doc.ents", "token.ent_iob", "token.ent_type"]
SCORE_WEIGHTS: dict[str, float | None] = {"ents_f": 1.0, "ents_p": 0.0, "ents_r": 0.0, "ents_per_type": None}
SCORER = {"@scorers": "spacy.ner_scorer.v1"}


def ner_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Scores of entities, as spacy.ner_scorer.v1 gives them."""
    from spanwright.registry import registry

    return registry.get("scorers", "spacy.ner_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "ner",
    assigns=ASSIGNS,
    default_config={
        "moves": None,
        "update_with_oracle_cut_size": 100,
        "model": DEFAULT_NER_MODEL,
        "incorrect_spans_key": None,
        "scorer": SCORER,
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_ner(
    nlp: Language,
    name: str,
    model: Model,
    moves: Any | None,
    update_with_oracle_cut_size: int,
    incorrect_spans_key: str | None,
    scorer: Callable | None,
) -> EntityRecognizer:
    """ner: sets the entities of a Doc.

    model: Scores actions, such as spacy.TransitionBasedParser.v2 with state_type "ner".
    moves: The transition system; a new one if None.
    update_with_oracle_cut_size: Length of the pieces that sequences of actions are cut into in training; 0: whole.
    incorrect_spans_key: Key of a span group with entities known to be wrong, to learn from.
    scorer: Scores predictions.

    [spanwright.components.NAME] may set n_threads and confidence.
    """
    return EntityRecognizer(
        nlp.vocab,
        model,
        name=name,
        moves=moves,
        update_with_oracle_cut_size=update_with_oracle_cut_size,
        incorrect_spans_key=incorrect_spans_key,
        scorer=scorer,
        **own_settings(nlp, name),
    )


@Language.factory(
    "beam_ner",
    assigns=ASSIGNS,
    default_config={
        "moves": None,
        "update_with_oracle_cut_size": 100,
        "model": DEFAULT_NER_MODEL,
        "beam_density": 0.01,
        "beam_update_prob": 0.5,
        "beam_width": 32,
        "incorrect_spans_key": None,
        "scorer": SCORER,
    },
    default_score_weights=SCORE_WEIGHTS,
)
def make_beam_ner(
    nlp: Language,
    name: str,
    model: Model,
    moves: Any | None,
    update_with_oracle_cut_size: int,
    beam_width: int,
    beam_density: float,
    beam_update_prob: float,
    incorrect_spans_key: str | None,
    scorer: Callable | None,
) -> EntityRecognizer:
    """beam_ner: an entity recogniser that keeps several candidates.

    beam_width: How many; 4 to 32 as a rule.
    beam_density: Lowest probability of a candidate that is kept, against the best.
    beam_update_prob: Chance of learning from a beam in a step.

    The other arguments are those of `make_ner`.
    """
    return EntityRecognizer(
        nlp.vocab,
        model,
        name=name,
        moves=moves,
        update_with_oracle_cut_size=update_with_oracle_cut_size,
        beam_width=beam_width,
        beam_density=beam_density,
        beam_update_prob=beam_update_prob,
        incorrect_spans_key=incorrect_spans_key,
        scorer=scorer,
        **own_settings(nlp, name),
    )


class EntityRecognizer(TransitionParser):
    """Sets entities (`Doc.ents`). Entities that are set on a Doc already are kept.

    The arguments are those of `TransitionParser`.
    """

    TransitionSystem = Biluo

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "ner",
        moves: Any = None,
        *,
        update_with_oracle_cut_size: int = 100,
        beam_width: int = 1,
        beam_density: float = 0.0,
        beam_update_prob: float = 0.0,
        multitasks: Iterable[Any] = (),
        incorrect_spans_key: str | None = None,
        scorer: Callable | None = ner_score,
        n_threads: int = 1,
        confidence: bool = False,
    ) -> None:
        super().__init__(
            vocab,
            model,
            name,
            moves,
            update_with_oracle_cut_size=update_with_oracle_cut_size,
            min_action_freq=1,
            learn_tokens=False,
            beam_width=beam_width,
            beam_density=beam_density,
            beam_update_prob=beam_update_prob,
            multitasks=tuple(multitasks),
            incorrect_spans_key=incorrect_spans_key,
            scorer=scorer,
            n_threads=n_threads,
            confidence=confidence,
        )

    @property
    def labels(self) -> tuple[str, ...]:
        """The kinds of entities, sorted."""
        return tuple(sorted({name.partition("-")[2] for name in self.move_names if name[0] in "BILU"}))

    def _new_labels(self, docs: Iterable[Doc]) -> list[str]:
        docs = list(docs)
        column = gather(docs, "ENT_TYPE")
        if not column.any():
            return []
        found: set[str] = set()
        # Ids are the same in every vocabulary; only the texts may be known to one of them.
        ids = set(numpy.unique(column).tolist()) - {0}
        for doc in docs if ids else ():
            own = ids & set(numpy.unique(gather([doc], "ENT_TYPE")).tolist())
            found.update(doc.vocab.strings[number] for number in own)
            ids -= own
        return sorted(found - set(self.labels))

    def scored_ents(self, beams: Iterable[Any]) -> list[dict[tuple[int, int, str], float]]:
        """For each beam, the probabilities of its entities, as (start, end, label)."""
        from ..beam import scored_ents

        return scored_ents(self.moves, list(beams))
