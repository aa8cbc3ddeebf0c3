"""The networks of the parser and the entity recogniser."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from thinc.api import Linear, Model, chain, list2array, use_ops, zero_init
from thinc.types import Floats2d

from spanwright.errors import InvalidValueError

from ..layers.plain_model import PlainTransitionModel
from ..layers.precomputable_affine import PrecomputableAffine_v1
from ..layers.resize import resize_output
from ..layers.steps import Steps
from ..layers.transition_model import TransitionModel_v1
from ._removed import without

if TYPE_CHECKING:
    from spanwright.tokens import Doc

# Feature tokens of a state, without and with the extra ones.
PLACES = {"parser": (8, 13), "ner": (3, 6)}


def TransitionBasedParser_v2(
    tok2vec: Model[list[Doc], list[Floats2d]],
    state_type: Literal["parser", "ner"],
    extra_state_tokens: bool,
    hidden_width: int,
    maxout_pieces: int,
    use_upper: bool,
    nO: int | None = None,
) -> Model[list[Doc], Steps]:
    """spacy.TransitionBasedParser.v2: scores the actions of a transition system, for dependencies or entities.

    A state is described by a few tokens, such as the top of the stack. What a token adds to the hidden vector of a
    state is computed once for each of its places; a step then only takes a sum, the maximum of the pieces, and one
    small product.

    tok2vec: Makes a vector of each token.
    state_type: "parser" or "ner".
    extra_state_tokens: Whether states are described by 13 tokens in the place of 8 (parser), 6 in the place of 3 (ner).
    hidden_width: Width of the hidden vector, 32 to 256 as a rule.
    maxout_pieces: Pieces of the maxout of the hidden vector, 1 to 3. With 1, training sets negative sums to 0, and
        prediction, as published, does not.
    use_upper: Whether a linear layer follows. Without one, the lower layer gives the scores itself, which is enough
        above large pretrained networks.
    nO: Number of actions; known from the labels if None.

    Returns a model: list of Docs in, an object that scores their states out (see spacy.TransitionModel.v1).
    References: `tok2vec`, `lower`, `upper`. Raises InvalidValueError (a ValueError) for another state_type.
    Source: Y. Goldberg and J. Nivre, A Dynamic Oracle for Arc-Eager Dependency Parsing, COLING 2012; E. Kiperwasser
    and Y. Goldberg, Simple and Accurate Dependency Parsing Using Bidirectional LSTM Feature Representations, 2016.
    """
    vectors = _token_vectors(tok2vec, hidden_width, maxout_pieces)
    lower = PrecomputableAffine_v1(
        nO=hidden_width if use_upper else nO, nF=_places(state_type, extra_state_tokens), nI=hidden_width,
        nP=maxout_pieces,
    )  # fmt: skip
    return TransitionModel_v1(vectors, lower, _upper(nO) if use_upper else None, resize_output)


@without("use_upper", see="spacy.TransitionBasedParser.v2")
def TransitionBasedParser_v3(
    tok2vec: Model[list[Doc], list[Floats2d]],
    state_type: Literal["parser", "ner"],
    extra_state_tokens: bool,
    hidden_width: int,
    maxout_pieces: int,
    nO: int | None = None,
) -> Model[list[Any], list[Floats2d]]:
    """spacy.TransitionBasedParser.v3: as v2 with an upper layer, as a plain model that maps states to scores.

    Nodes, names and parameters are those of v2, so that weights of one load in the other. Unlike v2, training applies
    the dropout rate that it is given to the hidden vectors, prediction and training treat one piece alike, and a
    missing token leaves no gradient in the weights of its place.

    tok2vec: Makes a vector of each token.
    state_type: "parser" or "ner".
    extra_state_tokens: Whether states are described by 13 tokens in the place of 8 (parser), 6 in the place of 3 (ner).
    hidden_width: Width of the hidden vector, 32 to 256 as a rule.
    maxout_pieces: Pieces of the maxout of the hidden vector, 1 to 3; with 1, negative sums become 0.
    nO: Number of actions; known from the labels if None.

    Returns a model: list of pairs in, each a Doc and the numbers of its states' feature tokens (states, places), int32,
    -1 where one is missing; for each a float32 matrix out. *Shape:* (states, nO). References: `tok2vec`, `lower`,
    `upper`. Raises InvalidValueError (a ValueError) for another state_type. `use_upper` is v2's.
    """
    vectors = _token_vectors(tok2vec, hidden_width, maxout_pieces)
    lower = PrecomputableAffine_v1(
        nO=hidden_width, nF=_places(state_type, extra_state_tokens), nI=hidden_width, nP=maxout_pieces
    )
    return PlainTransitionModel(vectors, lower, _upper(nO), resize_output)


def _places(state_type: str, extra: bool) -> int:
    if state_type not in PLACES:
        raise InvalidValueError(f"state_type must be 'parser' or 'ner', but is {state_type!r} ([components.*.model]).")
    return PLACES[state_type][bool(extra)]


def _token_vectors(tok2vec: Model, width: int, pieces: int) -> Model:
    for name, value in (("hidden_width", width), ("maxout_pieces", pieces)):
        if value < 1:
            raise InvalidValueError(f"{name} must be at least 1, but is {value} ([components.*.model]).")
    known = tok2vec.get_dim("nO") if tok2vec.has_dim("nO") else None
    vectors: Model = chain(tok2vec, list2array(), Linear(width, known))
    vectors.set_dim("nO", width)
    return vectors


def _upper(nO: int | None) -> Model:
    # Published on the CPU whatever the device of the rest; scores start from zero.
    with use_ops("cpu"):
        return Linear(nO=nO, nI=None, init_W=zero_init)
