"""WindowSum: the conformance kit, and what is its own."""

from __future__ import annotations

import numpy as np
import pytest
from harbour.architectures.window_sum import window_sum

from spanwright.errors import ConfigError
from spanwright.testing import check_architecture, check_distribution, conformance

EMBED = {
    "@architectures": "spacy.MultiHashEmbed.v2", "width": 8, "attrs": ["NORM"], "rows": [50],
    "include_static_vectors": False,
}  # fmt: skip

# One test for each check: initialises, forward and backward, gradients, bytes, empty Docs, batches.
test_architectures = conformance({"harbour.WindowSum.v1": {"embed": EMBED, "window_size": 2}})


def test_distribution() -> None:
    check_distribution("harbour")


@pytest.mark.parametrize("length", [0, 1, 2, 7])
@pytest.mark.parametrize("size", [0, 1, 3])
def test_sums_have_a_plain_twin(length: int, size: int) -> None:
    matrix = np.random.default_rng(0).normal(size=(length, 4)).astype("float32")
    plain = [matrix[max(0, row - size) : row + size + 1].sum(axis=0) for row in range(length)]
    assert window_sum(matrix, size) == pytest.approx(np.asarray(plain).reshape((length, 4)), abs=1e-5)


def test_a_negative_window_is_an_error() -> None:
    with pytest.raises(ValueError, match="the window size is -1; expected 0 or more"):
        check_architecture("harbour.WindowSum.v1", embed=EMBED, window_size=-1)


def test_a_misspelt_setting_is_named() -> None:
    with pytest.raises(ConfigError, match="has no argument 'window'. Did you mean 'window_size'"):
        check_architecture("harbour.WindowSum.v1", embed=EMBED, window=1)
