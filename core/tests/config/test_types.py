"""Which values fit which annotations, however those are written."""

# The old spellings of typing are what is tested.
# ruff: noqa: UP006, UP007, UP035, UP045, E501

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Dict, Generic, List, Literal, NewType, Optional, Protocol, Tuple, TypeVar, Union

import pytest

from spanwright.config import describe, fits, read_signature

T = TypeVar("T")
Number = TypeVar("Number", int, float)
Bound = TypeVar("Bound", bound=str)
Name = NewType("Name", str)


class Box(Generic[T]):
    pass


class Draws(Protocol):
    def draw(self) -> None: ...


class Colour(Enum):
    red = "red"


class StrictInt(int):
    """Named as pydantic names its types."""


class PositiveInt(int):
    pass


class StrictBool:
    @classmethod
    def __get_validators__(cls) -> Iterable[Any]:
        return ()


class Model:
    model_fields: dict[str, Any] = {}


FITS = [
    (3, int), (3, float), (0.5, float), ("x", str), (True, bool), (None, None), ("x", Any), ("x", object),
    ("p", Path), (Path("p"), Path), ([1, 2], list[int]), ([1], list), ((1, 2), list[int]), ([], Sequence[str]),
    ({"a": 1}, dict[str, int]), ({"a": [1]}, Mapping[str, Sequence[int]]), ({}, dict), ([1, "a"], tuple[int, str]),
    ([1, 2, 3], tuple[int, ...]), (None, Optional[int]), (3, Optional[int]), ("a", Union[int, str]), (3, int | str),
    ("a", Literal["a", "b"]), (3, Annotated[int, "strict"]), (len, Callable[[str], int]), (len, Callable), (Box(), Box[int]),
    (Box(), Box), ([Box()], list[Box[int]]), ("n", Name), (2.5, Number), ("s", Bound), ("whatever", T), ("x", "Unknown"),
    (iter([1]), Iterable[int]), (iter([1]), list[int]), (iter([1]), Union[float, list[float]]), ("red", Colour),
    (Colour.red, Colour), (5, StrictInt), (5, PositiveInt), (True, StrictBool), ({"a": 1}, Model), (object(), Draws),
    (["NORM"], Union[list[str], Sequence[int]]), ([1], Iterable[int]), (int, type[int]), ({1}, set), ([1], set[int]),
    ([1, 2], List[int]), ({"a": 1}, Dict[str, int]), ([1, "a"], Tuple[int, str]), ({}, Dict), ([], List),
]  # fmt: skip

DOES_NOT_FIT = [
    ("3", int), (True, int), (0.5, int), (True, float), ("x", float), (3, str), (1, bool), ("true", bool), (3, None), (3, Path),
    (3, list[int]), ("ab", list[str]), (["a"], list[int]), ({"a": "x"}, dict[str, int]), ([1], dict[str, int]),
    ([1], tuple[int, str]), ([1, "x"], tuple[int, ...]), ("x", Optional[int]), (None, Union[int, str]), ("c", Literal["a", "b"]),
    (1, Literal[True]), ("x", Callable[[str], int]), ("x", Box[int]), ({}, Box), ([3], list[Box[int]]), ("blue", Colour), (3, Name),
    ("x", Number), (3, Bound), ("x", StrictInt), (True, StrictInt), (0, PositiveInt), (1, StrictBool), (3, Model), ("x", int | None),
    (3, List[int]), ("ab", List[str]), (["a"], Dict[str, int]), (["a", 1], Tuple[int, str]),
    (iter([1]), int), (3, Sequence[int]), (3, dict),
]  # fmt: skip


@pytest.mark.parametrize(("value", "annotation"), FITS)
def test_values_that_fit(value: Any, annotation: Any) -> None:
    assert fits(value, annotation)


@pytest.mark.parametrize(("value", "annotation"), DOES_NOT_FIT)
def test_values_that_do_not(value: Any, annotation: Any) -> None:
    assert not fits(value, annotation)


def test_models_of_thinc() -> None:
    from thinc.api import Linear, Model
    from thinc.types import Floats2d

    assert fits(Linear(), Model[Floats2d, Floats2d])
    assert fits(Linear(), Model[list[Any], Floats2d])
    assert fits(None, Optional[Model])
    assert not fits("x", Model[Floats2d, Floats2d])
    assert describe(Model[Floats2d, Floats2d]) == "a Model (a block that names a function with @)"


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (int, "a whole number"),
        (Optional[float], "a number or null"),
        (list[str], "a list of texts"),
        (Sequence[int | None], "a list of (a whole number or null)"),
        (dict[str, int], "a block from a text to a whole number"),
        (dict, "a block"),
        (Dict, "a block"),
        (List[str], "a list of texts"),
        (list, "a list"),
        (StrictInt, "StrictInt"),
        (Literal["a", 1], "one of 'a', 1"),
        (Annotated[bool, 1], "true or false"),
        (Callable[[int], int], "a function (a block that names one with @)"),
        (Path, "a path"),
        (Colour, "one of 'red'"),
        (Box[int], "a Box (a block that names a function with @)"),
        (tuple[int, ...], "a list of whole numbers"),
        (T, "~T"),
    ],
)
def test_words_for_annotations(annotation: Any, words: str) -> None:
    assert describe(annotation) == words


def test_string_annotations_are_evaluated_one_by_one() -> None:
    def func(a: list[int], b: "NotThere", *args: int, c: str | None = None, d: int = None, **more: Any) -> None:  # type: ignore  # noqa: F821, RUF013, UP037
        ...

    signature = read_signature(func)
    assert signature.parameters["a"].annotation == list[int]
    assert signature.parameters["b"].annotation is Any
    assert signature.parameters["b"].required
    assert signature.parameters["c"].default is None
    assert fits(None, signature.parameters["d"].annotation)
    assert signature.positional is int
    assert signature.open


def test_functions_without_annotations_accept_anything() -> None:
    signature = read_signature(lambda a, b=2: None)
    assert [(p.name, p.annotation, p.required) for p in signature.parameters.values()] == [
        ("a", Any, True),
        ("b", Any, False),
    ]


def test_functions_without_a_signature_accept_anything() -> None:
    assert read_signature(min).open


def test_partials_classes_and_wrapped_functions() -> None:
    def func(a: int, b: str) -> None: ...

    @functools.wraps(func)
    def wrapped(*args: Any, **kwargs: Any) -> None: ...

    class Made:
        def __init__(self, size: list[int]) -> None: ...

    assert list(read_signature(functools.partial(func, 1)).parameters) == ["b"]
    assert read_signature(wrapped).parameters["b"].annotation is str
    assert read_signature(Made).parameters["size"].annotation == list[int]


def test_compiled_functions() -> None:
    from spanwright_tokens.tokens import Doc

    signature = read_signature(Doc)
    assert signature.open or "vocab" in signature.parameters


def test_models_that_are_imported_for_type_checkers_only() -> None:
    function: dict[str, Any] = {}
    exec("from __future__ import annotations\ndef make(first: Model, second: Model | None = None): ...", function)
    parameters = read_signature(function["make"]).parameters
    for annotation in (parameters["first"].annotation, parameters["second"].annotation):
        assert not any(fits(value, annotation) for value in ("x", 5, [1], {"a": 1}))
        assert fits(object(), annotation)
        assert describe(annotation).startswith("a Model (a block that names a function with @)")
    assert fits(None, parameters["second"].annotation)
    assert not fits(None, parameters["first"].annotation)
