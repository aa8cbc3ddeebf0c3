"""FeatureExtractor, StaticVectors, CharEmbed and CharacterEmbed."""

from __future__ import annotations

import numpy as np
import pytest
from embedding_helpers import AnyVectors, StubVectors, gradients, largest_difference, make_docs, normal, randomise
from thinc.api import fix_random_seed
from thinc.types import Ragged

from spanwright.errors import SpanwrightError
from spanwright.tokens import Doc
from spanwright.vocab import Vocab
from spanwright_embeddings.architectures.character_embed import CharacterEmbed_v2
from spanwright_embeddings.architectures.feature_extractor import FeatureExtractor_v1
from spanwright_embeddings.architectures.multi_hash_embed import MultiHashEmbed_v2
from spanwright_embeddings.architectures.static_vectors import StaticVectors_v2
from spanwright_embeddings.layers.char_embed import CharEmbed_v1


def real_docs() -> list[Doc]:
    vocab = Vocab()
    return [Doc(vocab, words=words) for words in (["A", "small", "small", "Doc"], [], ["naïve", "Œuvre", "."])]


def test_features_are_the_arrays_of_the_docs() -> None:
    docs = real_docs()
    columns = ["ORTH", "SHAPE", "PREFIX", 65]
    model = FeatureExtractor_v1(columns)
    features, backprop = model(docs, is_train=True)
    assert [f.dtype for f in features] == [np.uint64] * 3
    assert [f.tolist() for f in features] == [doc.to_array(columns).tolist() for doc in docs]
    assert backprop(features) == []
    assert model.predict([]) == []
    assert FeatureExtractor_v1(["ORTH"]).predict(docs)[0].shape == (4, 1)


def test_features_of_spans_are_those_of_their_tokens() -> None:
    doc = real_docs()[0]
    both = FeatureExtractor_v1(["ORTH", "SHAPE"]).predict([doc[1:3], doc])
    assert both[0].tolist() == both[1][1:3].tolist()


def test_real_docs_go_through_every_embedding() -> None:
    docs = real_docs()
    for model in (
        MultiHashEmbed_v2(8, ["NORM", "SHAPE", "SPACY"], [20, 10, 5], False),
        CharacterEmbed_v2(8, 20, 3, 4, False),
    ):
        randomise(model.initialize(X=docs))
        output = model.predict(docs)
        assert [y.shape for y in output] == [(4, 8), (0, 8), (3, 8)]
        assert np.allclose(output[0][1], output[0][2]) and not np.allclose(output[0][0], output[0][1])


def test_an_attribute_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(ValueError, match="no attribute 'SHAP'.*SHAPE"):
        FeatureExtractor_v1(["SHAP"])
    with pytest.raises(ValueError, match="no attribute 'LOWR'.*LOWER"):
        CharacterEmbed_v2(8, 20, 3, 4, False, feature="LOWR")


def test_a_token_without_a_vector_gets_zeros() -> None:
    docs = make_docs([9])
    model = StaticVectors_v2(4).initialize(X=docs)
    output = model.predict(docs)
    missing = (docs[0].ids < 100) | (docs[0].ids >= 109)
    assert missing.any() and not output.data[missing].any()
    expected = docs[0].vocab.vectors.data[(docs[0].ids[~missing] - 100).astype(int)] @ model.get_param("W").T
    assert np.allclose(output.data[~missing], expected, atol=1e-5)


def test_static_vectors_take_empty_batches() -> None:
    model = StaticVectors_v2(4, 5).initialize()
    for docs in ([], make_docs([0, 0])):
        output, backprop = model(docs, is_train=True)
        assert output.dataXd.shape == (0, 4) and len(output.lengths) == len(docs)
        assert backprop(output) == []


def test_any_object_that_gives_vectors_will_do() -> None:
    docs = make_docs([3, 2], vectors=AnyVectors())
    model = StaticVectors_v2(4).initialize(X=docs)
    output, backprop = model(docs, is_train=True)
    assert output.data.shape == (5, 4)
    backprop(Ragged(np.ones_like(output.data), output.lengths))
    assert model.get_grad("W").shape == (4, 5)


def test_vectors_that_do_not_fit_are_an_error() -> None:
    model = StaticVectors_v2(4).initialize(X=make_docs([3]))
    narrow = make_docs([3], vectors=StubVectors(np.zeros((9, 2), dtype=np.float32)))
    with pytest.raises(ValueError, match="vectors of width 5, and the vocabulary has of width 2") as caught:
        model.predict(narrow)
    assert isinstance(caught.value, SpanwrightError)
    none = make_docs([3], vectors=StubVectors(np.zeros((9, 0), dtype=np.float32)))
    with pytest.raises(ValueError, match="vectors of width 5, and the vocabulary has none at all"):
        model.predict(none)
    with pytest.raises(TypeError, match=r"of type object, which has no method `get_batch\(keys\)`"):
        model.predict(make_docs([3], vectors=object()))


@pytest.mark.parametrize(("arguments", "missing"), [({"nO": 4}, "nM"), ({"nM": 4}, "nO")])
def test_a_width_that_cannot_be_known_is_an_error(arguments: dict[str, int], missing: str) -> None:
    with pytest.raises(ValueError, match=f"{missing}, the width of .* Give {missing} in the config"):
        StaticVectors_v2(**arguments).initialize()


def test_another_key_attribute_warns() -> None:
    with pytest.warns(DeprecationWarning, match="key_attr = 'LOWER' has no effect"):
        StaticVectors_v2(4, key_attr="LOWER")


def test_characters_come_from_both_ends() -> None:
    docs = make_docs([5, 0, 2])
    model = randomise(CharEmbed_v1(2, 3).initialize())
    E = model.get_param("E")
    output = model.predict(docs)
    assert [y.shape for y in output] == [(5, 6), (0, 6), (2, 6)]
    for row, utf8 in zip(np.concatenate(output), np.concatenate([doc.utf8 for doc in docs]), strict=True):
        assert np.array_equal(row, np.concatenate([E[i, utf8[i]] for i in range(3)]))
    assert model.predict([]) == []


@pytest.mark.parametrize("static", [False, True])
def test_character_embed_runs_both_ways_and_survives_a_round_trip(static: bool) -> None:
    fix_random_seed(0)
    docs = make_docs([4, 0, 7])
    model = CharacterEmbed_v2(8, 20, 3, 4, static)
    randomise(model.initialize(X=docs))
    output, backprop = model(docs, is_train=True)
    assert backprop(normal([4, 0, 7], 8)) == []
    assert len(gradients(model)) == 6 + static
    loaded = CharacterEmbed_v2(8, 20, 3, 4, static).from_bytes(model.to_bytes())
    assert largest_difference(loaded.predict(docs), output) == 0.0
    assert [y.shape for y in loaded.predict(make_docs([0, 0]))] == [(0, 8)] * 2
    assert loaded.predict([]) == []
