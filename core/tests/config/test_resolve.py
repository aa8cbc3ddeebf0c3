"""From blocks to objects: calls, checks, defaults, and where things came from."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spanwright.config import Config, fill, load_config_from_str, preferences, providers, resolve
from spanwright.errors import ConfigError


def faults(config: Any, registry: Any, **settings: Any) -> dict[str, Any]:
    with pytest.raises(ConfigError) as caught:
        resolve(config, registry=registry, **settings)
    return {problem.path: problem for problem in caught.value.problems}


def test_functions_are_called_innermost_first(registry: Any, text: str) -> None:
    config = load_config_from_str(text)
    net = resolve(config, section="components.tagger.model", registry=registry)
    assert net == {"width": 96, "embed": ("embed", (1000, 500), None), "dropout": 0.2, "mode": "a"}
    whole = resolve(config, registry=registry)
    assert whole["components"]["tagger"]["model"] == net
    assert whole["nlp"]["lang"] == "en"
    assert registry.resolve(config)["paths"]["width"] == 96


def test_only_the_section_asked_for_is_looked_up(registry: Any) -> None:
    config = load_config_from_str(
        "[a]\nx = ${b.y}\n[b]\ny = 1\n"
        '[broken]\n@misc = "nobody.has.v1"\nz = ${no.thing}\n[a.f]\n@misc = "test.callback.v1"\n'
    )
    resolved = resolve(config, section="a", registry=registry)
    assert resolved["x"] == 1
    assert resolved["f"](5) == 5


def test_objects_are_passed_on(registry: Any) -> None:
    nlp = object()
    block = {"@architectures": "test.Net.v1", "width": 1, "embed": nlp}
    assert resolve({"cfg": block}, registry=registry)["cfg"]["embed"] is nlp


def test_positional_arguments(registry: Any) -> None:
    config = load_config_from_str(
        '[a]\n@misc = "test.chain.v1"\nsep = "+"\n[a.*.one]\n@misc = "test.chain.v1"\n'
        "[a.*.one.*]\nx = 1\ny = 2\n[a.*.two]\nk = 3\n"
    )
    assert resolve({"s": config["a"]}, registry=registry)["s"] == "1-2+{'k': 3}"
    assert resolve({"s": {"@misc": "test.chain.v1", "*": ["p", "q"]}}, registry=registry)["s"] == "p-q"
    assert "takes no positional arguments" in str(
        faults({"s": {"@misc": "test.callback.v1", "*": {"x": 1}}}, registry)["s.*"]
    )


def test_all_faults_are_told_in_one_pass(registry: Any) -> None:
    text = """
[one]
@architectures = "test.Net.v1"
widht = 3
mode = "c"
dropout = "much"

[one.embed]
@architectures = "test.Embd.v1"
rows = [1]

