"""Tables of word vectors."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import (
    DataFormatError,
    InvalidTypeError,
    InvalidValueError,
    SpanwrightWarning,
    UnsupportedError,
)
from spanwright_tokens.io import dump_msgpack, read_msgpack
from spanwright_tokens.vocab import BaseVectors, Vectors, Vocab, get_string_id
from spanwright_tokens.vocab.keyrows import KeyRows, floret_rows

GOLDEN = json.loads((Path(__file__).parent / "data" / "vocab.json").read_text("utf8"))
keys = st.integers(0, 2**64 - 1)
rows = st.integers(0, 2**31 - 1)


def floret(**settings: Any) -> Vectors:
    data = (numpy.arange(400) % 37 / 37).reshape(50, 8).astype("f")
    default = {"minn": 3, "maxn": 5, "hash_count": 2, "hash_seed": 2166136261}
    return Vectors(mode="floret", data=data, **{**default, **settings})


@pytest.fixture
def vectors() -> Vectors:
    data = numpy.random.default_rng(0).normal(size=(5, 3)).astype("f")
    return Vectors(data=data, keys=["a", "b", "c", "d", "e"])


# -------------------------------------------------------------------- keys and rows


@given(st.dictionaries(keys, rows, max_size=300), st.lists(keys, max_size=20))
def test_key_rows_have_a_plain_twin(plain: dict[int, int], others: list[int]) -> None:
    table = KeyRows(plain)
    assert len(table) == len(plain)
    assert table.items() == list(plain.items())
    assert list(table) == list(plain)
    for key in [*plain, *others]:
        assert table.get(key, -5) == plain.get(key, -5)
        assert (key in table) == (key in plain)
    assert table.rows_of([*plain, *others]).tolist() == [plain.get(key, -1) for key in [*plain, *others]]
    assert table == plain
    assert table == table.copy() == pickle.loads(pickle.dumps(table))
    assert table.to_message() == dump_msgpack(plain)
    assert KeyRows.from_message(dump_msgpack(plain)) == table


@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=400))
def test_key_rows_change_as_a_dict_does(steps: list[tuple[int, bool]]) -> None:
    plain: dict[int, int] = {}
    table = KeyRows()
    for i, (key, keep) in enumerate(steps):
        if keep:
            table[key] = plain[key] = i
        else:
            assert table.pop(key, None) == plain.pop(key, None)
    assert table == plain
    assert dict(read_msgpack(table.to_message())) == plain


def test_key_rows_are_written_as_msgpack_writes_them() -> None:
    assert KeyRows({1: 0, 300: 1, 2**40: 200, 2**63: 70000}).to_message().hex() == GOLDEN["key2row"]


@given(st.binary(max_size=60))
def test_garbage_is_never_read_beyond_its_end(data: bytes) -> None:
    try:
        table = KeyRows.from_message(data)
    except DataFormatError:
        return
    assert KeyRows.from_message(table.to_message()) == table


def test_key_rows_name_what_is_wrong() -> None:
    table = KeyRows({1: 2})
    with pytest.raises(KeyError, match="There is no vector for the key 7"):
        table[7]
    with pytest.raises(ValueError, match="not negative, found -1 for the key 3"):
        table[3] = -1
    with pytest.raises(DataFormatError, match="2 bytes follow the message"):
        KeyRows.from_message(b"\x80\x00\x00")
    assert repr(table) == "<KeyRows of 1 keys>"


# -------------------------------------------------------------------- tables


def test_look_up(vectors: Vectors) -> None:
    assert vectors.shape == (5, 3)
    assert (len(vectors), vectors.size, vectors.vectors_length, vectors.n_keys) == (5, 15, 3, 5)
    assert (vectors["b"] == vectors.data[1]).all()
    assert (vectors[get_string_id("b")] == vectors.data[1]).all()
    assert "b" in vectors
    assert get_string_id("b") in vectors
    assert "z" not in vectors
    assert list(vectors) == vectors.keys() == [get_string_id(word) for word in "abcde"]
    assert [row.tolist() for row in vectors.values()] == vectors.data.tolist()
    assert [key for key, _ in vectors.items()] == vectors.keys()
    with pytest.raises(KeyError, match=r"There is no vector for 'z'.*vocab\.get_vector"):
        vectors["z"]


def test_find(vectors: Vectors) -> None:
    assert vectors.find(key="c") == 2
    assert vectors.find(key="z") == -1
    assert vectors.find(keys=["a", "z", "e"]).tolist() == [0, -1, 4]
    assert vectors.find(keys=numpy.array([get_string_id("d")], dtype="uint64")).tolist() == [3]
    assert vectors.find(row=1) == get_string_id("b")
    assert vectors.find(rows=[0, 4]).tolist() == [get_string_id("a"), get_string_id("e")]
    with pytest.raises(InvalidValueError, match="exactly one of key, keys, row and rows"):
        vectors.find()
    with pytest.raises(KeyError, match="No key belongs to the row 9 of 5"):
        vectors.find(row=9)


def test_batches_give_zeros_for_words_without_a_vector(vectors: Vectors) -> None:
    batch = vectors.get_batch(["b", "nothing", "a", "b"])
    assert batch.tolist() == [vectors.data[1].tolist(), [0, 0, 0], vectors.data[0].tolist(), vectors.data[1].tolist()]
    assert Vectors().get_batch(["a"]).shape == (1, 0)


def test_adding_and_resizing() -> None:
    vectors = Vectors(shape=(3, 2))
    assert not vectors.is_full
    assert vectors.add("a", vector=[1, 2]) == 0
    assert vectors.add("b", vector=[3, 4]) == 1
    assert vectors.add("same as a", row=0) == 0
    assert vectors.add("a", vector=[5, 6]) == 0
    assert vectors.add("c") == 2
    assert vectors.is_full
    with pytest.raises(InvalidValueError, match=r"The table of vectors is full \(shape \(3, 2\)\)"):
        vectors.add("d")
    with pytest.raises(InvalidValueError, match="There is no row 8 for"):
        vectors.add("d", row=8)
    assert vectors.resize((1, 3)) == [(get_string_id("b"), 1), (get_string_id("c"), 2)]
    assert vectors["a"].tolist() == [5, 6, 0]
    assert vectors.resize((2, 3), inplace=True) == []
    assert vectors.add("e", vector=[7, 8, 9]) == 1
    with pytest.raises(InvalidValueError, match="In place the width must stay 3, found 4"):
        vectors.resize((2, 4), inplace=True)
    vectors["e"] = [1, 1, 1]
    assert vectors["e"].tolist() == [1, 1, 1]
    with pytest.raises(KeyError, match="There is no vector for the key"):
        vectors["z"] = [1, 1, 1]
    vectors.clear()
    assert (vectors.n_keys, vectors.is_full) == (0, False)


def test_rows_that_came_as_data_are_not_free(vectors: Vectors) -> None:
    assert vectors.is_full
    assert Vectors(data=numpy.ones((2, 2), dtype="f")).is_full
    with pytest.raises(InvalidValueError, match="There are 3 keys for 2 rows"):
        Vectors(data=numpy.ones((2, 2), dtype="f"), keys=["a", "b", "c"])


def test_most_similar_equals_the_recorded_answers() -> None:
    data = numpy.random.RandomState(3).normal(size=(30, 6)).astype("f")
    vectors = Vectors(data=data, keys=[f"w{i}" for i in range(30)])
    queries = data[:4] + 0.1
    before = queries.copy()
    found, best, scores = vectors.most_similar(queries, n=5)
    assert found.tolist() == GOLDEN["most_similar"]["keys"]
    assert best.tolist() == GOLDEN["most_similar"]["rows"]
    assert scores == pytest.approx(numpy.array(GOLDEN["most_similar"]["scores"]), abs=2e-4)
    assert (queries == before).all()


@given(st.integers(1, 6), st.integers(1, 5), st.booleans())
def test_most_similar_has_a_plain_twin(n: int, batch_size: int, sort: bool) -> None:
    data = numpy.random.default_rng(n).normal(size=(9, 4)).astype("f")
    vectors = Vectors(data=data, keys=[f"w{i}" for i in range(9)])
    queries = numpy.random.default_rng(9).normal(size=(7, 4)).astype("f")
    _, best, scores = vectors.most_similar(queries, n=n, batch_size=batch_size, sort=sort)
    unit = data / numpy.linalg.norm(data, axis=1, keepdims=True)
    for query, row, score in zip(queries, best, scores, strict=True):
        cosines = unit @ query / numpy.linalg.norm(query)
        assert set(row) == set(numpy.argsort(-cosines)[:n])
        assert score == pytest.approx(cosines[row], abs=1e-4)
        assert not sort or list(score) == sorted(score, reverse=True)


def test_most_similar_needs_enough_vectors(vectors: Vectors) -> None:
    with pytest.raises(InvalidValueError, match="There are 5 vectors with a key, fewer than the 6 asked for"):
        vectors.most_similar(vectors.data[:1], n=6)
    found, best, scores = vectors.most_similar(vectors.data[:0], n=2)
    assert found.shape == best.shape == scores.shape == (0, 2)


# -------------------------------------------------------------------- floret


def test_floret_equals_the_recorded_vectors() -> None:
    vectors = floret()
    batch = vectors.get_batch(GOLDEN["floret"]["words"])
    assert batch == pytest.approx(numpy.array(GOLDEN["floret"]["vectors"]), abs=1e-5)
    assert batch.dtype == numpy.float32
    assert vectors["chat"] == pytest.approx(batch[0])


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), max_size=6), st.integers(1, 4))
def test_floret_rows_have_a_plain_twin(words: list[str], hash_count: int) -> None:
    found, lengths = floret_rows(words, "<", ">", 2, 4, hash_count, 7, 101)
    assert lengths.sum() == len(found)
    assert all(0 <= row < 101 for row in found)
    expected = []
    for word in words:
        padded = f"<{word}>"
        grams = sum(max(0, len(padded) - size + 1) for size in (2, 3, 4))
        expected.append(hash_count * (1 + grams) if word else 0)
    assert lengths.tolist() == expected
    alone = [floret_rows([word], "<", ">", 2, 4, hash_count, 7, 101)[0].tolist() for word in words]
    assert found.tolist() == [row for part in alone for row in part]


def test_floret_has_a_vector_for_every_word_and_cannot_be_changed() -> None:
    vectors = floret()
    assert "anything" in vectors
    assert vectors.is_full
    assert vectors.n_keys == -1
    assert not vectors.get_batch([""]).any()
    assert vectors.get_batch([vectors.strings.add("chat")])[0] == pytest.approx(vectors["chat"])
    for change in (
        lambda: vectors.add("a", vector=[1]),
        lambda: vectors.resize((1, 1)),
        lambda: vectors.__setitem__("a", [1]),
    ):
        with pytest.warns(SpanwrightWarning, match=r"Vectors\.\w+ does nothing in the mode 'floret'"):
            change()
    with pytest.raises(UnsupportedError, match=r"vectors\.find cannot work in the mode 'floret'.*get_batch"):
        vectors.find(key="a")
    with pytest.raises(ValueError, match=r"vectors\.most_similar cannot work"):
        vectors.most_similar(vectors.data)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"mode": "other"}, "The mode of vectors is one of .*'floret'.*found 'other'"),
        ({"mode": "floret"}, "A floret table needs data"),
        ({"mode": "floret", "data": numpy.ones((2, 2)), "keys": ["a"]}, "takes no keys"),
        (
            {"mode": "floret", "data": numpy.ones((2, 2)), "minn": 3, "maxn": 2},
            "maxn=2, must not be shorter than minn=3",
        ),
        ({"mode": "floret", "data": numpy.ones((2, 2)), "hash_count": 5}, "between 1 and 4, found 5"),
    ],
)
def test_settings_that_cannot_be(settings: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        Vectors(**settings)


# -------------------------------------------------------------------- files


@pytest.mark.parametrize("vector", [[1, 2], numpy.zeros((2, 3)), []])
def test_a_vector_of_another_width_is_refused(vectors: Vectors, vector: Any) -> None:
    with pytest.raises(InvalidValueError, match="have 3 values, found an array of shape"):
        vectors.add("a", vector=vector)
    with pytest.raises(InvalidValueError, match="have 3 values, found an array of shape"):
        vectors["a"] = vector
    assert vectors.add("a", vector=numpy.full((1, 3), 7)) == vectors.find(key="a")
    assert vectors["a"].tolist() == [7, 7, 7]


@pytest.mark.parametrize("queries", [numpy.zeros((1, 9)), numpy.zeros(3), [[1, 2, 3]]])
def test_queries_of_another_shape_are_refused(vectors: Vectors, queries: Any) -> None:
    with pytest.raises(InvalidValueError, match=r"of the shape \(number of queries, 3\), found"):
        vectors.most_similar(queries)


def test_keys_whose_table_is_missing_are_no_vocabulary(vectors: Vectors, tmp_path: Path) -> None:
    from spanwright_tokens.vocab import Vocab

    vocab = Vocab()
    vocab.set_vector("a", numpy.ones(3, dtype="f"))
    vocab.to_disk(tmp_path / "vocab")
    (tmp_path / "vocab" / "vectors").unlink()
    with pytest.raises(DataFormatError, match=r"keys of vectors \(key2row\), but no table of vectors"):
        Vocab().from_disk(tmp_path / "vocab")
    assert Vocab().from_disk(tmp_path / "vocab", exclude=["vectors"]).vectors_length == 0


def test_folders_and_bytes(vectors: Vectors, tmp_path: Path) -> None:
    for table in (vectors, floret(attr="LOWER"), Vectors()):
        table.to_disk(tmp_path / "v")
        for loaded in (
            Vectors().from_disk(tmp_path / "v"),
            Vectors().from_bytes(table.to_bytes()),
            pickle.loads(pickle.dumps(table)),
        ):
            assert loaded == table
            assert loaded.attr == table.attr
    assert vectors != floret()


def test_large_tables_are_mapped_and_can_be_changed(tmp_path: Path) -> None:
    data = numpy.random.default_rng(0).normal(size=(3000, 100)).astype("f")
    Vectors(data=data, keys=[f"w{i}" for i in range(3000)]).to_disk(tmp_path)
    loaded = Vectors().from_disk(tmp_path)
    assert isinstance(loaded.data.base, numpy.memmap)
    assert (loaded.data == data).all()
    loaded["w1"] = numpy.zeros(100)
    assert not loaded["w1"].any()
    loaded.resize((3001, 100), inplace=True)
    loaded.to_disk(tmp_path)
    again = Vectors().from_disk(tmp_path)
    assert again == loaded
    assert again.shape == (3001, 100)


def test_the_older_file_of_keys(vectors: Vectors, tmp_path: Path) -> None:
    vectors.to_disk(tmp_path)
    (tmp_path / "key2row").unlink()
    with (tmp_path / "keys").open("wb") as file:
        numpy.save(file, numpy.array(vectors.keys(), dtype="uint64"))
    assert Vectors().from_disk(tmp_path) == vectors


def test_foreign_messages_change_nothing(vectors: Vectors) -> None:
    before = vectors.to_bytes()
    for data, message in (
        (b"", "vectors: this is no complete message"),
        (dump_msgpack([1]), "a message with the parts 'vectors', 'key2row'"),
        (
            dump_msgpack({"vectors": dump_msgpack(numpy.ones(3))}),
            r"2 dimension\(s\) is needed, found an array of float64",
        ),
        (dump_msgpack({"vectors": dump_msgpack(5)}), r"2 dimension\(s\) is needed, found int"),
    ):
        with pytest.raises(DataFormatError, match=message):
            vectors.from_bytes(data)
    assert vectors.to_bytes() == before


def test_vectors_can_be_moved(vectors: Vectors) -> None:
    class Ops:
        @staticmethod
        def asarray(data: Any) -> Any:
            return data.astype("f8")

    vectors.to_ops(Ops())
    assert vectors.data.dtype == numpy.float64


def test_base_vectors_say_what_is_missing() -> None:
    with pytest.raises(InvalidTypeError, match="use Vectors, or derive a class from it"):
        BaseVectors()

    class Mine(BaseVectors):
        pass

    mine = Mine()
    for ask in (
        lambda: mine["a"], lambda: "a" in mine, lambda: len(mine), lambda: mine.shape, lambda: mine.is_full,
        lambda: mine.get_batch([]), lambda: mine.add("a"), lambda: mine.size, lambda: mine.vectors_length,
    ):  # fmt: skip
        with pytest.raises(UnsupportedError, match="Mine does not implement"):
            ask()
    assert mine.to_bytes() == b""


# -------------------------------------------------------------------- in a vocabulary


def test_a_vocabulary_grows_its_table() -> None:
    vocab = Vocab()
    assert (vocab.vectors_length, vocab.has_vector("a")) == (0, False)
    vocab.set_vector("a", numpy.ones(3, dtype="f"))
    vocab.set_vector(vocab.strings.add("b"), numpy.arange(3, dtype="f"))
    assert vocab.vectors.shape == (100, 3)
    assert vocab.has_vector("b")
    assert vocab["b"].has_vector
    assert vocab["b"].rank == 1
    assert vocab["b"].vector.tolist() == [0, 1, 2]
    assert vocab["b"].vector_norm == pytest.approx(5**0.5)
    assert vocab.get_vector("unknown").tolist() == [0, 0, 0]
    assert "unknown" not in vocab.strings
    assert vocab["a"].similarity(vocab["b"]) == pytest.approx(3 / 15**0.5, abs=1e-6)
    vocab["b"].vector = [1, 1, 1]
    assert vocab.get_vector("b").tolist() == [1, 1, 1]
    with pytest.raises(InvalidValueError, match=r"A vector of 3 numbers is needed, found 2.*reset_vectors\(width=2\)"):
        vocab["b"].vector = [1, 1]
    for i in range(100):
        vocab.set_vector(f"w{i}", numpy.full(3, i, dtype="f"))
    assert vocab.vectors.shape == (130, 3)
    assert vocab.get_vector("w99").tolist() == [99, 99, 99]


def test_vectors_by_another_attribute() -> None:
    vocab = Vocab()
    vocab.vectors = floret(attr="LOWER")
    assert (vocab.get_vector("Chat") == vocab.get_vector("chat")).all()
    assert (vocab[vocab.strings.add("CHAT")].vector == vocab.get_vector("chat")).all()


def test_reset_deduplicate_prune() -> None:
    vocab = Vocab()
    table = {"sat": [1, 0.2, 0], "cat": [0, 1, 0.1], "feline": [0, 0.9, 0.2], "reclined": [0.9, 0.1, 0]}
    for word, vector in table.items():
        vocab.set_vector(word, numpy.array(vector, dtype="f"))
    remap = vocab.prune_vectors(2)
    assert {word: (other, round(score, 3)) for word, (other, score) in remap.items()} == {
        "feline": ("cat", 0.993), "reclined": ("sat", 0.996),
    }  # fmt: skip
    assert vocab.vectors.shape == (2, 3)
    assert (vocab.get_vector("feline") == vocab.get_vector("cat")).all()

    vocab.vectors = Vectors(data=numpy.array([[1, 1], [0, 0], [1, 1]], dtype="f"), keys=["a", "b", "c"])
    vocab.deduplicate_vectors()
    assert vocab.vectors.shape == (2, 2)
    assert [vocab.get_vector(word).tolist() for word in "abc"] == [[1, 1], [0, 0], [1, 1]]
    vocab.deduplicate_vectors()
    assert vocab.vectors.shape == (2, 2)

    vocab.reset_vectors(width=5)
    assert vocab.vectors.shape == (2, 5)
    vocab.reset_vectors(shape=(7, 1))
    assert vocab.vectors.shape == (7, 1)
    with pytest.raises(InvalidValueError, match="takes a width or a shape, found both"):
        vocab.reset_vectors(width=1, shape=(1, 1))
    vocab.vectors = floret()
    with pytest.raises(UnsupportedError, match="cannot work in the mode 'floret'"):
        vocab.prune_vectors(1)


def test_foreign_vectors_in_a_vocabulary() -> None:
    class Mine(BaseVectors):
        pass

    vocab = Vocab()
    vocab.vectors = Mine()
    with pytest.raises(UnsupportedError, match=r"vocab\.prune_vectors works on the built-in Vectors.* are a Mine"):
        vocab.prune_vectors(1)
