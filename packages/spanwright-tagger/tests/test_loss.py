"""The loss gives the numbers of thinc's SequenceCategoricalCrossentropy, as spaCy trains with."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from thinc.api import SequenceCategoricalCrossentropy

from spanwright.errors import InvalidValueError, MissingKeyError
from spanwright_tagger.layers.loss import cross_entropy, difference

NAMES = ["N", "V", "A"]


def probabilities(rng: Any, lengths: list[int]) -> list[Any]:
    rows = [rng.random((n, len(NAMES)), dtype="f") for n in lengths]
    return [row / row.sum(axis=1, keepdims=True) if len(row) else row for row in rows]


def sequences(*labels: Any) -> Any:
    return st.lists(st.lists(st.sampled_from(labels), max_size=5), min_size=1, max_size=4)


@settings(max_examples=80, deadline=None)
@given(
    # thinc cannot do both: what a token is not, and smoothing
    gold=st.one_of(
        st.tuples(sequences(*NAMES, "!N", "!A", None), st.just(0.0)),
        st.tuples(sequences(*NAMES, None), st.sampled_from([0.05, 0.2])),
    ),
    seed=st.integers(0, 99),
)
def test_gradients_and_loss_are_thincs(gold: Any, seed: int) -> None:
    truths, smoothing = gold
    scores = probabilities(numpy.random.default_rng(seed), [len(row) for row in truths])
    theirs = SequenceCategoricalCrossentropy(names=NAMES, normalize=False, neg_prefix="!", label_smoothing=smoothing)
    kept = [i for i, row in enumerate(truths) if row]  # thinc cannot take an empty sequence with label smoothing
    expected, loss = theirs([scores[i] for i in kept], [list(truths[i]) for i in kept])
    found, ours = cross_entropy(scores, truths, NAMES, neg_prefix="!", label_smoothing=smoothing)
    assert [g.shape for g in found] == [s.shape for s in scores]
    assert all(numpy.allclose(found[i], g, atol=1e-6) for i, g in zip(kept, expected, strict=True))
    assert ours == pytest.approx(float(loss), rel=1e-5, abs=1e-6)


def test_against_another_models_scores() -> None:
    rng = numpy.random.default_rng(0)
    scores, targets = probabilities(rng, [3, 0, 2]), probabilities(rng, [3, 0, 2])
    expected, loss = SequenceCategoricalCrossentropy()(scores, targets)
    found, ours = difference(scores, targets, scale=1 / 3)
    assert all(numpy.allclose(a, b, atol=1e-7) for a, b in zip(found, expected, strict=True))
    assert ours == pytest.approx(float(loss), rel=1e-5)


def test_no_docs_give_no_loss() -> None:
    assert cross_entropy([], [], NAMES) == ([], 0.0)


def test_a_label_that_is_not_known() -> None:
    scores = probabilities(numpy.random.default_rng(0), [2])
    for label in ("NN", "!NN"):
        with pytest.raises(MissingKeyError, match=f"have the label '{label}', which the component does not have"):
            cross_entropy(scores, [["N", label]], NAMES, neg_prefix="!")
    with pytest.raises(KeyError, match="Did you mean|There are"):
        cross_entropy(scores, [["N", "!N"]], NAMES)


def test_scores_that_are_no_probabilities() -> None:
    with pytest.raises(InvalidValueError, match="needs probabilities, but the scores lie between -1 and 3"):
        cross_entropy([numpy.asarray([[-1, 3, 0]], dtype="f")], [["N"]], NAMES)


def test_smoothing_has_its_limits() -> None:
    with pytest.raises(ValueError, match="needs at least two labels, and there are 1"):
        cross_entropy([numpy.ones((1, 1), dtype="f")], [["N"]], ["N"], label_smoothing=0.1)
    with pytest.raises(ValueError, match=r"at least 0 and less than 0\.667 for 3 labels; it is 0\.7"):
        cross_entropy(probabilities(numpy.random.default_rng(0), [1]), [["N"]], NAMES, label_smoothing=0.7)
