"""Variants of an example: lower case, other spellings of words, added white space.

Random numbers come from Python's `random`, in the order in which spaCy draws them.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from spanwright.errors import InvalidValueError
from spanwright.tokens import Example

if TYPE_CHECKING:
    from spanwright.language import Language

# {"single": [{"tags": [...], "variants": [...]}], "paired": [{"tags": [...], "variants": [[left, right], ...]}]}
OrthVariants = Mapping[str, Sequence[Mapping[str, Any]]]
# Annotation of an inserted white space token, where the example has that annotation at all.
SPACE_TOKEN = {"TAG": "_SP", "POS": "SPACE", "MORPH": "", "SENT_START": False}


def check_share(name: str, value: float, augmenter: str) -> float:
    """The value, if it is a share between 0 and 1; raises InvalidValueError otherwise."""
    if not 0.0 <= value <= 1.0:
        raise InvalidValueError(f"{augmenter}: {name} is a share between 0 and 1, found {value}.")
    return value


def lower_case(nlp: Language, example: Example) -> Example:
    """The example with its text in lower case."""
    annotation = _annotation(example)
    annotation["token_annotation"]["ORTH"] = [token.lower_ for token in example.reference]
    return Example.from_dict(nlp.make_doc(example.text.lower()), annotation)


def orth_variant(nlp: Language, example: Example, variants: OrthVariants, *, lower: bool = False) -> Example:
    """The example with words replaced by variants of them: all of one set by the same, for the whole text.

    variants: Sets of single and of paired variants, each with the tags (TAG) of the words that they hold for.
    lower: Put it in lower case first.
    """
    annotation = _annotation(example)
    columns = annotation["token_annotation"]
    text, words = example.text, columns["ORTH"]
    if lower and words:
        text, words = text.lower(), [word.lower() for word in words]
    if words and columns["TAG"]:
        for kind, substitute in (("single", _single), ("paired", _paired)):
            sets = [_Set(one, random.choice(one["variants"])) for one in variants.get(kind, ())]
            words = [_through(word, tag, sets, substitute) for word, tag in zip(words, columns["TAG"], strict=True)]
        text = _text(words, columns["SPACY"])
    columns["ORTH"] = words
    return Example.from_dict(nlp.make_doc(text), annotation)


class _Set(NamedTuple):
    """A set of variants, and the one of them that a text gets."""

    known: Mapping[str, Any]
    chosen: Any


def _through(word: str, tag: str, sets: Sequence[_Set], substitute: Callable[[str, str, _Set], str]) -> str:
    """A word after all sets that hold for its tag, one after the other."""
    for one in sets:
        if tag in one.known["tags"]:
            word = substitute(word, tag, one)
    return word


def _single(word: str, tag: str, one: _Set) -> str:
    return str(one.chosen) if word in one.known["variants"] else word


def _paired(word: str, tag: str, one: _Set) -> str:
    """The left or the right of the chosen pair: as the tag says if the sides have their own, else as the word does."""
    sides = [list(pair).index(word) for pair in one.known["variants"] if word in pair]
    if not sides:
        return word
    random.choice([0, 1])  # not needed, but drawn in spaCy: the numbers that follow must be the same
    tags = one.known["tags"]
    return str(one.chosen[tags.index(tag) if len(tags) == 2 else sides[-1]])


def add_white_space(nlp: Language, example: Example, white_space: str, position: int) -> Example:
    """The example with a white space token put in before the token at a position.

    Its head is the token before it, or that after it at the start of the text. Examples with links, spans or an
    incomplete parse are given back as they are.
    """
    reference = example.reference
    annotation = _annotation(example)
    columns, doc = annotation["token_annotation"], annotation["doc_annotation"]
    has_tree = reference.has_annotation("DEP", require_complete=True)
    half_parsed = reference.has_annotation("DEP") and not has_tree
    if half_parsed or not len(reference) or doc.get("links") or len(reference.spans):
        return example
    new: dict[str, Any] = {"ORTH": white_space, "SPACY": False}
    new |= {
        name: value for name, value in {**SPACE_TOKEN, "LEMMA": white_space}.items() if reference.has_annotation(name)
    }
    if has_tree:
        columns["HEAD"] = [head + (head >= position) for head in columns["HEAD"]]
        new |= {"HEAD": position - 1 if position else 1, "DEP": "dep"}
    # Columns without annotation are left out: a value in them would be one.
    annotation["token_annotation"] = {
        name: [*column[:position], new[name], *column[position:]] for name, column in columns.items() if name in new
    }
    tags = doc.pop("entities")
    if reference.has_annotation("ENT_TYPE"):
        doc["entities"] = [*tags[:position], _entity_tag_at(tags, position), *tags[position:]]
    words = annotation["token_annotation"]
    return Example.from_dict(nlp.make_doc(_text(words["ORTH"], words["SPACY"])), annotation)


def _entity_tag_at(tags: Sequence[str], position: int) -> str:
    """The tag of a token put in at a position: I-LABEL where that is inside of an entity, else O.

    As in spaCy, a token put in at 1 is outside, whatever is around it.
    """
    if not 1 < position < len(tags):
        return "O"
    (prefix, _, label), (next_prefix, _, next_label) = (tags[i].partition("-") for i in (position - 1, position))
    inside = prefix in ("B", "I") and next_prefix in ("I", "L") and label == next_label
    return f"I-{label}" if inside else "O"


def _annotation(example: Example) -> dict[str, Any]:
    """The gold annotation as a dict, in which tokens of unknown entities are marked as such."""
    from spanwright_tokens.tokens.iob import doc_to_biluo_tags_with_partial

    annotation: dict[str, Any] = example.to_dict()
    annotation["doc_annotation"]["entities"] = doc_to_biluo_tags_with_partial(example.reference)
    return annotation


def _text(words: Sequence[str], spaces: Sequence[bool]) -> str:
    return "".join(f"{word} " if space else word for word, space in zip(words, spaces, strict=True))
