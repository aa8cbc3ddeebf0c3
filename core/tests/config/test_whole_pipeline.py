"""A pipeline's config is checked as a whole: every fault of every component is told at once, before one is made."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright.config import Config, load_config_from_str
from spanwright.errors import ConfigError
from spanwright.language import Language, get_lang_class
from spanwright.language.resolving import MissingPartsError

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
