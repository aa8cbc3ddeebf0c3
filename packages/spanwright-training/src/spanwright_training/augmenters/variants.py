"""Variants of an example: lower case, other spellings of words, added white space.

Random numbers come from Python's `random`, in the order in which spaCy draws them.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

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
    tokens = annotation["token_annotation"]
    text = example.text
    words = [word.lower() for word in tokens["ORTH"]] if lower else list(tokens["ORTH"])
    if words:
        text = text.lower() if lower else text
        if tokens["TAG"]:
            _replace_single(words, tokens["TAG"], variants.get("single", ()))
            _replace_paired(words, tokens["TAG"], variants.get("paired", ()))
            text = _text(words, tokens["SPACY"])
        tokens["ORTH"] = words
    return Example.from_dict(nlp.make_doc(text), annotation)


def _replace_single(words: list[str], tags: Sequence[str], sets: Sequence[Mapping[str, Any]]) -> None:
    chosen = [random.choice(one["variants"]) for one in sets]
    for i, tag in enumerate(tags):
        for one, variant in zip(sets, chosen, strict=True):
            if tag in one["tags"] and words[i] in one["variants"]:
                words[i] = variant


def _replace_paired(words: list[str], tags: Sequence[str], sets: Sequence[Mapping[str, Any]]) -> None:
    chosen = [random.choice(one["variants"]) for one in sets]
    for i, tag in enumerate(tags):
        for one, variant in zip(sets, chosen, strict=True):
            if tag in one["tags"] and words[i] in itertools.chain.from_iterable(one["variants"]):
                words[i] = variant[_side(words[i], tag, one)]


def _side(word: str, tag: str, one: Mapping[str, Any]) -> int:
    """0 for the left of a pair, 1 for the right: by the tag if the sides have their own, else by the variants."""
    side = random.choice([0, 1])  # drawn in any case, so that the random numbers stay those of spaCy
    if len(one["tags"]) == 2:
        return int(one["tags"].index(tag))
    for pair in one["variants"]:
        if word in pair:
            side = list(pair).index(word)
    return side


def add_white_space(nlp: Language, example: Example, white_space: str, position: int) -> Example:
    """The example with a white space token put in before the token at a position.

    Its head is the token before it, or that after it at the start of the text. Examples with links, spans or an
    incomplete parse are given back as they are.
    """
    reference = example.reference
    annotation = _annotation(example)
    tokens, doc = annotation["token_annotation"], annotation["doc_annotation"]
    parsed = reference.has_annotation("DEP")
    complete = reference.has_annotation("DEP", require_complete=True)
    if not len(reference) or doc.get("links") or len(reference.spans) or (parsed and not complete):
        return example
    if reference.has_annotation("ENT_TYPE"):
        doc["entities"].insert(position, _entity_tag_at(doc["entities"], position))
    else:
        del doc["entities"]
    for name, value in {**SPACE_TOKEN, "LEMMA": white_space}.items():
        if reference.has_annotation(name):
            tokens[name].insert(position, value)
        else:
            del tokens[name]
    if complete:
        tokens["HEAD"].insert(position, max(0, position - 1))
        tokens["HEAD"] = [head + 1 if head >= position else head for head in tokens["HEAD"]]
        tokens["DEP"].insert(position, "dep")
    else:
        del tokens["HEAD"], tokens["DEP"]
    tokens["ORTH"].insert(position, white_space)
    tokens["SPACY"].insert(position, False)
    return Example.from_dict(nlp.make_doc(_text(tokens["ORTH"], tokens["SPACY"])), annotation)


def _entity_tag_at(tags: Sequence[str], position: int) -> str:
    """I-LABEL inside of an entity, else O."""
    if 1 < position < len(tags):
        before, after = tags[position - 1], tags[position]
        if before[:2] in ("B-", "I-") and after[:2] in ("I-", "L-") and before[2:] == after[2:]:
            return f"I-{after[2:]}"
    return "O"


def _annotation(example: Example) -> dict[str, Any]:
    """The gold annotation as a dict, in which tokens of unknown entities are marked as such."""
    from spanwright_tokens.tokens.iob import doc_to_biluo_tags_with_partial

    annotation: dict[str, Any] = example.to_dict()
    annotation["doc_annotation"]["entities"] = doc_to_biluo_tags_with_partial(example.reference)
    return annotation


def _text(words: Sequence[str], spaces: Sequence[bool]) -> str:
    return "".join(f"{word} " if space else word for word, space in zip(words, spaces, strict=True))
