"""`spanwright init vectors`: the text formats of the field, and what is said of faulty files."""

from __future__ import annotations

import gzip
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spanwright
from spanwright.cli import main
from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError, SpanwrightError
from spanwright.training.initialize import convert_vectors
from spanwright_training.commands.init_vectors import init_vectors
from spanwright_training.word_vectors import read_vectors, reading

ROWS = {
    "the": [0.5, -0.25, 1.0],
    "sea": [1.5, 2.0, -3.0],
    "ocean": [1.5, 2.0, -2.5],
    "tea": [-1.0, 0.125, 0.0],
    "Tee": [-1.0, 0.125, 0.0],
}
BODY = "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in ROWS.items())
WORD2VEC = f"5 3\n{BODY}"
FLORET = "4 2 2 3 2 7 < >\n" + "".join(f"{i} {i + 0.5} {-i}\n" for i in range(4))


def write(folder: Path, text: str | bytes, name: str = "vectors.txt") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf8"))
    return path


def zipped(text: str, *names: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, text)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("word2vec.txt", WORD2VEC.encode()),
        ("word2vec with blanks at the ends", WORD2VEC.replace("\n", " \n").encode()),
        ("other ends of lines, tabs", WORD2VEC.replace("\n", "\r\n").replace(" ", "\t").encode()),
        ("glove.txt", BODY.encode()),
        ("cc.xx.300.vec", WORD2VEC.encode()),
        ("no end of line", WORD2VEC.rstrip().encode()),
        ("vectors.txt.gz", gzip.compress(WORD2VEC.encode())),
        ("glove.zip", zipped(BODY, "glove.6B.3d.txt")),
    ],
)
def test_formats(tmp_path: Path, name: str, content: bytes) -> None:
    nlp = init_vectors("en", write(tmp_path, content, name), tmp_path / "out")
    loaded = spanwright.load(tmp_path / "out")
    for word, row in ROWS.items():
        assert nlp.vocab[word].vector.tolist() == loaded.vocab[word].vector.tolist() == row
    vectors = loaded.vocab.vectors
    assert (vectors.n_keys, vectors.shape) == (5, (4, 3))  # "tea" and "Tee" share a row
    assert vectors.name == loaded.meta["vectors"]["name"] == "en_pipeline.vectors"
    assert not loaded.vocab["unheard"].has_vector


def test_words_with_blanks(tmp_path: Path) -> None:
    text = ". . . 0.5 1.5\nto name@example.org 2.5 3.5\n10 000 4.5 5.5\n\u00a0 6.5 7.5\n"
    read = read_vectors(write(tmp_path, text))
    assert read.words == [". . .", "to name@example.org", "10 000", "\u00a0"]
    assert read.data.tolist() == [[0.5, 1.5], [2.5, 3.5], [4.5, 5.5], [6.5, 7.5]]


def test_a_mark_of_byte_order_is_no_word(tmp_path: Path) -> None:
    assert read_vectors(write(tmp_path, "\ufeff2 2\na 1 2\nb 3 4\n")).words == ["a", "b"]
    assert read_vectors(write(tmp_path, "\ufeffa 1 2\nb 3 4\n")).words == ["a", "b"]


def test_a_header_that_asks_for_all_memory_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=":1: the header says 99999999999 values in a row; 1000000 is the most"):
        read_vectors(write(tmp_path, "2 99999999999\na 1 2\n"))


def test_a_word_twice_has_its_last_vector(tmp_path: Path) -> None:
    nlp = spanwright.blank("en")
    convert_vectors(nlp, write(tmp_path, "3 2\na 1 2\nb 3 4\na 5 6\n"), truncate=0, prune=-1)
    assert nlp.vocab["a"].vector.tolist() == [5, 6]


def test_floret(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["init", "vectors", "en", str(write(tmp_path, FLORET)), str(out), "--mode", "floret"]) == 0
    vectors = spanwright.load(out).vocab.vectors
    assert (vectors.mode, vectors.shape, vectors.n_keys) == ("floret", (4, 2), -1)
    assert [vectors.minn, vectors.maxn, vectors.hash_count, vectors.hash_seed, vectors.bow, vectors.eow] == [
        2, 3, 2, 7, "<", ">",
    ]  # fmt: skip
    assert vectors.data.tolist() == [[0.5, 0], [1.5, -1], [2.5, -2], [3.5, -3]]
    assert "any word" in vectors