[two]
@architectures = "test.Embed.v1"
rows = ["many"]
attrs = 5
"""
    config = load_config_from_str(text)
    found = faults(config, registry)
    assert set(found) == {
        "one.widht", "one.width", "one.mode", "one.dropout", "one.embed.@architectures", "two.rows", "two.attrs",
    }  # fmt: skip
    assert {path: problem.kind for path, problem in found.items()} == {
        "one.widht": "unexpected", "one.width": "missing", "one.mode": "type", "one.dropout": "type",
        "one.embed.@architectures": "name", "two.rows": "type", "two.attrs": "type",
    }  # fmt: skip
    assert found["one.widht"].nearest == "width"
    assert "has no argument 'widht'. Did you mean 'width'?" in found["one.widht"].message
    assert "needs the argument 'width', a whole number. Add it." in found["one.width"].message
    assert "expects one of 'a', 'b'; found 'c' (a text)" in found["one.mode"].message
    assert found["one.dropout"].expected == "a number"
    assert found["one.dropout"].found == "much"
    assert "test.Embed.v1" in found["one.embed.@architectures"].message
    assert "expects a list of whole numbers; found ['many'] (a list)" in found["two.rows"].message
    assert "expects a list of texts or null; found 5 (a whole number)" in found["two.attrs"].message
    assert found["two.attrs"].where == "line 15"
    assert found["two.attrs"].source == "attrs = 5"


def test_an_argument_unlike_any_lists_them(registry: Any) -> None:
    block = {"@architectures": "test.Embed.v1", "rows": [1], "zzz": 1}
    assert "It has: attrs." in faults({"a": block}, registry)["a.zzz"].message
    assert "It has no arguments." in faults({"a": {"@misc": "test.callback.v1", "q": 1}}, registry)["a.q"].message


def test_a_missing_plugin_names_the_distribution(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwright.registry import _registry

    rows = {"architectures": {"far.Net.v1": {"distribution": "spanwright-far", "since": "0.3"}}}
    monkeypatch.setattr(_registry, "install_index", lambda: rows)
    found = faults({"a": {"@architectures": "far.Net.v1"}}, registry)["a.@architectures"]
    assert found.kind == "plugin"
    assert found.distribution == "spanwright-far"
    assert "pip install spanwright-far" in found.message


def test_a_block_names_one_function(registry: Any) -> None:
    found = faults({"a": {"@misc": "test.callback.v1", "@architectures": "test.Net.v1"}}, registry)
    assert "a block names one function, and this one has @misc already" in found["a.@architectures"].message


def test_an_unknown_registry(registry: Any) -> None:
    found = faults({"a": {"@architectres": "test.Net.v1"}}, registry)["a.@architectres"]
    assert "Did you mean 'architectures'?" in found.message


def test_results_are_compared_with_what_the_outer_function_expects(registry: Any) -> None:
    config = {"a": {"@misc": "test.takes_callback.v1", "func": {"@misc": "test.chain.v1", "*": [1]}}}
    found = faults(config, registry)["a.func"]
    assert "expects a function" in found.message
    assert "the function 'test.chain.v1' returned a str" in found.message
    good = {"a": {"@misc": "test.takes_callback.v1", "func": {"@misc": "test.callback.v1"}}}
    assert resolve(good, registry=registry)["a"](3) == 3
    bad = {"a": {"@misc": "test.takes_callback.v1", "func": "text"}}
    assert "expects a function (a block that names one with @); found 'text'" in faults(bad, registry)["a.func"].message


def test_checks_can_be_left_out(registry: Any) -> None:
    config = {"a": {"@architectures": "test.Embed.v1", "rows": "ab"}}
    assert resolve(config, registry=registry, validate=False)["a"] == ("embed", ("a", "b"), None)


def test_a_failing_function_keeps_its_error(registry: Any) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        resolve({"a": {"@misc": "test.fails.v1"}}, registry=registry)
    if sys.version_info >= (3, 11):
        assert "This happened in 'test.fails.v1'" in caught.value.__notes__[0]
        assert "called for the block [a]" in caught.value.__notes__[0]


def test_overrides(registry: Any, text: str) -> None:
    config = load_config_from_str(text)
    net = resolve(config, registry=registry, overrides={"paths.width": 7})["components"]["tagger"]["model"]
    assert net["width"] == 7
    assert config["paths"]["width"] == 96
    with pytest.raises(ConfigError, match=r"can't override 'no\.such'"):
        resolve(config, registry=registry, overrides={"no.such": 7})


@pytest.mark.parametrize(
    ("config", "settings", "text"),
    [
        ({"@misc": "test.callback.v1"}, {}, "The config as a whole can't name a function"),
        ({"a": {}}, {"section": "b.c"}, r"\[b\.c\]: the config has no such section"),
        ({"a": 1}, {"section": "a"}, "expected a block; found 1"),
    ],
)
def test_what_cannot_be_resolved(registry: Any, config: Any, settings: Any, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        resolve(config, registry=registry, **settings)


def test_fill_adds_defaults_and_keeps_references(registry: Any, text: str) -> None:
    config = load_config_from_str(text)
    filled = fill(config, registry=registry)
    model = filled["components"]["tagger"]["model"]
    assert model["width"] == "${paths.width}"
    assert model["mode"] == "a"
    assert model["embed"]["attrs"] is None
    assert filled["paths"] == config["paths"]
    assert "mode" not in config["components"]["tagger"]["model"]
    assert fill(config, section="components.tagger", registry=registry)["model"]["mode"] == "a"
    assert registry.fill(config) == filled
    assert resolve(filled, registry=registry) == resolve(config, registry=registry)


def test_defaults_that_json_cannot_hold_are_left_out(registry: Any) -> None:
    @registry.misc("test.odd.v1")
    def odd(kinds: set[str] = set(), place: Path = Path("a/b"), pair: tuple[int, ...] = (1, 2)) -> int:  # noqa: B006
        return len(kinds)

    filled = fill({"a": {"@misc": "test.odd.v1"}}, registry=registry)
    assert filled["a"] == {"@misc": "test.odd.v1", "place": "a/b", "pair": [1, 2]}
    filled.to_str()
    assert resolve(filled, registry=registry)["a"] == 0


@dataclass
class Section:
    """A schema."""

    size: int
    name: str = "x"


def test_schemas_of_plain_blocks(registry: Any) -> None:
    assert resolve({"s": {"size": 1}}, schema={"s": Section}, registry=registry)["s"] == {"size": 1}
    assert fill({"s": {"size": 1}}, schema={"s": Section}, registry=registry)["s"] == {"size": 1, "name": "x"}
    found = faults({"s": {"sise": 1, "name": 3}}, registry, schema={"s": Section})
    assert "'s' has no setting 'sise'. Did you mean 'size'?" in found["s.sise"].message
    assert "'s' needs the setting 'size', a whole number. Add it." in found["s.size"].message
    assert "'s' expects a text; found 3 (a whole number)" in found["s.name"].message
    assert resolve({"s": {"size": 1}}, section="s", schema=Section, registry=registry) == {"size": 1}


def test_where_things_came_from(registry: Any, text: str, tmp_path: Path) -> None:
    path = tmp_path / "config.cfg"
    path.write_text(text, encoding="utf8")
    config = Config().from_disk(path, interpolate=False)
    resolved = resolve(config, registry=registry)
    where = resolved.where("components.tagger.model")
    assert "config.cfg:18" in where
    assert "test.Net.v1 = " in where
    assert "registered in this process" in where
    assert resolved.where("paths.width").endswith("config.cfg:4")
    assert resolved.where("no.such") is None
    rows = providers(config, registry=registry)
    assert set(rows) == {"components.tagger.model", "components.tagger.model.embed"}
    assert rows["components.tagger.model"].name == "test.Net.v1"


def test_a_config_may_prefer_distributions() -> None:
    config = load_config_from_str(
        '[spanwright]\n[spanwright.prefer]\n[spanwright.prefer.architectures]\nspacy.Tagger.v2 = "mine"\n'
    )
    assert preferences(config) == {"architectures:spacy.Tagger.v2": "mine"}
    assert preferences({"spanwright": {"prefer": {"factories:tagger": "mine"}}}) == {"factories:tagger": "mine"}
    assert preferences({}) == {}
    assert load_config_from_str(config.to_str()) == config


def test_names_of_thinc_are_resolved(registry: Any) -> None:
    from thinc.api import Optimizer

    config = load_config_from_str(
        '[o]\n@optimizers = "Adam.v1"\nbeta1 = 0.8\n[o.learn_rate]\n@schedules = "warmup_linear.v1"\nwarmup_steps = 2\n'
        "total_steps = 10\ninitial_rate = 0.1\n"
    )
    assert isinstance(resolve(config, registry=registry)["o"], Optimizer)
    assert "L2" in fill(config, registry=registry)["o"]
    found = faults({"o": {"@optimizers": "Adam.v1", "learnrate": 1}}, registry)
    assert found["o.learnrate"].nearest == "learn_rate"


def test_configs_need_neither_pydantic_nor_thinc() -> None:
    code = (
        "import sys\nfrom spanwright.config import resolve\nfrom spanwright import registry\n"
        "@registry.misc('t.v1')\ndef f(x: int, y: 'list[str] | None' = None): return x\n"
        "assert resolve({'a': {'@misc': 't.v1', 'x': 1}})['a'] == 1\n"
        "bad = {'pydantic', 'thinc', 'confection', 'numpy', 'torch'} & set(sys.modules)\nassert not bad, bad\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
