"""What a transformer's output looks like, and that it is what transformers itself computes."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy
import pytest
import torch
from thinc.api import Model, reduce_max

import spanwright
from spanwright_transformers import FullTransformerBatch, TransformerData, WordpieceBatch

TEXTS = ["the big dog barks .", "a cat", "what is this ? not a house , and not a street . the cat sleeps", "", "dog"]


def docs_of(nlp: Any, texts: Any = TEXTS) -> list:
    return [nlp.make_doc(text) for text in texts]


def reference(model: Any, text: str) -> Any:
    tokens = model.tokenizer([text], return_tensors="pt")
    model.transformer.eval()
    with torch.no_grad():
        return model.transformer(**tokens)


def test_vectors_of_pieces_are_those_of_transformers(nlp: Any) -> None:
    model = nlp.get_pipe("transformer").model
    for doc in nlp.pipe(TEXTS):
        if not len(doc):
            continue
        expected, data = reference(model, doc.text), doc._.trf_data
        size = data.wordpieces.lengths[0]
        assert expected.last_hidden_state.shape[1] == size
        assert numpy.allclose(data.tensors[0][0, :size], expected.last_hidden_state[0].numpy(), atol=1e-5)
        assert numpy.allclose(data.model_output.pooler_output, expected.pooler_output.numpy(), atol=1e-5)


def test_a_doc_has_what_it_has_alone_whatever_its_batch(nlp: Any) -> None:
    alone = [nlp(text)._.trf_data for text in TEXTS]
    for texts in (TEXTS, TEXTS[::-1]):
        for doc in nlp.pipe(texts, batch_size=3):
            own = alone[TEXTS.index(doc.text)]
            for name, value in own.model_output.items():
                assert numpy.allclose(doc._.trf_data.model_output[name], value, atol=1e-5)
            assert numpy.array_equal(doc._.trf_data.align.dataXd, own.align.dataXd)
            assert doc._.trf_data.wordpieces.strings == own.wordpieces.strings


def test_the_accessor_gives_pieces_tokens_and_alignment(nlp: Any) -> None:
    doc = nlp("the doggy barks")
    data = doc._.trf_data
    assert data.wordpieces.strings == [["[CLS]", "the", "dog", "##g", "##y", "barks", "[SEP]"]]
    assert data.pieces_of_tokens == [[1], [2, 3, 4], [5]]
    assert data.piece_vectors.shape == (7, 16) and data.width == 16
    assert numpy.allclose(data.token_vectors()[1], data.piece_vectors[2:5].mean(axis=0), atol=1e-6)
    assert numpy.allclose(data.token_vectors(reduce_max())[1], data.piece_vectors[2:5].max(axis=0), atol=1e-6)
    assert {"input_ids", "attention_mask", "input_texts"} <= set(data.tokens)
    assert "3 tokens" in repr(data)


def test_a_batch_is_put_together_when_it_is_asked_for(nlp: Any) -> None:
    model = nlp.get_pipe("transformer").model
    batch = model.predict(docs_of(nlp))
    longest = max(len(data.wordpieces.input_ids[0]) for data in batch.doc_data if len(data.wordpieces))
    assert batch.model_output.last_hidden_state.shape == (4, longest, 16)
    assert batch.tensors[0] is batch.model_output.last_hidden_state
    assert len(batch.wordpieces) == 4 and len(batch.wordpieces.strings[1]) == longest
    flat = batch.tensors[0].numpy().reshape((-1, 16))
    own = numpy.concatenate([data.piece_vectors[data.align.dataXd] for data in batch.doc_data if len(data.wordpieces)])
    assert numpy.allclose(flat[batch.align.dataXd], own)
    again = FullTransformerBatch(batch.spans, batch.wordpieces, batch.model_output, batch.align)
    for mine, theirs in zip(again.doc_data, batch.doc_data, strict=True):
        assert numpy.array_equal(mine.align.lengths, theirs.align.lengths)
        assert numpy.allclose(mine.token_vectors(), theirs.token_vectors())


def test_hidden_states_and_attentions_are_there_if_asked_for(tiny: Any, make_model: Any) -> None:
    asked = {"output_hidden_states": True, "output_attentions": True, "attn_implementation": "eager"}
    model = make_model(transformer_config=asked)
    nlp = spanwright.blank("xx")
    docs = docs_of(nlp)
    for doc, data in zip(docs, model.predict(docs).doc_data, strict=True):
        if not len(doc):
            assert not data.tensors
            continue
        expected, size = reference(model, doc.text), data.wordpieces.lengths[0]
        assert len(data.model_output.hidden_states) == 3 and len(data.model_output.attentions) == 2
        for mine, theirs in zip(data.model_output.attentions, expected.attentions, strict=True):
            assert mine.shape == (1, 2, size, size)
            assert numpy.allclose(mine, theirs.numpy(), atol=1e-5)
        for mine, theirs in zip(data.model_output.hidden_states, expected.hidden_states, strict=True):
            assert numpy.allclose(mine, theirs.numpy(), atol=1e-5)
    joined = model.predict(docs).model_output
    assert isinstance(joined.attentions, tuple) and joined.attentions[0].shape[0] == 4


def test_data_survives_bytes_and_pickle(nlp: Any) -> None:
    data = nlp("the doggy barks")._.trf_data
    for copied in (TransformerData.empty().from_bytes(data.to_bytes()), pickle.loads(pickle.dumps(data))):
        assert copied.wordpieces.strings == data.wordpieces.strings
        assert numpy.array_equal(copied.tensors[0], data.tensors[0])
        assert copied.pieces_of_tokens == data.pieces_of_tokens


def test_data_from_another_message_changes_nothing(nlp: Any) -> None:
    data = nlp("the big dog")._.trf_data
    before = data.to_dict()
    for message, text in (
        ({}, "no saved TransformerData: .*lacks wordpieces, model_output, align"),
        ([], "no saved TransformerData"),
        ({**before, "align": [1]}, "two arrays as align"),
        ({**before, "model_output": 3}, "a map as model_output"),
        ({**before, "wordpieces": {"strings": []}}, "no saved WordpieceBatch: .*lacks input_ids, attention_mask"),
    ):
        with pytest.raises(ValueError, match=text):
            data.from_dict(message)
    assert numpy.array_equal(data.align.dataXd, before["align"][0])
    assert list(data.to_dict()) == list(before)


def test_empty_and_zero_data() -> None:
    empty, zeros = TransformerData.empty(), TransformerData.zeros(3, 5)
    assert not empty.tensors and empty.pieces_of_tokens == []
    assert zeros.token_vectors().shape == (3, 5) and not zeros.token_vectors().any()
    assert len(FullTransformerBatch.empty(2).doc_data) == 2 and not FullTransformerBatch.empty(2).tensors
    assert WordpieceBatch.zeros([2, 3]).input_ids.shape == (2, 3)
    with pytest.raises(ValueError, match="This output has no `last_hidden_state`"):
        _ = empty.width


def test_the_accessor_is_the_same_for_docs_without_tokens(nlp: Any) -> None:
    data = nlp("")._.trf_data
    assert data.width == 16 and data.piece_vectors.shape == data.token_vectors().shape == (0, 16)
    assert data.pieces_of_tokens == []
    with pytest.raises(ValueError, match="has no `last_hidden_state`, so its width is not known"):
        _ = TransformerData.empty().piece_vectors
    with pytest.raises(ValueError, match="`pooling` must be a layer from Ragged to Floats2d.*found str"):
        nlp("a dog")._.trf_data.token_vectors("mean")


def test_wordpieces_can_be_sliced(nlp: Any) -> None:
    pieces = nlp.get_pipe("transformer").model.predict(docs_of(nlp)).wordpieces
    assert len(pieces[1]) == 1 and pieces[1].strings == pieces.strings[1:2]
    assert len(pieces[-1]) == 1 and pieces[1:3].lengths == pieces.lengths[1:3]


def test_wordpieces_from_a_tokenizer_of_transformers(nlp: Any) -> None:
    pieces = nlp.get_pipe("transformer").model.predict(docs_of(nlp)).wordpieces
    again = WordpieceBatch.from_batch_encoding(pieces.to_hf_dict())
    assert again.lengths == pieces.lengths and again.strings == pieces.strings
    for name in ("input_ids", "attention_mask"):
        mine, theirs = getattr(again, name), getattr(pieces, name)
        assert mine.dtype == theirs.dtype and numpy.array_equal(mine, theirs)
    tokenizer = nlp.get_pipe("transformer").model.tokenizer
    encoded = tokenizer(["a dog", "cat"], padding=True, return_token_type_ids=True)
    encoded["input_texts"] = [tokenizer.convert_ids_to_tokens(row) for row in encoded["input_ids"]]
    found = WordpieceBatch.from_batch_encoding(encoded)
    assert found.lengths == [4, 3] and found.strings[1] == ["[CLS]", "cat", "[SEP]", "[PAD]"]
    assert found.token_type_ids.shape == found.input_ids.shape == (2, 4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"input_texts": ...}, "expected a map with .*; it lacks input_texts"),
        (
            {"input_ids": [[1, 2], [1]]},
            "input_ids: expected one row for each of 2 texts.* found lists of other lengths",
        ),
        ({"attention_mask": numpy.ones((2, 3))}, r"attention_mask: .* padded to 2 pieces.* found the shape \(2, 3\)"),
        ({"input_texts": [["a", "b"]]}, "input_ids: expected one row for each of 1 texts"),
    ],
)
def test_wordpieces_that_do_not_fit_together_are_named(change: dict[str, Any], message: str) -> None:
    given = {"input_ids": [[1, 2], [1, 0]], "attention_mask": [[1, 1], [1, 0]], "input_texts": [["a", "b"], ["a", "c"]]}
    assert WordpieceBatch.from_batch_encoding(given).lengths == [2, 1]
    assert len(WordpieceBatch.from_batch_encoding({name: [] for name in given})) == 0
    wrong = {name: value for name, value in {**given, **change}.items() if value is not ...}
    with pytest.raises(ValueError, match=message):
        WordpieceBatch.from_batch_encoding(wrong)


def test_threads_share_a_pipeline(nlp: Any) -> None:
    texts = ["the big dog barks", "", "a cat", "what is this , very small house ? " * 9] * 2

    def run(_: int) -> list[Any]:
        return [doc._.trf_data.token_vectors() if len(doc) else None for doc in nlp.pipe(texts)]

    expected = run(0)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(run, range(16)):
            for mine, theirs in zip(found, expected, strict=True):
                assert mine is theirs is None or numpy.allclose(mine, theirs, atol=1e-5)


def test_docs_without_tokens_have_no_gradient(nlp: Any) -> None:
    docs = [nlp.make_doc(""), nlp.make_doc("")]
    output, backprop = nlp.get_pipe("transformer").model.begin_update(docs)
    assert backprop(output) == docs


def test_docs_only_of_white_space_or_nothing(nlp: Any) -> None:
    for text in ("", "   ", " \n\t \u2003"):
        doc = nlp(text)
        data = doc._.trf_data
        assert len(data.align.lengths) == len(doc) and not data.align.lengths.any()
        assert data.token_vectors().shape[0] == len(doc) and not data.token_vectors().any()


def third_party_model(width: int = 4) -> Any:
    """Somebody else's model: one piece for each character."""

    def forward(model: Any, docs: Any, is_train: bool) -> Any:
        from thinc.types import Ragged
        from transformers.utils import ModelOutput

        spans = [[doc[:]] if len(doc) else [] for doc in docs]
        texts = [doc.text for doc in docs if len(doc)]
        longest = max(map(len, texts))
        state = numpy.zeros((len(texts), longest, width), dtype="f")
        for row, text in enumerate(texts):
            state[row, : len(text)] = numpy.array([[ord(c) % (k + 7) for k in range(width)] for c in text])
        flat, lengths = [], []
        for row, doc in enumerate(doc for doc in docs if len(doc)):
            for token in doc:
                flat += range(row * longest + token.idx, row * longest + token.idx + len(token))
                lengths.append(len(token))
        pieces = WordpieceBatch(
            [list(t) + [""] * (longest - len(t)) for t in texts], numpy.zeros((len(texts), longest), dtype="i"),
            numpy.ones((len(texts), longest), dtype="f"), list(map(len, texts)), None,
        )  # fmt: skip
        scale = model.get_param("scale")
        output = ModelOutput(last_hidden_state=torch.tensor(state * scale))
        align = Ragged(numpy.array(flat, dtype="i"), numpy.array(lengths, dtype="i"))

        def backprop(d_batch: Any) -> Any:
            gradient = next(iter(d_batch.model_output.values())).numpy()
            model.inc_grad("scale", (gradient * state).sum(axis=(0, 1)))
            return docs

        return FullTransformerBatch(spans, pieces, output, align), backprop

    model: Any = Model("characters", forward, dims={"nO": width}, params={"scale": numpy.ones(width, dtype="f")})
    return model


