"""Layer that puts the scores of all Docs into one matrix."""

from __future__ import annotations

from collections.abc import Callable

from thinc.api import Model
from thinc.types import Floats2d


def flattener() -> Model[list[Floats2d], Floats2d]:
    """One matrix of the rows of a list of matrices; backward cuts the gradient up again."""
    return Model("Flattener", forward)


def forward(
    model: Model[list[Floats2d], Floats2d], matrices: list[Floats2d], is_train: bool
) -> tuple[Floats2d, Callable[[Floats2d], list[Floats2d]]]:
    """Concatenate."""
    lengths = model.ops.asarray1i([len(matrix) for matrix in matrices])

    def backprop(d_rows: Floats2d) -> list[Floats2d]:
        return model.ops.unflatten(d_rows, lengths)

    return model.ops.flatten(matrices), backprop
