"""Whether a value of a config fits an annotation, decided without pydantic and without calling anything."""

from __future__ import annotations

import collections.abc as abc
import inspect
import types
from collections.abc import Mapping
from dataclasses import is_dataclass
from enum import Enum
from pathlib import PurePath
from typing import Annotated, Any, ForwardRef, Literal, TypeVar, Union, get_args, get_origin


class Promised:
    """Stands for what a block that names a function will return: it fits every annotation until it is there."""

    def __repr__(self) -> str:
        return "the result of a function"


PROMISED = Promised()


class Model:
    """Stands for thinc's Model in functions that import it for type checkers only: anything that no config can hold."""


_WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false", type(None): "null"}
# pydantic's constrained types are known by name, so that pydantic need not be there.
_BASES = (bool, int, float, str)


def fits(value: Any, annotation: Any) -> bool:
    """Whether a value fits an annotation. What cannot be judged fits."""
    if annotation is Any or annotation is inspect.Parameter.empty or isinstance(value, Promised):
        return True
    if annotation is None or annotation is type(None):
        return value is None
    if isinstance(annotation, (str, ForwardRef)):
        return True
    if isinstance(annotation, TypeVar):
        return _fits_variable(value, annotation)
    origin = get_origin(annotation)
    if origin is not None:
        return _fits_generic(value, origin, get_args(annotation), annotation)
    if hasattr(annotation, "__supertype__"):  # NewType
        return fits(value, annotation.__supertype__)
    return _fits_class(value, annotation) if isinstance(annotation, type) else True


def _fits_variable(value: Any, annotation: TypeVar) -> bool:
    if annotation.__constraints__:
        return any(fits(value, constraint) for constraint in annotation.__constraints__)
    return annotation.__bound__ is None or fits(value, annotation.__bound__)


def _fits_generic(value: Any, origin: Any, args: tuple[Any, ...], annotation: Any) -> bool:
    if origin is Union or origin is types.UnionType:
        return any(fits(value, arg) for arg in args)
    if origin is Literal:
        return any(type(value) is type(arg) and value == arg for arg in args)
    if origin is Annotated:
        return fits(value, args[0])
    if origin is type:
        return isinstance(value, type)
    if origin is abc.Callable:
        return callable(value)
    if isinstance(value, abc.Iterator):
        # Looking into a generator would use it up.
        return not isinstance(origin, type) or issubclass(origin, abc.Iterable)
    if origin is tuple:
        return _fits_tuple(value, args)
    if isinstance(origin, type) and issubclass(origin, abc.Mapping):
        if not isinstance(value, abc.Mapping):
            return False
        keys, values = args if len(args) == 2 else (Any, Any)
        return all(fits(key, keys) and fits(inner, values) for key, inner in value.items())
    if isinstance(origin, type) and issubclass(origin, (abc.Collection, abc.Sequence)):
        return _fits_collection(value, origin, args)
    return _is_instance(value, origin)


def _fits_tuple(value: Any, args: tuple[Any, ...]) -> bool:
    # JSON has no tuples: a list stands for one.
    if not isinstance(value, (list, tuple)):
        return False
    if len(args) == 2 and args[1] is Ellipsis:
        return all(fits(inner, args[0]) for inner in value)
    return not args or (len(args) == len(value) and all(map(fits, value, args)))


def _fits_collection(value: Any, origin: type, args: tuple[Any, ...]) -> bool:
    if isinstance(value, (str, bytes)):
        return False
    # JSON has only lists: one stands for any collection that is not a mapping.
    if not isinstance(value, (list, tuple)) and not _is_instance(value, origin):
        return False
    return not args or all(fits(inner, args[0]) for inner in value)


