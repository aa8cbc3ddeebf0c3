"""The command `convert` and its function: finding files and formats, writing, and what it says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwright.cli import main
from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError
from spanwright.tokens import DocBin
from spanwright.vocab import Vocab
from spanwright_training.convert import convert
from spanwright_training.convert.formats import detect, get_converter

WORD = "1\tOui\toui\tINTJ\tUH\t_\t0\troot\t_\t_\n"


def read(path: Path) -> list[Any]:
    return list(DocBin().from_disk(path).get_docs(Vocab()))


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf8")
    return path


def test_a_file_into_a_folder_or_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.conllu", f"{WORD}\n{WORD}")
    assert main(["convert", str(source), str(tmp_path / "out"), "-n", "2"]) == 0
    assert "1 Docs, 2 tokens, from" in capsys.readouterr().err
    (doc,) = read(tmp_path / "out" / "a.spacy")
    assert doc[0].tag_ == "UH"
    assert convert(source, tmp_path / "x.spacy") == [tmp_path / "x.spacy"]
    assert len(read(tmp_path / "x.spacy")) == 2


def test_json_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["convert", str(write(tmp_path / "a.conllu", WORD)), "-t", "json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["paragraphs"][0]["sentences"][0]["tokens"][0]["orth"] == "Oui"


def test_folders_keep_their_shape_or_become_one_file(tmp_path: Path) -> None:
    for name in ("in/a.conllu", "in/b/c.conllu", "in/.hidden.conllu"):
        write(tmp_path / name, WORD)
    written = convert(tmp_path / "in", tmp_path / "out")
    assert [path.relative_to(tmp_path) for path in written] == [Path("out/a.spacy"), Path("out/b/c.spacy")]
    assert convert(tmp_path / "in", tmp_path / "all.spacy", concatenate=True) == [tmp_path / "all.spacy"]
    assert len(read(tmp_path / "all.spacy")) == 2
    with pytest.raises(InvalidValueError, match=r"all\.spacy is one file, and .* a folder.*--concatenate"):
        convert(tmp_path / "in", tmp_path / "all.spacy")
    write(tmp_path / "in" / "x.iob", "a|O")
    assert len(convert(tmp_path / "in", tmp_path / "two", converter="conllu")) == 2
    with pytest.raises(InvalidValueError, match=r"files of several types \(\.conllu, \.iob\)\. Name the one"):
        convert(tmp_path / "in", tmp_path / "three")


@pytest.mark.parametrize(
    "name, text, converter",
    [
        ("a.conllu", WORD, "conllu"),
        ("a.conll", "-DOCSTART- -X- O O\n\nAnn NNP I-NP I-PER\n", "ner"),
        ("a.iob", "Ann|B-PER is|O\n", "iob"),
        ("a.iob", "Ann B-PER\nis O\n", "ner"),
        ("a.tsv", "Ann\tB-PER\nis\tO\n", "ner"),
        ("a.tsv", "Ann\tB-PER\tO\t\nis\tO\tO\t\n", "nested"),
        ("a.conll", "#begin document (x); part 0\nx\t0\t0\tAnn\t_\t(1)\n", "coref"),
        ("a.json", "[]", "json"),
        ("a.jsonl", "{}", "jsonl"),
    ],
)
def test_formats_are_recognised(name: str, text: str, converter: str) -> None:
    assert detect(Path(name), text) == converter


def test_a_label_map_from_a_file(tmp_path: Path) -> None:
    source = write(tmp_path / "a.ner", "Ann B-PER\n")
    mapping = write(tmp_path / "map.json", '{"PER": "PERSON"}')
    (written,) = convert(source, tmp_path, ner_map=mapping)
    assert read(written)[0].ents[0].label_ == "PERSON"
    with pytest.raises(InvalidValueError, match="a map of labels must be a JSON object"):
        convert(source, tmp_path, ner_map=write(tmp_path / "bad.json", "[1]"))


def test_what_cannot_be_converted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "a.conllu", WORD)
    with pytest.raises(MissingFileError, match="There is no input .*x. Expected a file to convert"):
        convert(tmp_path / "x", tmp_path)
    with pytest.raises(
        InvalidValueError, match=r"can't be printed\. Name a folder to write to, or use --file-type json"
    ):
        convert(source)
    with pytest.raises(InvalidValueError, match="There is no converter 'conlu'. Did you mean 'conllu'"):
        convert(source, tmp_path, converter="conlu")
    with pytest.raises(InvalidValueError, match="file_type must be one of spacy, json, found 'x'"):
        convert(source, tmp_path, file_type="x")
    with pytest.raises(InvalidValueError, match="n_sents must be 0 or more sentences a Doc, found -1"):
        convert(source, tmp_path, n_sents=-1)
    with pytest.raises(InvalidValueError, match=r"the format can't be told from the suffix '\.xyz' or the first lines"):
        convert(write(tmp_path / "a.xyz", "x"), tmp_path)
    with pytest.raises(InvalidValueError, match=r"has nothing to convert: the converter 'conllu' found no sentence"):
        convert(write(tmp_path / "e.conllu", "\n"), tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InvalidValueError, match="has no files to convert"):
        convert(tmp_path / "empty", tmp_path)
    assert main(["convert", str(write(tmp_path / "bad.conllu", "junk")), str(tmp_path / "o")]) == 1
    assert "bad.conllu:1: expected 10 columns" in capsys.readouterr().err
    assert not (tmp_path / "o").exists()


def test_bytes_that_are_not_utf8(tmp_path: Path) -> None:
    path = tmp_path / "a.conllu"
    path.write_bytes(WORD.encode() + b"\n" + WORD.replace("Oui", "O\xfci").encode("latin1"))
    with pytest.raises(DataFormatError, match=r"a\.conllu:3: byte 4 of this line \(0xfc\) is not UTF-8.*iconv"):
        convert(path, tmp_path)


def test_converters_of_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    from types import SimpleNamespace

    from spanwright import plugins
    from spanwright.hookspecs import hookimpl

    def announce() -> dict[str, str]:
        return {"mine": "spanwright_training.convert:iob_to_docs"}

    manager = plugins.Plugins()
    manager.add(SimpleNamespace(converters=hookimpl(announce)), "test")
    monkeypatch.setattr(plugins, "get_plugins", lambda: manager)
    assert len(list(get_converter("mine")("a|O"))) == 1
    assert detect(Path("x.mine"), "") == "mine"
