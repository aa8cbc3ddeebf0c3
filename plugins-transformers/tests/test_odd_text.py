"""Long and odd text: each token gets a vector or zeros, nothing crashes, and the budget of pieces is kept."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from spanwright.tokens import Doc

ODD = [
    "😀👩‍👩‍👧‍👦🏳️‍🌈", "a\u200bb \u200b c", "\u202etxet\u202c \ufeff", "漢字 かな 한국어", "हिन्दी ไทย ᚠᛇᚻ",
    "e\u0301 é ﬁ ǅ ß",
    "\x00 \x1b \x7f", "\u2028\u2029", "���", "𝕋𝕖𝕩𝕥", "a" * 5000, "...!!!???", "\u0300\u0301", "x\u0300" * 40,
]  # fmt: skip


@pytest.mark.parametrize("text", ODD, ids=range(len(ODD)))
def test_odd_texts(nlp: Any, tiny_roberta: Any, make_model: Any, text: str) -> None:
    roberta = make_model(folder=tiny_roberta)
    for doc in (nlp.make_doc(text), nlp.make_doc(f"the {text} dog")):
        found = nlp.get_pipe("transformer")(doc)._.trf_data, roberta.predict([doc]).doc_data[0]
        for data in found:
            vectors = data.token_vectors()
            assert vectors.shape == (len(doc), 16) and numpy.isfinite(vectors).all()
            has_pieces = data.align.lengths > 0
            assert not vectors[~has_pieces].any() and vectors[has_pieces].any(axis=1).all()
        # Bytes are never unknown.
        lengths = found[1].align.lengths
        assert all(length or not token.text.strip() for token, length in zip(doc, lengths, strict=True))


def test_very_long_docs_keep_to_the_budget(nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = nlp.get_pipe("transformer")
    pipe.cfg["max_batch_items"] = 512
    seen = []
    forward = pipe.model.layers[0]._func

    def watch(model: Any, pieces: Any, is_train: bool) -> Any:
        seen.append(pieces.input_ids.size)
        return forward(model, pieces, is_train)

    pipe.model.layers[0].replace_callbacks(watch, init=None)
    words = ["dog", "barks", "the", "cat"] * 5000
    doc = pipe(Doc(nlp.vocab, words=words))
    assert len(doc) == 20_000 and doc._.trf_data.align.lengths.min() >= 1
    assert max(seen) <= 512 and len(seen) > 30


def test_mixed_batches_with_empty_and_blank_docs_learn(make_nlp: Any) -> None:
    from spanwright.tokens import Example

    nlp = make_nlp()
    for texts in (["", "the dog", "   ", "a cat"], ["", ""], ["   "]):
        losses: dict[str, float] = {}
        nlp.update([Example(nlp.make_doc(t), nlp.make_doc(t)) for t in texts], sgd=False, losses=losses)
        assert numpy.isfinite(losses["transformer"])
