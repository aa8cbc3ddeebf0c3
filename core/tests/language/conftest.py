"""Components and a tokenizer that are small enough to be read: the tests need no plugin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy
import pytest
from thinc.api import Linear, fix_random_seed

from spanwright import registry
from spanwright.language import Language, blank
from spanwright.pipe import TrainablePipe
from spanwright_tokens.tokens import Doc, Example


class Splitter:
    """A tokenizer that splits at blanks."""

    def __init__(self, vocab: Any) -> None:
        self.vocab = vocab

    def __call__(self, text: str) -> Doc:
        return Doc(self.vocab, words=text.split())

    def to_bytes(self, *, exclude: Any = ()) -> bytes:
        return b"splitter"

    def from_bytes(self, data: bytes, *, exclude: Any = ()) -> Splitter:
        if data != b"splitter":
            raise ValueError("no splitter")
        return self

    def to_disk(self, path: Any, *, exclude: Any = ()) -> None:
        Path(path).write_bytes(self.to_bytes())

    def from_disk(self, path: Any, *, exclude: Any = ()) -> Splitter:
        return self.from_bytes(Path(path).read_bytes())


def make_splitter(nlp: Any) -> Splitter:
    return Splitter(nlp.vocab)


def splitter_v1() -> Any:
    return make_splitter


class Stamp:
    """A component with settings, labels and data of its own."""

    def __init__(self, name: str, word: str, times: int) -> None:
        self.name = name
        self.word = word
        self.times = times
        self.data: dict[str, Any] = {}
        self.initialized_with: Any = None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(self.data)

    def __call__(self, doc: Doc) -> Doc:
        if self.word in doc.text.split():
            raise RuntimeError(f"stop at {self.word}")
        doc.user_data.setdefault("stamps", []).append(self.name)
        return doc

    def initialize(self, get_examples: Any, *, nlp: Any = None, labels: list[str] | None = None) -> None:
        self.initialized_with = list(get_examples())
        self.data = dict.fromkeys(labels or [], 1)

    def to_disk(self, path: Any, *, exclude: Any = ()) -> None:
        Path(path).mkdir(exist_ok=True)
        (Path(path) / "data.json").write_bytes(self.to_bytes())

    def from_disk(self, path: Any, *, exclude: Any = ()) -> Stamp:
        return self.from_bytes((Path(path) / "data.json").read_bytes())

    def to_bytes(self, *, exclude: Any = ()) -> bytes:
        return json.dumps(self.data).encode("utf8")

    def from_bytes(self, data: bytes, *, exclude: Any = ()) -> Stamp:
        self.data = json.loads(data)
        return self


def make_stamp(nlp: Any, name: str, word: str, times: int = 1) -> Stamp:
    return Stamp(name, word, times)


def shout(doc: Doc) -> Doc:
    doc.user_data["shout"] = doc.text.upper()
    return doc


def forgetful(doc: Doc) -> None:
    return None


WIDTH = 3


class Learner(TrainablePipe):
    """Learns the length of words from three numbers."""

    def __init__(self, vocab: Any, model: Any, name: str) -> None:
        super().__init__(vocab, model, name)
        self.seen: list[list[int]] = []
        self._rehearsal_model: Any = None

    @staticmethod
    def features(docs: Any) -> Any:
        rows = [[len(token.text), 1.0, token.i % 2] for doc in docs for token in doc]
        return numpy.asarray(rows, dtype="f").reshape(-1, WIDTH)

    def predict(self, docs: Any) -> Any:
        return self.model.predict(self.features(docs))

    def set_annotations(self, docs: Any, scores: Any) -> None:
        for doc in docs:
            doc.user_data["seen by"] = [*doc.user_data.get("seen by", []), self.name]

    def update(self, examples: Any, *, drop: float = 0.0, sgd: Any = None, losses: Any = None) -> Any:
        docs = [eg.predicted for eg in examples]
        self.seen.append([id(doc) for doc in docs])
        self.annotated = [doc.user_data.get("seen by") for doc in docs]
        self.drop = drop
        scores, backprop = self.model.begin_update(self.features(docs))
        gold = numpy.asarray([[len(t.text)] for doc in docs for t in doc], dtype="f")
        backprop(scores - gold)
        if sgd:
            self.finish_update(sgd)
        losses[self.name] = losses.get(self.name, 0.0) + numpy.float32(((scores - gold) ** 2).sum())
        return losses

    def rehearse(self, examples: Any, *, drop: float = 0.0, sgd: Any = None, losses: Any = None, **kw: Any) -> Any:
        rows = self.features([eg.predicted for eg in examples])
        scores, backprop = self.model.begin_update(rows)
        gradient = scores - self._rehearsal_model.predict(rows)
        backprop(gradient)
        losses[self.name] = losses.get(self.name, 0.0) + float((gradient**2).sum())
        return losses

    def get_teacher_student_loss(self, teacher_scores: Any, student_scores: Any) -> Any:
        gradient = student_scores - teacher_scores
        return float((gradient**2).sum()), gradient

    def distill(
        self, teacher_pipe: Any, examples: Any, *, drop: float = 0.0, sgd: Any = None, losses: Any = None
    ) -> Any:
        scores, backprop = self.model.begin_update(self.features([eg.predicted for eg in examples]))
        loss, gradient = self.get_teacher_student_loss(teacher_pipe.predict([eg.reference for eg in examples]), scores)
        backprop(gradient)
        losses[self.name] = losses.get(self.name, 0.0) + loss
        return losses

    def initialize(self, get_examples: Any, *, nlp: Any = None, labels: list[str] | None = None) -> None:
        self.label_names = labels
        self.model.initialize(X=self.features([eg.predicted for eg in get_examples()]))

    def score(self, examples: Any, **kwargs: Any) -> dict[str, Any]:
        return {"learner_acc": numpy.float32(0.5), "n": len(list(examples))}

    @property
    def weights(self) -> Any:
        return self.model.get_param("W").copy()


def make_learner(nlp: Any, name: str) -> Learner:
    return Learner(nlp.vocab, Linear(1, WIDTH), name)


@pytest.fixture(scope="session", autouse=True)
def _registered() -> Iterator[None]:
    registry.tokenizers.register("test.Splitter.v1", func=splitter_v1)
    Language.factory(
        "stamp",
        default_config={"word": "stop"},
        assigns=["doc.user_data"],
        default_score_weights={"stamp_f": 1.0, "stamp_p": None},
        func=make_stamp,
    )
    Language.component("shout", requires=["doc.user_data"], func=shout)
    Language.component("forgetful", func=forgetful)
    yield


CONFIG: dict[str, Any] = {"nlp": {"tokenizer": {"@tokenizers": "test.Splitter.v1"}}}


@pytest.fixture
def nlp() -> Any:
    """An empty pipeline."""
    return blank("xx", config=CONFIG)


@pytest.fixture
def stamped(nlp: Any) -> Any:
    """A pipeline of two components."""
    nlp.add_pipe("stamp", config={"word": "halt"})
    nlp.add_pipe("shout")
    return nlp


def _examples(nlp: Any, *texts: str) -> list[Any]:
    return [Example.from_dict(nlp.make_doc(text), {}) for text in texts or ("one three", "a bb")]


@pytest.fixture
def examples() -> Any:
    """A function that makes Examples of texts, without annotation."""
    return _examples


@pytest.fixture
def learning(nlp: Any) -> Iterator[Any]:
    """An initialized pipeline with two trainable components, and one that is not."""
    Language.factory("learner", func=make_learner, default_score_weights={"learner_acc": 1.0})
    nlp.add_pipe("learner", name="first")
    nlp.add_pipe("learner", name="second")
    nlp.add_pipe("shout")
    fix_random_seed(0)
    nlp.config["training"]["optimizer"].update(learn_rate=0.1, grad_clip=0.0)
    nlp.initialize(lambda: _examples(nlp))
    yield nlp
    registry.factories.remove("learner")
