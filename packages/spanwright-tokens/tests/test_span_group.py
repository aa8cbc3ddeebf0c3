"""SpanGroup and `doc.spans`."""

from __future__ import annotations

import struct

import pytest
import srsly

from spanwright_tokens.errors import DataFormatError, InvalidIndexError, InvalidValueError, SpanwrightWarning
from spanwright_tokens.tokens import Doc, Span, SpanGroup, SpanGroups
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()


@pytest.fixture
def doc():
    return Doc(VOCAB, words=["a", "b", "c", "d"])


@pytest.fixture
def group(doc):
    return SpanGroup(doc, name="g", attrs={"x": [1]}, spans=[Span(doc, 0, 2, "L", kb_id="K", span_id="I"), doc[2:3]])


def test_a_group_is_a_sequence(doc, group):
    assert len(group) == 2
    assert group[0].label_ == "L"
    assert group[-1] == doc[2:3]
    assert list(group) == [group[0], group[1]]
    group.append(doc[3:4])
    group.extend([doc[0:1], doc[1:2]])
    assert [span.start for span in group] == [0, 2, 3, 0, 1]
    del group[0]
    del group[-1]
    group[0] = doc[0:4]
    assert [(span.start, span.end) for span in group] == [(0, 4), (3, 4), (0, 1)]
    assert repr(group) == "[a b c d, d, a]"


def test_a_span_of_a_group_is_a_copy(group):
    group[0].label_ = "other"
    assert group[0].label_ == "L"


def test_overlap(doc):
    assert not SpanGroup(doc).has_overlap
    assert not SpanGroup(doc, spans=[doc[2:3], doc[0:2]]).has_overlap
    assert SpanGroup(doc, spans=[doc[1:3], doc[0:2]]).has_overlap


def test_adding_groups(doc, group):
    other = SpanGroup(doc, name="o", attrs={"x": 2, "y": [3]}, spans=[doc[3:4]])
    both = group + other
    assert [span.start for span in both] == [0, 2, 3]
    assert (both.name, both.attrs) == ("g", {"x": [1], "y": [3]})
    assert len(group) == 2
    group += other
    group += [doc[0:1]]
    assert [span.start for span in group] == [0, 2, 3, 0]
    with pytest.raises(TypeError):
        _ = group + "spans"


def test_positions_outside(group):
    span = group[0]
    for use in (
        lambda: group[2], lambda: group[-3], lambda: group.__delitem__(2), lambda: group.__setitem__(5, span)
    ):  # fmt: skip
        with pytest.raises(InvalidIndexError, match="There is no span -?[235]: the group 'g' has 2 spans"):
            use()


def test_spans_of_another_doc(doc, group):
    foreign = doc.copy()
    for use in (
        lambda: group.append(foreign[0:1]),
        lambda: group.extend([foreign[0:1]]),
        lambda: group.__setitem__(0, foreign[0:1]),
        lambda: SpanGroup(doc, name="g", spans=[foreign[0:1]]),
    ):
        with pytest.raises(InvalidValueError, match="is of another Doc than the span group 'g'"):
            use()
    with pytest.raises(InvalidValueError, match="span groups are of different Docs"):
        group.extend(SpanGroup(foreign))
    with pytest.raises(InvalidValueError, match="A span group holds spans, but found 3"):
        group.append(3)
    assert len(group) == 2


def test_a_failed_extend_adds_nothing(doc, group):
    with pytest.raises(InvalidValueError):
        group.extend([doc[0:1], doc.copy()[0:1]])
    assert len(group) == 2


def test_a_group_does_not_keep_its_doc():
    group = SpanGroup(Doc(VOCAB, words=["a"]), name="lost")
    with pytest.raises(RuntimeError, match="The Doc of the span group 'lost' is gone"):
        _ = group.doc
    groups = SpanGroups(Doc(VOCAB, words=["a"]))
    with pytest.raises(RuntimeError, match="keep a reference to the Doc"):
        groups["x"] = []


def test_copy_for_another_doc(doc, group):
    other = Doc(VOCAB, words=["a", "b", "c", "d"])
    copied = group.copy(doc=other)
    assert copied.doc is other
    assert [(span.start, span.end, span.label_, span.kb_id_, span.id_) for span in copied] == [
        (0, 2, "L", "K", "I"),
        (2, 3, "", "", ""),
    ]
    copied.attrs["x"].append(2)
    assert group.attrs == {"x": [1]}
    with pytest.raises(InvalidValueError, match="Span 0 of the group 'g' cannot be copied: characters 0 to 3"):
        group.copy(doc=Doc(VOCAB, words=["a", "bcd"]))


