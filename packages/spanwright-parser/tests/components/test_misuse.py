"""What callers get wrong is named; Docs, labels and files of every shape lead to annotation or to an error."""

from __future__ import annotations

import json
import logging
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from parser_kit import annotation, examples, pipeline, trained
from thinc.api import Adam

import spanwright
from spanwright.errors import (
    ConfigError,
    DataFormatError,
    InvalidTypeError,
    InvalidValueError,
    SpanwrightError,
)
from spanwright.tokens import Doc, Example, Span
from spanwright_tokens.io import dump_msgpack

FILES = [(name, file) for name in ("parser", "ner") for file in ("moves", "model", "cfg")]


@pytest.fixture(scope="module")
def nlp() -> Any:
    return trained("parser", "ner", steps=5)


@pytest.mark.parametrize("name", ["parser", "ner"])
def test_texts_are_no_docs(nlp: Any, name: str) -> None:
    pipe = nlp.get_pipe(name)
    for given_docs in ("Ada", ["Ada"], [nlp.make_doc("Ada"), 3]):
        with pytest.raises(InvalidTypeError, match=r"predict takes Docs, but got (str|int).*nlp\(text\) runs"):
            pipe.predict(given_docs)
    with pytest.raises(InvalidTypeError, match="set_annotations takes Docs"):
        pipe.set_annotations(["Ada"], pipe.predict([]))


@pytest.mark.parametrize("found", [None, 3, [1], "states"])
def test_only_predictions_are_set(nlp: Any, found: Any) -> None:
    with pytest.raises(InvalidTypeError, match="States or a list of Beams, but got"):
        nlp.get_pipe("parser").set_annotations([nlp.make_doc("Ada lived")], found)


@pytest.mark.parametrize(("name", "other"), [("parser", "ner"), ("ner", "parser")])
def test_predictions_of_another_component_are_not_set(nlp: Any, name: str, other: str) -> None:
    doc = nlp.make_doc("Ada lived")
    with pytest.raises(InvalidTypeError, match=r"States are needed, .* but got \w+States: of another"):
        nlp.get_pipe(name).set_annotations([doc], nlp.get_pipe(other).predict([doc]))


def test_a_student_needs_a_teacher_of_its_kind(nlp: Any) -> None:
    with pytest.raises(InvalidTypeError, match="needs a DependencyParser as its teacher, but got NoneType"):
        nlp.get_pipe("parser").distill(None, examples(nlp))
    with pytest.raises(InvalidTypeError, match="needs a DependencyParser as its teacher, but got EntityRecognizer"):
        nlp.get_pipe("parser").distill(nlp.get_pipe("ner"), examples(nlp))


@pytest.mark.parametrize("value", [0, -1])
def test_threads_are_counted_from_one(value: int) -> None:
    config = pipeline("ner").config.copy()
    config["spanwright"] = {"components": {"ner": {"n_threads": value}}}
    with pytest.raises(InvalidValueError, match=rf"n_threads must be a whole number from 1 .* but is {value}"):
        type(spanwright.blank("xx")).from_config(config)


@pytest.mark.parametrize("value", [2.5, "2", True, None])
def test_threads_are_a_whole_number(nlp: Any, value: Any) -> None:
    config = pipeline("ner").config.copy()
    config["spanwright"] = {"components": {"ner": {"n_threads": value}}}
    with pytest.raises(ConfigError, match="n_threads: .* expects a whole number"):
        type(spanwright.blank("xx")).from_config(config)
    with pytest.raises(InvalidValueError, match="n_threads must be a whole number"):
        nlp.get_pipe("ner").n_threads = value


def test_more_threads_than_docs_and_tokens(nlp: Any) -> None:
    texts = ["Ada Lovelace lived in London .", "", "She", "   "]
    before = [annotation(doc) for doc in nlp.pipe(texts)]
    for name in ("parser", "ner"):
        nlp.get_pipe(name).n_threads = 50
    assert [annotation(doc) for doc in nlp.pipe(texts)] == before
    for name in ("parser", "ner"):
        nlp.get_pipe(name).n_threads = 1


