"""From configs to pipelines: order, defaults, switches, callbacks, sources, and everything that can be wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spanwright import registry
from spanwright.config import Config
from spanwright.errors import ConfigError, PipelineError, SpanwrightWarning
from spanwright.language import Language, blank, get_lang_class
from spanwright.language.description import _own_score_weights
from spanwright.language.factories import FactoryMeta
from spanwright.language.parts import MissingPartsError

TEXT = """
[paths]
word = "halt"

[nlp]
lang = "xx"
pipeline = ["first", "second"]
disabled = []
tokenizer = {"@tokenizers": "test.Splitter.v1"}

[components]

[components.first]
factory = "stamp"
word = ${paths.word}

[components.second]
factory = "shout"

[training]
score_weights = {"stamp_f": 0.5, "other": 0.5}

[training.logger]
@loggers = "nobody.WandbLogger.v99"

[spanwright]
note = "kept"
"""


def config(text: str = TEXT, **overrides: Any) -> Config:
    return Config().from_str(text, interpolate=False, overrides=overrides)


def make(given: Any = None, **kwargs: Any) -> Any:
    return get_lang_class("xx").from_config(config() if given is None else given, **kwargs)


def test_a_config_gives_its_components_in_order() -> None:
    nlp = make()
    assert nlp.pipe_names == ["first", "second"]
    assert nlp.get_pipe("first").word == "halt"
    assert nlp.get_pipe("first").name == "first"


def test_references_and_foreign_sections_are_kept() -> None:
    text = make().config.to_str(interpolate=False)
    assert "word = ${paths.word}" in text
    assert 'note = "kept"' in text
    assert 'factory = "stamp"' in text
    assert "times = 1" in text


def test_what_a_config_says_survives_a_round_trip() -> None:
    nlp = make()
    again = make(Config().from_str(nlp.config.to_str(interpolate=False), interpolate=False))
    assert again.config == nlp.config
    assert again.config["training"]["score_weights"] == {"stamp_f": 0.5, "stamp_p": None, "other": 0.5}


def test_training_is_not_resolved_when_a_pipeline_is_made() -> None:
    assert make().config["training"]["logger"] == {"@loggers": "nobody.WandbLogger.v99"}


def test_sections_that_only_training_reads_may_refer_to_nothing() -> None:
    nlp = make(config(TEXT.replace('"stamp_f": 0.5, "other": 0.5', '"a": "${nothing.here}"')))
    assert nlp.pipe_names == ["first", "second"]


def test_missing_settings_get_their_defaults_silently() -> None:
    bare = config(TEXT.replace("disabled = []\n", ""))
    nlp = make(bare, auto_fill=False)
    assert nlp.config["nlp"]["batch_size"] == 1000
    assert "corpora" not in nlp.config
    assert "corpora" in make(bare).config


def test_disabled_components_are_made_and_excluded_ones_are_not() -> None:
    nlp = make(config(**{"nlp.disabled": ["second"]}), disable="first")
    assert nlp.component_names == ["first", "second"]
    assert nlp.pipe_names == []
    assert nlp.disabled == ["first", "second"]
    nlp = make(exclude=["first"])
    assert nlp.component_names == ["second"]
    nlp = make(enable="second")
    assert nlp.disabled == ["first"]


def test_an_excluded_component_may_lack_its_plugin() -> None:
    given = config(TEXT.replace('factory = "stamp"', 'factory = "not_to_be_had"'))
    assert make(given, exclude="first").pipe_names == ["second"]
    given = config(TEXT.replace("word = ${paths.word}", "word = ${nothing.here}"))
    assert make(given, exclude="first").pipe_names == ["second"]


def test_all_missing_parts_are_listed_at_once() -> None:
    broken = TEXT.replace('factory = "stamp"\nword = ${paths.word}', 'factory = "experimental_coref"').replace(
        'factory = "shout"', 'factory = "stamp"\nmodel = {"@architectures": "spacy.PretrainCharacters.v1"}'
    )
    with pytest.raises(MissingPartsError) as info:
        make(config(broken))
    text = str(info.value)
    assert "needs 2 parts" in text
    assert "pip install spanwright-experimental spanwright-pretraining" in text
    assert "[components.first] factory: Can't find 'experimental_coref'" in text
    assert "[components.second.model] @architectures: Can't find 'spacy.PretrainCharacters.v1'" in text
    assert isinstance(info.value, ValueError)
    assert isinstance(info.value, LookupError)


def test_what_meta_says_provided_a_missing_part_is_passed_on() -> None:
    meta = {"spanwright": {"provided_by": {"factories": {"zzz": {"distribution": "my-plugin", "version": "2.0"}}}}}
    given = config(TEXT.replace('factory = "stamp"', 'factory = "zzz"'))
    with pytest.raises(MissingPartsError, match=r"pip install my-plugin(?s:.)*my-plugin 2.0 provided it"):
        make(given, meta=meta)
    meta = {"spanwright": {"provided_by": {"factories": {"zzz": {"module": "code", "file": "/x/code.py"}}}}}
    with pytest.raises(MissingPartsError, match=r"registered by /x/code.py \(module code\)"):
        make(given, meta=meta)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('lang = "xx"', 'lang = "en"', "is for the language 'en'"),
        ('"second"]', '"third"]', r"no section \[components.third\].*describes: first, second"),
        ('["first", "second"]', '["first", "first"]', "names components twice: first"),
        ('["first", "second"]', '"first"', "must be a list of names"),
        ('factory = "shout"', 'model = "shout"', "says neither how it is made"),
        ("disabled = []", 'disabled = []\nbatch_size = "many"', "batch_size: 'nlp' expects a whole number"),
        ("${paths.word}", "${paths.wrod}", r"refers to \$\{paths.wrod\}.*Did you mean \$\{paths.word\}"),
        ("word = ${paths.word}", 'wodr = "x"', "'stamp' has no argument 'wodr'. Did you mean 'word'"),
        ("test.Splitter.v1", "test.Spliter.v1", "Did you mean 'test.Splitter.v1'"),
    ],
)
def test_mistakes_are_explained(old: str, new: str, message: str) -> None:
    assert old in TEXT
    with pytest.raises(ValueError, match=message):
        make(config(TEXT.replace(old, new)))


def test_unknown_settings_of_the_pipeline_itself_are_ignored_with_a_warning() -> None:
    text = TEXT.replace("disabled = []", "disabled = []\nbatch_szie = 5")
    with pytest.warns(SpanwrightWarning, match="no setting 'batch_szie', and it is ignored. Did you mean 'batch_size'"):
        nlp = make(config(text))
    assert nlp.config["nlp"]["batch_szie"] == 5


def test_a_config_without_a_pipeline_is_explained() -> None:
    from spanwright.language.loading import load_model_from_config

    with pytest.raises(PipelineError, match=r"no section \[nlp\].*Its sections are: training"):
        load_model_from_config({"training": {}})
    with pytest.raises(PipelineError, match=r"no language \(\[nlp\] lang\)"):
        load_model_from_config({"nlp": {}})
    with pytest.raises(PipelineError, match=r"The config has no section \[nlp\]"):
        make(Config({"training": {}}), auto_fill=False)


def test_contradictory_switches_are_refused() -> None:
    with pytest.raises(ValueError, match="components first are in `enable` and are switched off too"):
        make(enable=["first"], disable=["first"])
    with pytest.raises(ValueError, match="switched off too"):
        make(config(**{"nlp.disabled": ["second"]}), enable=["first", "second"])
    with pytest.warns(SpanwrightWarning, match="goes before"):
        make(config(**{"nlp.enabled": ["first"]}), enable=["second"], validate=False)


def _note(nlp: Any) -> Any:
    nlp.meta["noted"] = list(nlp.pipe_names)
    return nlp


def _drop(nlp: Any) -> Any:
    return None


@pytest.fixture
def callbacks() -> Any:
    registry.callbacks.register("test.note.v1", func=lambda: _note)
    registry.callbacks.register("test.drop.v1", func=lambda: _drop)
    yield
    registry.callbacks.remove("test.note.v1")
    registry.callbacks.remove("test.drop.v1")


@pytest.mark.parametrize(("key", "seen"), [("after_creation", []), ("after_pipeline_creation", ["first", "second"])])
def test_callbacks_see_the_pipeline(callbacks: Any, key: str, seen: list[str]) -> None:
    nlp = make(config(**{f"nlp.{key}": {"@callbacks": "test.note.v1"}}))
    assert nlp.meta["noted"] == seen


@pytest.mark.parametrize("key", ["before_creation", "after_creation", "after_pipeline_creation"])
def test_callbacks_must_return_what_they_got(callbacks: Any, key: str) -> None:
    with pytest.raises(ValueError, match=f"{key} .*must return|must return it"):
        make(config(**{f"nlp.{key}": {"@callbacks": "test.drop.v1"}}))


def test_a_vocabulary_of_another_language_is_refused() -> None:
    with pytest.raises(ValueError, match="vocabulary is made for the language 'tlh', and the pipeline for 'xx'"):
        make(vocab=blank("tlh").vocab)
    with pytest.raises(ValueError, match="must be a Vocab, or True"):
        make(vocab="vocab")
    vocab = blank("xx").vocab
    assert make(vocab=vocab).vocab is vocab


def test_components_are_sourced_by_path(tmp_path: Path, stamped: Any) -> None:
    stamped.get_pipe("stamp").data = {"A": 1}
    stamped.to_disk(tmp_path / "source")
    sourced = TEXT.replace(
        'factory = "stamp"\nword = ${paths.word}', f'source = "{tmp_path / "source"}"\ncomponent = "stamp"'
    )
    nlp = make(config(sourced))
    assert nlp.pipe_names == ["first", "second"]
    assert nlp.get_pipe("first").data == {"A": 1}
    assert nlp.get_pipe("first").name == "first"
    assert nlp.config["components"]["first"] == {"factory": "stamp", "word": "halt", "times": 1}


def test_settings_that_sourcing_ignores_are_named(tmp_path: Path, stamped: Any) -> None:
    stamped.to_disk(tmp_path / "source")
    sourced = TEXT.replace('factory = "stamp"', f'source = "{tmp_path / "source"}"\ncomponent = "stamp"')
    with pytest.warns(SpanwrightWarning, match=r"\[components.first\] takes.*: word in its section is ignored"):
        make(config(sourced))


def test_a_source_without_the_component_is_named(tmp_path: Path, stamped: Any) -> None:
    stamped.to_disk(tmp_path / "source")
    sourced = TEXT.replace('factory = "stamp"\nword = ${paths.word}', f'source = "{tmp_path / "source"}"')
    with pytest.raises(KeyError, match="no component 'first' in '.*source'"):
        make(config(sourced))


@pytest.mark.parametrize(
    ("source", "kind", "message"),
    [
        ("null", ValueError, r"\[components.first\] source: expected the name or path of a pipeline, found None"),
        ('"xx_gone"', FileNotFoundError, r"\[components.first\] source: There is no pipeline 'xx_gone'"),
    ],
)
def test_a_source_that_is_no_pipeline_is_named(source: str, kind: type[Exception], message: str) -> None:
    sourced = TEXT.replace('factory = "stamp"\nword = ${paths.word}', f"source = {source}")
    with pytest.raises(kind, match=message):
        make(config(sourced))


def test_the_default_config_is_that_of_the_file(nlp: Any) -> None:
    assert list(Language.default_config) == [
        "paths",
        "system",
        "nlp",
        "components",
        "corpora",
        "training",
        "initialize",
    ]
    assert Language.default_config["training"]["optimizer"]["@optimizers"] == "Adam.v1"


def test_optimizers_come_from_the_config(nlp: Any) -> None:
    nlp.config["training"]["optimizer"]["learn_rate"] = 0.5
    optimizer = nlp.create_optimizer()
    rate = optimizer.learn_rate
    assert (rate(0) if callable(rate) else rate) == 0.5


def test_a_bad_setting_of_an_optimizer_is_reported(nlp: Any) -> None:
    nlp.config["training"]["optimizer"]["learning_rate"] = 0.5
    with pytest.raises(ConfigError, match=r"\[training.optimizer\] learning_rate: 'Adam.v1' has no argument"):
        nlp.create_optimizer()


def test_score_weights_of_a_span_group_follow_its_key() -> None:
    weights = {"spans_sc_f": 1.0, "spans_sc_p": None, "speed": 0.0}
    meta = FactoryMeta("grouper", default_config={"spans_key": "sc"}, default_score_weights=weights)
    assert _own_score_weights(meta, {"spans_key": "sc"}) == weights
    assert _own_score_weights(meta, {"spans_key": "names"}) == {
        "spans_names_f": 1.0,
        "spans_names_p": None,
        "speed": 0.0,
    }
    assert _own_score_weights(FactoryMeta("plain"), {"spans_key": "names"}) == {}
