"""References: both styles, whole sections, texts and lists; nothing, cycles; overrides."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.config import load_config_from_str, parse_overrides
from spanwright.errors import ConfigError

BASE = """
[p]
n = 3
s = "text"
f = 0.5
b = true
none = null
l = [1, "x"]
q = "a \\"b\\" c"

[p.inner]
k = 1
"""


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${p.n}", 3),
        ("${p:n}", 3),
        ("${p.inner.k}", 1),
        ("${p.inner:k}", 1),
        ("${p.s}", "text"),
        ("${p.b}", True),
        ("${p.none}", None),
        ("${p.l}", [1, "x"]),
        ("${p.inner}", {"k": 1}),
        ('"${p.s}"', "text"),
        ('"${p.n}"', "3"),
        ('"${p.inner}"', {"k": 1}),
        ('"a ${p.n} b ${p.s}"', "a 3 b text"),
        ("a ${p.n} b ${p.s}", "a 3 b text"),
        ('"${p.q}!"', 'a "b" c!'),
        ("1${p.n}", 13),
        ("[${p.n}, ${p.s}]", [3, "text"]),
        ('["${p.n}", "${p.s}/x"]', ["3", "text/x"]),
        ('["${p.inner}", 1]', [{"k": 1}, 1]),
        ('{"k": "${p.s}"}', {"k": "text"}),
        ('"$$5 and ${p.n}"', "$5 and 3"),
        ("${beside}", 7),
        ("${p}", {"n": 3, "s": "text", "f": 0.5, "b": True, "none": None, "l": [1, "x"], "q": 'a "b" c',
                  "inner": {"k": 1}}),
    ],
)  # fmt: skip
def test_references(written: str, value: Any) -> None:
    config = load_config_from_str(f"{BASE}\n[a]\nbeside = 7\nx = {written}\n")
    assert config.interpolate()["a"]["x"] == value
    assert load_config_from_str(config.to_str(interpolate=False), interpolate=True)["a"]["x"] == value


def test_a_config_keeps_its_references_until_asked() -> None:
    config = load_config_from_str(f"{BASE}\n[a]\nx = ${{p.n}}\n")
    assert config["a"]["x"] == "${p.n}"
    assert "x = ${p.n}" in config.to_str(interpolate=False)
    assert "x = 3" in config.to_str()
    assert config.interpolate().where("a.x") == config.where("a.x")


def test_an_escaped_reference_is_text() -> None:
    config = load_config_from_str('[a]\nx = $${p.n}\ny = "$${p.n}"\n')
    assert config.interpolate()["a"] == {"x": "${p.n}", "y": "${p.n}"}
    assert load_config_from_str(config.to_str(interpolate=False)) == config


def test_a_chain_of_references() -> None:
    config = load_config_from_str("[a]\nx = ${b.y}\n[b]\ny = ${c.z}\n[c]\nz = 1\n", interpolate=True)
    assert config["a"]["x"] == 1


def test_sections_put_in_are_copies() -> None:
    config = load_config_from_str("[a]\nx = ${b}\ny = ${b}\n[b]\nk = [1]\n", interpolate=True)
    config["a"]["x"]["k"].append(2)
    assert config["a"]["y"] == config["b"] == {"k": [1]}


def test_all_references_to_nothing_are_told_at_once() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config_from_str(f"{BASE}\n[a]\nx = ${{p.m}}\ny = ${{paths.train}}\n", interpolate=True)
    first, second = caught.value.problems
    assert (first.section, first.key, first.kind) == ("a", "x", "reference")
    assert "it refers to ${p.m}, but the config has no such setting or section" in first.message
    assert first.nearest in ("p.n", "p.s", "p.b", "p.f", "p.l", "p.q")
    assert "[a] y: it refers to ${paths.train}" in str(second)
    assert "y = ${paths.train}" in str(second)


@pytest.mark.parametrize(
    "text", ["[a]\nx = ${a.x}\n", "[a]\nx = ${b.y}\n[b]\ny = ${a.x}\n", "[a]\nx = ${b}\n[b]\ny = ${a}\n"]
)
def test_cycles(text: str) -> None:
    with pytest.raises(
        ConfigError, match="its value refers back to itself: .* -> .*Give one of them a value"
    ) as caught:
        load_config_from_str(text, interpolate=True)
    assert caught.value.problems[0].kind == "cycle"


def test_a_section_in_a_text() -> None:
    with pytest.raises(ConfigError, match=r"it puts the whole section \$\{p\.inner\} into a text.*\$\{p\.inner\.k\}"):
        load_config_from_str(f'{BASE}\n[a]\nx = "v ${{p.inner}}"\n', interpolate=True)


def test_overrides_come_before_references() -> None:
    text = f"{BASE}\n[a]\nx = ${{p.n}}\n"
    config = load_config_from_str(text, overrides={"p.n": 9, "a.new": "y", "p.inner": {"k": 5}}, interpolate=True)
    assert config["a"] == {"x": 9, "new": "y"}
    assert config["p"]["inner"] == {"k": 5}
    assert config.where("p.n") is None
    assert load_config_from_str(text).override({"p.n": 4}).interpolate()["a"]["x"] == 4


def test_overrides_begin_our_own_sections() -> None:
    config = load_config_from_str(BASE).override({"spanwright.batch_words": 9, "spanwright.components.ner.n": 2})
    assert config["spanwright"] == {"batch_words": 9, "components": {"ner": {"n": 2}}}


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("pp.n", r"can't override 'pp\.n': there is no section \[pp\]\. Did you mean p\.n\?"),
        ("n", r"can't override 'n': it needs a section, as in nlp\.batch_size"),
        ("p.n.x", r"there is no section \[p\.n\]"),
        ("spanwright.componets.ner.n_threads", r"there is no section \[spanwright\.componets\.ner\]"),
    ],
)
def test_overrides_of_nothing(path: str, text: str) -> None:
    with pytest.raises(ConfigError, match=text):
        load_config_from_str(BASE, overrides={path: 1})
    with pytest.raises(ConfigError, match=text):
        load_config_from_str(BASE).override({path: 1})


def test_overrides_of_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SPANWRIGHT_CONFIG_OVERRIDES", "--a.x 1 --a.y 'two words'")
    args = ["--a.x", "2", "--a.s=text", "--a.flag", "--a.l", "[1, 2]", "--a.n", "null"]
    assert parse_overrides(args) == {
        "a.x": 2,
        "a.y": "two words",
        "a.s": "text",
        "a.flag": True,
        "a.l": [1, 2],
        "a.n": None,
    }
    assert parse_overrides([], environment=False) == {}
    assert parse_overrides(["--components.my-pipe.x", "1"], environment=False) == {"components.my-pipe.x": 1}


def test_words_that_are_no_overrides_are_told_at_once() -> None:
    with pytest.raises(ConfigError, match="Expected --section.key value") as caught:
        parse_overrides(["word", "--nodot", "1", "--a.b", "2"], environment=False)
    assert [problem.found for problem in caught.value.problems] == ["word", "--nodot"]


def test_an_endless_chain_of_references_is_an_error() -> None:
    chain = "".join(f"[s{i}]\nx = ${{s{i + 1}.x}}\n" for i in range(2000))
    with pytest.raises(ConfigError, match="1 problem:\n- config s0: it follows references of references without end"):
        load_config_from_str(f"{chain}[s2000]\nx = 7\n", interpolate=True)