def test_settings_of_ours_have_their_own_place() -> None:
    with pytest.raises(ConfigError, match="'ner' has no argument 'n_threads'"):
        pipeline("ner", config={"n_threads": 2})
    config = pipeline("ner").config.copy()
    config["spanwright"] = {"components": {"ner": {"n_thread": 2}}}
    with pytest.raises(ConfigError, match="has no setting 'n_thread'. Did you mean 'n_threads'"):
        type(spanwright.blank("xx")).from_config(config)


@pytest.mark.parametrize("moves", ["moves.msg", {"S": 1}])
def test_moves_are_a_transition_system(moves: Any) -> None:
    with pytest.raises(InvalidTypeError, match=r"moves must be a transition system \(Biluo\), but is (str|\w*[Dd]ict)"):
        pipeline("ner", config={"moves": moves})


@pytest.mark.parametrize(
    ("setting", "value", "message"),
    [
        ("beam_width", 0, "must be a whole number of at least 1, but is 0"),
        ("beam_density", 1.5, "must be a number from 0 to 1, but is 1.5"),
    ],
)
def test_beams_have_a_size(setting: str, value: Any, message: str) -> None:
    with pytest.raises(InvalidValueError, match=f"Component 'beam_ner': {setting} {message}"):
        pipeline("beam_ner", config={setting: value})


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("beam_width", "8"), ("beam_width", True), ("beam_width", -3), ("beam_density", None), ("beam_density", -0.5),
        ("beam_update_prob", []), ("min_action_freq", 0.5), ("update_with_oracle_cut_size", None),
    ],
)  # fmt: skip
def test_saved_settings_that_make_no_sense(nlp: Any, setting: str, value: Any, tmp_path: Path) -> None:
    pipe = nlp.get_pipe("parser")
    pipe.to_disk(tmp_path)
    before = dict(pipe.cfg)
    (tmp_path / "cfg").write_text(json.dumps({**pipe.cfg, setting: value}))
    with pytest.raises(DataFormatError, match=rf"cfg: {setting} must be a .*, but is "):
        pipe.from_disk(tmp_path)
    with pytest.raises(DataFormatError, match=f"component 'parser': {setting} must be a"):
        pipe.from_bytes(dump_msgpack({"cfg": json.dumps({setting: value})}))
    assert pipe.cfg == before


@pytest.mark.parametrize("name", ["hidden_width", "maxout_pieces"])
def test_networks_have_a_size(name: str) -> None:
    with pytest.raises(InvalidValueError, match=f"{name} must be at least 1, but is 0"):
        pipeline("ner", **{name: 0})


@pytest.mark.parametrize("labels", [["PER", "LOC"], "PER", {1: ["PER"]}, {"x": {}}, {1: {"PER": "many"}}, {-1: {}}])
def test_labels_are_given_by_action(labels: Any) -> None:
    nlp = pipeline("ner")
    with pytest.raises(InvalidTypeError, match="labels must be a table of the labels of each action.*label_data"):
        nlp.get_pipe("ner").initialize(lambda: examples(nlp), nlp=nlp, labels=labels)
    with pytest.raises(InvalidValueError, match="has no action 99"):
        nlp.get_pipe("ner").initialize(lambda: examples(nlp), nlp=nlp, labels={99: {"A": 1}})