def test_a_third_partys_model_works_in_the_component(kit: Any) -> None:
    from spanwright.tokens import Example
    from spanwright_transformers import Transformer

    nlp = spanwright.blank("xx")
    component = Transformer(nlp.vocab, third_party_model(), max_batch_items=40)
    docs = docs_of(nlp)
    out = list(component.pipe(docs, batch_size=10))
    assert out == docs
    assert numpy.allclose(docs[1]._.trf_data.token_vectors()[0], [ord("a") % (k + 7) for k in range(4)])
    listener = spanwright.registry.resolve({"m": kit.listener_config()})["m"]
    component.broadcast.add_listener(listener.get_ref("listener"), "head")
    examples = [Example(doc, doc) for doc in docs]
    losses: dict = {}
    component.update(examples, losses=losses)
    vectors, backprop = listener.begin_update(docs)
    backprop([numpy.ones_like(one) for one in vectors])
    component.broadcast.finish(None)
    expected = sum(one.sum(axis=0) for one in vectors)
    assert numpy.allclose(component.model.get_grad("scale"), expected, atol=1e-3) and losses["transformer"] > 0


def test_a_third_partys_alignment_may_leave_tokens_out(nlp: Any, make_model: Any) -> None:
    from thinc.types import Ragged

    docs = [nlp.make_doc(text) for text in ("the big dog", "", "a cat sleeps")]
    spans = [[docs[0][2:3], docs[0][:1]], [], [docs[2][1:]]]
    model = make_model()
    model.attrs["get_spans"] = lambda _: spans
    whole = model.predict(docs)
    # Those of the peer have a row only for tokens that a span covers, in the order of the spans.
    flat = numpy.array([1, 1 + 4, 1 + 8, 2 + 8], dtype="i")
    covered = Ragged(flat, numpy.ones(4, dtype="i"))
    batch = FullTransformerBatch(whole.spans, whole.wordpieces, whole.model_output, covered)
    for mine, theirs in zip(batch.doc_data, whole.doc_data, strict=True):
        assert mine.align.lengths.tolist() == theirs.align.lengths.tolist()
        assert numpy.allclose(mine.token_vectors(), theirs.token_vectors(), atol=1e-6)
    batch = FullTransformerBatch(
        whole.spans, whole.wordpieces, whole.model_output, Ragged(flat[:3], covered.lengths[:3])
    )
    with pytest.raises(ValueError, match="alignment of 3 tokens. Its spans cover 4 tokens, of Docs that have 6"):
        _ = batch.doc_data


def test_what_a_third_partys_model_does_wrong_is_said(nlp: Any) -> None:
    from spanwright.tokens import Example
    from spanwright_transformers import Transformer

    model: Any = Model("vectors", lambda model, docs, is_train: ([1.0], lambda gradient: []))
    component = Transformer(nlp.vocab, model)
    docs = docs_of(nlp)
    with pytest.raises(ValueError, match="its model 'vectors' must give a FullTransformerBatch .*; found list"):
        component(docs[0])
    with pytest.raises(ValueError, match="its model 'vectors' must give a FullTransformerBatch .*; found list"):
        component.update([Example(docs[0], docs[0])])
    with pytest.raises(ValueError, match="expected one output of the model 'vectors' for each of 2 Docs; found 1"):
        component.set_annotations(docs[:2], FullTransformerBatch.empty(1))
    assert docs[0]._.trf_data is None


def test_a_config_may_come_without_a_listener_and_say_its_name(tiny: Any, kit: Any) -> None:
    nlp = spanwright.blank("xx")
    nlp.add_pipe("transformer", name="trf", config={"model": kit.model_config(tiny)})
    nlp.initialize()
    assert nlp("the dog")._.trf_data.width == 16
