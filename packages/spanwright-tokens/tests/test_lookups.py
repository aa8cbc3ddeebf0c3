"""Look-up tables."""

from __future__ import annotations

import hashlib
import json
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import DataFormatError, InvalidValueError, MissingKeyError
from spanwright_tokens.io import dump_msgpack
from spanwright_tokens.vocab import Lookups, Table, get_string_id

GOLDEN = json.loads((Path(__file__).parent / "data" / "vocab.json").read_text("utf8"))


def test_keys_are_strings_or_ids() -> None:
    table = Table("t", {"a": 1, 5: "five"})
    assert (table["a"], table[get_string_id("a")], table[5], table.get("z"), table.get("z", 0)) == (
        1,
        1,
        "five",
        None,
        0,
    )
    assert "a" in table
    assert get_string_id("a") in table
    assert "z" not in table
    table.set("b", 2)
    table["c"] = 3
    table.update({"d": 4})
    table.update([("e", 5)], f=6)
    assert [table[name] for name in "bcdef"] == [2, 3, 4, 5, 6]
    assert table.setdefault("g", 7) == table.setdefault("g", 8) == table.pop("g") == 7
    assert table.pop("g", None) is None
    del table["b"]
    assert "b" not in table
    assert all(isinstance(key, int) for key in table)
    with pytest.raises(KeyError):
        table["z"]


def test_tables_are_written_as_spacy_writes_them() -> None:
    table = Table(name="x", data={"a": 1, "b": "y", 5: [1]})
    assert table.to_bytes().hex() == GOLDEN["table"]
    grown = Table(name="y")
    grown["q"] = 1
    assert hashlib.md5(grown.to_bytes()).hexdigest() == GOLDEN["table_grown"]
    lookups = Lookups()
    lookups.add_table("n", {"a": "b"})
    assert lookups.to_bytes().hex() == GOLDEN["lookups"]


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), st.integers(0, 9)))
def test_tables_come_back(data: dict[str, int]) -> None:
    table = Table("t", data)
    loaded = Table().from_bytes(table.to_bytes())
    assert dict(loaded) == dict(table) == dict(Table.from_dict(data)) == dict(pickle.loads(pickle.dumps(table)))
    assert loaded.name == "t"
    assert loaded.to_bytes() == table.to_bytes()
    assert all(key in table.bloom for key in table)


def test_lookups(tmp_path: Path) -> None:
    lookups = Lookups()
    table = lookups.add_table("lemma", {"went": "go"})
    assert lookups.get_table("lemma") is table
    assert "lemma" in lookups
    assert lookups.has_table("lemma")
    assert (len(lookups), lookups.tables) == (1, ["lemma"])
    assert lookups.get_table("other", None) is None
    lookups.set_table("other", Table("other"))
    lookups.to_disk(tmp_path / "new")
    for loaded in (
        Lookups().from_disk(tmp_path / "new"),
        Lookups().from_bytes(lookups.to_bytes()),
        pickle.loads(pickle.dumps(lookups)),
    ):
        assert loaded.tables == ["lemma", "other"]
        assert loaded.get_table("lemma")["went"] == "go"
    assert Lookups().from_disk(tmp_path).tables == []
    assert lookups.remove_table("other").name == "other"


def test_mistakes_are_named() -> None:
    lookups = Lookups()
    lookups.add_table("lemma_lookup")
    with pytest.raises(MissingKeyError, match="no look-up table 'lemma_lokup'. Did you mean 'lemma_lookup'"):
        lookups.get_table("lemma_lokup")
    with pytest.raises(KeyError, match="no look-up table 'x'. There are: 'lemma_lookup'"):
        lookups.remove_table("x")
    with pytest.raises(InvalidValueError, match="There is a table 'lemma_lookup' already"):
        lookups.add_table("lemma_lookup")
    with pytest.raises(DataFormatError, match="look-up tables: a message of named tables is needed"):
        lookups.from_bytes(dump_msgpack({"a": 1}))
    with pytest.raises(DataFormatError, match="table of look-ups: a message with the keys 'name' and 'dict'"):
        Table().from_bytes(dump_msgpack([]))
    assert lookups.tables == ["lemma_lookup"]
