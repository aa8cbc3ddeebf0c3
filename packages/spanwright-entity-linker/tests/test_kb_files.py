"""Files of knowledge bases: they come back, spaCy's layout holds, and damaged ones change nothing."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright.errors import DataFormatError, MissingFileError
from spanwright.kb import InMemoryLookupKB
from spanwright.vocab import Vocab
from spanwright_tokens.io import dump_msgpack, read_msgpack

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
NUMBERS = st.floats(-1e6, 1e6, width=32)


@st.composite
def filled(draw: Any) -> InMemoryLookupKB:
    """A knowledge base filled by any of its methods."""
    width = draw(st.integers(0, 4))
    kb = InMemoryLookupKB(Vocab(), width)
    vectors = st.lists(NUMBERS, min_size=width, max_size=width)
    at_once = draw(st.lists(NAMES, unique=True, max_size=5))
    if at_once:
        rows = [draw(vectors) for _ in at_once]
        kb.set_entities(
            at_once, draw(st.lists(st.floats(0, 100, width=32), min_size=len(rows), max_size=len(rows))), rows
        )
    for name in draw(st.lists(NAMES, unique=True, max_size=4)):
        if not kb.contains_entity(name):
            kb.add_entity(name, draw(st.floats(0, 100, width=32)), draw(vectors))
    known = kb.get_entity_strings()
    for alias in draw(st.lists(NAMES, unique=True, max_size=5)) if known else []:
        entities = draw(st.lists(st.sampled_from(known), unique=True, min_size=1, max_size=4))
        priors = draw(st.lists(st.floats(0, 0.2), min_size=len(entities), max_size=len(entities)))
        kb.add_alias(alias, entities, priors)
    for alias in (
        draw(st.lists(st.sampled_from(kb.get_alias_strings()), max_size=4)) if len(kb.get_alias_strings()) else []
    ):
        kb.append_alias(alias, draw(st.sampled_from(known)), draw(st.floats(0, 0.04)), ignore_warnings=True)
    return kb


def contents(kb: InMemoryLookupKB) -> Any:
    aliases = {
        alias: [(c.entity_, c.entity_freq, c.prior_prob, c.entity_vector) for c in kb.get_alias_candidates(alias)]
        for alias in kb.get_alias_strings()
    }
    return kb.entity_vector_length, {name: kb.get_vector(name) for name in kb.get_entity_strings()}, aliases


@settings(max_examples=60, deadline=None)
@given(filled())
def test_it_comes_back(kb: InMemoryLookupKB) -> None:
    with TemporaryDirectory() as folder:
        kb.to_disk(Path(folder) / "kb")
        loaded = InMemoryLookupKB(Vocab(), 1)
        loaded.from_disk(Path(folder) / "kb")
        assert contents(loaded) == contents(kb)
        loaded.to_disk(Path(folder) / "kb")
        again = InMemoryLookupKB(Vocab(), 1).from_disk(Path(folder) / "kb")
    assert contents(again) == contents(kb) and again.to_bytes() == kb.to_bytes()
    twin = InMemoryLookupKB(kb.vocab, 3).from_bytes(kb.to_bytes())
    assert contents(twin) == contents(kb)
    twin.add_entity("one\nmore", 1, [2.0] * twin.entity_vector_length)
    assert twin.get_vector("one\nmore") == [2.0] * twin.entity_vector_length


def fill(kb: InMemoryLookupKB) -> InMemoryLookupKB:
    kb.set_entities(["Q1", "Q2"], [3, 4.5], [[1, 2], [3, 4]])
    kb.add_alias("Ada", ["Q2", "Q1"], [0.5, 0.25])
    return kb


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    fill(InMemoryLookupKB(Vocab(), 2)).to_disk(tmp_path / "kb")
    return tmp_path / "kb"


def test_the_layout_is_spacys(folder: Path) -> None:
    strings = Vocab().strings
    q1, q2, ada = (strings[text] for text in ("Q1", "Q2", "Ada"))
    expected = struct.pack("<qq4f", 2, 2, 1, 2, 3, 4) + struct.pack("<Qfi", q1, 3, 0) + struct.pack("<Qfi", q2, 4.5, 1)
    expected += (
        struct.pack("<q", 1) + struct.pack("<Qq", ada, 2) + struct.pack("<qf", 2, 0.5) + struct.pack("<qf", 1, 0.25)
    )
    assert (folder / "contents").read_bytes() == expected
    assert json.loads((folder / "strings.json").read_text()) == ["Ada", "Q1", "Q2"]


def test_vectors_of_a_file_stay_in_it(folder: Path) -> None:
    kb = InMemoryLookupKB(Vocab(), 2).from_disk(folder)
    base = kb._entities.vectors.base
    assert not base.flags.owndata and not base.flags.writeable
    before = contents(kb)
    fill(InMemoryLookupKB(Vocab(), 2)).to_disk(folder)  # replaces the file that is mapped
    kb.add_entity("Q3", 1, [5, 6])
    kb.to_disk(folder)
    assert contents(InMemoryLookupKB(Vocab(), 2).from_disk(folder))[1] == {**before[1], "Q3": [5.0, 6.0]}


def test_a_skipped_vector_is_found(folder: Path) -> None:
    """spaCy counts a row that it does not write, where entities are added to a loaded knowledge base."""
    data = bytearray((folder / "contents").read_bytes())
    struct.pack_into("<i", data, 16 + 16 + 16 + 12, 2)
    (folder / "contents").write_bytes(data)
    assert InMemoryLookupKB(Vocab(), 2).from_disk(folder).get_vector("Q2") == [3.0, 4.0]


def test_vectors_in_another_order(folder: Path) -> None:
    data = bytearray((folder / "contents").read_bytes())
    for entity, row in enumerate((1, 0)):
        struct.pack_into("<i", data, 16 + 16 + 16 * entity + 12, row)
    (folder / "contents").write_bytes(data)
    assert InMemoryLookupKB(Vocab(), 2).from_disk(folder).get_vector("Q2") == [1.0, 2.0]
    for entity in range(2):
        struct.pack_into("<i", data, 16 + 16 + 16 * entity + 12, 1)
    (folder / "contents").write_bytes(data)
    assert InMemoryLookupKB(Vocab(), 2).from_disk(folder).get_vector("Q1") == [3.0, 4.0]


def test_a_file_cut_short_anywhere_changes_nothing(folder: Path) -> None:
    data = (folder / "contents").read_bytes()
    kb = fill(InMemoryLookupKB(Vocab(), 2))
    before = kb.to_bytes()
    for length in range(len(data)):
        (folder / "contents").write_bytes(data[:length])
        with pytest.raises(DataFormatError, match="contents: this is no knowledge base, or one that was cut short"):
            kb.from_disk(folder)
    (folder / "contents").write_bytes(data + b"\0\0\0\0")
    with pytest.raises(ValueError, match="it goes on after the 1 aliases that it speaks of"):
        kb.read_contents(folder / "contents")
    assert kb.to_bytes() == before


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_file_is_refused_or_read(data: Any) -> None:
    with TemporaryDirectory() as name:
        path = Path(name)
        fill(InMemoryLookupKB(Vocab(), 2)).write_contents(path / "contents")
        content = bytearray((path / "contents").read_bytes())
        for _ in range(data.draw(st.integers(1, 3))):
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
        (path / "contents").write_bytes(content)
        kb = fill(InMemoryLookupKB(Vocab(), 2))
        before = kb.to_bytes()
        try:
            kb.read_contents(path / "contents")
        except DataFormatError:
            assert kb.to_bytes() == before
        else:
            kb.to_bytes()
            kb.get_alias_candidates("Ada")


DAMAGE: list[tuple[int, str, Any, str]] = [
    (0, "<q", -1, "its header speaks of -1 entities with 2 values each"),
    (8, "<q", 1 << 60, "its header speaks of 2 entities with 1152921504606846976 values each"),
    (8, "<q", 1 << 40, "its header speaks of 2 entities with 1099511627776 values each"),
    (44, "<i", -1, "an entity names the vector 1, and there are 2"),
    (44, "<i", 7, None),
    (40, "<f", float("nan"), "the frequency of entity 1 is nan, which is no number"),
    (64, "<q", 1 << 60, "it has 40 bytes for 1152921504606846976 aliases"),
    (80, "<q", 1 << 62, "it ends within the 1 aliases"),
    (88, "<q", 3, "an alias names entity 3, and there are 2"),
    (88, "<q", -3, "an alias names entity 1, and there are 2"),
    (96, "<f", float("inf"), "a prior probability is negative or no number"),
    (96, "<f", 0.9, "the prior probabilities of alias 1 sum to 1.1500, above 1"),
]


@pytest.mark.parametrize(("place", "kind", "value", "message"), [row for row in DAMAGE if row[3]])
def test_what_is_said_of_damage(folder: Path, place: int, kind: str, value: Any, message: str) -> None:
    data = bytearray((folder / "contents").read_bytes())
    struct.pack_into(kind, data, place, value)
    (folder / "contents").write_bytes(data)
    with pytest.raises(DataFormatError, match=message):
        InMemoryLookupKB(Vocab(), 2).from_disk(folder)


@pytest.mark.parametrize("width", [1 << 62, 1 << 40, 1 << 31, -1])
def test_a_width_that_nothing_has(tmp_path: Path, width: int) -> None:
    """Without an entity any width fits the size of the file; the vector of an unknown name would need its memory."""
    (tmp_path / "contents").write_bytes(struct.pack("<qqq", 0, width, 0))
    with pytest.raises(DataFormatError, match=f"its header speaks of 0 entities with {width} values each"):
        InMemoryLookupKB(Vocab(), 2).read_contents(tmp_path / "contents")


def test_names_that_stand_twice(folder: Path) -> None:
    data = bytearray((folder / "contents").read_bytes())
    data[48:56] = data[32:40]
    (folder / "contents").write_bytes(data)
    with pytest.raises(DataFormatError, match="an entity stands in it twice"):
        InMemoryLookupKB(Vocab(), 2).from_disk(folder)
    with pytest.raises(DataFormatError, match="an alias stands in it twice"):
        twice([["Ada", 0], ["Ada", 0]])


def twice(heads: list[list[Any]]) -> None:
    from spanwright_entity_linker.knowledge_base.contents import make_aliases

    keys = numpy.asarray([Vocab().strings[name] for name, _ in heads], dtype="uint64")
    make_aliases(keys, [0] * len(keys), [], [], 0, "file")


def test_folders_that_are_none(folder: Path) -> None:
    kb = InMemoryLookupKB(Vocab(), 2)
    with pytest.raises(MissingFileError, match="there is no knowledge base here. `spanwright init kb` builds one"):
        kb.from_disk(folder / "none")
    with pytest.raises(ValueError, match="there is no knowledge base here"):
        kb.from_disk(folder / "none")
    with pytest.raises(DataFormatError, match="a knowledge base is a folder, and this is a file"):
        kb.from_disk(folder / "contents")
    with pytest.raises(DataFormatError, match="a knowledge base is a folder, and this is a file"):
        kb.to_disk(folder / "contents")
    (folder / "strings.json").write_text('{"not": "a list"}')
    with pytest.raises(DataFormatError, match="strings"):
        kb.from_disk(folder)
    assert kb.is_empty()
    kb.from_disk(folder, exclude=["strings.json"])
    assert len(kb) == 2
    (folder / "strings.json").unlink()
    with pytest.raises(MissingFileError, match=r"strings\.json: this file of the knowledge base is missing"):
        kb.from_disk(folder)
    kb.to_disk(folder / "part", exclude=["contents"])
    assert [path.name for path in (folder / "part").iterdir()] == ["strings.json"]


def test_damaged_messages() -> None:
    kb = fill(InMemoryLookupKB(Vocab(), 2))
    good: dict[str, Any] = read_msgpack(kb.to_bytes())
    cases = [
        ({"header": "[2]"}, "no knowledge base, or a damaged one"),
        ({"header": "[3,1,2]"}, "the header speaks of 3 entities and 1 aliases; others follow"),
        ({"header": "[2,1,3]"}, "a vector has 2 values, and the header says 3"),
        ({"entries": "[[1,2],[3,4]]"}, "no knowledge base, or a damaged one"),
        ({"aliases": '["[[1,1]]","[[1]]","[[1,2]]"]'}, "an alias has not as many prior probabilities as entities"),
        ({"entity_vectors": "{}"}, "an entity names the vector 1, and there are 0"),
        ({"entity_vectors": "[[1,2]]"}, "an entity names the vector 1, and there are 1"),
        ({"entity_vectors": "[[1,2],[NaN,4]]"}, "a vector has values that are no numbers"),
        ({"entity_vectors": "[[1,2],[1e400,4]]"}, "a vector has values that are no numbers"),
        ({"header": f"[2,1,{1 << 40}]"}, "the header speaks of vectors with 1099511627776 values"),
        ({"header": "[2,1,-1]"}, "the header speaks of vectors with -1 values"),
        ({"aliases": json.dumps(["[" * 100_000, "[]", "[]"])}, "no knowledge base, or a damaged one"),
        ({"aliases": "[1,2,3]"}, "no knowledge base, or a damaged one"),
        ({"entity_vectors": "[[1,2"}, "knowledge base, entity_vectors: this is no complete JSON"),
    ]
    for change, message in cases:
        with pytest.raises(DataFormatError, match=message):
            kb.from_bytes(dump_msgpack({**good, **change}))
    with pytest.raises(DataFormatError, match="the part 'aliases' is missing"):
        kb.from_bytes(dump_msgpack({name: part for name, part in good.items() if name != "aliases"}))
    with pytest.raises(DataFormatError, match="knowledge base"):
        kb.from_bytes(b"\xc1")
    assert read_msgpack(kb.to_bytes()) == good
    # A vector that no entity has must not take the place of the next one's.
    vectors = json.dumps([*json.loads(good["entity_vectors"]), [5, 6]])
    more = InMemoryLookupKB(Vocab(), 2).from_bytes(dump_msgpack({**good, "entity_vectors": vectors}))
    more.add_entity("Q3", 1, [7, 8])
    assert more.get_vector("Q3") == [7.0, 8.0]
    # spaCy keeps an empty row after entities that were set at once.
    vectors = json.dumps([*json.loads(good["entity_vectors"]), []])
    assert kb.from_bytes(dump_msgpack({**good, "entity_vectors": vectors})).get_vector("Q2") == [3.0, 4.0]
