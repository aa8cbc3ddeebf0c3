"""Reading and writing the text of a config."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright.config import Config, load_config, load_config_from_str
from spanwright.errors import ConfigError, InvalidTypeError, MissingFileError


def problems(text: str, **settings: Any) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config_from_str(text, **settings)
    return [str(problem) for problem in caught.value.problems]


def test_values_are_json_and_python_literals() -> None:
    config = load_config_from_str(
        '[a]\nn = null\nt = true\nf = 1e-08\ni = -3\ns = "text"\nl = [1, "x", null]\nd = {"k": [1]}\nbare = some text\n'
        "none = None\nyes = True\ncolon : 4\n"
    )
    assert config["a"] == {
        "n": None, "t": True, "f": 1e-08, "i": -3, "s": "text", "l": [1, "x", None], "d": {"k": [1]},
        "bare": "some text", "none": None, "yes": True, "colon": 4,
    }  # fmt: skip


def test_comments_continued_lines_and_nested_sections() -> None:
    config = load_config_from_str(
        '# a comment\n[a]\n; another\nx = [\n  1,\n  2\n  ]\n\n[a.b]\n@misc = "f.v1"\n\n[a.b.*.first]\ny = 1\n'
    )
    assert config == {"a": {"x": [1, 2], "b": {"@misc": "f.v1", "*": {"first": {"y": 1}}}}}


def test_sections_are_written_in_canonical_order() -> None:
    config = Config({"training": {"b": 1}, "other": {}, "nlp": {"c": {"d": 2}, "a": 1}, "paths": {}, "spanwright": {}})
    lines = [line for line in config.to_str().splitlines() if line.startswith("[")]
    assert lines == ["[paths]", "[nlp]", "[nlp.c]", "[training]", "[spanwright]", "[other]"]
    own_order = Config(config, section_order=["training", "nlp"])
    assert own_order.to_str().startswith("[training]")


def test_keys_that_the_text_form_cannot_hold_stay_inside_a_value() -> None:
    config = Config({"a": {"b": {"x:y": 1}, "c": {"": 2}, "d": {"[z]": 3}, "e": {"#": {"f": 1}}}})
    assert load_config_from_str(config.to_str()) == config


def test_dollar_signs_survive() -> None:
    config = Config({"a": {"x": "costs $5", "l": ["$", "$$"]}})
    assert load_config_from_str(config.to_str(), interpolate=True) == config
    assert load_config_from_str(config.to_str()) == config


def test_files(tmp_path: Path, text: str) -> None:
    config = load_config_from_str(text)
    config.to_disk(tmp_path / "config.cfg", interpolate=False)
    assert load_config(tmp_path / "config.cfg") == config
    assert Config().from_bytes(config.to_bytes(interpolate=False), interpolate=False) == config
    with pytest.raises(MissingFileError, match=r"There is no config file .*conf\.cfg\. That folder has: config\.cfg"):
        load_config(tmp_path / "conf.cfg")


def test_standard_input(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    import io

    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert load_config("-") == load_config_from_str(text)


def test_every_fault_of_a_text_is_told_with_its_line() -> None:
    found = problems("x = 1\n[a]\nnonsense\nk = 1\nk = 2\n[a]\n[b.c]\n[ab]\n[a.k]\n")
    assert len(found) == 6
    text = "\n".join(found)
    for part in (
        "a setting stands before the first [section]",
        "can't read the line 'nonsense'. Expected [section] or key = value",
        "[a] k: the setting stands here again; it was given at line 4",
        "the section stands here again; it began at line 2",
        "[b.c]: the section [b] above it is not defined. Did you mean [ab]?",
        "the section [a.k] also stands as a setting at line",
        "line 3: nonsense",
    ):
        assert part in text


def test_faults_name_the_file(tmp_path: Path) -> None:
    path = tmp_path / "my.cfg"
    path.write_text("[a]\nnonsense\n", encoding="utf8")
    with pytest.raises(ConfigError, match=r"my\.cfg:2: nonsense") as caught:
        load_config(path)
    assert isinstance(caught.value, ValueError)
    assert caught.value.errors == [{"loc": ["a"], "msg": caught.value.problems[0].message, "type": "syntax"}]


def test_single_quotes_warn() -> None:
    with pytest.warns(UserWarning, match=r"\[a\] x = 'y' \(line 2\) is in single quotes"):
        assert load_config_from_str("[a]\nx = 'y'\n") == {"a": {"x": "'y'"}}


def test_a_value_that_json_cannot_hold() -> None:
    with pytest.raises(TypeError, match=r"Can't write the config: a\.b is .*object.* which JSON cannot hold"):
        Config({"a": {"b": object()}}).to_str()


def test_a_config_is_made_from_dicts() -> None:
    with pytest.raises(InvalidTypeError, match="A Config is made from nested dicts or another Config; found str"):
        Config("text")  # type: ignore[arg-type]


def test_a_config_remembers_lines(text: str) -> None:
    config = load_config_from_str(text)
    assert str(config.where("paths.train")) == "line 3"
    assert config.where("components.tagger.model") is not None
    config["paths"]["train"] = "other"
    assert config.where("paths.train") is None
    assert config.where("paths.width") is not None
    assert config.where("no.such") is None
    for twin in (config.copy(), copy.copy(config), pickle.loads(pickle.dumps(config))):
        assert twin == config
        assert str(twin.where("paths.width")) == "line 4"
        assert twin.is_interpolated is False


def test_errors_can_be_pickled() -> None:
    with pytest.raises(ConfigError) as caught:
        load_config_from_str("[a]\nnonsense\n")
    again = pickle.loads(pickle.dumps(caught.value))
    assert str(again) == str(caught.value)
    assert again.problems == caught.value.problems


def test_merge_keeps_defaults_only_of_the_same_function() -> None:
    default = Config({"a": {"m": {"@misc": "one", "x": 1, "y": 2}, "n": {"p": 1}}})
    assert default.merge({"a": {"m": {"@misc": "one", "x": 5}}})["a"]["m"] == {"@misc": "one", "x": 5, "y": 2}
    assert default.merge({"a": {"m": {"@misc": "two"}}})["a"]["m"] == {"@misc": "two"}
    assert default.merge({"a": {"m": {"x": 9}}})["a"]["m"] == {"x": 9, "@misc": "one", "y": 2}
    assert default.merge({"a": {"n": None}, "z": {}})["a"]["n"] is None
    assert "z" not in default.merge({"z": {}}, remove_extra=True)
    assert default["a"]["m"]["x"] == 1


names = st.text("abcXYZ09_@ .-", min_size=1, max_size=6).map(lambda text: text.strip(" .")).filter(bool)
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12).filter(lambda text: "${" not in text)
)
values = scalars | st.lists(scalars, max_size=3) | st.lists(st.lists(scalars, max_size=2), max_size=2)
leaves = st.dictionaries(names, values, max_size=3)
sections = st.text("abcXYZ09_@ -", min_size=1, max_size=6).map(str.strip).filter(bool)
blocks = leaves | st.dictionaries(sections, values | leaves | st.dictionaries(sections, leaves, max_size=2), max_size=3)


@given(st.dictionaries(sections, blocks, max_size=3))
def test_what_is_written_is_read_again(data: dict[str, Any]) -> None:
    config = Config(data)
    text = config.to_str()
    assert load_config_from_str(text, interpolate=True) == data
    assert load_config_from_str(text) == data
    assert load_config_from_str(text).to_str(interpolate=False) == text


@given(st.text())
def test_any_text_is_read_or_refused_with_a_config_error(text: str) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            load_config_from_str(text, interpolate=True)
        except ConfigError as error:
            assert error.problems
