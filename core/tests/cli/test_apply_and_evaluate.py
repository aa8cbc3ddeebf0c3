"""Annotating files, and scoring a pipeline on them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.cli import main
from spanwright.cli.apply import apply
from spanwright.cli.evaluate import evaluate, render_scores
from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError
from spanwright.tokens import Doc, DocBin


class Marks:
    """A component that tags words by their first letter."""

    def __call__(self, doc: Doc) -> Doc:
        for token in doc:
            token.tag_ = token.text[0].upper()
        return doc


@pytest.fixture
def nlp() -> Any:
    made = spanwright.blank("xx")
    from spanwright.language import Language

    name = "test_cli_marks"
    if not Language.has_factory(name):
        Language.component(name, func=Marks())
    made.add_pipe(name)
    return made


def read(path: Path, nlp: Any) -> list[Doc]:
    return list(DocBin().from_disk(path).get_docs(nlp.vocab))


def test_apply_reads_all_kinds(nlp: Any, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "a.txt").write_text("one two", encoding="utf8")
    (data / "b.jsonl").write_text('{"text": "three"}\n\n{"text": "four five"}\n', encoding="utf8")
    DocBin(docs=[nlp.make_doc("six seven"), Doc(nlp.vocab, words=["eight", "nine"])]).to_disk(data / "c.spacy")
    (data / ".hidden").mkdir()
    (data / "notes.md").write_text("no", encoding="utf8")
    assert apply(data, tmp_path / "out" / "docs.spacy", "", nlp=nlp, batch_size=2) == 5
    docs = read(tmp_path / "out" / "docs.spacy", nlp)
    assert [doc.text.strip() for doc in docs] == ["one two", "three", "four five", "six seven", "eight nine"]
    assert [token.tag_ for token in docs[2]] == ["F", "F"]


def test_apply_does_not_replace_files_unasked(nlp: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("one", encoding="utf8")
    out = tmp_path / "docs.spacy"
    apply(tmp_path / "a.txt", out, "", nlp=nlp)
    with pytest.raises(InvalidValueError, match=r"docs\.spacy exists. Use --force to replace it"):
        apply(tmp_path / "a.txt", out, "", nlp=nlp)
    assert apply(tmp_path / "a.txt", out, "", nlp=nlp, force=True) == 1


def test_apply_tells_what_is_wrong_with_the_data(nlp: Any, tmp_path: Path) -> None:
    out = tmp_path / "docs.spacy"
    with pytest.raises(MissingFileError, match=r"There is no file or folder .*nowhere"):
        apply(tmp_path / "nowhere", out, "", nlp=nlp)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match=r"has no files of these kinds: \.txt, \.jsonl, \.spacy"):
        apply(tmp_path / "empty", out, "", nlp=nlp)
    lines = tmp_path / "x.jsonl"
    lines.write_text('{"text": "a"}\nnonsense\n', encoding="utf8")
    with pytest.raises(DataFormatError, match=r"x\.jsonl:2 is no JSON"):
        apply(lines, out, "", nlp=nlp)
    lines.write_text('{"body": "a"}\n', encoding="utf8")
    with pytest.raises(
        DataFormatError, match="has no text under 'text'; found the keys body. Name the key with --text-key"
    ):
        apply(lines, out, "", nlp=nlp)
    assert apply(lines, out, "", "body", nlp=nlp) == 1
    lines.write_text("[1]\n", encoding="utf8")
    with pytest.raises(DataFormatError, match="found a list"):
        apply(lines, out, "", nlp=nlp, force=True)


def gold(nlp: Any, path: Path) -> None:
    docs = [
        Doc(nlp.vocab, words=["one", "two"], spaces=[True, False], tags=["O", "X"]),
        Doc(nlp.vocab, words=["three"], spaces=[False], tags=["T"]),
    ]
    DocBin(docs=docs).to_disk(path)


def test_evaluate(nlp: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold(nlp, tmp_path / "dev.spacy")
    scores = evaluate("", tmp_path / "dev.spacy", tmp_path / "out" / "scores.json", nlp=nlp)
    assert scores["token_acc"] == 1.0
    assert capsys.readouterr().out == ""
    assert json.loads((tmp_path / "out" / "scores.json").read_text(encoding="utf8"))["token_acc"] == 1.0
    assert evaluate("", tmp_path, nlp=nlp, silent=False)["token_acc"] == 1.0
    assert "TOK" in capsys.readouterr().out


def test_evaluate_without_data(nlp: Any, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match=r"There is no data .*nowhere\. Expected a \.spacy file"):
        evaluate("", tmp_path / "nowhere", nlp=nlp)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match=r"has no \.spacy files"):
        evaluate("", tmp_path / "empty", nlp=nlp)


def test_scores_as_tables() -> None:
    text = render_scores(
        {
            "token_acc": 1.0, "tag_acc": 0.5, "ents_f": None, "speed": 12345.6,
            "morph_per_feat": {"Case": {"p": 1.0, "r": 0.5, "f": 0.6667}}, "cats_auc_per_type": {"A": 0.5, "B": None},
        }
    )  # fmt: skip
    assert text.splitlines()[:3] == ["TOK     100.00", "TAG      50.00", "SPEED    12346"]
    assert "Case   100.00   50.00   66.67" in text
    assert "TEXTCAT ROC AUC (per label)\nA   0.50" in text
    grouped = render_scores({"tagger": {"tag_acc": 0.25}}, per_component=True)
    assert grouped.splitlines() == ["tagger", "TAG   25.00"]


def test_the_commands_end_to_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nlp = spanwright.blank("xx")
    nlp.to_disk(tmp_path / "pipeline")
    (tmp_path / "a.txt").write_text("one two", encoding="utf8")
    args = ["apply", str(tmp_path / "pipeline"), str(tmp_path / "a.txt"), str(tmp_path / "docs.spacy")]
    assert main(args) == 0
    assert "Wrote 1 Docs to" in capsys.readouterr().err
    assert main(args) == 1
    assert "Use --force" in capsys.readouterr().err
    gold(nlp, tmp_path / "dev.spacy")
    assert (
        main(["evaluate", str(tmp_path / "pipeline"), str(tmp_path / "dev.spacy"), "-o", str(tmp_path / "s.json")]) == 0
    )
    assert "TOK" in capsys.readouterr().out
    assert (tmp_path / "s.json").exists()
    (tmp_path / "code.py").write_text("import sys\nsys.spanwright_code_ran = True\n", encoding="utf8")
    assert main([*args, "--force", "--code", str(tmp_path / "code.py")]) == 0
    import sys

    assert sys.spanwright_code_ran  # type: ignore[attr-defined]
    del sys.spanwright_code_ran  # type: ignore[attr-defined]


def test_evaluate_draws_the_first_docs(tmp_path: Path) -> None:
    from spanwright.tokens import Span

    nlp = spanwright.blank("xx")
    docs = [nlp.make_doc(text) for text in ("Oban sails", "Iona sails", "Mull rows")]
    DocBin(docs=docs).to_disk(tmp_path / "gold.spacy")

    def annotate(doc: Doc) -> Doc:
        doc.ents = [Span(doc, 0, 1, "PLACE")]
        doc.spans["mine"] = [Span(doc, 0, 2, "CLAUSE")]
        return doc

    from spanwright.language import Language

    Language.component("test_cli_annotate", func=annotate)
    nlp.add_pipe("test_cli_annotate")
    pictures = tmp_path / "pictures"
    with pytest.raises(MissingFileError, match="no folder .*pictures to write pictures to"):
        evaluate("", tmp_path / "gold.spacy", nlp=nlp, displacy_path=pictures)
    pictures.mkdir()
    evaluate("", tmp_path / "gold.spacy", nlp=nlp, displacy_path=pictures, displacy_limit=2, spans_key="mine")
    assert sorted(path.name for path in pictures.iterdir()) == ["entities.html", "spans.html"]
    markup = (pictures / "entities.html").read_text(encoding="utf8")
    assert markup.count("<mark") == 2 and "Mull" not in markup and "PLACE" in markup
