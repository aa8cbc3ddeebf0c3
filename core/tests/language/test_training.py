"""Steps of training: what is updated, on which Docs, by which optimizer; scores; and what is refused."""

from __future__ import annotations

from typing import Any

import numpy
import pytest

from spanwright import registry
from spanwright.language import Language
from spanwright_tokens.tokens import Example


def test_an_update_learns_and_reports_losses(learning: Any, examples: Any) -> None:
    batch = examples(learning)
    before = learning.update(batch)
    for _ in range(100):
        losses = learning.update(batch)
    assert set(losses) == {"first", "second"}
    assert all(type(loss) is float for loss in losses.values())
    assert losses["first"] < before["first"] / 2
    assert learning.update(batch, losses={"first": 100.0})["first"] > 100


def test_updates_work_on_copies_of_the_docs(learning: Any, examples: Any) -> None:
    batch = examples(learning)
    learning.update(batch, annotates=["first"])
    mine = {id(eg.predicted) for eg in batch}
    assert not mine & set(learning.get_pipe("first").seen[0])
    assert all("seen by" not in eg.predicted.user_data for eg in batch)


def test_frozen_components_keep_their_weights(learning: Any, examples: Any) -> None:
    before = learning.get_pipe("first").weights
    losses = learning.update(examples(learning), exclude=["first"])
    assert set(losses) == {"second"}
    assert numpy.array_equal(learning.get_pipe("first").weights, before)


def test_annotating_components_are_seen_by_later_ones(learning: Any, examples: Any) -> None:
    learning.update(examples(learning), annotates=["first", "shout"], exclude=["first"])
    assert learning.get_pipe("second").annotated == [["first"], ["first"]]


@pytest.mark.parametrize("method", ["update", "evaluate"])
def test_a_dropped_doc_shifts_no_other(nlp: Any, examples: Any, method: str) -> None:
    pairs: list[tuple[str, str]] = []

    class Reader:
        def __call__(self, doc: Any) -> Any:
            return doc

        def update(self, batch: Any, **kwargs: Any) -> None:
            pairs.extend((eg.predicted.text, eg.reference.text) for eg in batch)

        def score(self, batch: Any, **kwargs: Any) -> dict[str, Any]:
            self.update(batch)
            return {}

    Language.component("reader", func=Reader())
    nlp.add_pipe("stamp", config={"word": "halt"})
    nlp.add_pipe("reader")
    nlp.set_error_handler(lambda *failed: None)
    settings = {"annotates": ["stamp"], "sgd": False} if method == "update" else {}
    getattr(nlp, method)(examples(nlp, "a b", "halt now", "c", "d"), **settings)
    registry.factories.remove("reader")
    assert pairs == [(text, text) for text in ("a b ", "halt now ", "c ", "d ")]


def test_gradients_are_added_up_without_an_optimizer(learning: Any, examples: Any) -> None:
    second = learning.get_pipe("second")
    before = second.weights
    batch = examples(learning)
    learning.update(batch, sgd=False)
    assert numpy.array_equal(second.weights, before)
    once = second.model.get_grad("W").copy()
    learning.update(batch, sgd=False)
    assert numpy.allclose(second.model.get_grad("W"), 2 * once)
    learning.update(batch)
    assert not numpy.array_equal(second.weights, before)
    assert not second.model.get_grad("W").any()


def test_settings_reach_components(learning: Any, examples: Any) -> None:
    learning.update(examples(learning), drop=0.3, component_cfg={"second": {"drop": 0.5}})
    assert learning.get_pipe("first").drop == 0.3
    assert learning.get_pipe("second").drop == 0.5


