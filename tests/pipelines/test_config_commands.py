"""The commands around configs and data, with the components of several plugins: init, debug."""

from __future__ import annotations

import json
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spanwright import registry
from spanwright.cli import main
from spanwright.config import Config, load_config
from spanwright.errors import ConfigError, InvalidValueError, MissingFileError, RegistryMiss
from spanwright.tokens import Doc, DocBin
from spanwright.vocab import Vocab
from spanwright_training.commands._recipes import RECIPES, component, tok2vec_listener, transformer_listener
from spanwright_training.commands.debug_config import debug_config
from spanwright_training.commands.debug_data import debug_data
from spanwright_training.commands.debug_diff_config import debug_diff
from spanwright_training.commands.init_config import ExistingFileError, init_config, propose
from spanwright_training.commands.init_fill_config import fill_config
from spanwright_training.commands.init_labels import init_labels

PARTIAL = """
[nlp]
lang = "en"
pipeline = ["senter"]

[components]

[components.senter]
factory = "senter"
"""


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.cfg"
    init_config(pipeline=["tagger"]).to_disk(path, interpolate=False)
    return path


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    vocab = Vocab()
    docs = [Doc(vocab, ["a", "cat"], tags=["DT", "NN"]) for _ in range(3)]
    DocBin(docs=docs).to_disk(tmp_path / "train.spacy")
    return tmp_path / "train.spacy"


def paths(corpus: Path) -> dict[str, str]:
    return {"paths.train": str(corpus), "paths.dev": str(corpus)}


# --- init config


@pytest.mark.parametrize("optimize", ["efficiency", "accuracy"])
@pytest.mark.parametrize("gpu", [False, True])
def test_a_proposed_config_makes_the_pipeline(optimize: str, gpu: bool) -> None:
    from spanwright.language.loading import load_model_from_config

    if gpu and registry.has("factories", "transformer") and find_spec("torch") is None:
        pytest.skip("a transformer is proposed, which needs torch to be made")
    names = ["tagger", "morphologizer", "senter"]
    config = init_config(lang="de", pipeline=names, optimize=optimize, gpu=gpu)
    assert config["paths"]["train"] is None and config["initialize"]["vectors"] == "${paths.vectors}"
    assert Config().from_str(config.to_str(interpolate=False), interpolate=False) == config
    nlp = load_model_from_config(config)
    assert nlp.lang == "de" and nlp.pipe_names[-3:] == names


def test_what_depends_on_the_choices() -> None:
    small, large = (init_config(pipeline=["tagger"], optimize=name) for name in ("efficiency", "accuracy"))
    width = [one["components"]["tok2vec"]["model"]["encode"]["width"] for one in (small, large)]
    assert width == [96, 256]
    assert init_config(lang="ja", pipeline=["tagger"])["components"]["tok2vec"]["model"]["embed"]["rows"] == [
        5000,
        1000,
        2500,
    ]
    assert init_config(pipeline=["senter"])["nlp"]["pipeline"] == ["senter"]
    assert init_config(pipeline=["tok2vec", "senter"])["nlp"]["pipeline"] == ["tok2vec", "senter"]


def test_recipes_name_only_published_parts() -> None:
    for name in RECIPES:
        for listener in (tok2vec_listener, transformer_listener):
            for optimize in ("efficiency", "accuracy"):
                block = component(name, listener, optimize=optimize)
                assert block["factory"] == name and "@architectures" in block["model"]
    blocks, _ = propose("en", ["textcat"], "efficiency", gpu=False)
    assert blocks["nlp"]["pipeline"] == ["textcat"]  # a bag of words needs no vectors of tokens