def _fits_class(value: Any, annotation: type) -> bool:
    if annotation is object or isinstance(value, abc.Iterator):
        return annotation is object or not issubclass(annotation, _BASES)
    if annotation is Model:
        return not isinstance(value, (str, int, float, list, tuple, Mapping, type(None)))
    if annotation is bool:
        return isinstance(value, bool)
    if issubclass(annotation, Enum):
        return isinstance(value, annotation) or any(value == member.value for member in annotation)
    if issubclass(annotation, PurePath):
        return isinstance(value, (str, PurePath))
    for base in _BASES:
        if annotation is base:
            return _fits_base(value, base)
        if issubclass(annotation, base):
            return isinstance(value, annotation) or (_fits_base(value, base) and _fits_name(value, annotation.__name__))
    if annotation in (list, tuple, set, frozenset) and isinstance(value, (list, tuple)):
        return True
    if _is_instance(value, annotation):
        return True
    if is_dataclass(annotation) or hasattr(annotation, "model_fields") or hasattr(annotation, "__fields__"):
        return isinstance(value, Mapping)
    # Types that bring a validator of their own (arrays of thinc, for instance) are not judged here; any name of a
    # pydantic type that derives from no built-in type is.
    if hasattr(annotation, "__get_validators__") or hasattr(annotation, "__get_pydantic_core_schema__"):
        return _fits_foreign(value, annotation.__name__)
    return _fits_foreign(value, annotation.__name__) if annotation.__name__.startswith("Strict") else False


def _fits_base(value: Any, base: type) -> bool:
    if base is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if base is int:
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, base)


def _fits_name(value: Any, name: str) -> bool:
    """The limits that the name of a constrained type states (PositiveInt, NonNegativeFloat)."""
    limits = {
        "Positive": lambda number: number > 0,
        "NonNegative": lambda number: number >= 0,
        "Negative": lambda number: number < 0,
        "NonPositive": lambda number: number <= 0,
    }
    for prefix, holds in limits.items():
        if name.startswith(prefix) and isinstance(value, (int, float)):
            return holds(value)
    return True


def _fits_foreign(value: Any, name: str) -> bool:
    for base in _BASES:
        if name.lower().endswith(base.__name__):
            return _fits_base(value, base) and _fits_name(value, name)
    return True


def _is_instance(value: Any, kind: Any) -> bool:
    try:
        return isinstance(value, kind)
    except TypeError:  # a protocol that is not checked at run time
        return True


def describe(annotation: Any) -> str:
    """An annotation in words, for messages."""
    if annotation in _WORDS:
        return _WORDS[annotation]
    origin, args = get_origin(annotation), get_args(annotation)
    if origin is Union or origin is types.UnionType:
        rest = [arg for arg in args if arg is not type(None)]
        words = list(dict.fromkeys(describe(arg) for arg in rest))
        return " or ".join([*words, *(["null"] if len(rest) < len(args) else [])])
    if origin is Literal:
        return f"one of {', '.join(repr(arg) for arg in args)}"
    if origin is Annotated:
        return describe(args[0])
    if origin is abc.Callable or annotation is abc.Callable:
        return "a function (a block that names one with @)"
    if isinstance(origin, type):
        return _describe_generic(origin, args)
    if isinstance(annotation, type):
        if issubclass(annotation, PurePath):
            return "a path"
        if issubclass(annotation, Enum):
            return f"one of {', '.join(repr(member.value) for member in annotation)}"
        if issubclass(annotation, (list, tuple, set, frozenset)):
            return "a list"
        if issubclass(annotation, dict):
            return "a block"
        if issubclass(annotation, _BASES):
            return annotation.__name__
        return f"a {annotation.__name__} (a block that names a function with @)"
    return str(annotation).replace("typing.", "")


def _describe_generic(origin: type, args: tuple[Any, ...]) -> str:
    if issubclass(origin, abc.Mapping):
        return f"a block from {describe(args[0])} to {describe(args[1])}" if len(args) == 2 else "a block"
    if issubclass(origin, abc.Iterable) and issubclass(origin, abc.Collection):
        inner = [arg for arg in args if arg is not Ellipsis]
        return f"a list of {_plural(describe(inner[0]))}" if inner else "a list"
    return f"a {origin.__name__} (a block that names a function with @)"


def _plural(words: str) -> str:
    return {"a whole number": "whole numbers", "a number": "numbers", "a text": "texts"}.get(words, f"({words})")
