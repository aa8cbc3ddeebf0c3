"""The other formats: tagged tokens, nested entities, coreference, JSON and JSONL."""

from __future__ import annotations

import json
from typing import Any

import pytest

from spanwright.errors import DataFormatError, InvalidValueError, SpanwrightWarning
from spanwright_training.convert import (
    ConversionError,
    conll_ner_to_docs,
    conllu_to_docs,
    coref_to_docs,
    docs_to_json,
    iob_to_docs,
    json_to_docs,
    jsonl_to_docs,
    nested_to_docs,
)


def entities(docs: Any) -> list[list[tuple[str, str]]]:
    return [[(ent.text, ent.label_) for ent in doc.ents] for doc in docs]


# --- one sentence a line


def test_iob_with_and_without_tags() -> None:
    docs = list(iob_to_docs("Trams|O leave|O Port|B-LOC Sorrel|I-LOC\nAnn|B-PER Bob|B-PER\n\n", n_sents=1))
    assert entities(docs) == [[("Port Sorrel", "LOC")], [("Ann", "PER"), ("Bob", "PER")]]
    assert docs[0].has_unknown_spaces and docs[0][0].ent_iob_ == "O" and not docs[0].has_annotation("TAG")
    (doc,) = iob_to_docs("a|DT|O Ann|NNP|I-PER\nLee|NNP|I-PER |||SYM|O")
    assert [token.tag_ for token in doc] == ["DT", "NNP", "NNP", "SYM"] and doc[3].text == "||"
    assert entities([doc]) == [[("Ann", "PER"), ("Lee", "PER")]]  # no entity goes over the end of a sentence
    assert [token.is_sent_start for token in doc] == [True, False, True, False]


