"""`debug data`: figures and findings; and `download` and `validate`, which only tell."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from spanwright.cli import main
from spanwright.config import load_config
from spanwright.tokens import Doc, Example, Span
from spanwright.vocab import Vocab
from spanwright_training.commands.download import download
from spanwright_training.commands.validate import validate
from spanwright_training.debug_data.checks import Context, check_component
from spanwright_training.debug_data.figures import Figures, count
from spanwright_training.debug_data.findings import Findings, listed


def example(doc: Doc) -> Example:
    return Example(Doc(doc.vocab, [t.text for t in doc], [bool(t.whitespace_) for t in doc]), doc)


def findings(factory: str, train: list[Doc], dev: list[Doc] | None = None, component: Any = None) -> list[str]:
    out = Findings()
    corpora: list[Figures] = [count(map(example, docs)) for docs in (train, dev if dev is not None else train)]
    check_component(factory, Context(factory, component or SimpleNamespace(labels=()), *corpora, out))
    return [f"{one.kind}: {one.text}" for one in out.found]


def test_tags() -> None:
    vocab = Vocab()
    untagged = Doc(vocab, ["a"])
    assert (
        "fail: The training data has no tags, which 'tagger' learns from. Convert it with them, or leave "
        "'tagger' out of the pipeline." in findings("tagger", [untagged])
    )
    partly = [Doc(vocab, ["a", "b", " "], tags=["X", "", "X"]), untagged]
    told = findings("tagger", partly, component=SimpleNamespace(labels=("X", "Y")))
    assert "warn: 1 of 2 Docs of the training data have no tags." in told
    assert "warn: 1 tokens of the training data have no tags." in told
    assert "warn: 1 labels of the component are not in the training data: 'Y'. It may forget them." in told
    assert "fail: There is a single tag, 'X' (2): there is nothing to learn." in told
    assert "info: 1 white space tokens are tagged" in told


def test_morphology_lemmas_and_sentences() -> None:
    vocab = Vocab()
    bare = [Doc(vocab, ["a"])]
    assert findings("morphologizer", bare)[0].startswith("fail: The training data has neither parts of speech (POS)")
    assert "info: No features (MORPH): only parts of speech will be learnt." in findings(
        "morphologizer", [Doc(vocab, ["a"], pos=["NOUN"])]
    )
    assert "fail: There is a single lemma: there is nothing to learn." in findings(
        "trainable_lemmatizer", [Doc(vocab, ["a"], lemmas=["a"])]
    )
    one = [Doc(vocab, ["a", "b"], sent_starts=[1, -1])]
    assert "--n-sents 10" in "".join(findings("senter", one))
    assert "good: Docs have several sentences" in findings("senter", [Doc(vocab, ["a", "b"], sent_starts=[1, 1])])


def test_trees() -> None:
    doc = Doc(Vocab(), list("abcd"), heads=[2, 3, 2, 2], deps=["x", "y", "ROOT", "z"])
    two = Doc(doc.vocab, ["a", "b"], heads=[0, 1], deps=["ROOT", "root2"])
    told = findings("parser", [doc, two])
    assert "info: 1 sentences of the training data are non-projective" in told
    assert any("Roots have several relations: 'ROOT' (2), 'root2' (1)" in one for one in told)
    assert any("relations with fewer than 20 examples" in one for one in told)


def test_entities() -> None:
    vocab = Vocab()

    def doc(starts: list[int], tags: list[str]) -> Doc:
        return Doc(vocab, ["A", "b", " ", "c"], sent_starts=starts, ents=tags)

    told = findings(
        "ner", [doc([1, -1, -1, -1], ["B-X", "I-X", "O", ""]), doc([1, 1, -1, -1], ["B-X", "I-X", "O", "O"])]
    )
    assert "warn: 1 entity labels with fewer than 50 examples: 'X' (2). They will hardly be learnt." in told
    assert "warn: Every training Doc has 'X': add texts without, or it will be seen everywhere." in told
    assert "warn: 1 entities go beyond the end of a sentence." in told
    assert "info: 1 tokens are neither in nor out of an entity (missing values)" in told
    assert "good: No entity begins or ends with white space" in told
    figures = count([])
    figures.docs = figures.docs_with["ENT_IOB"] = 1
    figures.ents.update({"X": 1, "": 1})
    figures.white_space_ents = 1
    out = Findings()
    check_component("ner", Context("ner", SimpleNamespace(labels=()), figures, figures, out))
    assert [one.text for one in out.of("fail")] == [
        "1 entities have an empty label.",
        "1 entities begin or end with white space, which no entity can. Trim them.",
    ]
    assert "fail: The training data has no entities." in findings("ner", [Doc(vocab, ["a"], ents=["O"])])


def test_spans() -> None:
    doc = Doc(Vocab(), list("abcd"))
    doc.spans["x"] = [Span(doc, 0, 1, label="A"), Span(doc, 0, 4, label="A")]
    component = SimpleNamespace(labels=(), key="sc", cfg={}, suggester=SimpleNamespace(keywords={"sizes": [1, 2]}))
    told = findings("spancat", [doc], component=component)
    assert told == [
        "fail: The training data has no spans under the key 'sc'. There are the keys 'x'. "
        "Set spans_key, or doc.spans['sc']."
    ]
    component.key = "x"
    told = findings("spancat", [doc], component=component)
    assert "info: 100.0 % of the spans have up to 4 tokens, the longest has 4" in told
    assert "warn: The suggester's sizes [1, 2] reach 50.0 % of the gold spans; the rest can't be found" in told


def test_categories() -> None:
    vocab = Vocab()

    def doc(**cats: float) -> Doc:
        made = Doc(vocab, ["a"])
        made.cats = cats
        return made

    assert "fail: The training data has no categories (doc.cats)." in findings("textcat", [doc()])
    told = findings("textcat", [doc(A=1, B=1, C=0.5), doc()], [doc(A=1)])
    assert "fail: 1 values of categories are neither 0 nor 1." in told
    assert "fail: 1 Docs have several categories. Use textcat_multilabel for these, not textcat." in told
    assert "warn: 1 categories are never true: 'C'." in told
    assert "warn: The corpora name other categories: 'B', 'C' in one only." in told
    assert "warn: 1 of 2 Docs of the training data have no categories." in told
    assert any("There is a single category" in one for one in findings("textcat", [doc(A=1)]))
    assert any(
        "Each training Doc has exactly one category" in one for one in findings("textcat_multilabel", [doc(A=1, B=0)])
    )
    assert any("1 training Docs have no category that is true" in one for one in findings("textcat", [doc(A=0, B=0)]))


def test_long_lists_are_cut() -> None:
    assert listed(["b", "a"]) == "'a', 'b'"
    assert listed(Counter({str(n): n for n in range(1, 15)})).endswith("'3' (3) and 2 more")
    assert listed({}) == ""


# --- download, validate


def test_download_only_tells(capsys: pytest.CaptureFixture[str]) -> None:
    assert "pip install en_core_web_sm" in download("en")
    assert main(["download", "xy_core_news_sm"]) == 1
    assert "xy_core_news_sm is not installed, and Spanwright downloads nothing by itself" in capsys.readouterr().out


def test_download_of_what_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spanwright.util.get_package_version", lambda name: "3.8.0")
    assert download("en") == "en_core_web_sm 3.8.0 is installed. Load it with: spanwright.load('en_core_web_sm')"


def test_validate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from spanwright import blank
    from spanwright.cli import info
    from spanwright.language import packages

    known = {"factories": {"fake_part": {"distribution": "fake-nowhere"}}}
    monkeypatch.setattr("spanwright.registry._registry.install_index", lambda: known)
    nlp = blank("en")
    for name, wants, factory in (
        ("fits", ">=3.7,<3.9", ""),
        ("old", ">=2.3,<2.4", ""),
        ("poor", ">=3.7", "fake_part"),
    ):
        nlp.to_disk(tmp_path / name)
        meta = json.loads((tmp_path / name / "meta.json").read_text())
        (tmp_path / name / "meta.json").write_text(json.dumps({**meta, "spacy_version": wants}))
        config = load_config(tmp_path / name / "config.cfg")
        config["nlp"]["pipeline"] = [factory] if factory else []
        config["components"] = {factory: {"factory": factory}} if factory else {}
        config.to_disk(tmp_path / name / "config.cfg")
    names = dict.fromkeys(("fits", "old", "poor", "gone"), "1.0")
    monkeypatch.setattr(info, "info", lambda: {"pipelines": names})
    monkeypatch.setattr(packages, "find_package", lambda name: tmp_path / name if (tmp_path / name).exists() else None)
    problems = {one.name: one.problems for one in validate()}
    assert problems["fits"] == () and problems["gone"] == ("its folder is missing",)
    assert "it asks for spaCy >=2.3,<2.4, and pipelines of version 3" in problems["old"][0]
    assert problems["poor"] == ("fake_part needs fake-nowhere",)
    assert main(["validate"]) == 1
    assert "fits" in capsys.readouterr().out
    monkeypatch.setattr(info, "info", lambda: {"pipelines": {}})
    assert main(["validate"]) == 0
    assert "No pipelines are installed." in capsys.readouterr().out
