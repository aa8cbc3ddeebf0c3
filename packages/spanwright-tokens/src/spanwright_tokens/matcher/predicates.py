"""What a pattern asks beyond equality: REGEX, FUZZY, sets and comparisons, each judged once for each distinct value."""

from __future__ import annotations

import operator
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..attrs import IDS
from ..errors import InvalidValueError, SpanwrightWarning, nearest

COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
SETS = ("IN", "NOT_IN", "IS_SUBSET", "IS_SUPERSET", "INTERSECTS")
FUZZY = ("FUZZY", *(f"FUZZY{distance}" for distance in range(1, 10)))
KNOWN = ("REGEX", *FUZZY, *SETS, *COMPARISONS)
MORPH = IDS["MORPH"]


@dataclass(frozen=True)
class Predicate:
    """A test of one attribute's value; predicates with the same `identity` give the same answers."""

    attr: int | str
    is_extension: bool
    identity: tuple[Any, ...]
    # value of the attribute -> bool: ids and numbers for token attributes, any object for extension attributes
    test: Callable[[Any], bool] = field(compare=False, repr=False)


def check_predicates(asked: Mapping[Any, Any], *, is_extension: bool = False) -> Iterator[str]:
    """The problems of a dict such as `{"REGEX": "^a"}` in words. Unknown names are left to `compile_predicates`."""
    for name, value in asked.items():
        kind = name.upper() if isinstance(name, str) else name
        if kind == "REGEX" or kind in FUZZY:
            if isinstance(value, Mapping):
                for inner, items in value.items():
                    yield from (f"{name}: {problem}" for problem in _check_items(inner, items))
                    if kind == "REGEX" and _is_collection(items):
                        yield from (
                            f"{name}: {problem}" for item in items for problem in _check_text(inner, item, True)
                        )
            else:
                yield from _check_text(name, value, kind == "REGEX")
        elif kind in SETS:
            yield from _check_items(name, value)
        elif kind in COMPARISONS and not is_extension and not _is_number(value):
            yield f"{name} compares numbers, found {value!r}"


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _is_collection(value: Any) -> bool:
    return isinstance(value, Iterable) and not isinstance(value, (str, bytes, Mapping))


def _check_items(name: Any, items: Any) -> Iterator[str]:
    if not _is_collection(items):
        yield f"{name}: expected a list, found {items!r}"


def _check_text(name: Any, text: Any, is_regex: bool) -> Iterator[str]:
    if is_regex and isinstance(text, re.Pattern):
        return
    if not isinstance(text, str):
        yield f"{name}: expected a text, found {text!r}"
    elif is_regex:
        try:
            re.compile(text)
        except re.error as error:
            yield f"{name}: {text!r} is no regular expression: {error}"


def compile_predicates(
    attr: int | str,
    asked: Mapping[str, Any],
    vocab: Any,
    fuzzy_compare: Callable[..., bool],
    *,
    is_extension: bool = False,
    within: tuple[str, int] | None = None,
) -> list[Predicate]:
    """The predicates of a dict such as `{"REGEX": {"IN": [...]}}`.

    within: the operator that holds this dict, "REGEX" or "FUZZY", and the edit distance of the latter.
    """
    found: list[Predicate] = []
    for name, value in asked.items():
        kind = name.upper()
        if kind not in KNOWN:
            text = f"Unknown predicate {name!r} in {dict(asked)!r} is ignored.{nearest(kind, KNOWN)}"
            warnings.warn(text, SpanwrightWarning, stacklevel=2)
            continue
        if isinstance(value, Mapping) and (kind == "REGEX" or kind in FUZZY):
            outer = ("REGEX", -1) if kind == "REGEX" else ("FUZZY", distance(kind))
            found += compile_predicates(attr, value, vocab, fuzzy_compare, is_extension=is_extension, within=outer)
            continue
        test = make_test(attr, kind, value, vocab, fuzzy_compare, within, is_extension)
        identity = (attr, is_extension, kind, within, repr(value), id(fuzzy_compare))
        found.append(Predicate(attr, is_extension, identity, test))
    return found


