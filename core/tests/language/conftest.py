"""Components and a tokenizer that are small enough to be read: the tests need no plugin."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spanwright import registry
from spanwright.language import Language, blank
from spanwright_tokens.tokens import Doc


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