@pytest.mark.parametrize("method", ["update", "rehearse", "evaluate"])
@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["text"], "takes Example objects; found str"),
        ("text", "needs a list of Examples, not one str"),
        ([("text", {})], "found tuple.*Example.from_dict"),
    ],
)
def test_only_examples_are_taken(learning: Any, method: str, wrong: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        getattr(learning, method)(wrong)
    with pytest.raises(ValueError):
        getattr(learning, method)(wrong)


def test_an_example_alone_and_the_early_form_are_refused(learning: Any, examples: Any) -> None:
    example = examples(learning)[0]
    with pytest.raises(TypeError, match="not one Example"):
        learning.update(example)
    with pytest.raises(ValueError, match="the form of v2"):
        learning.update(["text"], [{"tags": []}])


def test_an_empty_batch_changes_nothing(learning: Any) -> None:
    assert learning.update([], losses={"a": 1.0}) == {"a": 1.0}
    assert learning.rehearse([]) == {}


def test_rehearsal_pulls_back_to_what_was_known(learning: Any, examples: Any) -> None:
    batch = examples(learning)
    optimizer = learning.resume_training()
    assert optimizer is learning.resume_training()
    first = learning.get_pipe("first")
    first.model.set_param("W", first.weights + 1)
    away = learning.rehearse(batch)["first"]
    for _ in range(30):
        losses = learning.rehearse(batch)
    assert losses["first"] < away / 10
    assert learning.rehearse(batch, exclude=["first"]).keys() == {"second"}


def test_a_student_learns_from_a_teacher(learning: Any, examples: Any) -> None:
    from copy import deepcopy

    teacher = deepcopy(learning)
    teacher.rename_pipe("second", "other")
    teacher.get_pipe("first").model.set_param("W", teacher.get_pipe("first").weights + 1)
    batch = examples(learning)
    names = {"second": "other"}
    before = learning.distill(teacher, batch, student_to_teacher=names)["first"]
    for _ in range(30):
        losses = learning.distill(teacher, batch, student_to_teacher=names)
    assert losses["first"] < before / 10
    with pytest.raises(ValueError, match="no component 'second' in the teacher pipeline"):
        learning.distill(teacher, batch)


def test_other_weights_can_be_used_for_a_while(learning: Any) -> None:
    first = learning.get_pipe("first")
    before = first.weights
    other = {(first.model.id, "W"): before + 1}
    with learning.use_params(other):
        assert numpy.array_equal(first.weights, before + 1)
    assert numpy.array_equal(first.weights, before)
    with pytest.raises(RuntimeError, match="stop"), learning.use_params(other):
        raise RuntimeError("stop")
    assert numpy.array_equal(first.weights, before)
    with learning.use_params(None):
        pass


def test_generators_serve_as_use_params_too(learning: Any) -> None:
    first, log = learning.get_pipe("first"), []

    def use_params(params: Any) -> Any:
        log.append("in")
        yield
        log.append("out")

    first.use_params = use_params
    with learning.use_params({(0, "W"): 1}):
        assert log == ["in"]
    assert log == ["in", "out"]


def test_scores_are_plain_and_timed(learning: Any, examples: Any) -> None:
    batch = examples(learning)
    scores = learning.evaluate(batch)
    assert type(scores["learner_acc"]) is float
    assert scores["speed"] > 0
    assert scores["n"] == 2
    assert all("seen by" not in eg.predicted.user_data for eg in batch)
    assert "first" in learning.evaluate(batch, per_component=True)


def test_a_scorer_can_be_given(learning: Any, examples: Any) -> None:
    class Count:
        def score(self, batch: Any, *, per_component: bool = False) -> dict[str, Any]:
            return {"n": sum("seen by" in eg.predicted.user_data for eg in batch)}

    assert learning.evaluate(examples(learning), scorer=Count())["n"] == 2


def test_initialize_gives_components_their_settings(nlp: Any, examples: Any) -> None:
    stamp = nlp.add_pipe("stamp")
    nlp.config["initialize"]["components"]["stamp"] = {"labels": ["A", "B"]}
    batch = examples(nlp)
    nlp.initialize(lambda: batch)
    assert stamp.initialized_with == batch
    assert stamp.labels == ("A", "B")


def test_initialize_works_without_examples(nlp: Any, examples: Any) -> None:
    stamp = nlp.add_pipe("stamp")
    optimizer = nlp.initialize()
    assert [type(example) for example in stamp.initialized_with] == [Example]
    assert nlp.initialize(sgd=optimizer) is optimizer
    assert nlp.update(examples(nlp)) == {}


def test_switched_off_components_are_not_initialized(nlp: Any) -> None:
    stamp = nlp.add_pipe("stamp")
    with nlp.select_pipes(disable="stamp"):
        nlp.initialize()
    assert stamp.initialized_with is None


def test_begin_training_is_an_early_name(nlp: Any) -> None:
    with pytest.warns(DeprecationWarning, match="nlp.initialize"):
        assert nlp.begin_training() is not None


@pytest.mark.parametrize(
    ("section", "settings", "message"),
    [
        ("components", {"stamp": {"lables": []}}, r"\[initialize.components.stamp\] lables:.*Did you mean 'labels'"),
        ("components", {"stamp": {"labels": 5}}, r"labels:.*expects"),
        ("vectors", "nowhere", r"\[initialize\] vectors = 'nowhere' cannot be loaded"),
        ("vocab_data", "nowhere.jsonl", "no file nowhere.jsonl, which .initialize. vocab_data names"),
        ("lookpus", None, "has no setting 'lookpus'. Did you mean 'lookups'"),
    ],
)
def test_wrong_settings_of_initialize_are_explained(nlp: Any, section: str, settings: Any, message: str) -> None:
    nlp.add_pipe("stamp")
    nlp.config["initialize"][section] = settings
    with pytest.raises((ValueError, OSError), match=message):
        nlp.initialize()


def test_examples_come_from_a_function(nlp: Any, examples: Any) -> None:
    with pytest.raises(TypeError, match=r"takes a function that returns Example objects, not list.*lambda"):
        nlp.initialize(examples(nlp))


def test_callbacks_of_initialize(nlp: Any) -> None:
    registry.callbacks.register("test.mark.v1", func=_mark_v1)
    nlp.add_pipe("stamp")
    nlp.config["initialize"]["before_init"] = {"@callbacks": "test.mark.v1", "text": "before"}
    nlp.config["initialize"]["after_init"] = {"@callbacks": "test.mark.v1", "text": "after"}
    nlp.initialize()
    assert nlp.meta["marks"] == [("before", False), ("after", True)]
    registry.callbacks.remove("test.mark.v1")


def _mark_v1(text: str) -> Any:
    def mark(nlp: Any) -> None:
        nlp.meta.setdefault("marks", []).append((text, nlp.get_pipe("stamp").initialized_with is not None))

    return mark


def test_vectors_come_from_another_pipeline(nlp: Any, tmp_path: Any) -> None:
    from spanwright.language import blank

    other = blank("xx")
    other.vocab.set_vector("cat", numpy.asarray([1.0, 2.0], dtype="f"))
    other.to_disk(tmp_path / "vectors")
    nlp.config["initialize"]["vectors"] = str(tmp_path / "vectors")
    nlp.initialize()
    assert nlp.vocab.vectors_length == 2
    assert list(nlp.vocab.get_vector("cat")) == [1.0, 2.0]


def test_words_come_from_a_file(nlp: Any, tmp_path: Any) -> None:
    path = tmp_path / "words.jsonl"
    path.write_text('{"lang": "xx", "settings": {}}\n{"orth": "cat", "prob": -5.0}\n', encoding="utf8")
    nlp.config["initialize"]["vocab_data"] = str(path)
    nlp.initialize()
    assert "cat" in nlp.vocab.strings
    assert nlp.vocab.cfg["oov_prob"] == -6.0
    for line, message in (('{"prob": 1}', "words.jsonl:1: the word lacks its text"), ("{", ":1: this is no JSON")):
        path.write_text(line, encoding="utf8")
        with pytest.raises(ValueError, match=message):
            nlp.initialize()


def test_pretrained_weights_are_loaded(learning: Any, tmp_path: Any, examples: Any) -> None:
    first = learning.get_pipe("first")
    first.model.set_param("W", first.weights + 1)
    saved = first.weights
    (tmp_path / "model.bin").write_bytes(first.model.to_bytes())
    learning.config["pretraining"] = {"component": "first", "layer": ""}
    learning.config["initialize"]["init_tok2vec"] = str(tmp_path / "model.bin")
    learning.initialize(lambda: examples(learning))
    assert numpy.array_equal(first.weights, saved)
    learning.config["initialize"]["init_tok2vec"] = "nowhere.bin"
    with pytest.raises(ValueError, match=r"\[initialize\] init_tok2vec: there is no file nowhere.bin"):
        learning.initialize(lambda: examples(learning))


def test_sourced_components_with_other_vectors_are_warned_of(nlp: Any, tmp_path: Any) -> None:
    from spanwright.errors import SpanwrightWarning
    from spanwright.language import blank, get_lang_class

    nlp.add_pipe("stamp")
    nlp.vocab.set_vector("cat", numpy.asarray([1.0, 2.0], dtype="f"))
    nlp.to_disk(tmp_path / "source")
    config = blank("xx").config
    config["nlp"]["pipeline"] = ["stamp"]
    config["components"] = {"stamp": {"source": str(tmp_path / "source")}}
    sourced = get_lang_class("xx").from_config(config)
    assert sourced.vocab.vectors_length == 0
    with pytest.warns(SpanwrightWarning, match="'stamp' comes from a pipeline with other word vectors"):
        sourced.initialize()
    with pytest.warns(SpanwrightWarning, match="other word vectors"):
        blank("xx").add_pipe("stamp", source=nlp)
    sourced.initialize()


def test_weights_that_are_no_numbers_are_not_updated(nlp: Any, examples: Any) -> None:
    class Odd:
        is_trainable = True
        model = True

        def __call__(self, doc: Any) -> Any:
            return doc

    Language.factory("odd", func=lambda nlp, name: Odd())
    nlp.add_pipe("odd")
    assert nlp.update(examples(nlp)) == {}
    registry.factories.remove("odd")


def test_no_optimizer_without_a_section(nlp: Any) -> None:
    nlp.config["training"].pop("optimizer")
    with pytest.raises(ValueError, match="training.optimizer"):
        nlp.create_optimizer()