def distance(kind: str) -> int:
    """The edit distance that FUZZY3 allows; -1 for FUZZY alone."""
    return int(kind[len("FUZZY") :] or -1)


def make_test(
    attr: int | str,
    kind: str,
    wanted: Any,
    vocab: Any,
    fuzzy_compare: Callable[..., bool],
    within: tuple[str, int] | None,
    is_extension: bool,
) -> Callable[[Any], bool]:
    """The function that judges a value."""
    text = (lambda value: value) if is_extension else vocab.strings.__getitem__
    if kind == "REGEX":
        search = re.compile(wanted).search
        return lambda value: search(text(value)) is not None
    if kind in FUZZY:
        most = distance(kind)
        return lambda value: text(value) == wanted or bool(fuzzy_compare(text(value), wanted, most))
    if kind in COMPARISONS:
        compare = COMPARISONS[kind]
        if not is_extension and not _is_number(wanted):
            raise InvalidValueError(f"{kind} compares numbers, found {wanted!r}")
        return lambda value: bool(compare(value, wanted))
    if kind in ("IN", "NOT_IN"):
        return membership_test(kind == "IN", attr, wanted, vocab, fuzzy_compare, within)
    return set_test(kind, attr, wanted, vocab)


def membership_test(
    inside: bool,
    attr: int | str,
    wanted: Iterable[Any],
    vocab: Any,
    fuzzy_compare: Callable[..., bool],
    within: tuple[str, int] | None,
) -> Callable[[Any], bool]:
    """IN and NOT_IN, plain or inside REGEX or FUZZY."""
    as_text = lambda value: value if isinstance(value, str) else vocab.strings[value]  # noqa: E731
    if within is not None and within[0] == "REGEX":
        searches = [re.compile(item).search for item in wanted]
        return lambda value: is_id(value) and any(search(as_text(value)) for search in searches) == inside
    if within is not None:
        items = list(wanted)
        return lambda value: (
            is_id(value) and any(fuzzy_compare(as_text(value), item, within[1]) for item in items) == inside
        )
    ids = {morph_id(item, vocab) if attr == MORPH else item_id(item, vocab) for item in wanted}
    return lambda value: is_id(value) and (item_id(value, vocab) in ids) == inside


def set_test(kind: str, attr: int | str, wanted: Iterable[Any], vocab: Any) -> Callable[[Any], bool]:
    """IS_SUBSET, IS_SUPERSET and INTERSECTS; a morphological analysis is the set of its features."""
    ids = {morph_id(item, vocab) if attr == MORPH else item_id(item, vocab) for item in wanted}
    relation: Callable[[set[Any]], bool]
    if kind == "IS_SUBSET":
        relation = ids.issuperset
    elif kind == "IS_SUPERSET":
        relation = ids.issubset
    else:
        relation = lambda values: not ids.isdisjoint(values)  # noqa: E731

    def test(value: Any) -> bool:
        if attr == MORPH:
            features = vocab.strings[value]
            values = {item_id(feature, vocab) for feature in features.split("|") if feature not in ("", "_")}
        elif is_id(value):
            values = {item_id(value, vocab)}
        elif isinstance(value, Iterable):
            items = list(value)
            if not all(map(is_id, items)):
                return False
            values = {item_id(item, vocab) for item in items}
        else:
            return False
        return relation(values)

    return test


def is_id(value: Any) -> bool:
    """Whether a value is a string, or an integer that may stand for one."""
    return isinstance(value, (str, int))


def item_id(value: Any, vocab: Any) -> int:
    """The id of a string; an integer is its own."""
    return vocab.strings.as_int(value) if isinstance(value, str) else value


def morph_id(value: Any, vocab: Any) -> int:
    """The id of a morphological analysis in its normal form."""
    return int(vocab.morphology.add(value))