@pytest.mark.parametrize(("name", "file"), FILES)
def test_damaged_files_are_read_or_an_error(nlp: Any, name: str, file: str, tmp_path: Path) -> None:
    """Cut off, or with changed bits: in the end, the component is as it was, or usable."""
    pipe = nlp.get_pipe(name)
    pipe.to_disk(tmp_path, exclude=["vocab"])
    whole = (tmp_path / file).read_bytes()
    random = np.random.default_rng(len(whole))
    outcomes = set()
    for number in range(60):
        damaged = bytearray(whole)
        if number % 3 == 0:
            damaged = damaged[: int(random.integers(len(whole)))]
        else:
            # The beginning holds what matters: maps, names, shapes.
            for at in random.integers(min(len(whole), 600) if number % 3 == 1 else len(whole), size=2):
                damaged[at] ^= 1 << int(random.integers(8))
        (tmp_path / file).write_bytes(bytes(damaged))
        before = pipe.to_bytes(exclude=["vocab"])
        try:
            pipe.from_disk(tmp_path, exclude=["vocab"])
        except SpanwrightError as error:
            assert isinstance(error, ValueError)
            assert str(tmp_path / file) in str(error)
            assert pipe.to_bytes(exclude=["vocab"]) == before
            outcomes.add("error")
        else:
            annotation(pipe(nlp.make_doc("Ada Lovelace lived in London .")))
            pipe.from_bytes(before, exclude=["vocab"])
    assert "error" in outcomes


labels = st.text(st.sampled_from("aB|-_ é\n☃"), max_size=6)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(labels, min_size=1, max_size=4))
def test_any_text_is_a_label_and_survives(added: list[str]) -> None:
    nlp = pipeline("parser", "ner")
    nlp.initialize(lambda: examples(nlp))
    for name in ("parser", "ner"):
        for label in added:
            nlp.get_pipe(name).add_label(label)
    nlp.update(examples(nlp), sgd=Adam(0.01))
    other = pipeline("parser", "ner").from_bytes(nlp.to_bytes())
    for name in ("parser", "ner"):
        assert other.get_pipe(name).moves.move_names == nlp.get_pipe(name).moves.move_names
        assert other.get_pipe(name).label_data == nlp.get_pipe(name).label_data
    text = "Ada Lovelace lived in London ."
    assert annotation(other(text)) == annotation(nlp(text))
    other.update(examples(other), sgd=Adam(0.01))


@pytest.mark.parametrize(
    ("relation", "head", "found"), [("||", 0, ""), ("||x", 0, ""), ("x||", 1, "x"), ("a||b||c", 1, "a")]
)
def test_gold_relations_that_look_lifted(relation: str, head: int, found: str) -> None:
    """As in the peer, which fails at the last one. A token without a relation is a root."""
    nlp = pipeline("parser")
    words = ["Ada", "lived", "there"]
    gold = {"words": words, "heads": [1, 1, 1], "deps": [relation, "ROOT", "advmod"]}
    example = Example.from_dict(nlp.make_doc(" ".join(words)), gold)
    nlp.initialize(lambda: [example])
    optimizer = Adam(0.01)
    for _ in range(20):
        nlp.update([example], sgd=optimizer)
    doc = nlp(" ".join(words))
    assert [(token.head.i, token.dep_) for token in doc] == [(head, found), (1, "ROOT"), (1, "advmod")]


def test_labels_of_which_there_are_some_actions_keep_their_order_in_files() -> None:
    """ "nsubj" has a left arc and lacks the other actions; "zzz" comes later and sorts before it by name."""
    nlp = pipeline("parser")
    nlp.initialize(lambda: examples(nlp))
    pipe = nlp.get_pipe("parser")
    for label in ("nsubj", "zzz", "pobj", "Aaa"):
        assert pipe.add_label(label) == 1
    other = pipeline("parser").from_bytes(nlp.to_bytes())
    assert other.get_pipe("parser").moves.move_names == pipe.moves.move_names
    copy = pipe.moves.copy()
    for one in (copy, pipe.moves, other.get_pipe("parser").moves):
        for action in one.action_types:
            one.add_action(action, "mmm")
    assert copy.labels == pipe.moves.labels == other.get_pipe("parser").moves.labels
    assert other.get_pipe("parser").moves.to_bytes() == pipe.moves.to_bytes()


def test_many_labels() -> None:
    nlp = pipeline("ner")
    pipe = nlp.get_pipe("ner")
    for number in range(1000):
        pipe.add_label(f"L{number}")
    nlp.initialize(lambda: examples(nlp))
    nlp.update(examples(nlp))
    assert pipe.moves.n_moves == 4 * 1002 + 2
    assert pipeline("ner").from_bytes(nlp.to_bytes()).get_pipe("ner").labels == pipe.labels