def test_plugins_propose_settings_of_their_own(monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwright import plugins
    from spanwright.hookspecs import hookimpl

    def suggest(lang: str, optimize: str) -> dict[str, Any]:
        return {"training": {"max_steps": 7}, "components": {"tagger": {"overwrite": lang == "en"}}}

    manager = plugins.Plugins()
    manager.add(SimpleNamespace(init_config=hookimpl(specname="init_config")(suggest)), "test")
    monkeypatch.setattr(plugins, "get_plugins", lambda: manager)
    config = init_config(pipeline=["tagger"])
    assert config["training"]["max_steps"] == 7 and config["components"]["tagger"]["overwrite"] is True


def test_components_and_choices_that_there_are_not() -> None:
    with pytest.raises(RegistryMiss, match="Can't find 'taggr' .*Did you mean 'tagger'"):
        init_config(pipeline=["taggr"])
    with pytest.raises(InvalidValueError, match="optimize must be efficiency or accuracy, found 'speed'"):
        init_config(optimize="speed")
    with pytest.raises(InvalidValueError, match="The pipeline is empty. Name its components"):
        init_config(pipeline=[])


def test_the_command_writes_prints_and_overwrites_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "new" / "c.cfg"
    command = ["init", "config", str(path), "-p", "tagger, senter", "-l", "fr"]
    assert main(command) == 0
    told = capsys.readouterr().err
    assert "Components: tagger, senter" in told and f"spanwright train {path}" in told
    assert load_config(path)["nlp"]["pipeline"] == ["tok2vec", "tagger", "senter"]
    assert main(command) == 1
    assert "exists already. Overwrite it with --force" in capsys.readouterr().err
    assert main([*command, "--force"]) == 0
    capsys.readouterr()
    assert main(["init", "config", "-", "-p", "tagger"]) == 0
    printed = capsys.readouterr()
    assert "[components.tagger]" in printed.out and printed.err == ""
    assert issubclass(ExistingFileError, FileExistsError)


# --- fill-config, diff-config


def test_a_partial_config_is_completed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    base, full = tmp_path / "base.cfg", tmp_path / "full.cfg"
    base.write_text(PARTIAL)
    assert main(["init", "fill-config", str(base), str(full), "--diff"]) == 0
    told = capsys.readouterr().err
    assert "Filled in." in told and "+ max_steps = 20000" in told
    before, after = fill_config(full, full)
    assert before == after and after["components"]["senter"]["model"]["@architectures"] == "spacy.Tagger.v2"
    assert main(["init", "fill-config", str(full), str(full)]) == 0
    assert "Nothing to fill in" in capsys.readouterr().err
    with pytest.raises(MissingFileError, match=r"There is no config .*x\.cfg. Write one with: spanwright init config"):
        fill_config("-", tmp_path / "x.cfg")


def test_a_sourced_component_keeps_its_source(tmp_path: Path) -> None:
    from spanwright import blank

    nlp = blank("en")
    nlp.add_pipe("senter")
    nlp.initialize()
    nlp.to_disk(tmp_path / "source")
    base = tmp_path / "base.cfg"
    base.write_text(PARTIAL.replace('factory = "senter"', f'source = "{tmp_path / "source"}"'))
    _, filled = fill_config(tmp_path / "full.cfg", base)
    assert filled["components"]["senter"] == {"source": str(tmp_path / "source")}


def test_differences(config: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert debug_diff(config) == ""
    other = tmp_path / "other.cfg"
    other.write_text(config.read_text().replace("max_steps = 20000", "max_steps = 7"))
    text = debug_diff(other, markdown=True)
    assert text.startswith("```diff\n") and "- max_steps = 20000" in text and "+ max_steps = 7" in text
    assert main(["debug", "diff-config", str(other), str(config)]) == 0
    assert "+ max_steps = 7" in capsys.readouterr().out
    assert main(["debug", "diff-config", str(config), str(config)]) == 0
    assert "No difference" in capsys.readouterr().out


# --- debug config, labels


def test_a_good_config(config: Path, corpus: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = [part for key, value in paths(corpus).items() for part in (f"--{key}", value)]
    assert main(["debug", "config", str(config), "-F", "-V", *options]) == 0
    told = capsys.readouterr().out
    assert "The config is valid." in told and "${paths.train}" in told
    assert "spacy.Tagger.v2 (architectures), from spanwright-tagger" in told


def test_all_problems_of_a_config_at_once(config: Path) -> None:
    text = (
        config.read_text().replace("normalize = false", 'normalize = "x"').replace("patience = 1600", 'patience = "y"')
    )
    config.write_text(text)
    with pytest.raises(ConfigError) as caught:
        debug_config(config)
    told = str(caught.value)
    assert "[components.tagger.model] normalize" in told and "[training] patience" in told
    assert "train_corpus, cannot be read. spacy.Corpus.v1: the corpus needs a path, and it is null" in told
    assert "dev_corpus" in told
    with pytest.raises(ConfigError, match=r"frozen_components names 'x', and there is no such component"):
        debug_config(config, overrides={"training.frozen_components": ["x"]})


def test_labels_are_written_and_read_back(
    config: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    written = init_labels(config, tmp_path / "labels", overrides=paths(corpus), silent=False)
    assert json.loads(written["tagger"].read_text()) == ["DT", "NN"] and set(written) == {"tagger"}
    assert "tagger: 2 labels, in" in capsys.readouterr().err
    options = [part for key, value in paths(corpus).items() for part in (f"--{key}", value)]
    assert main(["init", "labels", str(config), str(tmp_path / "again"), *options]) == 0


# --- debug data


def test_the_command_on_a_small_corpus(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    vocab = Vocab()
    train = [Doc(vocab, ["a", "cat", "sat"], [True, True, False], tags=["DT", "NN", "VB"]) for _ in range(2)]
    train.append(Doc(vocab, ["can't", "go"], [True, False], tags=["MD", "VB"]))
    dev = [train[0], Doc(vocab, ["new", "dog"], [True, False], tags=["JJ", "NN"])]
    DocBin(docs=train).to_disk(tmp_path / "train.spacy")
    DocBin(docs=dev).to_disk(tmp_path / "dev.spacy")
    init_config(pipeline=["tagger"]).to_disk(tmp_path / "c.cfg", interpolate=False)
    options = ["--paths.train", str(tmp_path / "train.spacy"), "--paths.dev", str(tmp_path / "dev.spacy")]
    assert main(["debug", "data", str(tmp_path / "c.cfg"), "--verbose", *options]) == 1
    told = capsys.readouterr().out
    for part in (
        "ok   The pipeline can be initialized with the data",
        "training: 3 Docs, 8 tokens (3 a Doc, the longest 3)",
        "FAIL There are few training Docs (3)",
        "WARN 1 training Docs (33.3 %) repeat the text of another.",
        "WARN 1 dev texts are in the training data too, which makes scores too good; the first: 'a cat sat'",
        "40.0 % of the dev words are not in the training data",
        "WARN 1 gold tokens of the training data (12.5 %) are cut otherwise by the tokenizer.",
        "ok   The tokenizer cuts the dev data as the gold annotation does",
        "4 tags in the training data",
        "1 tags are in the dev data only: 'JJ' (1). They cannot be predicted, which costs 20.0 % of the dev examples.",
    ):
        assert part in told
    assert "=== Summary ===" in told
    overrides = {"paths.train": str(tmp_path / "train.spacy"), "paths.dev": str(tmp_path / "dev.spacy")}
    found = debug_data(tmp_path / "c.cfg", config_overrides=overrides)
    assert found.of("fail") and "WARN" not in found.render(ignore_warnings=True)
