"""A pipeline's config is checked as a whole: every fault of every component is told at once, before one is made."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.config import Config, load_config_from_str
from spanwright.errors import ConfigError
from spanwright.language import Language, get_lang_class
from spanwright.language.parts import MissingPartsError

made: list[str] = []


def make_part(nlp: Any, name: str, size: int, path: str | None = None) -> Any:
    made.append(name)
    return lambda doc: doc


@pytest.fixture(autouse=True)
def part() -> None:
    made.clear()
    if not Language.has_factory("test_whole_part"):
        Language.factory("test_whole_part", func=make_part, default_config={"size": 3})


TEXT = """
[nlp]
lang = "xx"
pipeline = ["one", "two", "three"]

[components]

[components.one]
factory = "test_whole_part"
size = "big"

[components.two]
factory = "test_whole_part"
sise = 4
path = 5

[components.three]
factory = "test_whole_part"
"""


def test_wrong_settings_of_all_components_in_one_error() -> None:
    with pytest.raises(ConfigError) as caught:
        get_lang_class("xx").from_config(load_config_from_str(TEXT))
    assert {problem.path: problem.kind for problem in caught.value.problems} == {
        "components.one.size": "type",
        "components.two.path": "type",
        "components.two.sise": "unexpected",
    }
    assert "Did you mean 'size'?" in str(caught.value) or "It has:" in str(caught.value)
    assert 'line 10: size = "big"' in str(caught.value)
    assert made == []


def test_missing_parts_and_wrong_settings_in_one_error() -> None:
    config: Config = load_config_from_str(TEXT.replace('[components.three]\nfactory = "test_whole_part"', ""))
    config["components"]["three"] = {"factory": "test_whole_prat"}
    with pytest.raises(MissingPartsError) as caught:
        get_lang_class("xx").from_config(config)
    paths = {problem.path for problem in caught.value.problems}
    assert paths >= {"components.three.factory", "components.one.size", "components.two.sise"}
    assert made == []


def test_checks_can_be_left_out() -> None:
    config = load_config_from_str(TEXT.replace("sise = 4\n", ""))
    assert get_lang_class("xx").from_config(config, validate=False).pipe_names == ["one", "two", "three"]


def test_everything_that_is_wrong_comes_in_one_error(monkeypatch: pytest.MonkeyPatch) -> None:
    text = TEXT.replace('["one", "two", "three"]', '["one", "two", "three", "fuor", "five", "six", "one"]')
    text = text.replace('lang = "xx"', 'lang = "xx"\nbatch_size = "many"\ntokenizer = {"@tokenizers": "no.Such.v1"}')
    text = text.replace("path = 5", "path = ${paths.nothing}")
    text += """size = {"@misc": "no.Such.v1"}

[components.four]
factory = "test_whole_part"

[components.five]
size = 3

[components.six]
factory = "no_such_factory"
"""
    with pytest.raises(MissingPartsError) as caught:
        get_lang_class("xx").from_config(load_config_from_str(text))
    told = [(problem.path, problem.kind) for problem in caught.value.problems]
    assert sorted(told) == [
        ("components.five", "missing"),
        ("components.one.size", "type"),
        ("components.six.factory", "name"),
        ("components.three.size.@misc", "name"),
        ("components.two.path", "reference"),
        ("components.two.sise", "unexpected"),
        ("nlp.batch_size", "type"),
        ("nlp.pipeline", "missing"),
        ("nlp.pipeline", "unexpected"),
        ("nlp.tokenizer.@tokenizers", "name"),
    ]
    message = str(caught.value)
    assert (
        "- [nlp] pipeline: it names the component 'fuor', and the config has no section [components.fuor]. It "
        "describes: one, two, three, four, five, six. Did you mean 'four'?"
    ) in message
    assert "it names components twice: one." in message
    assert made == []


def test_a_component_without_a_section_is_told_with_the_rest() -> None:
    text = TEXT.replace('["one", "two", "three"]', '["one", "two", "three", "four"]')
    with pytest.raises(ConfigError) as caught:
        get_lang_class("xx").from_config(load_config_from_str(text))
    assert type(caught.value) is ConfigError
    assert "The config has 4 problems" in str(caught.value)
    assert "no section [components.four]" in str(caught.value)
    assert "[components.one] size: 'test_whole_part' expects a whole number" in str(caught.value)


# --- parts that cannot be used: what is true of each, and how to mend it

PARTS = """
[nlp]
lang = "xx"
pipeline = [%s]

