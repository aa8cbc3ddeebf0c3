"""Updates, rehearsal, distillation, initialization."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
from parser_kit import SENTENCES, examples, pipeline, trained
from thinc.api import Adam, fix_random_seed

from spanwright.errors import InvalidTypeError, InvalidValueError, PipelineError
from spanwright.tokens import Doc, Example


def ready(*factories: str, **settings: Any) -> Any:
    fix_random_seed(0)
    nlp = pipeline(*factories, **settings)
    nlp.initialize(lambda: examples(nlp))
    return nlp


def weights(nlp: Any, name: str) -> bytes:
    return nlp.get_pipe(name).model.to_bytes()


@pytest.mark.parametrize("size", [0, 1, 5, 100])
@pytest.mark.parametrize("factory", ["parser", "ner"])
def test_sequences_are_cut(factory: str, size: int) -> None:
    nlp = ready(factory, config={"update_with_oracle_cut_size": size})
    losses = [nlp.update(examples(nlp), sgd=Adam(0.01))[factory] for _ in range(20)]
    assert np.isfinite(losses).all()
    assert min(losses[-4:]) < losses[0]


def test_cuts_use_pythons_random_numbers() -> None:
    nlp = ready("parser", config={"update_with_oracle_cut_size": 3})
    random.seed(1)
    nlp.update(examples(nlp), sgd=False)
    after = random.random()
    random.seed(1)
    random.uniform(1, 6)
    assert random.random() == after


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_one_seed_gives_one_model(version: str, shared: bool) -> None:
    found = []
    for _ in range(2):
        nlp = ready("parser", "ner", version=version, shared=shared)
        random.seed(0)
        for _ in range(3):
            nlp.update(examples(nlp), drop=0.2, sgd=Adam(0.01))
        found.append([weights(nlp, name) for name in nlp.pipe_names])
    assert found[0] == found[1]


def test_an_update_without_gold_does_nothing() -> None:
    nlp = ready("parser", "ner")
    before = weights(nlp, "parser"), weights(nlp, "ner")
    doc = nlp.make_doc("Some words")
    losses = nlp.update([Example(doc, doc.copy())])
    assert losses == {"parser": 0.0, "ner": 0.0}
    assert nlp.get_pipe("ner").update([]) == {"ner": 0.0}
    assert (weights(nlp, "parser"), weights(nlp, "ner")) == before


def test_gradients_can_be_added_up() -> None:
    from spanwright.errors import SpanwrightError

    nlp = ready("ner")
    pipe = nlp.get_pipe("ner")
    before = pipe.model.get_ref("upper").get_param("W").copy()
    pipe.update(examples(nlp), sgd=None)
    assert np.array_equal(pipe.model.get_ref("upper").get_param("W"), before)
    pipe.finish_update(Adam(0.01))
    assert not np.array_equal(pipe.model.get_ref("upper").get_param("W"), before)
    with pytest.raises(InvalidTypeError, match="EntityRecognizer.update"):
        pipe.update([1])
    assert issubclass(InvalidTypeError, SpanwrightError)


def test_new_entities_in_training_add_labels() -> None:
    nlp = ready("ner")
    pipe = nlp.get_pipe("ner")
    assert pipe.labels == ("LOC", "PER")
    doc = Doc(nlp.vocab, words="The Beagle sailed".split())
    example = Example.from_dict(doc, {"entities": ["O", "U-SHIP", "O"]})
    optimizer = Adam(0.01)
    for _ in range(60):
        nlp.update([example], sgd=optimizer)
    assert pipe.labels == ("LOC", "PER", "SHIP")
    assert pipe.model.get_ref("upper").get_dim("nO") == pipe.moves.n_moves
    # as gold it has been seen
    names = pipe.moves.move_names
    assert names.index("U-SHIP") not in pipe.model.attrs["unseen_classes"]
    assert names.index("I-SHIP") in pipe.model.attrs["unseen_classes"]
    assert [(ent.text, ent.label_) for ent in nlp("The Beagle sailed").ents] == [("Beagle", "SHIP")]


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("version", ["v2", "v3"])
def test_rehearsal_keeps_what_was_known(version: str, shared: bool) -> None:
    nlp = trained("parser", "ner", version=version, shared=shared, steps=10)
    for name in ("parser", "ner"):
        assert nlp.get_pipe(name).rehearse(examples(nlp)) == {name: 0.0}  # nothing to keep yet
    optimizer = nlp.resume_training(sgd=Adam(0.01))
    losses = nlp.rehearse(examples(nlp), sgd=optimizer, losses={})
    assert abs(losses["ner"]) < (0.1 if version == "v2" else 1e-10)  # only the dropout of v2 makes a difference yet
    nlp.update(examples(nlp)[:1], sgd=optimizer)
    nlp.get_pipe("ner").add_label("SHIP")
    later = nlp.rehearse(examples(nlp), sgd=optimizer, losses={})
    assert later["parser"] > 0
    assert np.isfinite(list(later.values())).all()
    assert nlp.rehearse([], losses={}) is not None


@pytest.mark.parametrize("factory", ["parser", "ner"])
def test_a_student_learns_from_a_teacher(factory: str) -> None:
    teacher = trained(factory, steps=40)
    fix_random_seed(1)
    student = pipeline(factory)
    data = teacher.get_pipe(factory).label_data
    student.initialize(lambda: examples(student))
    student.get_pipe(factory).initialize(lambda: examples(student), labels=data)
    docs = [Doc(student.vocab, words=words) for words, *_ in SENTENCES]
    optimizer, losses = Adam(0.01), []
    for _ in range(40):
        plain = [Example(doc.copy(), Doc(teacher.vocab, words=[token.text for token in doc])) for doc in docs]
        losses.append(student.get_pipe(factory).distill(teacher.get_pipe(factory), plain, sgd=optimizer)[factory])
    assert losses[-1] < losses[0] / 2
    key = {"parser": "dep_uas", "ner": "ents_f"}[factory]
    assert student.evaluate(examples(student))[key] > 0.9


def test_a_teacher_must_have_the_same_actions_and_tokens() -> None:
    nlp, other = trained("ner", steps=1), trained("ner", steps=1)
    other.get_pipe("ner").add_label("SHIP")
    pipe = nlp.get_pipe("ner")
    with pytest.raises(InvalidValueError, match=r"cannot be distilled from 'ner': they have different actions"):
        pipe.distill(other.get_pipe("ner"), examples(nlp))
    doc = Doc(nlp.vocab, words=["New", "York"])
    with pytest.raises(
        InvalidValueError, match="only where predicted and reference Doc have the same tokens; found 2 and 1"
    ):
        pipe.distill(pipe, [Example(doc, Doc(nlp.vocab, words=["NewYork"]))])
    assert pipe.distill(pipe, []) == {"ner": 0.0}


def test_rare_labels_are_left_out() -> None:
    nlp = pipeline("parser", config={"min_action_freq": 2})
    nlp.initialize(lambda: examples(nlp))
    labels = nlp.get_pipe("parser").labels
    assert "nsubj" in labels
    assert "compound" not in labels
    assert "dep" in labels


def test_labels_can_be_given() -> None:
    nlp = ready("parser", "ner")
    again = pipeline("parser", "ner")
    import json

    for name in ("parser", "ner"):
        data = json.loads(json.dumps(nlp.get_pipe(name).label_data))  # as init labels writes it
        again.get_pipe(name).initialize(lambda: examples(again), nlp=again, labels=data)
        assert again.get_pipe(name).moves.move_names == nlp.get_pipe(name).moves.move_names


def test_labels_that_were_added_before_stay() -> None:
    nlp = pipeline("ner")
    nlp.get_pipe("ner").add_label("SHIP")
    nlp.initialize(lambda: examples(nlp))
    assert nlp.get_pipe("ner").labels == ("LOC", "PER", "SHIP")


def test_initialize_needs_a_sample() -> None:
    nlp = pipeline("ner")
    with pytest.raises((InvalidTypeError, PipelineError, ValueError), match="get_examples|Example"):
        nlp.get_pipe("ner").initialize(list)


def test_several_objectives() -> None:
    nlp = ready("ner")
    calls: list[str] = []

    class Other:
        def update(self, examples: Any, **settings: Any) -> None:
            calls.append("update")

        def initialize(self, get_examples: Any, nlp: Any = None) -> None:
            calls.append("initialize")

    pipe = nlp.get_pipe("ner")
    pipe.add_multitask_objective(Other())
    pipe.initialize(lambda: examples(nlp), nlp=nlp)
    pipe.update(examples(nlp))
    assert calls == ["initialize", "update"]
