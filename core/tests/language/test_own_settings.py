"""[spanwright.components.NAME]: settings that spaCy lacks."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import spanwright
from spanwright import registry
from spanwright.errors import ConfigError, SpanwrightWarning
from spanwright.language import Language, component_settings
from spanwright.language.loading import load_model_from_config


@dataclass
class Own:
    n_threads: int = 1


@dataclass
class Counter:
    n_threads: int

    def __call__(self, doc: Any) -> Any:
        return doc


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


def test_a_value_in_the_place_of_the_section_is_named() -> None:
    with pytest.raises(ConfigError, match=r"\[spanwright\.components\] ner: expected a section.* found 5"):
        component_settings(pipeline({"components": {"ner": 5}}), "ner", Own)


class TestSettingsFollowTheirComponent:
    """A factory with settings of its own, in pipelines that are changed, saved and put together."""

    @pytest.fixture(autouse=True)
    def factory(self) -> Any:
        @Language.factory("own_counter")
        def make(nlp: Any, name: str) -> Any:
            return Counter(component_settings(nlp, name, Own).n_threads)

        yield
        registry.factories.remove("own_counter")

    def pipeline(self, name: str = "counter", **own: Any) -> Any:
        config: dict[str, Any] = {
            "nlp": {"lang": "xx", "pipeline": [name]}, "components": {name: {"factory": "own_counter"}},
        }  # fmt: skip
        if own:
            config["spanwright"] = {"components": {name: own}}
        return load_model_from_config(config, auto_fill=True)

    def again(self, nlp: Any, folder: Path, **changes: Any) -> Any:
        nlp.to_disk(folder)
        return spanwright.load(folder, **changes)

    def test_when_it_is_renamed(self, tmp_path: Path) -> None:
        nlp = self.pipeline(n_threads=3)
        nlp.rename_pipe("counter", "other")
        assert self.again(nlp, tmp_path).get_pipe("other").n_threads == 3

    def test_when_it_is_renamed_to_what_other_settings_wait_for(self, tmp_path: Path) -> None:
        nlp = spanwright.blank("xx", config={"spanwright": {"components": {"other": {"n_threads": 5}}}})
        nlp.add_pipe("own_counter", name="counter")
        nlp.rename_pipe("counter", "other")
        assert nlp.get_pipe("other").n_threads == 1
        assert self.again(nlp, tmp_path).get_pipe("other").n_threads == 1

    def test_when_it_is_removed(self, tmp_path: Path) -> None:
        nlp = self.pipeline(n_threads=3)
        nlp.remove_pipe("counter")
        assert nlp.add_pipe("own_counter", name="counter").n_threads == 1
        assert not self.again(nlp, tmp_path).config["spanwright"]["components"]

    def test_into_another_pipeline(self, tmp_path: Path) -> None:
        nlp = self.pipeline("elsewhere", n_threads=2)
        for source, expected in ((self.pipeline(n_threads=3), 3), (self.pipeline(), 1)):
            name = f"from_{expected}"
            assert nlp.add_pipe("counter", name=name, source=source).n_threads == expected
            assert self.again(nlp, tmp_path / name).get_pipe(name).n_threads == expected
        assert nlp.get_pipe("elsewhere").n_threads == 2

    @pytest.mark.parametrize(("own", "expected"), [({}, 3), ({"n_threads": 5}, 5)])
    def test_into_the_pipeline_of_a_config(self, own: dict[str, int], expected: int, tmp_path: Path) -> None:
        self.pipeline(n_threads=3).to_disk(tmp_path / "source")
        config: dict[str, Any] = {
            "nlp": {"lang": "xx", "pipeline": ["counter", "plain"]},
            "components": {
                "counter": {"source": str(tmp_path / "source")},
                "plain": {"source": str(tmp_path / "source"), "component": "counter"},
            },
            "spanwright": {"components": {"counter": own}},
        }
        nlp = load_model_from_config(config, auto_fill=True)
        for found in (nlp, self.again(nlp, tmp_path / "again")):
            assert [found.get_pipe(name).n_threads for name in found.pipe_names] == [expected, 3]

    def test_at_load_of_a_pipeline_that_has_none(self, tmp_path: Path) -> None:
        nlp = self.pipeline()
        for number, change in enumerate(
            (
                {"spanwright.components.counter.n_threads": 4},
                {"spanwright": {"components": {"counter": {"n_threads": 4}}}},
            )
        ):
            found = self.again(nlp, tmp_path / str(number), config=change)
            assert found.get_pipe("counter").n_threads == 4
            assert self.again(found, tmp_path / "again").get_pipe("counter").n_threads == 4
        with pytest.raises(ConfigError, match="has no setting 'n_thread'. Did you mean 'n_threads'"):
            self.again(nlp, tmp_path / "wrong", config={"spanwright.components.counter.n_thread": 4})

    def test_with_a_reference(self) -> None:
        config: dict[str, Any] = {
            "nlp": {"lang": "xx", "pipeline": ["counter"]}, "components": {"counter": {"factory": "own_counter"}},
            "system": {"cores": 6}, "spanwright": {"components": {"counter": {"n_threads": "${system.cores}"}}},
        }  # fmt: skip
        assert load_model_from_config(config, auto_fill=True).get_pipe("counter").n_threads == 6

    def test_of_a_component_that_there_is_not(self) -> None:
        config: dict[str, Any] = {
            "nlp": {"lang": "xx", "pipeline": ["counter"]}, "components": {"counter": {"factory": "own_counter"}},
            "spanwright": {"components": {"countr": {"n_threads": 2}}},
        }  # fmt: skip
        with pytest.warns(SpanwrightWarning, match=r"\[spanwright.components.countr\] is ignored.*mean 'counter'"):
            load_model_from_config(config, auto_fill=True)

    def test_of_a_component_that_is_left_out(self, tmp_path: Path) -> None:
        nlp = self.pipeline(n_threads=3)
        nlp.add_pipe("own_counter", name="plain")
        nlp.to_disk(tmp_path / "both")  # a warning would be an error
        found = spanwright.load(tmp_path / "both", exclude=["counter"])
        assert self.again(found, tmp_path / "one").pipe_names == ["plain"]
        nlp = self.pipeline("other")
        sourced = {"source": str(tmp_path / "both")}
        config = nlp.config.merge({"nlp": {"pipeline": ["plain"]}, "components": {"plain": sourced}})
        assert load_model_from_config(config).get_pipe("plain").n_threads == 1

    def test_wait_for_components_that_are_added_later(self) -> None:
        nlp = spanwright.blank("xx", config={"spanwright": {"components": {"counter": {"n_threads": 5}}}})
        assert nlp.add_pipe("own_counter", name="counter").n_threads == 5
