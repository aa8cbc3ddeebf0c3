"""[spanwright.components.NAME]: settings that spaCy lacks."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import pytest

from spanwright.errors import ConfigError
from spanwright.language import component_settings


@dataclass
class Own:
    n_threads: int = 1


def pipeline(block: Any) -> Any:
    return SimpleNamespace(_config={"spanwright": block})


def test_settings_are_read_by_the_components_name() -> None:
    nlp = pipeline({"components": {"ner": {"n_threads": 4}}})
    assert component_settings(nlp, "ner", Own) == Own(4)
    assert component_settings(nlp, "parser", Own) == Own(1)


@pytest.mark.parametrize("block", [None, {}, {"components": None}, {"components": {"ner": {}}}])
def test_without_settings_the_defaults_count(block: Any) -> None:
    assert component_settings(pipeline(block), "ner", Own) == Own(1)


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(ConfigError, match=r"(?s)spanwright\.components\.ner.*n_thread.*Did you mean 'n_threads'"):
        component_settings(pipeline({"components": {"ner": {"n_thread": 4}}}), "ner", Own)


def test_a_setting_of_another_type_is_named() -> None:
    with pytest.raises(ConfigError, match=r"(?s)spanwright\.components\.ner.*n_threads.*a whole number"):
        component_settings(pipeline({"components": {"ner": {"n_threads": "many"}}}), "ner", Own)