def test_bytes(doc, group):
    message = srsly.msgpack_loads(group.to_bytes())
    assert message["name"] == "g"
    assert struct.unpack(">QQQllll", message["spans"][1]) == (0, 0, 0, 2, 3, 4, 5)
    loaded = SpanGroup(doc).from_bytes(group.to_bytes())
    assert (loaded.name, loaded.attrs, list(loaded)) == ("g", {"x": [1]}, list(group))


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"\xc1", "span group"),
        (srsly.msgpack_dumps([1]), "These bytes are no span group"),
        (srsly.msgpack_dumps({"name": "x", "attrs": {}, "spans": [b"short"]}), "no span group"),
        (
            srsly.msgpack_dumps({"name": "x", "attrs": {}, "spans": [struct.pack(">QQQllll", 0, 0, 0, 1, 9, 0, 0)]}),
            "Span 0 of the span group 'x' goes from token 1 to 9, but the Doc has 4 tokens",
        ),
    ],
)
def test_other_bytes_leave_a_group_as_it_was(group, data, message):
    with pytest.raises(DataFormatError, match=message):
        group.from_bytes(data)
    assert (group.name, len(group)) == ("g", 2)


def test_doc_spans(doc):
    foreign = Doc(VOCAB, words=["a"])
    doc.spans["x"] = [doc[0:1], doc[0:2]]
    assert isinstance(doc.spans["x"], SpanGroup)
    assert doc.spans["x"].name == "x"
    named = SpanGroup(doc, name="other")
    doc.spans["y"] = named
    assert doc.spans["y"] is named
    assert doc.spans.setdefault("x", [doc[1:2]]) is doc.spans["x"]
    assert list(doc.spans.setdefault("z", [doc[1:2]])) == [doc[1:2]]
    assert list(doc.spans.setdefault("empty")) == []
    assert list(doc.spans) == ["x", "y", "z", "empty"]
    assert "x" in doc.spans
    del doc.spans["x"]
    assert "x" not in doc.spans
    with pytest.raises(InvalidValueError, match="The span group for 'q' is of another Doc"):
        doc.spans["q"] = SpanGroup(foreign, name="q")


def test_groups_as_bytes(doc):
    doc.spans["x"] = [doc[0:1]]
    doc.spans["same"] = doc.spans["x"]
    doc.spans["y"] = []
    other = Doc(VOCAB, words=["a", "b", "c", "d"])
    other.spans["gone"] = []
    other.spans.from_bytes(doc.spans.to_bytes())
    assert sorted(other.spans) == ["same", "x", "y"]
    assert other.spans["same"].name == "x"
    assert [len(other.spans[key]) for key in ("same", "x", "y")] == [1, 1, 0]
    other.spans.from_bytes(SpanGroups(doc).to_bytes())
    assert not other.spans
    assert not other.spans.from_bytes(b"")


def test_groups_as_they_were_saved_before_keys(doc):
    one = SpanGroup(doc, name="x", spans=[doc[0:1]]).to_bytes()
    two = SpanGroup(doc, name="x", spans=[doc[0:2]]).to_bytes()
    doc.spans.from_bytes(srsly.msgpack_dumps([one]))
    assert list(doc.spans["x"]) == [doc[0:1]]
    with pytest.warns(SpanwrightWarning, match="Several saved span groups are called 'x'; only the last is kept"):
        doc.spans.from_bytes(srsly.msgpack_dumps([one, two]))
    assert list(doc.spans["x"]) == [doc[0:2]]


def test_other_bytes_leave_the_groups_as_they_were(doc):
    doc.spans["x"] = [doc[0:1]]
    with pytest.raises(DataFormatError, match="These bytes are no span groups: expected a table, found int"):
        doc.spans.from_bytes(srsly.msgpack_dumps(3))
    with pytest.raises(DataFormatError, match="no span group"):
        doc.spans.from_bytes(srsly.msgpack_dumps({srsly.msgpack_dumps(1): ["y"]}))
    assert list(doc.spans) == ["x"]