def test_truncate_and_prune(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = str(write(tmp_path, WORD2VEC)), tmp_path / "out"
    assert main(["init", "vectors", "en", path, str(out), "-t", "4", "-p", "3", "-n", "small.vectors"]) == 0
    assert "4 words, 3 vectors of 3 values, saved in" in capsys.readouterr().err
    vocab = spanwright.load(out).vocab
    assert vocab.vectors.name == "small.vectors"
    assert vocab["sea"].vector.tolist() == ROWS["sea"]
    assert vocab["tea"].vector.tolist() in (ROWS["the"], ROWS["sea"], ROWS["ocean"])
    assert not vocab["Tee"].has_vector


def test_pruning_keeps_the_first_words_of_the_file(tmp_path: Path) -> None:
    # Equal rows must not change the order: files begin with the words that are met most.
    text = "z 9 9\ny 8 1\nx 7 1\nw 7 1\nv 0 1\n"
    vocab = init_vectors("en", write(tmp_path, text), tmp_path / "out", prune=2).vocab
    assert vocab.vectors.data.tolist() == [[9, 9], [8, 1]]


def test_other_attributes(tmp_path: Path) -> None:
    init_vectors("en", write(tmp_path, WORD2VEC), tmp_path / "out", attr="lower")
    doc = spanwright.load(tmp_path / "out")("SEA sea")
    assert doc[0].vector.tolist() == doc[1].vector.tolist() == ROWS["sea"]


def test_attributes_of_words(tmp_path: Path) -> None:
    lexemes = write(tmp_path, '{"orth": "sea", "prob": -3.5}\n', "words.jsonl")
    nlp = init_vectors("en", write(tmp_path, WORD2VEC), tmp_path / "out", jsonl_loc=lexemes)
    assert nlp.vocab["sea"].prob == -3.5


def test_tables_larger_than_a_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LINES", 7)
    monkeypatch.setattr(reading, "FIRST_ROWS", 5)
    for header in ("100 2\n", ""):
        text = header + "".join(f"w{i} {i}.5 {i % 3}\n" for i in range(100))
        read = read_vectors(write(tmp_path, text))
        assert read.data[read.rows].tolist() == [[i + 0.5, i % 3] for i in range(100)]
        assert read_vectors(write(tmp_path, text), 33).words == [f"w{i}" for i in range(33)]


numbers = st.floats(allow_nan=False, allow_infinity=False, width=32)
words = st.text(st.characters(blacklist_categories=("Z", "C")), min_size=1, max_size=8)
tables = st.integers(1, 4).flatmap(
    lambda width: st.lists(st.tuples(words, st.lists(numbers, min_size=width, max_size=width)), min_size=1, max_size=9)
)


@settings(max_examples=50, deadline=None)
@given(tables, st.booleans())
def test_what_is_written_is_read(table: list[tuple[str, list[float]]], with_header: bool) -> None:
    from tempfile import TemporaryDirectory

    table = [("w" + word, row) for word, row in table]  # a word of digits is no other than a value
    text = "".join(f"{word} {' '.join(map(repr, row))}\n" for word, row in table)
    text = (f"{len(table)} {len(table[0][1])}\n" if with_header else "") + text
    with TemporaryDirectory() as folder:
        read = read_vectors(write(Path(folder), text))
    assert read.words == [word for word, _ in table]
    assert np.array_equal(read.data[read.rows], np.array([row for _, row in table], dtype="f"))


FAULTS: dict[str, tuple[str, dict[str, Any], str]] = {
    "a value too few": (
        "3 3\na 1 2 3\nb 1 2\nc 1 2 3\n",
        {},
        r":3: the header \(line 1\) says a word and 3 values, found a word and 2 fields: 'b 1 2'\.",
    ),
    "a value too many": (
        "2 2\na 1 2\nb 1 2 3\n",
        {},
        r":3: the header \(line 1\) says a word and 2 values, found a word and 3 fields: 'b 1 2 3'\.",
    ),
    "one value of two": ("2 2\na 1 2\nb 1\n", {}, r":3: .* found a word and 1 field: 'b 1'\."),
    "a fraction too many": ("2 2\na 1 2\nb .5 2 3\n", {}, r":3: .* found a word and 3 fields"),
    "ragged without a header": (
        "a 1 2 3\nb 1 2\n",
        {},
        r":2: its first row \(line 1\) says a word and 3 values, found a word and 2 fields",
    ),
    "an empty line": ("2 2\na 1 2\n\nb 1 2\n", {}, r":3: .* found an empty line: ''\. Formats are word2vec"),
    "width of the header": ("2 4\na 1 2\nb 1 2\n", {}, r":2: the header \(line 1\) says a word and 4 values"),
    "rows that follow": ("1 2\na 1 2\nb 1 2\n", {}, r":3: the header \(line 1\) says 1 rows, and more follow\."),
    "rows that are missing": (
        "3 2\na 1 2\nb 1 2\n",
        {},
        r":1: the header says 3 rows, and the file ends after 2 \(line 3\)\. Get the whole file",
    ),
    "a header of nothing": ("0 300\n", {}, r":1: the header says 0 rows of 300 values; both must be at least 1"),
    "a negative header": ("5 -3\n", {}, r":1: the header says 5 rows of -3 values"),
    "no header and no values": ("hello world\n", {}, r":1 is neither a header .* found: 'hello world'\. Formats are"),
    "no number": ("2 2\na 1 2\nb 1 x2\n", {}, r":3: 'x2', a value of 'b', is no number\."),
    "not finite": ("2 2\na 1 nan\nb 1 2\n", {}, r":2: 'nan', a value of 'a', is no finite 32-bit number\."),
    "too large": ("1 1\na 1e39\n", {}, r":2: '1e39', a value of 'a', is no finite"),
    "no UTF-8": ("2 1\na 1\n\udcff 1\n", {}, r":3: the word is not UTF-8"),
    "empty": ("", {}, r":1 is empty"),
    "a floret table": (FLORET, {}, r":1 is the header of a floret table\. Read it with --mode floret\."),
    "no floret table": (WORD2VEC, {"mode": "floret"}, r":1 is not the header .* rows width minn .*; found: '5 3'\."),
    "order of floret": (
        "2 1 2 3 2 7 < >\n0 1\n2 1\n",
        {"mode": "floret"},
        r":3: row 1 of the floret table belongs here, found '2'\.",
    ),
    "floret, cut": ("3 1 2 3 2 7 < >\n0 1\n", {"mode": "floret"}, r"says 3 rows, and the file ends after 1"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_faulty_files(tmp_path: Path, fault: str) -> None:
    text, options, message = FAULTS[fault]
    path = write(tmp_path, text.encode("utf8", "surrogateescape"))
    with pytest.raises(ValueError, match=message) as caught:
        init_vectors("en", path, tmp_path / "out", **options)
    assert isinstance(caught.value, SpanwrightError)
    assert str(path) in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_the_line_is_right_in_later_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "LINES", 3)
    rows = [f"w{i} 1 2\n" for i in range(20)]
    rows[11] = "w11 1\n"
    with pytest.raises(DataFormatError, match=r"vectors\.txt:13: .*'w11 1'"):
        read_vectors(write(tmp_path, "20 2\n" + "".join(rows)))
    with pytest.raises(DataFormatError, match=r"vectors\.txt:17: .* says 15 rows, and more follow"):
        read_vectors(write(tmp_path, "15 2\n" + "".join(rows).replace("w11 1\n", "w11 1 2\n")))


def test_a_header_makes_no_room(tmp_path: Path) -> None:
    with pytest.raises(DataFormatError, match="says 99999999999 rows, and the file ends after 1"):
        read_vectors(write(tmp_path, "99999999999 2\na 1 2\n"))


def test_packed_files_that_are_damaged(tmp_path: Path) -> None:
    packed = gzip.compress(WORD2VEC.encode() * 50)
    with pytest.raises(DataFormatError, match=r"vectors\.gz is damaged or not complete"):
        read_vectors(write(tmp_path, packed[: len(packed) // 2], "vectors.gz"))
    with pytest.raises(DataFormatError, match="is damaged or not complete"):
        read_vectors(write(tmp_path, zipped(BODY, "a")[:40], "vectors.zip"))
    with pytest.raises(DataFormatError, match=r"must hold one file with vectors, found a\.txt, b\.txt\. Unpack"):
        read_vectors(write(tmp_path, zipped(BODY, "a.txt", "b.txt"), "vectors.zip"))
    with pytest.raises(MissingFileError, match="There is no file .*none"):
        read_vectors(tmp_path / "none")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"mode": "florett"}, "is one of default, floret, found 'florett'"),
        ({"truncate": -1}, "truncate is a number of words, or 0 .* found -1"),
        ({"prune": 0}, "prune is a number of vectors to keep, or -1 to keep all, found 0"),
        ({"attr": "LOWERR"}, "'LOWERR' is no attribute to look vectors up by: .* Did you mean LOWER?"),
        ({"mode": "floret", "truncate": 3}, "A floret table cannot be truncated"),
        ({"mode": "floret", "prune": 3}, "A floret table cannot be pruned"),
    ],
)
def test_options_that_cannot_be(tmp_path: Path, options: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        init_vectors("en", write(tmp_path, WORD2VEC), tmp_path / "out", **options)


def test_the_command_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, "2 3\na 1 2 3\nb 1 2\n")
    assert main(["init", "vectors", "en", str(path), str(tmp_path / "out")]) == 1
    assert f"DataFormatError: {path}:3: the header" in capsys.readouterr().err


def test_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    init_vectors("en", write(tmp_path, WORD2VEC), tmp_path / "out", silent=False)
    assert "Reading vectors.txt" in capsys.readouterr().err
