"""Callbacks that a config names."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spanwright import blank, registry
from spanwright.errors import ConfigError, SpanwrightWarning


def test_tokenizer_and_vocabulary_of_another_pipeline(tmp_path: Path) -> None:
    base = blank("en")
    base.tokenizer.add_special_case("gonnado", [{"ORTH": "gonna"}, {"ORTH": "do"}])
    base.vocab.strings.add("remembered")
    base.to_disk(tmp_path)
    callback = registry.callbacks.get("spacy.copy_from_base_model.v1")(tokenizer=str(tmp_path), vocab=str(tmp_path))
    nlp = blank("en")
    assert callback(nlp) is nlp
    assert [token.text for token in nlp("gonnado")] == ["gonna", "do"]
    assert "remembered" in nlp.vocab.strings
    other = blank("en")
    other.config["nlp"]["tokenizer"] = {"@tokenizers": "mine.v1"}
    with pytest.raises(ConfigError, match=r"Can't copy the tokenizer of .*Set \[nlp.tokenizer\] to the same"):
        callback(other)


class Component:
    """A trainable component, as far as the callbacks look at it."""

    is_trainable = True

    def __init__(self) -> None:
        from thinc.api import Linear, Relu, chain

        shared = Linear(1, 1)
        self.model: Any = chain(shared, Relu(1, 1), shared)

    def initialize(self, number: int) -> int:
        return number + 1

    def add_label(self, label: str) -> int:
        return len(label)


class Slotted:
    """A component whose methods cannot be replaced."""

    __slots__ = ()

    def pipe(self) -> None: ...


def test_ranges_around_models_and_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    import inspect

    from thinc import util

    titles: list[str] = []

    class Range:
        def __init__(self, message: str, id_color: int = -1) -> None:
            titles.append(message)

        def __enter__(self) -> None: ...

        def __exit__(self, *args: Any) -> None: ...

    monkeypatch.setattr(util, "use_nvtx_range", Range)
    component = Component()
    signature = inspect.signature(component.initialize)
    nlp = SimpleNamespace(components=[("one", component)])
    mark = registry.callbacks.get("spacy.models_and_pipes_with_nvtx_range.v1")
    with pytest.warns(SpanwrightWarning, match="'one' has no method 'nothing' to mark"):
        assert mark(additional_pipe_functions={"one": ["add_label", "nothing"]})(nlp) is nlp
    assert (component.initialize(1), component.add_label("ab")) == (2, 2)
    assert titles == ["one initialize", "one add_label"]
    assert inspect.signature(component.initialize) == signature
    with pytest.warns(SpanwrightWarning, match="method 'pipe' of the component 'fixed' can't be marked"):
        mark()(SimpleNamespace(components=[("fixed", Slotted())]))
    assert registry.callbacks.get("spacy.models_with_nvtx_range.v1")()(nlp) is nlp
