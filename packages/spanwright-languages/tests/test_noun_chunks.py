"""Noun chunks, from parses written by hand."""

from __future__ import annotations

import pytest

from spanwright.tokens import Doc
from spanwright_languages.chunks import MissingParseError
from spanwright_languages.de import German
from spanwright_languages.en import English
from spanwright_languages.es import Spanish
from spanwright_languages.fr import French

# Language, (word, part of speech, head, label), chunks
CASES = {
    "subject and objects": (English, """
        The DET 2 det / old ADJ 2 amod / dog NOUN 3 nsubj / gave VERB 3 ROOT / me PRON 3 dative / a DET 6 det
        bone NOUN 3 dobj / of ADP 6 prep / great ADJ 9 amod / size NOUN 7 pobj / . PUNCT 3 punct
    """, ["The old dog", "me", "a bone", "great size"]),
    "coordination": (English, """
        Cats NOUN 4 nsubj / , PUNCT 0 punct / dogs NOUN 0 conj / and CCONJ 2 cc / ran VERB 4 ROOT / birds NOUN 2 conj
    """, ["Cats", "dogs", "birds"]),
    "a coordinated verb's noun is no phrase": (English, """
        They PRON 1 nsubj / came VERB 1 ROOT / , PUNCT 1 punct / Monday PROPN 1 npadvmod
    """, ["They"]),
    "adjectives behind and prepositions in front": (French, """
        La DET 1 det / maison NOUN 3 nsubj / blanche ADJ 1 amod / domine VERB 3 ROOT / la DET 5 det / ville NOUN 3 obj
        de ADP 7 case / Paris PROPN 5 nmod / par ADP 10 case / le DET 10 det / nord NOUN 3 obl:mod
    """, ["La maison blanche", "la ville", "Paris", "le nord"]),
    "names": (French, """
        Marie PROPN 2 nsubj / Curie PROPN 0 flat:name / rencontre VERB 2 ROOT / Pierre PROPN 2 obj / et CCONJ 5 cc
        Paul PROPN 3 conj
    """, ["Marie Curie", "Pierre", "Paul"]),
    "Spanish": (Spanish, """
        El DET 1 det / gato NOUN 3 nsubj / negro ADJ 1 amod / come VERB 3 ROOT / pescado NOUN 3 obj / de ADP 6 case
        Juan PROPN 4 nmod / Pérez PROPN 6 flat / y CCONJ 9 cc / pan NOUN 4 conj
    """, ["El gato negro", "pescado", "Juan Pérez", "pan"]),
    "close apposition": (German, """
        Der DET 1 nk / Mann NOUN 2 sb / trinkt VERB 2 ROOT / zwei NUM 4 nk / Tassen NOUN 2 oa / Kaffee NOUN 4 nk
        . PUNCT 2 punct
    """, ["Der Mann", "zwei Tassen Kaffee"]),
}  # fmt: skip


def parsed(cls, rows):
    fields = [row.split() for line in rows.strip().splitlines() for row in line.split(" / ")]
    words, pos, heads, deps = (list(column) for column in zip(*fields, strict=True))
    return Doc(cls().vocab, words=words, pos=pos, heads=[int(head) for head in heads], deps=deps)


@pytest.mark.parametrize("case", CASES)
def test_noun_chunks(case):
    cls, rows, expected = CASES[case]
    doc = parsed(cls, rows)
    assert [chunk.text for chunk in doc.noun_chunks] == expected
    assert {chunk.label_ for chunk in doc.noun_chunks} == {"NP"}
    assert [chunk.text for chunk in doc[:].noun_chunks] == expected


@pytest.mark.parametrize("cls", [English, French, German, Spanish])
def test_chunks_need_a_parse(cls):
    doc = cls()("Word")
    with pytest.raises(MissingParseError, match="Noun chunks need a dependency parse, and this Doc has none. Add"):
        list(doc.noun_chunks)
    with pytest.raises(ValueError, match="dependency parse"):
        list(doc.noun_chunks)
