"""Tokenizer: files, bytes, pickles, scores."""

from __future__ import annotations

import pickle
import re
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
import srsly

from spanwright_tokens.errors import DataFormatError, InvalidValueError, MissingFileError
from spanwright_tokens.tokenizer import Tokenizer
from spanwright_tokens.tokens import Doc, Example
from spanwright_tokens.vocab import Vocab

_spec = spec_from_file_location("tokenizer_rules", Path(__file__).parent / "tokenizer_rules.py")
rules = module_from_spec(_spec)
_spec.loader.exec_module(rules)

TEXT = "(don't) New York co-op www.a.com, e.g. 5km :) x-y! can't."


def make(vocab=None):
    return Tokenizer(vocab or Vocab(), rules.RULES, **rules.SETTINGS)


def words(tokenizer, text=TEXT):
    return [(token.text, token.norm_, token.whitespace_) for token in tokenizer(text)]


def test_bytes_round_trip():
    data = make().to_bytes(exclude=["vocab"])
    loaded = Tokenizer(Vocab()).from_bytes(data)
    assert words(loaded) == words(make())
    assert loaded.to_bytes(exclude=["vocab"]) == data
    message = srsly.msgpack_loads(data)
    assert list(message) == [
        "prefix_search", "suffix_search", "infix_finditer", "token_match", "url_match", "exceptions",
        "faster_heuristics",
    ]  # fmt: skip
    assert message["prefix_search"] == rules.PREFIX and list(message["exceptions"]) == sorted(rules.RULES)
    assert "vocab" in srsly.msgpack_loads(make().to_bytes())


def test_files_round_trip(tmp_path):
    make().to_disk(tmp_path / "tokenizer", exclude=["vocab"])
    loaded = Tokenizer(Vocab()).from_disk(str(tmp_path / "tokenizer"), exclude=["vocab"])
    assert words(loaded) == words(make())
    with pytest.raises(MissingFileError, match="no file .*absent"):
        loaded.from_disk(tmp_path / "absent")
    (tmp_path / "bad").write_bytes(b"\x85garbage")
    with pytest.raises(DataFormatError, match=re.escape(str(tmp_path / "bad"))):
        loaded.from_disk(tmp_path / "bad")
    assert words(loaded) == words(make())


def test_a_pickled_tokenizer_is_the_same():
    tokenizer = make()
    tokenizer.faster_heuristics = False
    tokenizer.max_cache_size = 7
    tokenizer.prefix_search = re.compile(r"^[(#]", re.IGNORECASE).search
    loaded = pickle.loads(pickle.dumps(tokenizer))
    assert words(loaded) == words(tokenizer)
    assert loaded.faster_heuristics is False and loaded.max_cache_size == 7
    assert loaded.prefix_search.__self__.flags & re.IGNORECASE


def test_files_of_older_versions_lack_fields():
    message = {
        "prefix_search": rules.PREFIX, "suffix_search": None, "infix_finditer": None, "token_match": None,
        "url_match": None, "exceptions": {"don't": [{65: "do"}, {65: "n't", 67: "not"}]},
    }  # fmt: skip
    loaded = make().from_bytes(srsly.msgpack_dumps(message))
    assert loaded.faster_heuristics is True
    assert words(loaded, "(don't)") == [("(", "(", ""), ("don't)", "don't)", "")]
    assert words(loaded, "don't") == [("do", "do", ""), ("n't", "not", "")]


def test_excluded_fields_are_left_out():
    data = make().to_bytes(exclude=["vocab", "exceptions"])
    assert "exceptions" not in srsly.msgpack_loads(data)
    loaded = make().from_bytes(make().to_bytes(exclude=["vocab"]), exclude=["exceptions"])
    assert loaded.rules == {}


def broken(**changes):
    message = srsly.msgpack_loads(make().to_bytes(exclude=["vocab"]))
    return srsly.msgpack_dumps({**message, **changes})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "no complete message"),
        (make().to_bytes(exclude=["vocab"])[:-5], "no complete message"),
        (b"not a message", "saved as a map|no complete message"),
        (srsly.msgpack_dumps([1, 2]), "saved as a map, found list"),
        (srsly.msgpack_dumps({"nodes": [], "attrs": []}), "no tokenizer: its fields are 'nodes', 'attrs'"),
        (broken(suffix_search=3), "suffix_search must be a string or null, found int"),
        (broken(faster_heuristics="yes"), "faster_heuristics must be true or false, found 'yes'"),
        (broken(exceptions=[1]), "exceptions must be a map, found list"),
        (broken(exceptions={"ab": [{65: "a"}]}), "'ab'.*must add up to it, found 'a'"),
        (broken(exceptions={"ab": "ab"}), "a list of dicts is needed"),
        (broken(exceptions={"ab": [{65: "ab", 74: "x"}]}), "only ORTH and NORM can be set, found 'POS'"),
        (broken(vocab="text"), "vocab must be bytes, found str"),
    ],
)
def test_a_message_that_is_wrong_changes_nothing(data, message):
    tokenizer = make()
    before = words(tokenizer)
    with pytest.raises(DataFormatError, match=message):
        tokenizer.from_bytes(data)
    assert words(tokenizer) == before and tokenizer.rules == dict(sorted(rules.RULES.items()))


def test_a_function_without_a_pattern_cannot_be_saved():
    tokenizer = Tokenizer(Vocab(), prefix_search=lambda text: None)
    with pytest.raises(InvalidValueError, match=r"prefix_search is <function.*has no pattern to save"):
        tokenizer.to_bytes(exclude=["vocab"])


def test_score_compares_with_gold_tokens():
    vocab = Vocab()
    tokenizer = make(vocab)
    gold = Doc(vocab, words=["do", "n't", "stop", "it"], spaces=[False, True, False, False])
    scores = tokenizer.score([Example(tokenizer(gold.text), gold)])
    assert scores["token_acc"] == pytest.approx(2 / 3)
    assert scores["token_p"] == pytest.approx(2 / 3) and scores["token_r"] == pytest.approx(0.5)
    assert scores["token_f"] == pytest.approx(4 / 7)
    unknown = Example(tokenizer("do stop"), Doc(vocab, words=["do", "stop"]))
    assert set(tokenizer.score([unknown]).values()) == {None}
