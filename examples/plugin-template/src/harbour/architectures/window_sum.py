"""Context by adding up neighbours."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from thinc.api import Model, chain

if TYPE_CHECKING:
    from thinc.types import Floats2d

    from spanwright.tokens import Doc


def WindowSum_v1(embed: Model[list[Doc], list[Floats2d]], window_size: int = 1) -> Model[list[Doc], list[Floats2d]]:
    """harbour.WindowSum.v1: each token's vector is the sum of those around it.

    embed: Gives the vectors of the tokens, such as spacy.MultiHashEmbed.v2.
    window_size: Tokens on either side that are added. Advised: 1 to 3. 0 changes nothing.

    Returns a model: list of Docs in, for each a float32 matrix out. *Shape:* (number of tokens, width of `embed`).
    References: `embed`.

    Raises ValueError for a window size below 0.
    """
    if window_size < 0:
        raise ValueError(f"harbour.WindowSum.v1: the window size is {window_size}; expected 0 or more.")
    window = Model("window_sum", forward, attrs={"window_size": window_size})
    # The width is known once `embed` is initialised; components ask the outermost node for it.
    width = embed.maybe_get_dim("nO")
    model = chain(embed, window)
    if width is not None:
        model.set_dim("nO", width)
    model.set_ref("embed", embed)
    return model


def forward(
    model: Model[list[Floats2d], list[Floats2d]], vectors: list[Floats2d], is_train: bool
) -> tuple[list[Floats2d], Callable[[list[Floats2d]], list[Floats2d]]]:
    """Add up each window. The sum is symmetric, so the gradient goes the same way back."""
    size = model.attrs["window_size"]

    def backprop(gradients: list[Floats2d]) -> list[Floats2d]:
        return [window_sum(gradient, size) for gradient in gradients]

    return [window_sum(matrix, size) for matrix in vectors], backprop


def window_sum(matrix: Floats2d, size: int) -> Floats2d:
    """For each row the sum of the rows at most `size` away. *Shape:* that of `matrix`."""
    total = matrix.copy()
    for offset in range(1, min(size, len(matrix) - 1) + 1):
        total[offset:] += matrix[:-offset]
        total[:-offset] += matrix[offset:]
    return total
