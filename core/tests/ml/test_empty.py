"""Networks that give nothing for nothing."""

from __future__ import annotations

import numpy as np
from thinc.api import Linear, chain, list2ragged, reduce_mean

from spanwright.ml.empty import score_empty_batches


def test_batches_without_tokens_get_zeros_and_others_what_the_network_gives() -> None:
    plain = chain(chain(list2ragged(), reduce_mean()), Linear(3, 2)).initialize()
    plain.layers[1].set_param("b", np.ones(3, dtype="f"))
    batch = [np.ones((2, 2), dtype="f"), np.ones((1, 2), dtype="f")]
    expected = plain.predict(batch)
    model = score_empty_batches(plain)
    assert model is plain
    assert np.array_equal(model.predict(batch), expected)
    for lengths in ((), (0,), (0, 0)):
        scores, backprop = model([np.zeros((n, 2), dtype="f") for n in lengths], is_train=True)
        assert scores.shape == (len(lengths), 3)
        assert not scores.any()
        assert backprop(scores) == []
