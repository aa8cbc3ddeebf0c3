"""Custom attributes: `doc._`, `token._`, `span._`."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from spanwright_tokens.errors import InvalidAttributeError, InvalidValueError
from spanwright_tokens.tokens import Doc, Span, Token, Underscore
from spanwright_tokens.tokens.underscore import ask_for_more, is_writable_attr
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
CLASSES = [Doc, Span, Token]


@pytest.fixture(autouse=True)
def _restored():
    state = [dict(extensions) for extensions in Underscore.get_state()]
    yield
    Underscore.load_state(tuple(state))


@pytest.fixture
def doc():
    return Doc(VOCAB, words=["one", "two", "three"])


def of(cls, doc):
    return {Doc: doc, Span: doc[1:3], Token: doc[1]}[cls]


@pytest.mark.parametrize("cls", CLASSES)
def test_a_default(cls, doc):
    cls.set_extension("size", default=3)
    obj = of(cls, doc)
    assert obj._.size == obj._.get("size") == 3
    obj._.size = 4
    assert of(cls, doc)._.size == 4
    obj._.set("size", 5)
    assert of(cls, doc)._.size == 5
    assert obj._.has("size")
    assert not obj._.has("other")
    assert "size" in dir(obj._)


@pytest.mark.parametrize("cls", CLASSES)
def test_a_getter_a_setter_and_a_method(cls, doc):
    seen = []
    cls.set_extension("length", getter=lambda obj: len(obj), setter=lambda obj, value: seen.append(value))
    cls.set_extension("times", method=lambda obj, n: len(obj) * n)
    obj = of(cls, doc)
    assert obj._.length == len(obj)
    obj._.length = 7
    assert seen == [7]
    assert obj._.times(2) == 2 * len(obj)
    assert "first argument" in obj._.times.__doc__


@pytest.mark.parametrize("default", [[], {}, set()])
def test_a_mutable_default_is_copied_for_each(default, doc):
    Token.set_extension("things", default=default)
    first = doc[0]._.things
    assert doc[0]._.things is first
    assert doc[1]._.things is not first
    assert default is not first


def test_values_are_kept_in_user_data_by_characters(doc):
    for cls in CLASSES:
        cls.set_extension("x", default=None)
    doc._.x, doc[1]._.x, doc[1:3]._.x = 1, 2, 3
    assert doc.user_data == {("._.", "x", None, None): 1, ("._.", "x", 4, None): 2, ("._.", "x", 4, 13): 3}


@pytest.mark.parametrize("cls", CLASSES)
def test_the_registry(cls):
    def function(obj):
        return obj

    cls.set_extension("a", default=1)
    cls.set_extension("b", method=function)
    assert cls.get_extension("a") == (1, None, None, None)
    assert cls.get_extension("b") == (None, function, None, None)
    assert cls.get_extension("c") is None
    assert cls.has_extension("a")
    assert cls.remove_extension("a") == (1, None, None, None)
    assert not cls.has_extension("a")
    with pytest.raises(InvalidValueError, match=f"{cls.__name__} has no custom attribute 'a'"):
        cls.remove_extension("a")


@pytest.mark.parametrize("cls", CLASSES)
def test_a_taken_name(cls):
    cls.set_extension("taken", default=1)
    with pytest.raises(InvalidValueError, match=f"{cls.__name__} has a custom attribute 'taken' already.*force=True"):
        cls.set_extension("taken", default=2)
    cls.set_extension("taken", default=2, force=True)
    assert cls.get_extension("taken")[0] == 2


@pytest.mark.parametrize("cls", CLASSES)
def test_an_unknown_name(cls, doc):
    cls.set_extension("colour", default=1)
    obj = of(cls, doc)
    with pytest.raises(InvalidAttributeError, match=rf"{cls.__name__} has no custom attribute 'color'.*'colour'"):
        _ = obj._.color
    with pytest.raises(AttributeError, match="'color'"):
        obj._.color = 1
    assert not hasattr(obj._, "color")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({}, "exactly one of `default`, `method` and `getter`.*found none"),
        ({"default": 1, "getter": len}, "found default and getter"),
        ({"default": 1, "setter": print}, "`setter` needs a `getter` too"),
        ({"getter": 3}, "`getter` of a custom attribute must be callable, but found 3"),
        ({"method": 3}, "`method` of a custom attribute must be callable"),
        ({"getter": len, "setter": 3}, "`setter` of a custom attribute must be callable"),
        ({"defualt": 3}, "no option 'defualt'"),
    ],
)
def test_options_that_do_not_go_together(options, message):
    with pytest.raises(InvalidValueError, match=message):
        Doc.set_extension("x", **options)


def test_a_default_of_none_counts_as_one():
    Doc.set_extension("nothing", default=None)
    assert Doc.get_extension("nothing") == (None, None, None, None)


def test_what_can_be_written():
    assert is_writable_attr((None, None, None, None))
    assert is_writable_attr((1, None, None, None))
    assert is_writable_attr((None, None, len, print))
    assert not is_writable_attr((None, None, len, None))
    assert not is_writable_attr((None, len, None, None))


def test_the_state_goes_to_another_process():
    Token.set_extension("sent", default=1)
    state = Underscore.get_state()
    Underscore.load_state(({}, {}, {}))
    assert not Token.has_extension("sent")
    Underscore.load_state(state)
    assert Token.has_extension("sent")


@pytest.fixture
def source():
    """A source that registers `late` for all three, and counts how often it is asked."""
    asked = []

    def register():
        asked.append(1)
        for cls in CLASSES:
            assert not cls.has_extension("late"), "asking while it answers finds what is there"
            cls.set_extension("late", default=1)

    ask_for_more(register)
    yield asked
    ask_for_more(None)


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize(
    "miss",
    [
        lambda cls, obj: obj._.late,
        lambda cls, obj: setattr(obj._, "late", 2),
        lambda cls, obj: obj._.has("late"),
        lambda cls, obj: cls.has_extension("late"),
        lambda cls, obj: cls.get_extension("late"),
        lambda cls, obj: cls.remove_extension("late"),
    ],
)
def test_a_source_is_asked_once_for_what_is_missed(cls, miss, doc, source):
    cls.set_extension("early", default=0)
    assert of(cls, doc)._.early == 0
    assert source == []
    assert miss(cls, of(cls, doc)) not in (False, ())
    assert source == [1]
    assert not cls.has_extension("later")
    with pytest.raises(InvalidAttributeError, match="no custom attribute 'later'"):
        of(cls, doc)._.later  # noqa: B018
    assert source == [1]


def test_a_source_that_fails_is_asked_again(doc):
    def fail():
        raise RuntimeError("not today")

    ask_for_more(fail)
    try:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="not today"):
                Doc.has_extension("late")
    finally:
        ask_for_more(None)


def test_threads_wait_for_the_source(doc):
    started = threading.Event()

    def slow():
        started.set()
        time.sleep(0.05)
        Doc.set_extension("late", default=1)

    ask_for_more(slow)
    try:
        with ThreadPoolExecutor(8) as pool:
            assert list(pool.map(lambda _: doc._.late, range(8))) == [1] * 8
        assert started.is_set()
    finally:
        ask_for_more(None)
