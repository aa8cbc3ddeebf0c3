"""The conformance kit on every registered network, every component and every distribution."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measure import library, make_batch
from samples import LISTENER, NETWORKS, PLAIN_CNN, STATES, TEXTCAT_MODEL, VECTOR_WIDTH, WIDTH, WITH_NETWORKS

from spanwright.testing import (
    ARCHITECTURE_CHECKS,
    check_architecture,
    check_component,
    check_distribution,
    sample_docs,
    sample_floats,
)

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from name_table import pinned


def matrix(lengths: tuple[int, ...]) -> Any:
    """The retired encoders take one matrix."""
    return np.concatenate([np.zeros((0, WIDTH), dtype="float32"), *sample_floats(lengths, width=WIDTH)])


def spans(lengths: tuple[int, ...]) -> Any:
    """Token vectors and spans: the whole of each text and its first half."""
    from thinc.api import Ragged

    pairs = [(0, end) for length in lengths for end in (length, length // 2)]
    counts = np.full(len(lengths), 2, dtype="int32")
    offsets = np.array(pairs, dtype="int32").reshape((-1, 2))
    return Ragged(matrix(lengths), np.array(lengths, dtype="int32")), Ragged(offsets, counts)


def docs_and_spans(lengths: tuple[int, ...]) -> Any:
    """Docs, and of each the first token and the first three as spans: with more of them, there is a maximum that
    changes hands wherever a finite difference is taken."""
    from thinc.api import Ragged

    pairs = [[(0, min(size, length)) for size in (1, 3) if length] for length in lengths]
    flat = np.array([pair for doc in pairs for pair in doc], dtype="int32").reshape((-1, 2))
    return sample_docs(lengths), Ragged(flat, np.array([len(doc) for doc in pairs], dtype="int32"))


def ragged(lengths: tuple[int, ...]) -> Any:
    """The vectors of spans of these lengths; there are none without a token."""
    from thinc.api import Ragged

    return Ragged(matrix(lengths), np.array([length for length in lengths if length], dtype="int32"))


def docs_with_entities(lengths: tuple[int, ...]) -> Any:
    """Docs with sentences and entities."""
    from spanwright.tokens import Span

    docs = sample_docs(lengths)
    for doc in docs:
        for token in doc:
            token.is_sent_start = token.i % 3 == 0
        doc.ents = [Span(doc, start, start + 1, label="THING") for start in (0, 4, 5) if start < len(doc)]
    return docs


def states(lengths: tuple[int, ...]) -> Any:
    """Docs, and for each token a state that it is the first token of."""
    docs = sample_docs(lengths)
    return [(doc, np.array([(i, -1, 0) for i in range(len(doc))], dtype="int32").reshape((-1, 3))) for doc in docs]


INPUTS: dict[str, Any] = {
    "docs": "docs",
    "nothing": "docs",
    "floats": "floats",
    "matrix": matrix,
    "spans": spans,
    "docs and spans": docs_and_spans,
    "ragged": ragged,
    "docs and states": states,
    "docs with entities": docs_with_entities,
    "docs with words": "docs",
}


@pytest.mark.parametrize("title", ARCHITECTURE_CHECKS)
@pytest.mark.parametrize("case", NETWORKS)
def test_networks(case: str, title: str) -> None:
    spec = NETWORKS[case]
    if "Torch" in case and find_spec("torch") is None:
        pytest.skip("needs the extra `torch` of spanwright-encoders")
    if spec["inputs"] in ("docs of states", "tokens of states"):
        pytest.skip("gives no array, or takes no gradient of one; the tests of spanwright-parser check its numbers")
    outputs = (
        [np.zeros((length, spec["classes"]), dtype="float32") for length in (5, 1, 8)] if spec["classes"] else None
    )
    check_architecture(
        spec["name"],
        kind=spec["kind"],
        inputs=INPUTS[spec["inputs"]],
        outputs=outputs,
        only=title,
        settings=spec["settings"],
        **spec["conformance"],
    )


def network_for_spans(factory: str, tok2vec: dict[str, Any]) -> dict[str, Any]:
    """The block [model] of a component that finds or labels spans."""
    logistic: dict[str, Any] = {"@layers": "spacy.LinearLogistic.v1"}
    if factory == "span_finder":
        return {"@architectures": "spacy.SpanFinder.v1", "tok2vec": tok2vec, "scorer": {**logistic, "nO": 2}}
    scorer = {"@layers": "Softmax.v2"} if factory == "spancat_singlelabel" else logistic
    reducer = {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 6}
    return {"@architectures": "spacy.SpanCategorizer.v1", "tok2vec": tok2vec, "reducer": reducer, "scorer": scorer}


@pytest.mark.parametrize(
    ("factory", "shared"),
    [
        (factory, shared)
        for factory in WITH_NETWORKS
        for shared in (False, True)
        if (factory, shared) != ("tok2vec", True)
    ],
)
def test_components(factory: str, shared: bool) -> None:
    if factory == "tok2vec":
        check_component(factory, config={"model": PLAIN_CNN})
        return
    before: list[Any] = [("tok2vec", {"model": PLAIN_CNN})] if shared else []
    model: dict[str, Any] = {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER if shared else PLAIN_CNN}
    if factory.startswith("textcat"):
        model = {**TEXTCAT_MODEL, "exclusive_classes": factory == "textcat", "tok2vec": model["tok2vec"]}
    if factory.startswith("span"):
        model = network_for_spans(factory, model["tok2vec"])
    if factory.removeprefix("beam_") in ("parser", "ner"):
        kind = {"state_type": factory.removeprefix("beam_"), "use_upper": True, **STATES}
        model |= {"@architectures": "spacy.TransitionBasedParser.v2", **kind}
    check_component(factory, config={"model": model}, before=before)


@pytest.mark.parametrize("name", sorted({row.distribution for row in pinned()}))
def test_distributions(name: str) -> None:
    check_distribution(name)


def model_of(name: str, kind: str = "architectures", **settings: Any) -> Any:
    """What a registered function makes."""
    return library("spanwright").registry.get(kind, name)(**settings)


def test_kept_fault_a_byte_that_comes_again_counts_once_in_the_gradient() -> None:
    """CharEmbed.v1 as published adds only the last gradient of a byte that stands in one place of several tokens.

    With sums the embeddings would learn other weights than the published ones did; a mended one would be a v2.
    """
    (doc,) = make_batch("docs", library("spanwright"))[2:3]
    double = type(doc)(doc.vocab, words=["Dogs", "Dogs"])
    model = model_of("spacy.CharEmbed.v1", kind="layers", nM=2, nC=4).initialize()
    output, backprop = model([double], is_train=True)
    gradient = np.concatenate([np.full((1, 8), 3.0), np.full((1, 8), 5.0)]).astype("float32")
    assert output[0].shape == gradient.shape
    backprop([gradient])
    table = model.get_grad("E")
    assert sorted(set(table[table != 0].tolist())) == [5.0]


def test_kept_fault_words_without_a_vector_have_zeros_and_give_no_gradient() -> None:
    """StaticVectors.v2 as published: a word without vector gives zeros, and W learns nothing from it."""
    from thinc.api import Ragged

    docs = make_batch("docs", library("spanwright"))
    doc = type(docs[0])(docs[0].vocab, words=["unheard"])
    model = model_of("spacy.StaticVectors.v2", nO=4, nM=VECTOR_WIDTH).initialize()
    output, backprop = model([doc], is_train=True)
    assert not output.dataXd.any()
    backprop(Ragged(np.ones((1, 4), dtype="float32"), output.lengths))
    assert not model.get_grad("W").any()


def test_kept_fault_mish_lets_neighbours_in_a_batch_see_each_other() -> None:
    """MishWindowEncoder.v2 as published convolves over the batch without a space between its inputs."""
    model = model_of("spacy.MishWindowEncoder.v2", width=WIDTH, window_size=1, depth=1).initialize()
    one, other = sample_floats((3, 4), width=WIDTH)
    together, alone = model.predict([one, other])[0], model.predict([one])[0]
    assert np.allclose(together[:-1], alone[:-1], atol=1e-5)
    assert not np.allclose(together[-1], alone[-1], atol=1e-3)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs the extra `torch` of spanwright-encoders")
def test_kept_fault_the_bilstm_reads_the_padding_of_shorter_inputs() -> None:
    """TorchBiLSTMEncoder.v1 as published starts its backward direction in the padding after an input."""
    model = model_of("spacy.TorchBiLSTMEncoder.v1", width=WIDTH, depth=1, dropout=0.0).initialize()
    short, long = sample_floats((3, 9), width=WIDTH)
    together, alone = model.predict([short, long]), model.predict([short])
    assert np.allclose(together[0][:, : WIDTH // 2], alone[0][:, : WIDTH // 2], atol=1e-5)
    assert not np.allclose(together[0][:, WIDTH // 2 :], alone[0][:, WIDTH // 2 :], atol=1e-3)
    assert np.allclose(together[1], model.predict([long])[0], atol=1e-5)
