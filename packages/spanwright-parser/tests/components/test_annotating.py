"""Parsing: what is set, in any batch, with what a Doc says already, on any number of threads."""

from __future__ import annotations

from typing import Any

import pytest
from parser_kit import SENTENCES, annotation, examples, network, pipeline, trained
from thinc.api import Adam

import spanwright
from spanwright.errors import ConfigError, PipelineError
from spanwright.tokens import Doc, Example, Span


@pytest.fixture(scope="module")
def nlp() -> Any:
    return trained("parser", "ner", steps=40)


def texts(nlp: Any) -> list[Doc]:
    return [Doc(nlp.vocab, words=words) for words, *_ in SENTENCES]


def test_training_examples_are_learned(nlp: Any) -> None:
    scores = nlp.evaluate(examples(nlp))
    assert scores["dep_las"] == 1.0
    assert scores["ents_f"] == 1.0
    assert scores["sents_f"] == 1.0


def test_arcs_that_cross_are_put_back(nlp: Any) -> None:
    doc = nlp(texts(nlp)[3])
    assert doc[4].head.i == 1
    assert not any("||" in token.dep_ for token in doc)
    assert any("||" in name for name in nlp.get_pipe("parser").move_names)


@pytest.mark.parametrize("batch_size", [1, 2, 3, 100])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_any_batch_gives_the_same(version: str, batch_size: int) -> None:
    nlp = trained("parser", "ner", version=version, steps=4)
    docs = [*texts(nlp), Doc(nlp.vocab, words=[]), *texts(nlp)]
    alone = [annotation(nlp(doc.copy())) for doc in docs]
    assert [annotation(doc) for doc in nlp.pipe((doc.copy() for doc in docs), batch_size=batch_size)] == alone


@pytest.mark.parametrize("settings", [{"maxout_pieces": 3}, {"use_upper": False}, {"extra_state_tokens": True}])
def test_all_shapes_of_the_network_learn(settings: dict[str, Any]) -> None:
    nlp = trained("parser", "ner", steps=40, **settings)
    scores = nlp.evaluate(examples(nlp))
    assert scores["dep_uas"] > 0.9
    assert scores["ents_f"] > 0.9


@pytest.mark.parametrize("version", ["v2", "v3"])
def test_one_piece_works_but_is_followed_as_it_was_trained_only_in_the_third_version(version: str) -> None:
    """As published, v2 sets negative sums to 0 in training alone."""
    nlp = trained("parser", version=version, maxout_pieces=1, steps=80)
    assert nlp.evaluate(examples(nlp))["dep_uas"] > (0.9 if version == "v3" else 0.3)


@pytest.mark.parametrize("on_cpu", [True, False])
def test_the_compiled_loop_and_single_steps_agree(nlp: Any, monkeypatch: pytest.MonkeyPatch, on_cpu: bool) -> None:
    """Steps are what other devices take; here on the CPU, with its kernels and without."""
    from spanwright_parser.components import greedy
    from spanwright_parser.layers.steps import Steps

    whole = [annotation(doc) for doc in nlp.pipe(texts(nlp))]
    monkeypatch.setattr(greedy, "serves", lambda model: False)
    monkeypatch.setattr(Steps, "on_cpu", property(lambda self: on_cpu))
    assert [annotation(doc) for doc in nlp.pipe(texts(nlp))] == whole


@pytest.mark.parametrize("serves", [True, False])
@pytest.mark.parametrize("on_cpu", [True, False])
def test_a_doc_that_no_action_fits_is_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch, serves: bool, on_cpu: bool
) -> None:
    """Without the action for blocked tokens, a Doc that has one comes to its end there; the others go on."""
    from spanwright_parser.components import greedy
    from spanwright_parser.layers.steps import Steps

    nlp = pipeline("ner")
    labels = {1: {"A": 1}, 2: {"A": 1}, 3: {"A": 1}, 4: {"A": 1}, 5: {"": 1}}
    nlp.get_pipe("ner").initialize(lambda: examples(nlp), nlp=nlp, labels=labels)
    monkeypatch.setattr(greedy, "serves", lambda model: serves)
    monkeypatch.setattr(Steps, "on_cpu", property(lambda self: on_cpu))
    docs = [nlp.make_doc("a b c") for _ in range(2)]
    docs[0].set_ents([], blocked=[docs[0][1:2]], default="unmodified")
    alone = nlp.get_pipe("ner")(docs[1].copy())
    found = list(nlp.get_pipe("ner").pipe(docs))
    assert found[0][1].ent_type_ == ""
    assert annotation(found[1]) == annotation(alone)


def test_threads_do_not_change_annotations(nlp: Any) -> None:
    alone = [annotation(doc) for doc in nlp.pipe(texts(nlp) * 5)]
    for name in ("parser", "ner"):
        nlp.get_pipe(name).n_threads = 3
    try:
        assert [annotation(doc) for doc in nlp.pipe(texts(nlp) * 5)] == alone
    finally:
        for name in ("parser", "ner"):
            nlp.get_pipe(name).n_threads = 1


def test_threads_are_a_setting_of_ours() -> None:
    config = pipeline("ner").config
    config["spanwright"] = {"components": {"ner": {"n_threads": 2}}}
    assert spanwright.util.get_lang_class("xx").from_config(config).get_pipe("ner").n_threads == 2
    config["spanwright"] = {"components": {"ner": {"threads": 2}}}
    with pytest.raises(ConfigError, match=r"(?s)spanwright\.components\.ner.*Did you mean 'n_threads'"):
        spanwright.util.get_lang_class("xx").from_config(config)


