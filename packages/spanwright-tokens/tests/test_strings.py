"""Strings and their ids."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.attrs import IDS, attr_id, intify_attrs
from spanwright_tokens.errors import (
    DataFormatError,
    InvalidTypeError,
    InvalidValueError,
    SpanwrightError,
    UnknownStringError,
)
from spanwright_tokens.parts_of_speech import IDS as POS_IDS
from spanwright_tokens.symbols import IDS as SYMBOL_IDS
from spanwright_tokens.symbols import NAMES
from spanwright_tokens.vocab import StringStore, get_string_id

GOLDEN = json.loads((Path(__file__).parent / "data" / "vocab.json").read_text("utf8"))
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=90)


def murmur64(data: bytes, seed: int = 1) -> int:
    """MurmurHash64A, plainly."""
    mask, multiplier = 2**64 - 1, 0xC6A4A7935BD1E995
    value = (seed ^ (len(data) * multiplier)) & mask
    whole = len(data) // 8 * 8
    for start in range(0, whole, 8):
        word = int.from_bytes(data[start : start + 8], "little") * multiplier & mask
        word = (word ^ (word >> 47)) * multiplier & mask
        value = (value ^ word) * multiplier & mask
    if len(data) > whole:
        value = (value ^ int.from_bytes(data[whole:], "little")) * multiplier & mask
    value = (value ^ (value >> 47)) * multiplier & mask
    return value ^ (value >> 47)


@given(texts)
def test_ids_are_hashes_of_utf8(text: str) -> None:
    expected = SYMBOL_IDS.get(text, murmur64(text.encode()))
    assert get_string_id(text) == StringStore()[text] == expected


def test_ids_equal_the_recorded_ones() -> None:
    store = StringStore()
    assert {text: store.add(text) for text in GOLDEN["strings"]} == GOLDEN["strings"]


def test_symbols_have_their_small_ids() -> None:
    assert len(NAMES) == 457
    for name, number in GOLDEN["symbols"].items():
        assert SYMBOL_IDS[name] == StringStore()[name] == number
        assert StringStore()[number] == name
    assert IDS["ORTH"] == 65
    assert POS_IDS["NOUN"] == 92


@given(st.lists(texts))
def test_a_store_gives_back_what_it_was_given(words: list[str]) -> None:
    store = StringStore(words)
    for word in words:
        assert store[store[word]] == word
        assert word in store
        assert store[word] in store
    kept = {word for word in words if word and word not in SYMBOL_IDS}
    assert set(store) == kept
    assert len(store) == len(kept)
    assert [store[key] for key in store.values()] == list(store)


def test_adding_twice_changes_nothing() -> None:
    store = StringStore()
    assert store.add("apple") == store.add("apple") == store.add(b"apple") == store["apple"]
    assert list(store) == ["apple"]
    assert store.add("") == 0
    assert store[0] == ""
    assert "" in store


def test_numpy_ids_are_ids() -> None:
    store = StringStore(["apple"])
    assert store[numpy.uint64(store["apple"])] == "apple"
    assert store.as_string(store["apple"]) == store.as_string("apple") == "apple"
    assert store.as_int("apple") == store.as_int(store["apple"])


def test_an_unknown_id_says_what_can_be_done() -> None:
    with pytest.raises(UnknownStringError, match="No string with the id 12345678 is known.*keep the Doc"):
        StringStore()[12345678]
    with pytest.raises(KeyError, match="indexed by a string or an id between"):
        StringStore()[-1]
    assert 12345678 not in StringStore()
    assert issubclass(UnknownStringError, SpanwrightError)


def test_only_strings_are_added() -> None:
    with pytest.raises(InvalidTypeError, match="A string is needed, found 5 of type int"):
        StringStore().add(5)


def test_lone_surrogates_have_no_id() -> None:
    with pytest.raises(UnicodeEncodeError):
        StringStore().add("\ud800")


def test_files(tmp_path: Path) -> None:
    store = StringStore(["b", "é", "a"])
    store.to_disk(tmp_path / "strings.json")
    assert json.loads((tmp_path / "strings.json").read_text("utf8")) == ["a", "b", "é"]
    assert set(StringStore(["c"]).from_disk(tmp_path / "strings.json")) == {"a", "b", "c", "é"}
    assert set(StringStore().from_bytes(store.to_bytes())) == set(store)
    assert set(pickle.loads(pickle.dumps(store))) == set(store)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b'["a", "b', "strings: this is no complete JSON"),
        (b'{"a": 1}', "strings: a list of strings is needed, found dict"),
        (b'["a", 5]', "strings: item 1 is 5, not a string"),
    ],
)
def test_foreign_bytes_are_refused_and_change_nothing(data: bytes, message: str) -> None:
    store = StringStore(["x"])
    with pytest.raises(DataFormatError, match=message):
        store.from_bytes(data)
    assert list(store) == ["x"]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"There is no file .*strings\.json"):
        StringStore().from_disk(tmp_path / "strings.json")


def test_attributes_by_name() -> None:
    store = StringStore()
    assert intify_attrs({"ORTH": "x", "lower": "y", 67: 3, "nonsense": 1}, store) == {
        65: store["x"],
        66: store["y"],
        67: 3,
    }
    assert intify_attrs({"ENT_IOB": "B"}) == {IDS["ENT_IOB"]: 3}
    with pytest.raises(InvalidValueError, match="ENT_IOB must be one of .* found 'Q'"):
        intify_attrs({"ENT_IOB": "Q"})
    with pytest.raises(InvalidValueError, match="no attribute 'LEMA'.*'LEMMA'"):
        attr_id("LEMA")
