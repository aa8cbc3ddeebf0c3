"""A threshold for each category."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textcat_kit import DATA, examples, make, network, train

from spanwright import blank
from spanwright.language import load
from spanwright_textcat.components.thresholds import best_thresholds

NAME = "textcat_multilabel"


def fscore(scores: Any, applies: Any, threshold: float) -> float:
    predicted = scores >= threshold
    return 2 * float((predicted & applies).sum()) / max(1, float(predicted.sum() + applies.sum()))


@given(
    st.lists(st.tuples(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.6, 0.9, 1.0]), st.booleans()), min_size=1, max_size=12),
    st.sampled_from([0.2, 0.5]),
)
@settings(max_examples=100, deadline=None)
def test_no_threshold_is_better(pairs: list[tuple[float, bool]], default: float) -> None:
    scores = np.array([score for score, _ in pairs], dtype="f")
    applies = np.array([value for _, value in pairs])
    (found,) = best_thresholds(
        scores[:, None], applies[:, None].astype("f"), np.ones((len(pairs), 1)), ["X"], default
    ).values()
    assert 0.0 <= found <= 1.0
    if not applies.any():
        assert found == default
        return
    # A score of 0 is predicted by a threshold of 0 only.
    tried = [fscore(scores, applies, threshold) for threshold in np.linspace(0.001, 1, 200)]
    best = fscore(scores, applies, found)
    assert best >= max(tried) - 1e-6
    if fscore(scores, applies, default) >= best - 1e-9:
        assert found == default


def test_tuned_thresholds_are_used_in_scoring_and_saved(tmp_path: Any) -> None:
    nlp = make(NAME, "bow")
    train(nlp, 3, rate=0.001)
    pipe = nlp.get_pipe(NAME)
    assert pipe.thresholds == {"GOOD": 0.5, "BAD": 0.5}
    assert "thresholds" not in pipe.cfg
    before = nlp.evaluate(examples(nlp))["cats_macro_f"]
    found = pipe.tune_thresholds(examples(nlp))
    assert pipe.thresholds == found
    after = nlp.evaluate(examples(nlp))["cats_macro_f"]
    assert after >= before
    assert after == pytest.approx(1.0)
    pipe.set_thresholds({"GOOD": 1.0})
    assert pipe.thresholds == {"GOOD": 1.0, "BAD": 0.5}
    assert nlp.evaluate(examples(nlp))["cats_f_per_type"]["GOOD"]["r"] == 0.0
    nlp.to_disk(tmp_path / "pipeline")
    assert load(tmp_path / "pipeline").get_pipe(NAME).thresholds == {"GOOD": 1.0, "BAD": 0.5}
    pipe.set_thresholds({})
    assert "thresholds" not in pipe.cfg


def test_thresholds_in_the_config_stand_where_spacy_does_not_look() -> None:
    nlp = blank("xx", config={"spanwright": {"components": {NAME: {"thresholds": {"GOOD": 0.25}}}}})
    pipe = nlp.add_pipe(NAME, config={"model": network("bow", False)})
    nlp.initialize(lambda: examples(nlp, DATA))
    assert pipe.thresholds == {"GOOD": 0.25, "BAD": 0.5}
    assert "thresholds" not in nlp.config["components"][NAME]


def test_thresholds_that_cannot_be() -> None:
    pipe = make(NAME, "bow").get_pipe(NAME)
    with pytest.raises(ValueError, match="there is a threshold for 'GOD', which is not among its labels.*GOOD"):
        pipe.set_thresholds({"GOD": 0.5})
    with pytest.raises(ValueError, match="label 'GOOD': threshold is 2, and must be a number from 0.0 to 1.0"):
        pipe.set_thresholds({"GOOD": 2})
