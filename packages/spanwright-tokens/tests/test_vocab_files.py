"""Vocabularies on disk and as bytes."""

from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy
import pytest

from spanwright_tokens.errors import DataFormatError, MissingFileError
from spanwright_tokens.io import dump_msgpack
from spanwright_tokens.vocab import Vocab, create_vocab


@pytest.fixture
def vocab() -> Vocab:
    vocab = create_vocab("de")
    vocab.set_vector("Häuser", numpy.arange(4, dtype="f"))
    vocab.lookups.add_table("lexeme_norm", {"daß": "dass"})
    vocab.strings.add("label")
    return vocab


def same(one: Vocab, other: Vocab) -> bool:
    return (
        set(one.strings) <= set(other.strings)
        and one.vectors == other.vectors
        and one.lookups.to_bytes() == other.lookups.to_bytes()
    )


def test_folders(vocab: Vocab, tmp_path: Path) -> None:
    vocab.to_disk(tmp_path / "vocab")
    names = sorted(path.name for path in (tmp_path / "vocab").iterdir())
    assert names == ["key2row", "lookups.bin", "strings.json", "vectors", "vectors.cfg"]
    loaded = create_vocab("de").from_disk(tmp_path / "vocab")
    assert same(vocab, loaded)
    assert loaded["daß"].norm_ == "dass"
    assert loaded.get_vector("Häuser").tolist() == [0, 1, 2, 3]
    assert loaded["Häuser"].rank == 0


def test_bytes_and_pickle(vocab: Vocab) -> None:
    assert same(vocab, create_vocab("de").from_bytes(vocab.to_bytes()))
    assert same(vocab, pickle.loads(pickle.dumps(vocab)))


def test_only_permanent_strings_are_saved(vocab: Vocab) -> None:
    vocab._word_of_text(vocab._current_arena(), "OnlyInText")
    for loaded in (create_vocab("de").from_bytes(vocab.to_bytes()), pickle.loads(pickle.dumps(vocab))):
        assert "OnlyInText" not in loaded.strings
        assert "label" in loaded.strings


def test_parts_can_be_left_out(vocab: Vocab, tmp_path: Path) -> None:
    vocab.to_disk(tmp_path / "some", exclude=["vectors", "lookups"])
    assert [path.name for path in (tmp_path / "some").iterdir()] == ["strings.json"]
    vocab.to_disk(tmp_path / "all")
    loaded = create_vocab("de").from_disk(tmp_path / "all", exclude=["strings", "vectors", "lookups"])
    assert (len(loaded.strings), len(loaded.lookups), loaded.vectors.shape) == (0, 0, (0, 0))
    loaded = create_vocab("de").from_bytes(vocab.to_bytes(exclude=["vectors"]), exclude=["lookups"])
    assert "label" in loaded.strings
    assert (len(loaded.lookups), loaded.vectors.shape) == (0, (0, 0))


def test_older_folders_lack_some_files(vocab: Vocab, tmp_path: Path) -> None:
    vocab.to_disk(tmp_path)
    for name in ("vectors.cfg", "lookups.bin"):
        (tmp_path / name).unlink()
    loaded = create_vocab("de").from_disk(tmp_path)
    assert loaded.get_vector("Häuser").tolist() == [0, 1, 2, 3]


def test_loading_describes_known_words_again(vocab: Vocab, tmp_path: Path) -> None:
    vocab.to_disk(tmp_path)
    other = create_vocab("de")
    arena = other._current_arena()
    word, text = other["daß"], other._word_of_text(arena, "Daß")
    assert word.norm_ == "daß"
    other.from_disk(tmp_path)
    assert word.norm_ == "dass"
    assert text.norm_ == "daß"


def test_loading_keeps_the_strings_there_are(vocab: Vocab, tmp_path: Path) -> None:
    vocab.to_disk(tmp_path)
    other = create_vocab("de")
    other.strings.add("mine")
    assert {"mine", "label"} <= set(other.from_disk(tmp_path).strings)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("strings.json", b'["a", ', r"strings\.json: this is no complete JSON"),
        ("strings.json", b"[1]", r"strings\.json: item 0 is 1, not a string"),
        ("lookups.bin", b"\x85\xa1", r"lookups\.bin: this is no complete message"),
        ("lookups.bin", b"\x93\x01\x02\x03", r"lookups\.bin: a message of named tables is needed"),
        ("vectors", b"\x93NUMPY\x01\x00", r"vectors: this is no complete NumPy array"),
        ("vectors", b"garbage", r"vectors: this is no complete NumPy array"),
        ("key2row", b"\x81\xcf\x00", r"key2row: item 0 of 1 is no pair of a key and a row"),
        ("key2row", b"\x93\x01\x02\x03", r"key2row: a message of keys and rows is needed"),
        ("key2row", b"\x81\x01\xcd\x7f\xff", r"a key points to the row 32767, and there are 100 rows"),
        ("vectors.cfg", b"[]", r"the settings of vectors are a JSON object, found \[\]"),
        ("vectors.cfg", b'{"mode": "other"}', r"The mode of vectors is one of .* found 'other'"),
    ],
)
def test_damaged_folders_are_refused_and_change_nothing(
    vocab: Vocab, tmp_path: Path, name: str, content: bytes, message: str
) -> None:
    vocab.to_disk(tmp_path)
    (tmp_path / name).write_bytes(content)
    other = create_vocab("de")
    other.set_vector("own", numpy.ones(3, dtype="f"))
    before = other.to_bytes()
    with pytest.raises(DataFormatError, match=message):
        other.from_disk(tmp_path)
    assert other.to_bytes() == before


def test_pickled_arrays_are_never_loaded(vocab: Vocab, tmp_path: Path) -> None:
    vocab.to_disk(tmp_path)
    numpy.save(tmp_path / "vectors.npy", numpy.array([{"a": print}], dtype=object), allow_pickle=True)
    (tmp_path / "vectors.npy").replace(tmp_path / "vectors")
    with pytest.raises(DataFormatError, match="no complete NumPy array of numbers"):
        create_vocab("de").from_disk(tmp_path)


def test_missing_folders_and_foreign_messages(tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="There is no folder .*nowhere to load a vocabulary from"):
        Vocab().from_disk(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match=r"There is no file .*strings\.json"):
        Vocab().from_disk(tmp_path)
    with pytest.raises(DataFormatError, match="vocabulary: a message with the parts 'strings', 'vectors', 'lookups'"):
        Vocab().from_bytes(dump_msgpack({"strings": 5}))
    with pytest.raises(DataFormatError, match="vocabulary: this is no complete message"):
        Vocab().from_bytes(b"\xc1")


def test_messages_may_hold_texts_as_spacy_writes_them(vocab: Vocab) -> None:
    message = dump_msgpack({"strings": json.dumps(["a", "é"]), "lookups": dump_msgpack({})})
    assert set(Vocab().from_bytes(message).strings) == {"a", "é"}
