"""Independent scores between 0 and 1."""

from __future__ import annotations

from thinc.api import Linear, Logistic, Model, chain, glorot_uniform_init
from thinc.types import Floats2d


def LinearLogistic_v1(nO: int | None = None, nI: int | None = None) -> Model[Floats2d, Floats2d]:
    """spacy.LinearLogistic.v1: labels that do not exclude each other: a linear layer, then the logistic function.

    nO: Number of labels; None until `initialize` sets it.
    nI: Width of the vectors that come in; None until `initialize` sees them.

    Returns a model: a float32 matrix (spans, nI) in, a float32 matrix (spans, nO) of values from 0 to 1 out.
    """
    linear: Model = Linear(nO=nO, nI=nI, init_W=glorot_uniform_init)
    return chain(linear, Logistic())