@pytest.mark.parametrize("words", [[], [" "], ["\n", "  ", "\t"], ["Ada"], ["Ada", " "]])
def test_docs_with_hardly_any_words(nlp: Any, words: list[str]) -> None:
    doc = nlp.get_pipe("ner")(nlp.get_pipe("parser")(Doc(nlp.vocab, words=words)))
    assert len(list(doc.sents)) <= len(words)
    assert not any(token.is_space and token.ent_iob_ == "B" for token in doc)
    nlp.update([Example(Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words))])


class TestImpossibleGold:
    """Gold annotation that cannot be had is counted and said once; training goes on."""

    def misaligned(self, nlp: Any) -> Example:
        reference = Doc(
            nlp.vocab, words=["New", "York", "is"], spaces=[False] * 3, heads=[1, 2, 2], deps=["nmod", "nsubj", "ROOT"],
            ents=["B-LOC", "I-LOC", "O"],
        )  # fmt: skip
        return Example(Doc(nlp.vocab, words=["NewYo", "rkis"], spaces=[False, False]), reference)

    @pytest.mark.parametrize(("name", "count"), [("parser", 3), ("ner", 1), ("beam_parser", 3), ("beam_ner", 1)])
    def test_spans_and_arcs_that_do_not_fit_the_tokens(
        self, name: str, count: int, caplog: pytest.LogCaptureFixture
    ) -> None:
        nlp = pipeline(name, config={"beam_update_prob": 1.0} if name.startswith("beam") else {})
        nlp.initialize(lambda: examples(nlp))
        pipe = nlp.get_pipe(name)
        with caplog.at_level(logging.INFO, logger="spanwright"):
            nlp.update(examples(nlp))
            assert pipe.impossible_gold == 0
            assert not caplog.records
            for times in (1, 2):
                nlp.update([*examples(nlp), self.misaligned(nlp)], sgd=Adam(0.01))
                assert pipe.impossible_gold == times * count
        messages = [record.getMessage() for record in caplog.records]
        assert len(messages) == 1
        assert f"Component '{name}': {count} arcs or entities of this batch's gold" in messages[0]
        nlp.initialize(lambda: examples(nlp))
        assert pipe.impossible_gold == 0

    def test_entities_beyond_a_sentence_that_the_predicted_doc_has(self) -> None:
        nlp = pipeline("ner")
        nlp.initialize(lambda: examples(nlp))
        example = examples(nlp)[0]
        example.predicted[1].is_sent_start = True
        nlp.update([example], sgd=Adam(0.01))
        assert nlp.get_pipe("ner").impossible_gold == 1

    def test_spans_that_are_no_entities_may_overlap_and_have_any_label(self) -> None:
        nlp = pipeline("ner", config={"incorrect_spans_key": "wrong"})
        sample = examples(nlp)
        reference = sample[0].reference
        reference.spans["wrong"] = [
            Span(reference, first, last, label) for first, last, label in ((1, 4, "PER"), (2, 5, "PER"), (0, 6, "NEW"))
        ]
        nlp.initialize(lambda: sample)
        assert nlp.update(sample, sgd=Adam(0.01))["ner"] > 0


@pytest.mark.parametrize("starts", [[True] * 6, [False] * 6, [None] * 6, [True, False, None] * 2, [False, True] * 3])
def test_sentence_starts_that_are_there_stay(nlp: Any, starts: list[bool | None]) -> None:
    words = "Ada Lovelace lived in London .".split()
    doc = nlp.get_pipe("parser")(Doc(nlp.vocab, words=words, sent_starts=starts))
    for number, (token, start) in enumerate(zip(doc, starts, strict=True)):
        assert number == 0 or start is None or token.is_sent_start is start
        assert token.sent.start <= token.head.i < token.sent.end