[components]
"""
FACTORIES = {
    "missing": "fake_missing_part",
    "broken": "fake_broken_part",
    "blocked": "fake_blocked_part",
    "incomplete": "fake_incomplete_part",
    "outdated": "fake_outdated_part",
}
HEADLINES = {
    "missing": "that no installed distribution provides. Install: pip install fake-nowhere:",
    "broken": "that is installed, but cannot be imported. Mend what is said below of fake-broken:",
    "blocked": "that SPANWRIGHT_BLOCK switches off. Take out of that variable: fake-blocked:",
    "incomplete": "that its distribution should provide and does not. "
    "Reinstall: pip install --force-reinstall fake-old:",
    "outdated": "that the installed version of its distribution lacks. Upgrade: pip install --upgrade fake-old:",
}
DETAILS = {
    "missing": "Install it with: pip install fake-nowhere",
    "broken": "its module fake_broken_code cannot be imported: ModuleNotFoundError: No module named 'no_such_library'. "
    "Install what provides the module 'no_such_library'.",
    "blocked": "fake-blocked 1.0 offers it, but SPANWRIGHT_BLOCK switches that distribution off. Take fake-blocked out "
    "of that variable to use it.",
    "incomplete": "fake-old 1.0 is installed and should offer it. Reinstall it with",
    "outdated": "fake-old offers it since version 2.0, and 1.0 is installed. Upgrade it with",
}


@pytest.fixture
def fakes(make_distribution: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwright.registry import _registry, registry

    for state in ("broken", "blocked"):
        factories = {f"fake_{state}_part": f"fake_{state}_code:make"}
        code = {f"fake_{state}_code.py": "import no_such_library\n"}
        make_distribution(f"fake-{state}", {"spanwright_factories": factories}, code)
    make_distribution("fake-old", {"spanwright_factories": {"fake_old_part": "fake_old_code:make"}})
    known = _registry.install_index()
    more = {
        "fake_missing_part": {"distribution": "fake-nowhere"},
        "fake_incomplete_part": {"distribution": "fake-old"},
        "fake_outdated_part": {"distribution": "fake-old", "since": "2.0"},
    }
    index = {**known, "factories": {**known["factories"], **more}}
    monkeypatch.setattr(_registry, "install_index", lambda: index)
    monkeypatch.setenv("SPANWRIGHT_BLOCK", "fake-blocked")
    registry.index.refresh()


def error_of(states: list[str]) -> MissingPartsError:
    text = PARTS % ", ".join(f'"{state}"' for state in states)
    text += "".join(f'\n[components.{state}]\nfactory = "{FACTORIES[state]}"\n' for state in states)
    with pytest.raises(MissingPartsError) as caught:
        get_lang_class("xx").from_config(load_config_from_str(text))
    return caught.value


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("state", HEADLINES)
def test_the_headline_says_what_is_true(state: str) -> None:
    error = error_of([state])
    lines = str(error).splitlines()
    assert lines[0] == f"The pipeline needs 1 part {HEADLINES[state]}"
    assert DETAILS[state] in lines[1]
    assert [(problem.path, problem.state) for problem in error.problems] == [(f"components.{state}.factory", state)]


@pytest.mark.usefixtures("fakes")
def test_parts_that_fail_for_several_reasons_are_counted_apart() -> None:
    error = error_of(list(FACTORIES))
    assert str(error).splitlines()[0] == (
        "The pipeline needs 5 parts that cannot be used: "
        "1 that no installed distribution provides (Install: pip install fake-nowhere); "
        "1 that the installed version of its distribution lacks (Upgrade: pip install --upgrade fake-old); "
        "1 that its distribution should provide and does not (Reinstall: pip install --force-reinstall fake-old); "
        "1 that is installed, but cannot be imported (Mend what is said below of fake-broken); "
        "1 that SPANWRIGHT_BLOCK switches off (Take out of that variable: fake-blocked):"
    )
    assert len(error.problems) == 5
