"""CoNLL-U: what becomes of each column, and every fault with its line."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_training.convert import ConversionError, conllu_to_docs

# Own sentences. "du" is a range of two words; 2.1 is an empty node.
TEXT = """\
# newdoc id = first
# text = Il vient du port.
1\tIl\til\tPRON\t_\tGender=Masc|Number=Sing\t2\tnsubj\t_\t_
2\tvient\tvenir\tVERB\t_\tNumber=Sing|Tense=Pres\t0\troot\t_\t_
2.1\tnul\t_\t_\t_\t_\t_\t_\t_\t_
3-4\tdu\t_\t_\t_\t_\t_\t_\t_\t_
3\tde\tde\tADP\t_\t_\t5\tcase\t_\t_
4\tle\tle\tDET\t_\tDefinite=Def|Number=Sing\t5\tdet\t_\t_
5\tport\tport\tNOUN\t_\tNumber=Sing\t2\tobl\t_\tSpaceAfter=No
6\t.\t.\tPUNCT\t_\t_\t2\tpunct\t_\t_

# newdoc id = second
1\tOui\toui\tINTJ\tUH\t_\t0\troot\t_\t_

1\tNon\tnon\tINTJ\tUH\t_\t0\troot\t_\t_
"""


def docs(text: str = TEXT, **settings: Any) -> list[Any]:
    return list(conllu_to_docs(text, **settings))


def words(doc: Any) -> list[str]:
    return [token.text for token in doc]


def test_words_and_annotation() -> None:
    (doc,) = docs()
    assert words(doc) == ["Il", "vient", "de", "le", "port", ".", "Oui", "Non"]
    assert doc.text == "Il vient dele port. Oui Non "
    assert [token.tag_ for token in doc][:3] == ["PRON", "VERB", "ADP"]  # UPOS, where there is no XPOS
    assert doc[6].tag_ == "UH" and doc[6].pos_ == "INTJ"
    assert doc[1].lemma_ == "venir" and str(doc[1].morph) == "Number=Sing|Tense=Pres"
    assert [token.head.i for token in doc] == [1, 1, 4, 4, 1, 1, 6, 7]
    assert doc[1].dep_ == "ROOT" and doc[4].dep_ == "obl"
    assert [sent.text.strip() for sent in doc.sents] == ["Il vient dele port.", "Oui", "Non"]
    assert not doc.has_annotation("ENT_IOB")


def test_merged_ranges() -> None:
    doc = docs(merge_subtokens=True, n_sents=1)[0]
    assert words(doc) == ["Il", "vient", "du", "port", "."] and doc.text == "Il vient du port. "
    merged = doc[2]
    assert (merged.tag_, merged.pos_, merged.lemma_) == ("ADP_DET", "ADP", "de le")
    assert str(merged.morph) == "Definite=Def|Number=Sing"
    assert merged.head.text == "port" and merged.dep_ == "case"


def test_features_united_in_a_range() -> None:
    text = (
        "1-2\tdas\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No\n"
        "1\tda\tde\tADP\t_\tCase=B\t2\tcase\t_\t_\n"
        "2\tas\to\tDET\t_\tCase=A|Number=Plur\t0\troot\t_\t_\n"
    )
    (doc,) = docs(text, merge_subtokens=True)
    assert str(doc[0].morph) == "Case=A,B|Number=Plur" and doc.text == "das" and doc[0].pos_ == "DET"


def test_morphology_behind_the_tag() -> None:
    (doc,) = docs(append_morphology=True)
    assert doc[0].tag_ == "PRON__Gender=Masc|Number=Sing" and doc[2].tag_ == "ADP"


@pytest.mark.parametrize("n_sents, lengths", [(1, [6, 1, 1]), (2, [7, 1]), (10, [8]), (0, [6, 2])])
def test_sentences_in_a_doc(n_sents: int, lengths: list[int]) -> None:
    assert [len(doc) for doc in docs(n_sents=n_sents)] == lengths


def test_entities_in_misc() -> None:
    rows = [("Ann", "B-PER"), ("Lee", "name=L-PER"), ("in", "O"), ("Rome", "SpaceAfter=No|NE=U-LOC"), ("!", "_")]
    text = "".join(f"{i}\t{w}\t_\t_\t_\t_\t0\troot\t_\t{m}\n" for i, (w, m) in enumerate(rows, 1))
    (doc,) = docs(text)
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Ann Lee", "PER"), ("Rome", "LOC")]
    assert doc[2].ent_iob_ == doc[4].ent_iob_ == "O"
    (doc,) = docs(text, ner_map={"PER": "PERSON", "LOC": ""})
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("Ann Lee", "PERSON")]


def test_a_sentence_without_heads_has_no_tree_but_a_start() -> None:
    text = "1\tOh\t_\tINTJ\t_\t_\t_\t_\t_\t_\n2\tno\t_\tINTJ\t_\t_\t_\t_\t_\t_\n"
    (doc,) = docs(f"{text}\n{text}")
    assert not doc.has_annotation("DEP") and [token.is_sent_start for token in doc] == [True, False, True, False]


def row(mark: str = "1", feats: str = "_", head: str = "0") -> str:
    return f"{mark}\tw\t_\tX\t_\t{feats}\t{head}\troot\t_\t_"


@pytest.mark.parametrize(
    "lines, message",
    [
        (["1\tw\tx"], r"x\.conllu:1: expected 10 columns \(ID, FORM.*\) with tabs between, found 3\."),
        (["1 w _ X _ _ 0 root _ _"], r"x\.conllu:1: expected 10 columns.*found 1\. Blanks do not separate columns\."),
        ([row("a")], r"x\.conllu:1: ID must be a number \(3\), a range \(3-4\) or an empty node \(3\.1\), found 'a'"),
        ([row("1"), row("3")], r"x\.conllu:2: ID must be 2, as words are counted from 1, found 3"),
        (["1\t\t_\tX\t_\t_\t0\troot\t_\t_"], r"x\.conllu:1: FORM is empty"),
        ([row(feats="Number")], r"x\.conllu:1: FEATS must be Name=Value with \| between, or _, found 'Number'"),
        ([row(head="x")], r"x\.conllu:1: HEAD must be the ID of a word, 0 for the root, or _, found 'x'"),
        ([row(head="7")], r"x\.conllu:1: HEAD is 7, and the sentence has 1 words"),
        ([row("1-3"), row("1"), row("2")], r"x\.conllu:3: a range ends with word 3, and the sentence has 2 words"),
        ([row("1"), row("1-2")], r"x\.conllu:2: the range 1-2 must stand before word 1, and not overlap"),
        (
            [row("1", head="2"), row("2", head="3"), row("3", head="1")],
            r"x\.conllu:1: the heads form a cycle: 1 'w' -> 2 'w' -> 3 'w' -> 1 'w'\. Each word must lead to a root",
        ),
        ([row("1", head="1")], r"x\.conllu:1: the heads form a cycle: 1 'w' -> 1 'w'"),
    ],
)
def test_faults_are_reported_with_their_line(lines: list[str], message: str) -> None:
    with pytest.raises(ConversionError, match=message):
        docs("\n".join(lines), source="x.conllu")


def test_all_faults_are_reported_at_once() -> None:
    text = "\n".join([row("1", head="x"), row("9"), "", row("1"), "junk", "", row("1")])
    with pytest.raises(ConversionError, match=r"has 3 problems") as caught:
        docs(text)
    assert [line for line, _ in caught.value.problems] == [1, 2, 5]
    many = "\n\n".join([row(head="x")] * 30)
    with pytest.raises(ConversionError, match=r"(?s)30 problems.*and 10 more"):
        docs(many)


@st.composite
def trees(draw: Any) -> list[int]:
    """Heads of a random tree, counted from 1; 0 is the root."""
    count = draw(st.integers(1, 8))
    order = draw(st.permutations(range(count)))
    heads = [0] * count
    for place, word in enumerate(order[1:], start=1):
        heads[word] = order[draw(st.integers(0, place - 1))] + 1
    return heads


@given(st.lists(trees(), min_size=1, max_size=4), st.integers(1, 3))
def test_any_trees_come_through(sentences: list[list[int]], n_sents: int) -> None:
    text = "\n\n".join("\n".join(row(str(i), head=str(head)) for i, head in enumerate(heads, 1)) for heads in sentences)
    made = docs(text, n_sents=n_sents)
    assert sum(map(len, made)) == sum(map(len, sentences))
    found = [[0 if t.head.i == t.i else t.head.i - sent.start + 1 for t in sent] for doc in made for sent in doc.sents]
    assert found == sentences
