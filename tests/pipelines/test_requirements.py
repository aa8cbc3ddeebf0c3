"""The distributions that the package of a pipeline requires, from the names in its config."""

from __future__ import annotations

from typing import Any

from spanwright.packaging import requirements_of


def config_with(model: dict[str, Any]) -> dict[str, Any]:
    return {
        "nlp": {"lang": "en", "tokenizer": {"@tokenizers": "spacy.Tokenizer.v1"}},
        "components": {"tok2vec": {"factory": "tok2vec", "model": model}},
        "training": {"logger": {"@loggers": "nobody.HasThis.v1"}},
    }


def names(config: dict[str, Any], lang: str = "en") -> list[str]:
    return [line.partition(">=")[0] for line in requirements_of(config, lang)]


def test_what_runs_is_required_and_nothing_else() -> None:
    embed = {"@architectures": "spacy.MultiHashEmbed.v2"}
    config = config_with({"@architectures": "spacy.Tok2Vec.v2", "embed": embed, "encode": None})
    assert names(config) == ["spanwright-core", "spanwright-embeddings", "spanwright-languages", "spanwright-tok2vec"]
    assert names(config, "xy") == ["spanwright-core", "spanwright-embeddings", "spanwright-tok2vec"]


def test_an_extra_that_a_part_needs() -> None:
    config = config_with({"@architectures": "spacy.TorchBiLSTMEncoder.v1"})
    assert "spanwright-encoders[torch]" in names(config)


def test_retired_names_need_the_legacy_plugin() -> None:
    config = config_with({"@architectures": "spacy.HashEmbedCNN.v1"})
    assert "spanwright-legacy" in names(config)
