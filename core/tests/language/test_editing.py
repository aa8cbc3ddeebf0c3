"""The pipeline as a list: what can be added, moved, renamed and removed, and what the errors say."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from spanwright.errors import ConfigError, PipelineError, RegistryMiss, SpanwrightWarning, UnsupportedError
from spanwright.language import Language


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        ({}, ["a", "b", "new"]),
        ({"last": True}, ["a", "b", "new"]),
        ({"first": True}, ["new", "a", "b"]),
        ({"before": "b"}, ["a", "new", "b"]),
        ({"after": "a"}, ["a", "new", "b"]),
        ({"before": 0}, ["new", "a", "b"]),
        ({"after": 1}, ["a", "b", "new"]),
    ],
)
def test_components_go_where_they_are_told(nlp: Any, place: dict[str, Any], expected: list[str]) -> None:
    nlp.add_pipe("shout", name="a")
    nlp.add_pipe("shout", name="b")
    nlp.add_pipe("shout", name="new", **place)
    assert nlp.pipe_names == expected


@pytest.mark.parametrize(
    ("place", "message"),
    [
        ({"before": "shuot"}, "no component 'shuot'.*Did you mean 'shout'"),
        ({"after": "zzz"}, "no component 'zzz' in the pipeline"),
        ({"before": 1}, "before=1, but the pipeline has 1 components"),
        ({"after": -1}, "after=-1, but the pipeline has 1 components"),
        ({"before": True}, "before=True does not say where"),
        ({"before": 1.5}, "must be the name or index"),
        ({"first": True, "last": True}, "exclude each other"),
    ],
)
def test_bad_places_are_refused(nlp: Any, place: dict[str, Any], message: str) -> None:
    nlp.add_pipe("shout")
    with pytest.raises(ValueError, match=message):
        nlp.add_pipe("shout", name="other", **place)
    assert nlp.pipe_names == ["shout"]


def test_a_name_is_taken_once(stamped: Any) -> None:
    with pytest.raises(PipelineError, match=r"already has a component 'shout'.*name='shout_2'"):
        stamped.add_pipe("shout")
    with pytest.raises(ValueError, match="already has a component of that name"):
        stamped.rename_pipe("stamp", "shout")


def test_a_misspelt_factory_gets_the_nearest_name(nlp: Any) -> None:
    with pytest.raises(RegistryMiss, match="Can't find 'stmp'.*Did you mean.*'stamp'"):
        nlp.add_pipe("stmp")


@pytest.mark.skipif(find_spec("spanwright_entity_linker") is not None, reason="spanwright-entity-linker is installed")
def test_a_known_factory_that_is_not_installed_names_its_distribution(nlp: Any) -> None:
    with pytest.raises(RegistryMiss, match="pip install spanwright-entity-linker"):
        nlp.add_pipe("entity_linker")


def test_unknown_and_mistyped_settings_are_all_reported(nlp: Any) -> None:
    with pytest.raises(ConfigError) as info:
        nlp.add_pipe("stamp", config={"wrod": "x", "times": "often"})
    text = str(info.value)
    assert "2 problems" in text
    assert "[components.stamp] wrod: 'stamp' has no argument 'wrod'. Did you mean" in text
    assert "[components.stamp] times: 'stamp' expects a whole number" in text
    assert not nlp.pipe_names


def test_settings_that_no_config_can_hold_are_refused(nlp: Any) -> None:
    with pytest.raises(ValueError, match=r"setting word of the config of component 'stamp' is a object"):
        nlp.add_pipe("stamp", config={"word": object()})
    with pytest.raises(ValueError, match="must be a dict of settings"):
        nlp.create_pipe("stamp", config=[1])


def test_only_names_of_factories_can_be_added(nlp: Any) -> None:
    with pytest.raises(ValueError, match="takes the name of a registered factory"):
        nlp.add_pipe(lambda doc: doc)
    nlp.add_pipe("shout")
    with pytest.raises(ValueError, match="takes the name of a registered factory"):
        nlp.replace_pipe("shout", lambda doc: doc)


def test_a_name_in_the_config_is_ignored_with_a_warning(nlp: Any) -> None:
    with pytest.warns(SpanwrightWarning, match="`name` in the config of component 'stamp' is ignored"):
        nlp.add_pipe("stamp", config={"name": "other"})
    assert nlp.pipe_names == ["stamp"]


def test_removing_renaming_and_replacing(stamped: Any) -> None:
    stamped.config["initialize"]["components"]["stamp"] = {"labels": ["A"]}
    stamped.rename_pipe("stamp", "seal")
    assert stamped.get_pipe("seal").name == "seal"
    assert stamped.config["initialize"]["components"] == {"seal": {"labels": ["A"]}}
    assert stamped.config["components"]["seal"]["word"] == "halt"
    new = stamped.replace_pipe("seal", "stamp", config={"word": "other"})
    assert stamped.pipe_names == ["seal", "shout"]
    assert stamped.get_pipe("seal") is new
    name, component = stamped.remove_pipe("seal")
    assert (name, component) == ("seal", new)
    assert stamped.component_names == ["shout"]
    assert list(stamped.config["components"]) == ["shout"]


def test_a_failed_replacement_leaves_the_old_component(stamped: Any) -> None:
    old = stamped.get_pipe("stamp")
    with pytest.raises(ConfigError):
        stamped.replace_pipe("stamp", "stamp", config={"wrong": 1})
    assert stamped.get_pipe("stamp") is old
    assert stamped.config["components"]["stamp"]["word"] == "halt"


@pytest.mark.parametrize("method", ["get_pipe", "remove_pipe", "disable_pipe", "enable_pipe", "get_pipe_meta"])
def test_unknown_components_are_named(stamped: Any, method: str) -> None:
    with pytest.raises(ValueError, match="no component 'stmap' in the pipeline. Did you mean 'stamp'"):
        getattr(stamped, method)("stmap")
    with pytest.raises(KeyError):
        getattr(stamped, method)("stmap")


def test_computed_lists_cannot_be_written_to(stamped: Any) -> None:
    for attribute in ("pipeline", "pipe_names", "components", "component_names", "disabled"):
        with pytest.raises(UnsupportedError, match=rf"nlp\.{attribute} is computed.*nlp\.add_pipe"):
            getattr(stamped, attribute).append("x")
    with pytest.raises(NotImplementedError):
        Language.factories["x"] = len


def test_components_are_switched_off_and_on(stamped: Any) -> None:
    stamped.disable_pipe("stamp")
    assert (stamped.pipe_names, stamped.disabled) == (["shout"], ["stamp"])
    assert not stamped.has_pipe("stamp")
    assert "stamps" not in stamped("a").user_data
    stamped.enable_pipe("stamp")
    assert stamped("a").user_data["stamps"] == ["stamp"]
    with stamped.select_pipes(enable="stamp") as off:
        assert off == ["shout"]
        assert stamped.pipe_names == ["stamp"]
    assert stamped.pipe_names == ["stamp", "shout"]
    disabled = stamped.select_pipes(disable=["stamp", "shout"])
    assert stamped.pipe_names == []
    disabled.restore()
    assert stamped.pipe_names == ["stamp", "shout"]


def test_what_was_off_before_a_block_stays_off(stamped: Any) -> None:
    stamped.disable_pipe("stamp")
    with stamped.select_pipes(disable=["stamp", "shout"]):
        pass
    assert stamped.pipe_names == ["shout"]


def test_bad_selections_are_refused(stamped: Any) -> None:
    with pytest.raises(ValueError, match="needs `disable`"):
        stamped.select_pipes()
    with pytest.raises(ValueError, match="Give one of the two"):
        stamped.select_pipes(enable=["stamp"], disable=["stamp"])
    with pytest.raises(ValueError, match="no component 'tagger'"):
        stamped.select_pipes(enable=["tagger"])
    with pytest.raises(ValueError, match="no component 'tagger'"):
        stamped.select_pipes(disable=["tagger"])
    with pytest.raises(ValueError, match="must hold names of components"):
        stamped.select_pipes(disable=[1])
    disabled = stamped.select_pipes(disable="stamp")
    stamped.remove_pipe("stamp")
    with pytest.raises(ValueError, match="no longer in the pipeline"):
        disabled.restore()


def test_disable_pipes_is_an_early_name(stamped: Any) -> None:
    with pytest.warns(DeprecationWarning, match="select_pipes"), stamped.disable_pipes("stamp", "shout"):
        assert stamped.pipe_names == []
    assert stamped.pipe_names == ["stamp", "shout"]


def test_what_a_pipeline_says_of_its_components(stamped: Any) -> None:
    stamped.get_pipe("stamp").data = {"A": 1}
    assert stamped.pipe_factories == {"stamp": "stamp", "shout": "shout"}
    assert stamped.pipe_labels == {"stamp": ["A"]}
    assert stamped.get_pipe_config("stamp") == {"word": "halt", "times": 1, "factory": "stamp"}
    meta = stamped.meta
    assert meta["labels"] == {"stamp": ["A"]}
    assert meta["pipeline"] == meta["components"] == ["stamp", "shout"]
    assert stamped.config["training"]["score_weights"] == {"stamp_f": 1.0, "stamp_p": None}


def test_a_component_of_another_pipeline_is_copied(nlp: Any, stamped: Any) -> None:
    from spanwright.language import blank

    other = blank("xx")
    stamped.get_pipe("stamp").data = {"A": 1}
    copied = other.add_pipe("stamp", name="seal", source=stamped)
    assert (copied.name, stamped.get_pipe("stamp").name) == ("seal", "stamp")
    assert copied.data == {"A": 1}
    assert copied is not stamped.get_pipe("stamp")
    assert other.config["components"]["seal"] == {"factory": "stamp", "word": "halt", "times": 1}


def test_bad_sources_are_named(nlp: Any, stamped: Any) -> None:
    with pytest.raises(ValueError, match="must be a loaded pipeline, not str"):
        nlp.add_pipe("stamp", name="x", source="en_core_web_sm")
    with pytest.raises(KeyError, match="no component 'stmp' in the source pipeline xx_pipeline. Did you mean 'stamp'"):
        nlp.add_pipe("stmp", name="x", source=stamped)


def test_analysis_finds_what_is_missing(nlp: Any) -> None:
    nlp.add_pipe("shout")
    nlp.add_pipe("stamp")
    analysis = nlp.analyze_pipes()
    assert analysis["problems"] == {"shout": ["doc.user_data"], "stamp": []}
    assert analysis["summary"]["stamp"]["assigns"] == ["doc.user_data"]
    assert analysis["summary"]["stamp"]["scores"] == ["stamp_f", "stamp_p"]
    assert analysis["attrs"] == {"doc.user_data": {"assigns": ["stamp"], "requires": ["shout"]}}


def test_analysis_can_be_printed(nlp: Any, capsys: pytest.CaptureFixture[str]) -> None:
    nlp.add_pipe("shout")
    nlp.analyze_pipes(pretty=True)
    assert "'shout' needs what no component before it sets: doc.user_data" in capsys.readouterr().out
    nlp.remove_pipe("shout")
    nlp.analyze_pipes(pretty=True)
    assert "No problems found." in capsys.readouterr().out
