"""The helpers that programs import."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright import util
from spanwright.errors import InvalidValueError, MissingKeyError, MissingPluginError


def test_minibatch() -> None:
    assert list(util.minibatch(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(util.minibatch(range(6), iter([1, 2, 3, 4]))) == [[0], [1, 2], [3, 4, 5]]
    sizes = util.compounding(1, 4, 2)
    assert list(map(len, util.minibatch(range(7), sizes))) == [1, 2, 4]
    from thinc.api import compounding

    assert list(map(len, util.minibatch(range(7), compounding(1.0, 4.0, 2.0)))) == [1, 2, 4]
    with pytest.raises(InvalidValueError, match="A batch has at least one item; found the size 0"):
        list(util.minibatch([1], 0))


def test_series_of_numbers() -> None:
    assert list(itertools.islice(util.compounding(8, 2, 0.5), 4)) == [8, 4, 2, 2]
    assert list(itertools.islice(util.decaying(1.0, 1.0), 3)) == [1.0, 0.5, pytest.approx(1 / 3)]
    series = util.compounding(1, 100, 2)
    next(series)
    assert next(series) == 2  # it goes on where it stopped


def test_words_and_spaces() -> None:
    assert util.get_words_and_spaces(["a", "b", "."], "a  b .\n") == (
        ["a", " ", "b", ".", "\n"],
        [True, False, True, False, False],
    )
    assert util.get_words_and_spaces([], "  ") == (["  "], [False])
    for words in (["a", "c"], ["a"], ["b", "a"]):
        with pytest.raises(InvalidValueError, match="The words are not those of the text"):
            util.get_words_and_spaces(words, "a b")


@given(st.lists(st.tuples(st.text("abc.", min_size=1, max_size=4), st.text(" \n\t", max_size=3))))
def test_words_and_spaces_rebuild_the_text(parts: list[tuple[str, str]]) -> None:
    text = "".join(word + blank for word, blank in parts)
    words, spaces = util.get_words_and_spaces([word for word, _ in parts], text)
    assert "".join(word + " " * space for word, space in zip(words, spaces, strict=True)) == text


def test_nested_dicts() -> None:
    nested = {"a": {"b": 1, "c": {"d": 2}}, "e": 3}
    assert util.dict_to_dot(nested) == {"a.b": 1, "a.c.d": 2, "e": 3}
    assert util.dot_to_dict(util.dict_to_dot(nested)) == nested
    assert util.dot_to_object(nested, "a.c") == {"d": 2}
    util.set_dot_to_object(nested, "a.c.d", 9)
    util.set_dot_to_object(nested, "e", 4)
    assert nested == {"a": {"b": 1, "c": {"d": 9}}, "e": 4}
    with pytest.raises(MissingKeyError, match=r"There is no 'bb' in \[a\] of the config .*Did you mean 'b'"):
        util.dot_to_object(nested, "a.bb")


def test_resolve_dot_names() -> None:
    from spanwright.registry import registry

    registry.misc("test.util.one.v1", func=_one)
    try:
        config = {"a": {"@misc": "test.util.one.v1"}, "b": {"c": 3}}
        assert util.resolve_dot_names(config, ["a", None, "b.c", "a"]) == (1, None, 3, 1)
    finally:
        registry.misc.remove("test.util.one.v1")


def _one() -> int:
    return 1


@pytest.mark.parametrize(
    ("value", "ternary"), [(True, 1), (1, 1), (1.0, 1), (None, 0), (0, 0), (False, -1), (-1, -1), ("x", -1)]
)
def test_ternary(value: Any, ternary: int) -> None:
    assert util.to_ternary_int(value) == ternary


def test_slices() -> None:
    assert util.normalize_slice(5, 1, None) == (1, 5)
    assert util.normalize_slice(5, -2, 9) == (3, 5)
    assert util.normalize_slice(5, 4, 2) == (4, 4)
    with pytest.raises(InvalidValueError, match="take no step; found 2"):
        util.normalize_slice(5, 0, 3, 2)


def test_packages_and_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert util.is_package("spanwright-core")
    assert not util.is_package("no-such-distribution-anywhere")
    assert util.get_package_version("spanwright-core")
    assert util.get_package_version("no-such-distribution-anywhere") is None
    assert (util.get_package_path("spanwright") / "util.py").exists()
    with pytest.raises(MissingPluginError, match="There is no package 'no_such_package'. Install it with"):
        util.get_package_path("no_such_package")
    (tmp_path / "mine.py").write_text("x = 5\n", encoding="utf8")
    assert util.import_file("mine_for_a_test", tmp_path / "mine.py").x == 5
    with pytest.raises(InvalidValueError, match="it is no Python file"):
        util.import_file("mine", tmp_path / "mine.txt")
    assert util.ensure_path("a/b") == Path("a/b")
    assert util.ensure_path(None) is None
    with util.working_dir(tmp_path) as current:
        assert Path.cwd() == current == tmp_path.resolve()
    with util.make_tempdir() as folder:
        assert folder.is_dir()
    assert not folder.exists()


def test_saving_parts(tmp_path: Path) -> None:
    got: dict[str, Any] = {}
    getters = {"a": lambda: b"1", "b": lambda: b"2"}
    data = util.to_bytes(getters, exclude=["b"])
    util.from_bytes(data, {"a": lambda value: got.update(a=value), "b": lambda value: got.update(b=value)})
    assert got == {"a": b"1"}
    util.to_disk(
        tmp_path / "x", {"f": lambda path: path.write_bytes(b"3"), "g": lambda path: path.write_bytes(b"4")}, ["g"]
    )
    util.from_disk(tmp_path / "x", {"f": lambda path: got.update(f=path.read_bytes())})
    assert got["f"] == b"3"
    assert not (tmp_path / "x" / "g").exists()


def test_tokenizer_rules() -> None:
    assert util.compile_prefix_regex(["a", "b+", ""]).pattern == "^a|^b+"
    assert util.compile_suffix_regex(["a", "b+"]).pattern == "a$|b+$"
    assert util.compile_infix_regex(["a", "b+"]).pattern == "a|b+"
    base = {"x": [{"ORTH": "x"}]}
    made = util.update_exc(base, {"don't": [{65: "do"}, {65: "n't", 67: "not"}]})
    assert made["don\u2019t"] == [{65: "do"}, {65: "n\u2019t", 67: "not"}]
    assert made["don't"][1] == {65: "n't", 67: "not"}
    assert base == {"x": [{"ORTH": "x"}]}
    with pytest.raises(InvalidValueError, match="The tokens of the exception 'ab' have the texts"):
        util.update_exc(base, {"ab": [{65: "a"}]})


def test_html() -> None:
    assert util.escape_html('<a b="c">&') == "&lt;a b=&quot;c&quot;&gt;&amp;"
    assert util.minify_html("<a>\n    <b>x y</b>\n</a>\n") == "<a><b>x y</b></a>"


def test_names_of_objects_and_arguments() -> None:
    class Named:
        name = "n"

    assert util.get_object_name(Named()) == "n"
    assert util.get_object_name(len) == "len"
    assert util.get_object_name(object()) == "object"
    assert util.get_arg_names(lambda a, *, b: None) == ["a", "b"]


def test_lazy_names_exist() -> None:
    missing = [name for name in util._LAZY if not _has(name)]
    assert missing == []
    with pytest.raises(AttributeError, match=r"module 'spanwright\.util' has no attribute 'nothing'"):
        util.nothing  # noqa: B018
    assert "load_config" in dir(util)


def _has(name: str) -> bool:
    try:
        return getattr(util, name) is not None
    except (ImportError, AttributeError):
        return False


def test_explain() -> None:
    import spanwright

    assert spanwright.explain("NOUN") == "noun"
    assert spanwright.explain("VBZ") == "verb, present tense, third person singular"
    assert spanwright.explain("nsubj") == "nominal subject"
    with pytest.warns(UserWarning, match="The glossary has no label 'NOUNN'. Did you mean 'NOUN'"):
        assert spanwright.explain("NOUNN") is None
