"""What components inherit: batches, error handlers, labels, files, and the early names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy
import pytest
from thinc.api import SGD, Adam, Model, Softmax

from spanwright.errors import (
    DataFormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFileError,
    ModelDataError,
    PipelineError,
    SpanwrightError,
    UnsupportedError,
)
from spanwright.pipe import Pipe, TrainablePipe, batches
from spanwright.tokens import Doc, Example
from spanwright.vocab import Vocab

VOCAB = Vocab()


def doc(text: str) -> Any:
    return Doc(VOCAB, words=text.split())


def lengths(model: Any, docs: Any, is_train: bool) -> Any:
    return numpy.asarray([[len(d), 1.0] for d in docs], dtype="f"), lambda d: []


class Lengths(TrainablePipe):
    """Sets `Doc.user_data["n"]`; fails on Docs with the word "bad"."""

    seen: list[int]

    def __init__(self, vocab: Any = VOCAB, model: Any = None, name: str = "lengths", **cfg: Any) -> None:
        from thinc.api import chain

        super().__init__(vocab, model or chain(Model("lengths", lengths), Softmax(2, 2)).initialize(), name, **cfg)
        self.seen = []

    @property
    def labels(self) -> Any:
        return tuple(self.cfg.get("labels", ()))

    def predict(self, docs: Any) -> Any:
        self.seen.append(len(docs))
        if any("bad" in d.text for d in docs):
            raise RuntimeError("a bad doc")
        return [len(d) for d in docs]

    def set_annotations(self, docs: Any, scores: Any) -> None:
        for d, score in zip(docs, scores, strict=True):
            d.user_data["n"] = score

    def get_loss(self, examples: Any, scores: Any) -> Any:
        return float((scores**2).sum()), scores

    def get_teacher_student_loss(self, teacher_scores: Any, student_scores: Any) -> Any:
        gradient = student_scores - teacher_scores
        return float((gradient**2).sum()), gradient

    def initialize(self, get_examples: Any, *, nlp: Any = None, **settings: Any) -> None:
        self._initialize_model([eg.x for eg in self._sample(get_examples)])


def example(text: str = "some words") -> Any:
    return Example.from_dict(doc(text), {})


# Annotating


def test_pipe_predicts_whole_batches_in_order() -> None:
    pipe = Lengths()
    docs = [doc("w " * n) for n in (1, 2, 3, 4, 5)]
    assert [d.user_data["n"] for d in pipe.pipe(iter(docs), batch_size=2)] == [1, 2, 3, 4, 5]
    assert pipe.seen == [2, 2, 1]


def test_batch_sizes_may_be_a_series() -> None:
    assert list(batches("abcdef", iter([1, 3, 9]))) == [["a"], ["b", "c", "d"], ["e", "f"]]
    assert list(batches("abcdef", [2])) == [["a", "b"]]
    assert list(batches("", 2)) == []


def test_docs_that_fail_go_to_the_error_handler_one_by_one() -> None:
    pipe = Lengths()
    failed = []
    pipe.set_error_handler(
        lambda name, proc, docs, error: failed.append((name, proc, [d.text for d in docs], str(error)))
    )
    texts = ["one", "bad one", "three", "bad four", "five"]
    assert [d.text.strip() for d in pipe.pipe(map(doc, texts), batch_size=4)] == ["one", "three", "five"]
    assert failed == [("lengths", pipe, [doc(t).text], "a bad doc") for t in ("bad one", "bad four")]
    pipe(doc("bad"))
    assert len(failed) == 3
    assert list(pipe.pipe([doc("bad")])) == []


def test_without_a_handler_errors_are_raised() -> None:
    pipe = Lengths()
    with pytest.raises(RuntimeError, match="a bad doc"):
        pipe(doc("bad"))
    with pytest.raises(RuntimeError, match="a bad doc"):
        list(pipe.pipe([doc("one"), doc("bad")]))


def test_a_plain_component_pipes_and_handles_errors_too() -> None:
    class Upper(Pipe):
        name = "upper"

        def __call__(self, doc: Any) -> Any:
            if doc.text.strip() == "bad":
                raise RuntimeError("no")
            return doc

    pipe, failed = Upper(), []
    docs = [doc("one"), doc("bad")]
    with pytest.raises(RuntimeError, match="no"):
        list(pipe.pipe(docs))
    pipe.set_error_handler(lambda name, proc, docs, error: failed.extend(docs))
    assert list(pipe.pipe(docs)) == docs[:1]
    assert failed == docs[1:]
    assert (pipe.labels, pipe.label_data, pipe.hide_labels, pipe.is_trainable) == ((), None, False, False)
    assert pipe.initialize(lambda: [example()]) is None
    assert pipe.score([example()]) == {}


@pytest.mark.parametrize(
    ("call", "method"),
    [
        (lambda p: p.predict([]), "predict"),
        (lambda p: p.set_annotations([], []), "set_annotations"),
        (lambda p: p.get_loss([], []), "get_loss"),
        (lambda p: p.initialize(list), "initialize"),
        (lambda p: p.add_label("x"), "add_label"),
        (lambda p: p.get_teacher_student_loss([], []), "get_teacher_student_loss"),
    ],
)
def test_what_a_class_has_to_define(call: Any, method: str) -> None:
    pipe = TrainablePipe(VOCAB, Softmax(2, 2), "plain")
    with pytest.raises(NotImplementedError, match=f"'plain': its class TrainablePipe does not define `{method}`"):
        call(pipe)
    with pytest.raises(NotImplementedError, match="'': its class Pipe does not define `__call__`, which Pipe leaves"):
        Pipe()(doc("one"))


def test_scoring_passes_settings_labels_and_arguments() -> None:
    pipe = Lengths(labels=["a"], threshold=0.5)
    pipe.scorer = lambda examples, **settings: settings
    assert pipe.score([]) == {"labels": ("a",), "threshold": 0.5}
    assert pipe.score([], threshold=0.7, x=1) == {"labels": ("a",), "threshold": 0.7, "x": 1}
    pipe.scorer = None
    assert pipe.score([]) == {}


# Training


def test_update_adds_losses_and_changes_weights() -> None:
    pipe = Lengths()
    losses = {"lengths": 1.0}
    before = pipe.model.layers[1].get_param("b").copy()
    assert pipe.update([example()], losses=losses) is losses
    assert losses["lengths"] == pytest.approx(1.5)
    assert numpy.array_equal(pipe.model.layers[1].get_param("b"), before)
    pipe.update([example()], sgd=SGD(0.1))
    assert not numpy.array_equal(pipe.model.layers[1].get_param("b"), before)
    assert pipe.update([example("")]) == {"lengths": 0.0}


@pytest.mark.parametrize("wrong", [None, 3, [("text", {})], [1, 2]])
def test_update_takes_examples(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"Lengths.update needs a list of Examples"):
        Lengths().update(wrong)


def test_a_component_without_a_model_is_not_updated() -> None:
    pipe = Lengths()
    pipe.model = True  # type: ignore[assignment]
    assert pipe.update([example()]) == {}


def test_distilling_pulls_the_student_to_the_teacher() -> None:
    teacher, student = Lengths(), Lengths()
    teacher.model.layers[1].set_param("b", numpy.asarray([1.0, -1.0], dtype="f"))
    losses = [student.distill(teacher, [example()], sgd=SGD(0.5))["lengths"] for _ in range(50)]
    assert losses[-1] < losses[0] / 100
    assert student.distill(teacher, [example("")]) == {"lengths": 0.0}
    with pytest.raises(InvalidValueError, match="cannot be distilled from 'lengths': they have different labels"):
        Lengths(labels=["a"]).distill(teacher, [example()])


def test_use_params_gives_the_weights_back_whatever_happens() -> None:
    pipe = Lengths()
    layer = pipe.model.layers[1]
    before = layer.get_param("b").copy()
    with pytest.raises(KeyError), pipe.use_params({(layer.id, "b"): before + 1}):
        assert numpy.array_equal(layer.get_param("b"), before + 1)
        raise KeyError
    assert numpy.array_equal(layer.get_param("b"), before)


def test_the_default_optimizer_and_rehearsal() -> None:
    assert type(Lengths().create_optimizer()) is type(Adam())
    assert Lengths().rehearse([example()]) == {}


def test_begin_training_is_the_early_name_of_initialize() -> None:
    pipe = Lengths()
    optimizer = Adam()
    assert pipe.begin_training(lambda: [example()], sgd=optimizer) is optimizer
    assert type(pipe.begin_training(list, pipeline=[("lengths", pipe)])) is type(optimizer)
    assert pipe.begin_training() is not None


def test_initializing_without_a_sample() -> None:
    with pytest.raises(PipelineError, match="no sample to initialize component 'lengths' with"):
        Lengths().initialize(list)


# Labels


def test_labels_are_required_and_limited() -> None:
    pipe = Lengths()
    with pytest.raises(ValueError, match="Component 'lengths' has no labels.*initialize.components.lengths"):
        pipe._require_labels()
    pipe.cfg["labels"] = ["a", "b"]
    pipe._require_labels()
    with pytest.raises(ValueError, match="'lengths' was initialized with 2 outputs and cannot take another label"):
        pipe._allow_extra_label()
    assert not pipe.is_resizable
    with pytest.raises(NotImplementedError, match="'lengths' cannot change its number of outputs"):
        pipe.set_output(3)
    sizes = []
    pipe.model.attrs["resize_output"] = lambda model, n: sizes.append(n)
    pipe._allow_extra_label()
    pipe.set_output(3)
    assert pipe.is_resizable and sizes == [3]


# Files


@pytest.fixture
def trained() -> Any:
    pipe = Lengths(threshold=0.25, labels=["é", "b"])
    pipe.model.layers[1].set_param("b", numpy.asarray([1.0, 2.0], dtype="f"))
    return pipe


def equal(first: Any, second: Any) -> bool:
    return first.cfg == second.cfg and first.model.to_bytes() == second.model.to_bytes()


@pytest.mark.parametrize("exclude", [["vocab"], []])
def test_bytes_and_folders_round_trip(trained: Any, tmp_path: Path, exclude: list) -> None:
    assert equal(Lengths().from_bytes(trained.to_bytes(exclude=exclude), exclude=exclude), trained)
    trained.to_disk(tmp_path / "pipe", exclude=exclude)
    assert equal(Lengths().from_disk(tmp_path / "pipe", exclude=exclude), trained)
    names = {path.name for path in (tmp_path / "pipe").iterdir()}
    assert names == {"cfg", "model"} | (set() if exclude else {"vocab"})
    trained.to_disk(str(tmp_path / "pipe"), exclude=exclude)  # over itself


@pytest.mark.parametrize("field", ["cfg", "model"])
def test_fields_can_be_left_out(trained: Any, tmp_path: Path, field: str) -> None:
    fresh = Lengths()
    trained.to_disk(tmp_path / "pipe", exclude=["vocab", field])
    assert field not in {path.name for path in (tmp_path / "pipe").iterdir()}
    fresh.from_disk(tmp_path / "pipe", exclude=["vocab", field])
    fresh.from_bytes(trained.to_bytes(exclude=["vocab", field]), exclude=["vocab"])
    assert (fresh.cfg == trained.cfg) is (field != "cfg")
    assert (fresh.model.to_bytes() == trained.model.to_bytes()) is (field != "model")


def test_a_component_without_settings_is_loaded(trained: Any, tmp_path: Path) -> None:
    fresh = [Lengths(), Lengths()]
    for pipe in (trained, *fresh):
        del pipe.cfg
    trained.to_disk(tmp_path / "pipe", exclude=["vocab"])
    fresh[0].from_disk(tmp_path / "pipe", exclude=["vocab"])
    fresh[1].from_bytes(trained.to_bytes(exclude=["vocab"]), exclude=["vocab"])
    assert all(pipe.model.to_bytes() == trained.model.to_bytes() for pipe in fresh)


def test_a_failed_load_changes_nothing(trained: Any, tmp_path: Path) -> None:
    trained.to_disk(tmp_path / "pipe", exclude=["vocab"])
    (tmp_path / "pipe" / "model").write_bytes(b"no model")
    pipe = Lengths()
    before = pipe.to_bytes(exclude=["vocab"])
    with pytest.raises(ModelDataError, match="model: .*no saved model, or a truncated one"):
        pipe.from_disk(tmp_path / "pipe", exclude=["vocab"])
    (tmp_path / "pipe" / "model").unlink()
    with pytest.raises(FileNotFoundError, match="model: the weights of component 'lengths' are missing") as caught:
        pipe.from_disk(tmp_path / "pipe", exclude=["vocab"])
    assert isinstance(caught.value, MissingFileError)
    (tmp_path / "pipe" / "cfg").write_text("{")
    with pytest.raises(DataFormatError, match="cfg"):
        pipe.from_disk(tmp_path / "pipe", exclude=["vocab"])
    with pytest.raises(DataFormatError, match="component 'lengths'"):
        pipe.from_bytes(b"rubbish")
    with pytest.raises(ModelDataError, match="component 'lengths': .*is empty"):
        pipe.from_bytes(_emptied(trained))
    assert pipe.to_bytes(exclude=["vocab"]) == before


def _emptied(pipe: Any) -> bytes:
    import srsly

    message = srsly.msgpack_loads(pipe.to_bytes(exclude=["vocab"]))
    message["model"] = b""
    return srsly.msgpack_dumps(message)


def test_a_folder_without_settings_is_an_early_one(trained: Any, tmp_path: Path) -> None:
    trained.to_disk(tmp_path / "pipe", exclude=["vocab", "cfg"])
    assert Lengths(kept=1).from_disk(tmp_path / "pipe", exclude=["vocab"]).cfg == {"kept": 1}


@pytest.mark.parametrize("attr", ["vocab", "model"])
def test_what_a_component_needs_to_be_saved(attr: str) -> None:
    pipe = Lengths()
    setattr(pipe, attr, None)
    with pytest.raises(ValueError, match=rf"'lengths' \(Lengths\) cannot be saved or loaded: it has no `{attr}`"):
        pipe.to_bytes()


def test_every_error_is_ours_too() -> None:
    for error in (
        InvalidTypeError,
        InvalidValueError,
        MissingFileError,
        ModelDataError,
        PipelineError,
        UnsupportedError,
    ):
        assert issubclass(error, SpanwrightError)
