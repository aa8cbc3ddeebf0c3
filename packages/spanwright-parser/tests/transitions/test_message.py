"""The `moves` file: its layout, the order of moves, and what is no such file."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import pytest
import srsly
from hypothesis import given
from hypothesis import strategies as st

from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError
from spanwright.vocab import Vocab
from spanwright_parser.transitions import ArcEager, Biluo, TransitionSystem

ACTIONS = {0: {"": 10}, 1: {"": 7}, 2: {"det": 3, "nsubj": 3, "dep": 0}, 3: {"obj": 9, "dep": 0}, 4: {"ROOT": 2}}
NAMES = ["S", "D", "L-nsubj", "L-det", "L-dep", "R-obj", "R-dep", "B-ROOT"]


@pytest.fixture
def system() -> ArcEager:
    return ArcEager(Vocab().strings, ACTIONS)


def test_moves_come_by_action_then_by_count_then_by_label(system: ArcEager) -> None:
    assert system.move_names == NAMES
    assert system.get_class_name(2) == "L-nsubj"
    assert system.n_moves == 8
    assert "nsubj" in system.strings
    assert {int(a): dict(c) for a, c in system.labels.items()} == ACTIONS


def test_labels_that_come_later_are_last_and_stay_there(system: ArcEager) -> None:
    assert system.add_action(2, "new") == 1
    assert system.add_action(3, "new") == 1
    assert system.add_action(3, "newer") == 1
    assert system.add_action(3, "newer") == 0
    assert system.labels[2]["new"] == system.labels[3]["new"] == -1
    assert system.labels[3]["newer"] == -2
    assert system.move_names == [*NAMES, "L-new", "R-new", "R-newer"]
    again = ArcEager(Vocab().strings).from_bytes(system.to_bytes(exclude=["strings"]))
    assert again.move_names == system.move_names
    assert again.labels == system.labels


def test_the_message_is_the_published_one(system: ArcEager) -> None:
    message = srsly.msgpack_loads(system.to_bytes(exclude=["strings"]))
    assert list(message) == ["moves", "cfg"]
    assert message["moves"] == (
        '{"0":{"":10},"1":{"":7},"2":{"nsubj":3,"det":3,"dep":0},"3":{"obj":9,"dep":0},"4":{"ROOT":2}}'
    )
    assert message["cfg"] == {"neg_key": None}
    assert list(srsly.msgpack_loads(system.to_bytes())) == ["moves", "strings", "cfg"]
    assert ArcEager(Vocab().strings).from_bytes(system.to_bytes()).move_names == NAMES


def test_letters_beyond_ascii_are_escaped() -> None:
    system = Biluo(Vocab().strings, {1: {"Prés": 1, "𝔅": 1}})
    message = srsly.msgpack_loads(system.to_bytes(exclude=["strings"]))
    assert message["moves"] == '{"1":{"\\ud835\\udd05":1,"Pr\\u00e9s":1}}'
    assert Biluo(Vocab().strings).from_bytes(system.to_bytes()).move_names == ["B-𝔅", "B-Prés"]


def test_entity_moves() -> None:
    system = Biluo(Vocab().strings, incorrect_spans_key="wrong")
    system.initialize_actions(Biluo.get_actions(entity_types=["X"]))
    assert system.move_names == ["B-X", "I-X", "L-X", "U-X", "U-", "O"]
    assert system.add_action(5, "X") is None
    assert system.add_action(0, "X") is None
    for action in system.action_types:
        system.add_action(action, "Y")
    assert system.move_names[6:] == ["B-Y", "I-Y", "L-Y", "U-Y"]
    assert system.labels[1] == {"X": 1, "Y": -1}
    again = Biluo(Vocab().strings).from_bytes(system.to_bytes())
    assert (again.move_names, again.neg_key) == (system.move_names, "wrong")
    assert again.move_name(0, "") == "M"


def test_files_and_copies(system: ArcEager, tmp_path: Path) -> None:
    system.to_disk(tmp_path / "moves", exclude=["strings"])
    again = ArcEager(Vocab().strings).from_disk(tmp_path / "moves", exclude=["strings"])
    assert again.move_names == NAMES
    with pytest.raises(MissingFileError, match="no file"):
        system.from_disk(tmp_path / "nothing")
    system.add_action(2, "new")
    for other in (system.copy(), pickle.loads(pickle.dumps(system))):
        assert (other.move_names, other.labels) == (system.move_names, system.labels)
        other.add_action(3, "other")
        assert "R-other" not in system.move_names


def test_parts_can_be_left_as_they_are(system: ArcEager) -> None:
    other = Biluo(Vocab().strings, {1: {"X": 1}}, incorrect_spans_key="a")
    message = Biluo(Vocab().strings, {1: {"Y": 1}}, incorrect_spans_key="b").to_bytes()
    other.from_bytes(message, exclude=["cfg"])
    assert (other.move_names, other.neg_key) == (["B-Y"], "a")
    other.from_bytes(message, exclude=["moves"])
    assert (other.move_names, other.neg_key) == (["B-Y"], "b")


def test_tables_with_keys_of_both_kinds(system: ArcEager) -> None:
    system.initialize_actions({"0": {"": 1}, 0: {"": 5}, "2": {"x": 1}, 2: {"y": 2}})
    assert system.move_names == ["S", "L-y", "L-x"]


def test_an_action_that_does_not_exist(system: ArcEager) -> None:
    with pytest.raises(InvalidValueError, match="ArcEager has no action 5; there are 0 to 4: S, D, L, R, B"):
        system.initialize_actions({"5": {"x": 1}})
    assert system.move_names == NAMES
    with pytest.raises(InvalidValueError, match="has no action -1"):
        system.add_action(-1, "x")


def message_of(**changes: Any) -> bytes:
    return srsly.msgpack_dumps({"moves": '{"0":{"":1}}', "cfg": {"neg_key": None}, **changes})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "moves"),
        (b"\x93\x01", "moves"),
        (srsly.msgpack_dumps([1, 2]), "with the entry 'moves', but found list"),
        (srsly.msgpack_dumps({"cfg": {}}), "with the entry 'moves'"),
        (message_of(moves=3), "'moves' must be JSON, but is int"),
        (message_of(moves="{"), "'moves' is no JSON"),
        (message_of(moves="[" * 100_000), "'moves' is no JSON"),
        (message_of(moves="[]"), "'moves' must be a table of actions, but is list"),
        (message_of(moves='{"9":{}}'), "no action '9'; actions are 0 to 4"),
        (message_of(moves='{"x":{}}'), "no action 'x'"),
        (message_of(moves='{"²":{}}'), "no action"),
        (message_of(moves='{"0":3}'), "action 0 must have a table of labels, but has int"),
        (message_of(moves='{"0":{"a":"b"}}'), "label 'a': str 'b' is no count"),
        (message_of(moves='{"0":{"a":1.5}}'), "is no count"),
        (message_of(moves='{"0":{"a":true}}'), "is no count"),
        (message_of(moves='{"0":{"\\ud800":1}}'), "is no text"),
        (message_of(moves='{"0":{},"00":{}}'), "action 00 comes twice"),
        (message_of(cfg=[1]), "'cfg' must be a table of settings, but is list"),
        (message_of(cfg={"neg_key": 3}), "'neg_key' must be a string or null"),
        (message_of(strings="abc"), "'strings' must be bytes"),
    ],
)
def test_what_is_no_moves_file_is_an_error(system: ArcEager, data: bytes, message: str) -> None:
    with pytest.raises(DataFormatError, match=message):
        system.from_bytes(data)
    assert system.move_names == NAMES
    assert system.cfg == {"neg_key": None}


WHOLE = ArcEager(Vocab().strings, ACTIONS).to_bytes(exclude=["strings"])


@given(st.integers(0, len(WHOLE) - 1), st.integers(0, 255))
def test_damaged_bytes_are_read_or_an_error(at: int, value: int) -> None:
    system: TransitionSystem = ArcEager(Vocab().strings, ACTIONS)
    for data in (WHOLE[:at], WHOLE[:at] + bytes([value]) + WHOLE[at + 1 :]):
        try:
            system.from_bytes(data)
        except DataFormatError:
            assert system.move_names == NAMES
        system = ArcEager(Vocab().strings, ACTIONS)
