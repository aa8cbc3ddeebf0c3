"""The first version of the network of the parser and the entity recogniser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


def TransitionBasedParser_v1(
    tok2vec: Model[list[Doc], list[Floats2d]],
    state_type: Literal["parser", "ner"],
    extra_state_tokens: bool,
    hidden_width: int,
    maxout_pieces: int,
    use_upper: bool = True,
    nO: int | None = None,
) -> Model[list[Doc], Any]:
    """spacy-legacy.TransitionBasedParser.v1: scores the actions of a transition system, for dependencies or entities.

    As spacy.TransitionBasedParser.v2, except that `use_upper` may be left out.

    tok2vec: Makes a vector of each token.
    state_type: "parser" or "ner".
    extra_state_tokens: Whether states are described by 13 tokens in the place of 8 (parser), 6 in the place of 3 (ner).
    hidden_width: Width of the hidden vector.
    maxout_pieces: Pieces of its maxout, 1 to 3.
    use_upper: Whether a linear layer follows.
    nO: Number of actions; known from the labels if None.

    Returns a model: list of Docs in, an object that scores their states out (see spacy.TransitionModel.v1).
    References: `tok2vec`, `lower`, `upper`. Raises InvalidValueError (a ValueError) for another state_type.
    """
    from spanwright.registry import get

    second: Any = get("architectures", "spacy.TransitionBasedParser.v2")
    model: Model = second(tok2vec, state_type, extra_state_tokens, hidden_width, maxout_pieces, use_upper, nO)
    return model
