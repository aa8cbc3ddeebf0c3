"""A layer that stands for the vectors of the pipeline's tok2vec component."""

from __future__ import annotations

from typing import TYPE_CHECKING

from spanwright.listener import Listener

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


class Tok2VecListener(Listener):
    """The listener of a tok2vec component. See `spanwright.listener.Listener`.

    upstream_name: Name of the upstream component, or "*" for the nearest one before.
    width: Width of the upstream's vectors.
    """

    def __init__(self, upstream_name: str, width: int | None) -> None:
        super().__init__(upstream_name, width, name="tok2vec-listener", kind="tok2vec")


def Tok2VecListener_v1(width: int, upstream: str = "*") -> Model[list[Doc], list[Floats2d]]:
    """spacy.Tok2VecListener.v1: stands for the vectors that another component of the pipeline computes and shares.

    width: Width of that component's vectors.
    upstream: Its name, or "*" for the nearest tok2vec component before the one that listens.

    Returns a model without weights: list of Docs in, for each a float32 matrix out.
    *Shape:* (number of tokens, width). In training, gradients go to the upstream component.
    """
    return Tok2VecListener(upstream_name=upstream, width=width)
