"""Augmenters: the variants that spaCy makes from the same random numbers (recorded), and their settings."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from spanwright import blank, registry
from spanwright.errors import InvalidValueError
from spanwright.tokens import Example

GOLDENS = json.loads((Path(__file__).parent / "goldens" / "augmented.json").read_text(encoding="utf8"))
VARIANTS = {
    "single": [{"tags": ["NFP"], "variants": ["...", "--", "—"]}],
    "paired": [
        {"tags": ["``", "''"], "variants": [["'", "'"], ['"', '"'], ["“", "”"]]},
        {"tags": ["-LRB-"], "variants": [["(", ")"], ["[", "]"]]},
    ],
}
AUGMENTERS = {
    "lower": {"@augmenters": "spacy.lower_case.v1", "level": 0.5},
    "orth": {"@augmenters": "spacy.orth_variants.v1", "level": 0.7, "lower": 0.5, "orth_variants": VARIANTS},
    "combined": {
        "@augmenters": "spacy.combined_augmenter.v1",
        "lower_level": 0.4,
        "orth_level": 0.5,
        "orth_variants": VARIANTS,
        "whitespace_level": 0.8,
        "whitespace_per_token": 0.2,
        "whitespace_variants": ["\n", "  "],
    },
}


def example(nlp: Any) -> Example:
    words = ['"', "The", "Cat", '"', "sat", "...", "(", "on", "Mats", ")"]
    annotation = {
        "words": words,
        "spaces": [True] * 9 + [False],
        "tags": ["``", "DT", "NN", "''", "VBD", "NFP", "-LRB-", "IN", "NNS", "-LRB-"],
        "pos": ["PUNCT", "DET", "NOUN", "PUNCT", "VERB", "PUNCT", "PUNCT", "ADP", "NOUN", "PUNCT"],
        "lemmas": [word.lower() for word in words],
        "morphs": [""] * 10,
        "heads": [2, 2, 4, 2, 4, 4, 8, 8, 4, 8],
        "deps": ["punct", "det", "nsubj", "punct", "ROOT", "punct", "punct", "case", "obl", "punct"],
        "entities": ["O", "B-X", "I-X", "L-X", "O", "O", "O", "O", "U-Y", "O"],
    }
    return Example.from_dict(nlp.make_doc(" ".join(words)), annotation)


@pytest.mark.parametrize("name", sorted(AUGMENTERS))
def test_variants_are_those_of_spacy(name: str) -> None:
    nlp = blank("xx")
    augment = registry.resolve({"augmenter": AUGMENTERS[name]})["augmenter"]
    random.seed(11)
    rows = []
    for made in (made for _ in range(12) for made in augment(nlp, example(nlp))):
        tokens, doc = (made.to_dict()[key] for key in ("token_annotation", "doc_annotation"))
        parts = [tokens[key] for key in ("ORTH", "TAG", "HEAD", "DEP")]
        rows.append([made.predicted.text, *parts, doc["entities"]])
    assert rows == GOLDENS[name]


def test_level_zero_gives_the_example_itself() -> None:
    nlp = blank("xx")
    same = example(nlp)
    assert list(registry.augmenters.get("spacy.lower_case.v1")(0.0)(nlp, same)) == [same]


def test_white_space_is_not_added_to_examples_with_spans() -> None:
    nlp = blank("xx")
    given = example(nlp)
    given.reference.spans["sc"] = [given.reference[0:2]]
    augment = registry.resolve(
        {"a": {**AUGMENTERS["combined"], "lower_level": 0, "orth_level": 0, "whitespace_level": 1}}
    )
    assert next(augment["a"](nlp, given)) is given


@pytest.mark.parametrize(
    "name, settings",
    [("lower_case", {"level": 1.5}), ("orth_variants", {"level": -1, "lower": 0, "orth_variants": {}})],
)
def test_shares_outside_of_zero_to_one(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(InvalidValueError, match=f"spacy.{name}.v1: level is a share between 0 and 1, found"):
        registry.augmenters.get(f"spacy.{name}.v1")(**settings)
