"""Callbacks that a config names."""

from __future__ import annotations

from pathlib import Path
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


def pipeline() -> Any:
    nlp = blank("en")
    nlp.add_pipe("senter")
    return nlp


def test_ranges_around_models_and_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    from thinc import util

    titles: list[str] = []

    class Range:
        def __init__(self, message: str, id_color: int = -1) -> None:
            titles.append(message)

        def __enter__(self) -> None: ...

        def __exit__(self, *args: Any) -> None: ...

    monkeypatch.setattr(util, "use_nvtx_range", Range)
    nlp = registry.callbacks.get("spacy.models_and_pipes_with_nvtx_range.v1")(
        additional_pipe_functions={"senter": ["add_label", "nothing"]}
    )
    with pytest.warns(SpanwrightWarning, match="'senter' has no method 'nothing' to mark"):
        marked = nlp(pipeline())
    marked.initialize()
    assert "senter initialize" in titles
    assert registry.callbacks.get("spacy.models_with_nvtx_range.v1")()(pipeline()).pipe_names == ["senter"]