def test_sentence_starts_on_a_doc_are_kept(nlp: Any) -> None:
    doc = texts(nlp)[0]
    doc[3].is_sent_start = True
    doc = nlp.get_pipe("parser")(doc)
    assert doc[3].is_sent_start
    assert len(list(doc.sents)) >= 2


@pytest.mark.parametrize("name", ["ner", "beam_ner"])
@pytest.mark.parametrize("label", ["LOC", "SHIP"])
def test_entities_on_a_doc_are_kept_and_no_label_is_added(name: str, label: str) -> None:
    nlp = trained(name, steps=8)
    pipe = nlp.get_pipe(name)
    before = pipe.labels, pipe.model.to_bytes()
    doc = texts(nlp)[0]
    doc.ents = [Span(doc, 1, 3, label=label)]
    doc = nlp(doc)
    assert (1, 3, label) in annotation(doc)[1]
    assert (pipe.labels, pipe.model.to_bytes()) == before


def test_predict_and_set_annotations_are_two_steps(nlp: Any) -> None:
    pipe = nlp.get_pipe("ner")
    docs = texts(nlp)
    for doc in docs:
        nlp.get_pipe("parser")(doc)
    states = pipe.predict(docs)
    assert not any(doc.ents for doc in docs)
    pipe.set_annotations(docs, states)
    assert [ent.label_ for ent in docs[0].ents] == ["PER", "LOC"]
    alone = Doc(nlp.vocab, words=SENTENCES[0][0])
    pipe.set_annotations(alone, pipe.predict(alone))
    assert len(alone.ents) == 2
    assert pipe.predict([]).n == 0


@pytest.mark.parametrize("factory", ["parser", "ner"])
def test_a_component_without_actions_says_so(factory: str) -> None:
    nlp = spanwright.blank("xx")
    pipe = nlp.add_pipe(factory, config={"model": network(factory)})
    pipe.moves.initialize_actions({})
    with pytest.raises(PipelineError, match=f"Component '{factory}' has no labels and no actions yet"):
        nlp("Some words")


@pytest.mark.parametrize("learn_tokens", [True, False])
def test_learned_tokens_are_merged(learn_tokens: bool) -> None:
    pytest.importorskip("spanwright_rules")
    words = ["a", "b", "c", "d"]
    nlp = pipeline("parser", config={"learn_tokens": learn_tokens})
    gold = {"words": words, "heads": [1, 2, 2, 2], "deps": ["subtok", "x", "ROOT", "y"]}
    example = Example.from_dict(Doc(nlp.vocab, words=words), gold)
    nlp.initialize(lambda: [example])
    optimizer = Adam(0.01)
    for _ in range(40):
        nlp.update([example], sgd=optimizer)
    for doc in (nlp("a b c d"), *nlp.pipe(["a b c d"])):
        found = [(token.text, token.dep_, token.head.text) for token in doc]
        if learn_tokens:
            assert found == [("a b", "x", "c"), ("c", "ROOT", "c"), ("d", "y", "c")]
        else:
            assert [dep for _, dep, _ in found] == gold["deps"]


def test_seed_imports() -> None:
    from spanwright.pipeline import DependencyParser, EntityRecognizer
    from spanwright.pipeline.dep_parser import DEFAULT_PARSER_MODEL, parser_score
    from spanwright.pipeline.ner import DEFAULT_NER_MODEL, ner_score

    assert DEFAULT_PARSER_MODEL["state_type"] == "parser"
    assert DEFAULT_NER_MODEL["state_type"] == "ner"
    nlp = trained("parser", "ner", steps=1)
    assert isinstance(nlp.get_pipe("parser"), DependencyParser)
    assert isinstance(nlp.get_pipe("ner"), EntityRecognizer)
    scored = list(examples(nlp))
    assert "dep_las" in parser_score(scored)
    assert "ents_f" in ner_score(scored)


@pytest.mark.parametrize("shared", [False, True], ids=["own vectors", "a listener's"])
def test_threads_say_what_one_says(shared: bool) -> None:
    nlp = trained("ner", shared=shared)
    texts = [" ".join(words[: number % 9]) for number in range(7) for words, *_ in SENTENCES]
    alone = [annotation(doc) for doc in nlp.pipe(texts)]
    assert any(ents for _, ents in alone)
    for n_threads in (2, 3, 16):
        nlp.get_pipe("ner").n_threads = n_threads
        assert [annotation(doc) for doc in nlp.pipe(texts)] == alone


@pytest.mark.parametrize("n_threads", [1, 2])
@pytest.mark.parametrize("shared", [False, True], ids=["own vectors", "a listener's"])
def test_token_vectors_may_end_in_any_layer(shared: bool, n_threads: int) -> None:
    from thinc.api import chain, noop

    nlp = trained("parser", "ner", shared=shared)
    expected = [annotation(nlp(doc)) for doc in texts(nlp)]
    for name in ("parser", "ner"):
        model = nlp.get_pipe(name).model
        # The last layer is not the linear one, which the compiled loop would compute.
        model.layers[0] = chain(model.layers[0], noop())
        model.set_ref("tok2vec", model.layers[0])
        nlp.get_pipe(name).n_threads = n_threads
    assert [annotation(doc) for doc in nlp.pipe([*texts(nlp), Doc(nlp.vocab)])] == [*expected, ([], [])]
