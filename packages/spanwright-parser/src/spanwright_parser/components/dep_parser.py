"""The component parser: a head and a relation for each token, and sentences."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from spanwright.language import Language

from ..transitions import ArcEager
from .transition_parser import TransitionParser, own_settings

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Doc, Example
    from spanwright.vocab import Vocab

DEFAULT_PARSER_MODEL: dict[str, Any] = {
    "@architectures": "spacy.TransitionBasedParser.v2",
    "state_type": "parser",
    "extra_state_tokens": False,
    "hidden_width": 64,
    "maxout_pieces": 2,
    "use_upper": True,
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 96,
        "depth": 4,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 3,
        "subword_features": True,
    },
}

ASSIGNS = ["token.dep", "token.head", "token.is_sent_start", "doc.sents"]
SCORE_WEIGHTS: dict[str, float | None] = {
    "dep_uas": 0.5,
    "dep_las": 0.5,
    "dep_las_per_type": None,
    "sents_p": None,
    "sents_r": None,
    "sents_f": 0.0,
}
DEFAULTS: dict[str, Any] = {
    "moves": None,
    "update_with_oracle_cut_size": 100,
    "learn_tokens": False,
    "min_action_freq": 30,
    "model": DEFAULT_PARSER_MODEL,
    "scorer": {"@scorers": "spacy.parser_scorer.v1"},
}
# The delimiter between the relation of a token and that of the token it was lifted over.
DELIMITER = "||"


def parser_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Scores of sentences, heads and relations, as spacy.parser_scorer.v1 gives them."""
    from spanwright.registry import registry

    return registry.get("scorers", "spacy.parser_scorer.v1")()(examples, **kwargs)


@Language.factory("parser", assigns=ASSIGNS, default_config=DEFAULTS, default_score_weights=SCORE_WEIGHTS)
def make_parser(
    nlp: Language,
    name: str,
    model: Model,
    moves: Any | None,
    update_with_oracle_cut_size: int,
    learn_tokens: bool,
    min_action_freq: int,
    scorer: Callable | None,
) -> DependencyParser:
    """parser: sets the head and the relation of each token, and the starts of sentences.

    model: Scores actions, such as spacy.TransitionBasedParser.v2 with state_type "parser".
    moves: The transition system; a new one if None.
    update_with_oracle_cut_size: Length of the pieces that sequences of actions are cut into in training; 0: whole.
    learn_tokens: Whether to have arcs "subtok", which the training data must have, and to merge what they join.
    min_action_freq: Labelled actions that are rarer in the training data become "dep".
    scorer: Scores predictions.

    [spanwright.components.NAME] may set n_threads and confidence.
    """
    return DependencyParser(
        nlp.vocab,
        model,
        name=name,
        moves=moves,
        update_with_oracle_cut_size=update_with_oracle_cut_size,
        min_action_freq=min_action_freq,
        learn_tokens=learn_tokens,
        scorer=scorer,
        **own_settings(nlp, name),
    )


@Language.factory(
    "beam_parser",
    assigns=ASSIGNS,
    default_config={**DEFAULTS, "beam_width": 8, "beam_density": 0.0001, "beam_update_prob": 0.5},
    default_score_weights=SCORE_WEIGHTS,
)
def make_beam_parser(
    nlp: Language,
    name: str,
    model: Model,
    moves: Any | None,
    update_with_oracle_cut_size: int,
    learn_tokens: bool,
    min_action_freq: int,
    beam_width: int,
    beam_density: float,
    beam_update_prob: float,
    scorer: Callable | None,
) -> DependencyParser:
    """beam_parser: a parser that keeps several candidates.

    beam_width: How many; 4 to 32 as a rule.
    beam_density: Lowest probability of a candidate that is kept, against the best.
    beam_update_prob: Chance of learning from a beam in a step.

    The other arguments are those of `make_parser`.
    """
    return DependencyParser(
        nlp.vocab,
        model,
        name=name,
        moves=moves,
        update_with_oracle_cut_size=update_with_oracle_cut_size,
        min_action_freq=min_action_freq,
        learn_tokens=learn_tokens,
        beam_width=beam_width,
        beam_density=beam_density,
        beam_update_prob=beam_update_prob,
        scorer=scorer,
        **own_settings(nlp, name),
    )


class DependencyParser(TransitionParser):
    """Sets heads, relations and sentence starts (`Token.head`, `Token.dep`, `Token.is_sent_start`).

    Sentence starts that are set on a Doc already are kept. The arguments are those of `TransitionParser`.
    """

    TransitionSystem = ArcEager

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "parser",
        moves: Any = None,
        *,
        update_with_oracle_cut_size: int = 100,
        min_action_freq: int = 30,
        learn_tokens: bool = False,
        beam_width: int = 1,
        beam_density: float = 0.0,
        beam_update_prob: float = 0.0,
        multitasks: Iterable[Any] = (),
        incorrect_spans_key: str | None = None,
        scorer: Callable | None = parser_score,
        n_threads: int = 1,
        confidence: bool = False,
    ) -> None:
        super().__init__(
            vocab,
            model,
            name,
            moves,
            update_with_oracle_cut_size=update_with_oracle_cut_size,
            min_action_freq=min_action_freq,
            learn_tokens=learn_tokens,
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
        """The relations, sorted."""
        names = (name.partition("-")[2] for name in self.move_names if "-" in name)
        return tuple(sorted({name.split(DELIMITER)[1] if DELIMITER in name else name for name in names}))

    @property
    def postprocesses(self) -> tuple[Callable[[Doc], Any], ...]:
        """Functions that are called with each annotated Doc: with `learn_tokens`, one that merges tokens."""
        if self.cfg.get("learn_tokens") is not True:
            return ()
        from spanwright.pipeline import merge_subtokens

        return (partial(merge_subtokens),)

    def scored_parses(self, beams: Iterable[Any]) -> tuple[list[dict[Any, float]], list[dict[Any, float]]]:
        """For each beam, the probabilities of (token, head), and those of (token, relation)."""
        from ..beam import scored_parses

        return scored_parses(self.moves, list(beams))
