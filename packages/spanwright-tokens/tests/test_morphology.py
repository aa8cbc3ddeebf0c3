"""Morphological analyses."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import InvalidValueError, SpanwrightWarning
from spanwright_tokens.vocab import MorphAnalysis, Morphology, Vocab

GOLDEN = json.loads((Path(__file__).parent / "data" / "vocab.json").read_text("utf8"))
names = st.text("ABCdef[]1", min_size=1, max_size=6)
features = st.dictionaries(names, st.lists(names, min_size=1, max_size=3, unique=True), max_size=5)


@pytest.mark.parametrize("case", GOLDEN["morphology"], ids=lambda case: str(case["given"]))
def test_analyses_equal_the_recorded_ones(case: dict[str, Any]) -> None:
    vocab = Vocab()
    morph = MorphAnalysis(vocab, case["given"])
    assert morph.key == case["key"]
    assert str(morph) == repr(morph) == morph.to_json() == case["text"]
    assert sorted(morph) == case["features"]
    assert len(morph) == len(case["features"])
    assert morph.to_dict() == case["dict"]
    assert vocab.morphology.get(morph.key) == (case["text"] or "_")


@given(features)
def test_order_does_not_matter(given_features: dict[str, list[str]]) -> None:
    vocab = Vocab()
    one = MorphAnalysis(vocab, "|".join(f"{field}={','.join(values)}" for field, values in given_features.items()))
    other = MorphAnalysis(
        vocab, {field: ",".join(reversed(values)) for field, values in reversed(list(given_features.items()))}
    )
    assert one == other
    assert hash(one) == hash(other)
    assert one.key == vocab.strings[str(one) or "_"]
    assert one == MorphAnalysis.from_id(vocab, one.key) == MorphAnalysis(vocab, str(one))
    for field, values in given_features.items():
        assert one.get(field) == sorted(values)
        assert all(f"{field}={value}" in one for value in values)
    assert one.get("missing") == []
    assert one.get("missing", ["default"]) == ["default"]
    assert Morphology.dict_to_feats(one.to_dict()) == str(one)
    assert Morphology.feats_to_dict(str(one)) == one.to_dict()


def test_no_analysis_and_the_empty_one() -> None:
    vocab = Vocab()
    unset, empty = MorphAnalysis.from_id(vocab, 0), MorphAnalysis(vocab)
    assert (str(unset), list(unset), unset.to_dict(), len(unset)) == ("", [], {}, 0)
    assert (str(empty), empty.key) == ("", vocab.strings["_"])
    assert unset != empty
    assert vocab.morphology.get(123456789) == ""
    assert unset != None  # noqa: E711


def test_ids_may_be_given_for_strings() -> None:
    vocab = Vocab()
    strings = vocab.strings
    ids = {strings.add("Case"): strings.add("Nom")}
    assert vocab.morphology.add(ids) == vocab.morphology.add("Case=Nom")
    assert strings["Case=Nom"] in MorphAnalysis(vocab, "Case=Nom")


def test_analyses_are_permanent_and_pickle() -> None:
    vocab = Vocab()
    morph = MorphAnalysis(vocab, "Case=Nom")
    assert "Case=Nom" in list(vocab.strings)
    assert str(pickle.loads(pickle.dumps(morph))) == "Case=Nom"
    assert pickle.loads(pickle.dumps(vocab.morphology)).get(morph.key) == "Case=Nom"


def test_mistakes() -> None:
    vocab = Vocab()
    for wrong in ("Case", "Case=Nom|Number", "A=b=c"):
        with pytest.raises(InvalidValueError, match="are written 'Field=Value.Field=Value', found"):
            MorphAnalysis(vocab, wrong)
    for wrong in (5, ["Case=Nom"], {"Case": ["Nom"]}, {"POS": 5}):
        with pytest.warns(SpanwrightWarning, match="must be a string .* or a dict of strings; ignored"):
            assert str(MorphAnalysis(vocab, wrong)) == ""
    with pytest.raises(InvalidValueError, match=r"A MorphAnalysis is no string: compare str\(morph\)"):
        _ = MorphAnalysis(vocab, "Case=Nom") == "Case=Nom"