@pytest.mark.parametrize(
    "text, message",
    [
        ("a|O b", r"f:1: expected tokens of the form word\|B-LABEL, found 'b'"),
        ("a|DT|O b|O", r"f:1: expected tokens of the form word\|tag\|B-LABEL, found 'b\|O'"),
        ("a|O\nb|X-LOC", r"f:2: the entity tag of 'b' must be O or a prefix and a label \(B-ORG\), found 'X-LOC'"),
    ],
)
def test_faults_of_iob(text: str, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        list(iob_to_docs(text, source="f"))


# --- one token a line


def test_conll_ner_by_sentences_and_documents() -> None:
    text = "Ann I-PER\nLee I-PER\nBob B-PER\n\nRome I-LOC\nMars I-ORG\n"
    docs = list(conll_ner_to_docs(text, n_sents=1))
    assert entities(docs) == [[("Ann Lee", "PER"), ("Bob", "PER")], [("Rome", "LOC"), ("Mars", "ORG")]]
    assert [len(doc) for doc in conll_ner_to_docs(text)] == [5]
    marked = f"-DOCSTART- O\n\n{text}\n-DOCSTART- O\n\nOh O\n"
    docs = list(conll_ner_to_docs(marked, n_sents=1))
    assert [len(doc) for doc in docs] == [5, 1] and [len(list(doc.sents)) for doc in docs] == [2, 1]
    (doc,) = conll_ner_to_docs("Ann\tNNP\tx\tS-PER\nis\tVBZ\tx\tO\n", ner_map={"PER": "P"})
    assert doc[0].tag_ == "NNP" and entities([doc]) == [[("Ann", "P")]]


@pytest.mark.parametrize(
    "text, message",
    [
        ("Ann I-PER\nLee\n", r"f:2: expected a word and its entity tag, found one column: 'Lee'"),
        ("Ann PER\n", r"f:1: the entity tag of 'Ann' must be O or a prefix and a label \(B-ORG\), found 'PER'"),
    ],
)
def test_faults_of_conll_ner(text: str, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        list(conll_ner_to_docs(text, source="f"))


def test_nested_entities() -> None:
    text = "the\tB-PER\tO\t\nmayor\tI-PER\tO\t\nof\tI-PER\tO\t\nRome\tI-PER\tB-LOC\t\n\nhe\tB-PER\tB-PER\t\n"
    docs = list(nested_to_docs(text))
    found = [[(span.text.strip(), span.label_) for span in doc.spans["sc"]] for doc in docs]
    assert found == [[("the mayor of Rome", "PER"), ("Rome", "LOC")], [("he", "PER")]]
    with pytest.raises(ConversionError, match=r"f:2: expected 3 columns .* with tabs between, found 2"):
        list(nested_to_docs("a\tO\tO\nb\tO\n", source="f"))
    with pytest.raises(ConversionError, match=r"f:1: a tag must be O or a prefix and a label \(B-PER\), found 'PER'"):
        list(nested_to_docs("a\tPER\tO\n", source="f"))


# --- coreference


def coref_text(*rows: tuple[str, str]) -> str:
    lines = [f"doc\t0\t{i}\t{word}\t_\t_\t{mark}" if word else "" for i, (word, mark) in enumerate(rows)]
    return "\n".join(["#begin document (doc); part 0", *lines, "#end document", ""])


def test_coreference() -> None:
    text = coref_text(
        ("Ann", "(2)"), ("saw", ""), ("her", "(1|(2)"), ("cat", "1)"), ("", ""), ("It", "(1)"), ("he", "(5)")
    )
    (doc,) = coref_to_docs(text)
    assert {key: [(s.start, s.end) for s in group] for key, group in doc.spans.items()} == {
        "coref_clusters_1": [(0, 1), (2, 3)],
        "coref_clusters_2": [(2, 4), (4, 5)],
    }
    assert [token.is_sent_start for token in doc] == [True, False, False, False, True, False]
    (doc,) = coref_to_docs(text, singletons=True, prefix="c")
    assert len(doc.spans["c_3"]) == 1
    nested = coref_text(("a", "(1|(1"), ("b", "1)"), ("c", "1)"))
    (doc,) = coref_to_docs(nested)
    assert [(s.start, s.end) for s in doc.spans["coref_clusters_1"]] == [(0, 2), (0, 3)]


@pytest.mark.parametrize(
    "rows, message",
    [
        ([("a", "1)")], r"f:2: a mention of cluster 1 ends here, and none was begun"),
        ([("a", "(1"), ("b", "")], r"f:2: a mention of cluster 1 begins here, and has no end in its document"),
        ([("a", "x")], r"f:2: expected coreference as \(3, 3\) or \(3\), found 'x'"),
    ],
)
def test_faults_of_coreference(rows: list[tuple[str, str]], message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        list(coref_to_docs(coref_text(*rows), source="f"))
    with pytest.raises(ConversionError, match="f:1: expected columns with the word as the fourth"):
        list(coref_to_docs("a b c", source="f"))


# --- JSON


def test_json_comes_through_both_ways() -> None:
    text = "1\tAnn\tAnn\tPROPN\tNNP\tNumber=Sing\t2\tnsubj\t_\tU-PER\n2\tran\trun\tVERB\tVBD\t_\t0\troot\t_\tO\n"
    before = list(conllu_to_docs(f"{text}\n{text}"))
    before[0].cats = {"SPORT": 1.0}
    (after,) = json_to_docs(json.dumps([docs_to_json(before)]))
    attributes = ["ORTH", "SPACY", "TAG", "POS", "MORPH", "LEMMA", "HEAD", "DEP", "SENT_START", "ENT_IOB", "ENT_TYPE"]
    assert (after.to_array(attributes) == before[0].to_array(attributes)).all()
    assert after.cats == before[0].cats


def test_json_without_spaces_uses_the_raw_text() -> None:
    tokens = [{"orth": "Do"}, {"orth": "n't"}, {"orth": "go"}]
    (doc,) = json_to_docs([{"id": 0, "paragraphs": [{"raw": "Don't go", "sentences": [{"tokens": tokens}]}]}])
    assert doc.text == "Don't go" and not doc.has_annotation("TAG")


@pytest.mark.parametrize(
    "data, message",
    [
        ("{", "f: this is no JSON"),
        ("[]", "f: there is no document in it"),
        ('[{"x": 1}]', r'f: document 0: expected an object with "paragraphs" \(list\), found x'),
        (
            '[{"paragraphs": [{"sentences": [{"tokens": [{"tag": "X"}]}]}]}]',
            'document 0, paragraph 0, token 0: .*"orth"',
        ),
        (
            '[{"paragraphs": [{"sentences": [{"tokens": [{"orth": "a", "head": 5, "dep": "x"}]}]}]}]',
            "document 0, paragraph 0: ",
        ),
    ],
)
def test_faults_of_json(data: str, message: str) -> None:
    with pytest.raises(DataFormatError, match=message):
        list(json_to_docs(data, source="f"))


# --- JSONL


def jsonl(*records: Any, **settings: Any) -> list[Any]:
    return list(jsonl_to_docs("\n".join(map(json.dumps, records)), lang="en", source="f", **settings))


def test_jsonl_entities_spans_and_cats() -> None:
    text = "Ann lives in New York."
    docs = jsonl(
        {"text": text, "entities": [[0, 3, "PER"], [13, 21, "LOC"]]},
        {"text": text, "spans": [{"start": 0, "end": 3, "label": "PER"}]},
        {"text": text, "spans": []},
        {"text": text, "cats": {"A": 1, "B": False}},
        {"text": text, "spans": {"x": [[0, 3, "PER"], [0, 9, "P"]]}},
    )
    assert entities(docs)[:2] == [[("Ann", "PER"), ("New York", "LOC")], [("Ann", "PER")]]
    assert docs[2][0].ent_iob_ == "O" and docs[3][0].ent_iob_ == ""
    assert docs[3].cats == {"A": 1.0, "B": 0.0}
    assert [span.text for span in docs[4].spans["x"]] == ["Ann", "Ann lives"]


def test_jsonl_settings() -> None:
    record = {
        "text": "I met Emerson. Then I left.",
        "spans": [{"start": 6, "end": 13, "label": "ORG"}],
        "accept": ["Q1"],
    }
    (doc,) = jsonl(record, ner_map={"*": "PERSON"}, one_sentence=True)
    assert [(ent.text, ent.label_, ent.kb_id_) for ent in doc.ents] == [("Emerson", "PERSON", "Q1")]
    assert len(list(doc.sents)) == 1
    (doc,) = jsonl(record, spans_key="sc")
    assert not doc.ents and doc.spans["sc"][0].label_ == "ORG"
    off = {"text": "New Yorkers", "entities": [[0, 8, "LOC"]]}
    assert entities(jsonl(off, alignment_mode="expand")) == [[("New Yorkers", "LOC")]]
    assert entities(jsonl(off, alignment_mode="contract")) == [[("New", "LOC")]]
    with pytest.raises(InvalidValueError, match="must be one of strict, contract, expand, found 'x'"):
        jsonl(off, alignment_mode="x")


def test_rejected_records_are_left_out_with_a_warning() -> None:
    with pytest.warns(SpanwrightWarning, match="f: 1 records are left out, as their answer is not 'accept'"):
        assert len(jsonl({"text": "a", "answer": "accept"}, {"text": "b", "answer": "reject"})) == 1


@pytest.mark.parametrize(
    "record, message",
    [
        ([1], "f:1: expected a JSON object, found list"),
        ({"x": 1}, 'f:1: expected an object with a "text", found x'),
        ({"text": "ab", "entities": [[0, 9, "X"]]}, r"f:1: the span 0 to 9 \(X\) does not lie in the text of 2 char"),
        (
            {"text": "New Yorkers", "entities": [[0, 8, "X"]]},
            r"'New York', X\) does not fall on token boundaries; .*'Yorkers'",
        ),
        (
            {"text": "a b", "entities": [[0, 3, "X"], [2, 3, "Y"]]},
            r"entities 'a b' \(X\) and 'b' \(Y\) overlap.*--spans-key sc",
        ),
        (
            {"text": "a", "entities": [[0]]},
            r"a span must be \[start, end, label\] or an object with these, found \[0\]",
        ),
        ({"text": "a", "entities": "x"}, '"entities" and "spans" must be lists, found str'),
        ({"text": "a", "cats": ["X"]}, '"cats" must be an object of labels and numbers'),
    ],
)
def test_faults_of_jsonl(record: Any, message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        jsonl(record)
    with pytest.raises(ConversionError, match="f:1: this line is no JSON"):
        list(jsonl_to_docs("{", source="f"))
