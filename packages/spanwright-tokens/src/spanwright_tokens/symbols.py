"""The 457 reserved symbols: names that have small fixed ids instead of a hash.

The ids are part of the file formats (a saved `to_array` or DocBin holds them), so the order below is frozen.
"""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


_FLAGS = _words(
    """
    IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_PUNCT IS_SPACE IS_TITLE IS_UPPER LIKE_URL LIKE_NUM LIKE_EMAIL
    IS_STOP IS_OOV_DEPRECATED IS_BRACKET IS_QUOTE IS_LEFT_PUNCT IS_RIGHT_PUNCT IS_CURRENCY
    """
)
_LEXEME_AND_TOKEN = _words(
    """
    ID ORTH LOWER NORM SHAPE PREFIX SUFFIX LENGTH CLUSTER LEMMA POS TAG DEP ENT_IOB ENT_TYPE HEAD
    SENT_START SPACY PROB LANG
    """
)
_PARTS_OF_SPEECH = _words(
    """
    ADJ ADP ADV AUX CONJ CCONJ DET INTJ NOUN NUM PART PRON PROPN PUNCT SCONJ SYM VERB X EOL SPACE
    """
)
_ENTITY_TYPES = _words(
    """
    PERSON NORP FACILITY ORG GPE LOC PRODUCT EVENT WORK_OF_ART LANGUAGE LAW DATE TIME PERCENT MONEY
    QUANTITY ORDINAL CARDINAL
    """
)
_DEPENDENCIES = _words(
    """
    acomp advcl advmod agent amod appos attr aux auxpass cc ccomp complm conj cop csubj csubjpass dep
    det dobj expl hmod hyph infmod intj iobj mark meta neg nmod nn npadvmod nsubj nsubjpass num number
    oprd obj obl parataxis partmod pcomp pobj poss possessive preconj prep prt punct quantmod relcl
    rcmod root xcomp acl
    """
)
_LATER = _words(
    """
    ENT_KB_ID MORPH ENT_ID IDX _
    """
)

NAMES: list[str] = [
    "",
    *_FLAGS,
    *(f"FLAG{i}" for i in range(19, 64)),
    *_LEXEME_AND_TOKEN,
    *_PARTS_OF_SPEECH,
    *(f"DEPRECATED{i:03d}" for i in range(1, 277)),
    *_ENTITY_TYPES,
    *_DEPENDENCIES,
    *_LATER,
]
IDS: dict[str, int] = {name: i for i, name in enumerate(NAMES)}

globals().update({name: i for name, i in IDS.items() if name})
