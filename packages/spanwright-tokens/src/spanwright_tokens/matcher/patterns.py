"""Token patterns as users write them, checked and compiled to what is asked of each token."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple, TypeVar

import numpy as np

from ..attrs import IDS, IOB_STRINGS
from ..errors import InvalidTypeError, InvalidValueError, MissingKeyError, SpanwrightError, nearest
from .predicates import Predicate, check_predicates, compile_predicates

ONE, OPTIONAL, REPEATED = 0, 1, 2

STRING_KEYS = frozenset("ORTH TEXT LOWER POS TAG MORPH DEP LEMMA SHAPE ENT_TYPE ENT_IOB ENT_ID ENT_KB_ID NORM".split())
FLAG_KEYS = frozenset(
    "SPACY IS_ALPHA IS_ASCII IS_DIGIT IS_LOWER IS_UPPER IS_TITLE IS_PUNCT IS_SPACE IS_BRACKET IS_QUOTE IS_LEFT_PUNCT "
    "IS_RIGHT_PUNCT IS_CURRENCY IS_STOP IS_SENT_START SENT_START LIKE_NUM LIKE_URL LIKE_EMAIL".split()
)
# What patterns call attributes -> ids.
ATTRIBUTES = {**IDS, "TEXT": IDS["ORTH"], "IS_SENT_START": IDS["SENT_START"]}
ENT_IOB = IDS["ENT_IOB"]
OTHER_KEYS = frozenset({"LENGTH", "OP", "_"})
KEYS = STRING_KEYS | FLAG_KEYS | OTHER_KEYS
SIMPLE_OPERATORS: dict[str, tuple[int, ...]] = {
    "1": (ONE,),
    "!": (ONE,),
    "?": (OPTIONAL,),
    "*": (REPEATED,),
    "+": (ONE, REPEATED),
}
OPERATORS_TEXT = "!, ?, +, *, {n}, {n,m}, {n,} or {,m} with n <= m"
MOST_REPEATS = 1000  # Each is a place of the pattern, which is looked at for every token where a match may begin.


class MatchPatternError(SpanwrightError, ValueError):
    """A pattern that cannot be matched, with every problem that was found in it.

    where: Where the pattern stands, if that is known: the text begins with it.
    place: Of many rules that were added together, which is the wrong one.
    """

    place: int | None = None

    def __init__(self, key: object, problems: Mapping[int, Sequence[str]], *, where: str = "") -> None:
        self.key = key
        self.problems = problems
        lines = [f"{where}: invalid token patterns for {key!r}:" if where else f"Invalid token patterns for {key!r}:"]
        lines += [f"  pattern {number}: {problem}" for number, found in problems.items() for problem in found]
        super().__init__("\n".join(lines))


class UnknownRuleError(MissingKeyError, InvalidValueError):
    """A matcher has no patterns under this key."""


class TokenSpec(NamedTuple):
    """All that one place of a pattern asks of a token; equal specs are evaluated once."""

    equal: tuple[tuple[int, int], ...] = ()
    predicates: tuple[Predicate, ...] = ()
    extensions: tuple[tuple[str, Any], ...] = ()
    negated: bool = False


class Pattern(NamedTuple):
    """A compiled pattern: at each place a spec, how often it may match, and which token of the source it came from."""

    key: int
    specs: tuple[TokenSpec, ...]
    quantifiers: tuple[int, ...]
    source: tuple[int, ...]


def expand_operator(op: str) -> tuple[int, ...]:
    """How often a token may match, as a sequence of places.

    Raises MatchPatternError's cause, a ValueError, for an operator that does not exist.
    """
    if op in SIMPLE_OPERATORS:
        return SIMPLE_OPERATORS[op]
    bounds = re.fullmatch(r"\{(?:(?P<exact>\d+)|(?P<low>\d*),(?P<high>\d*))\}", op)
    if bounds and (bounds["exact"] or bounds["low"] or bounds["high"]):
        if any(number and int(number) > MOST_REPEATS for number in bounds.groups()):
            raise ValueError(f"the operator {op!r} repeats more than {MOST_REPEATS} times; use {{n,}}, + or * instead")
        low = int(bounds["exact"] or bounds["low"] or 0)
        if not bounds["exact"] and not bounds["high"]:
            return (ONE,) * low + (REPEATED,)
        high = int(bounds["exact"] or bounds["high"])
        if low <= high:
            return (ONE,) * low + (OPTIONAL,) * (high - low)
    raise ValueError(f"unknown operator {op!r} for OP; expected {OPERATORS_TEXT}")


def check_pattern(pattern: object) -> list[str]:
    """Every problem of one pattern in words; empty if there is none."""
    if not isinstance(pattern, list):
        return [f"expected a list of dicts, one for each token, found {type(pattern).__name__}: {pattern!r}"]
    if not pattern:
        return ["the pattern is empty: it needs at least one token"]
    problems = []
    for position, spec in enumerate(pattern):
        if not isinstance(spec, dict):
            problems.append(f"token {position}: expected a dict of attributes, found {spec!r}")
            continue
        problems += [
            f"token {position}: {problem}" for key, value in spec.items() for problem in check_entry(key, value)
        ]
    return problems


def check_entry(key: object, value: object) -> Iterable[str]:
    """The problems of one attribute of a token."""
    name = key.upper() if isinstance(key, str) else key
    if name not in KEYS:
        yield f"unknown attribute {key!r}.{nearest(str(key).upper(), sorted(KEYS))}"
    elif value is None:
        yield f"{key}: None is not allowed; leave the attribute out instead"
    elif name == "OP":
        try:
            expand_operator(value if isinstance(value, str) else repr(value))
        except ValueError as error:
            yield str(error)
    elif name == "_":
        if not isinstance(value, dict):
            yield f"_: expected a dict of extension attributes, found {value!r}"
            return
        for extension, wanted in value.items():
            if isinstance(wanted, dict):
                yield from (f"_.{extension}: {problem}" for problem in check_predicates(wanted, is_extension=True))
    elif isinstance(value, dict):
        if name in FLAG_KEYS:
            yield f"{key}: expected True or False, found {value!r}"
        else:
            yield from (f"{key}: {problem}" for problem in check_predicates(value))
    elif name in FLAG_KEYS and not isinstance(value, bool):
        yield f"{key}: expected True or False, found {value!r}"
    elif name == "ENT_IOB":
        if value not in (*IOB_STRINGS, *range(len(IOB_STRINGS))) or isinstance(value, bool):
            yield f"{key}: expected one of '', 'I', 'O', 'B' or 0 to 3, found {value!r}"
    elif name in STRING_KEYS and not isinstance(value, str):
        yield f"{key}: expected a string or a dict such as {{'IN': [...]}}, found {value!r}"
    elif name == "LENGTH" and (isinstance(value, bool) or not isinstance(value, (int, float))):
        yield f"{key}: expected a number or a dict such as {{'>=': 3}}, found {value!r}"


_Compiled = TypeVar("_Compiled")


def compile_all(
    key: object,
    patterns: Iterable[Any],
    compile_one: Callable[[Any], _Compiled],
    check: Callable[[Any], list[str]] = check_pattern,
) -> list[_Compiled]:
    """All patterns compiled. Raises MatchPatternError with what is wrong with each that cannot be, checked or not."""
    compiled, problems = [], {}
    for number, pattern in enumerate(patterns):
        try:
            compiled.append(compile_one(pattern))
        except (AttributeError, KeyError, TypeError, ValueError, re.error) as error:
            problems[number] = check(pattern) or [str(error)]
    if problems:
        raise MatchPatternError(key, problems)
    return compiled


def as_key(key: object, vocab: Any) -> int:
    """The id of a key; a string becomes permanent. Raises InvalidTypeError for what is neither string nor id."""
    if isinstance(key, str):
        return int(vocab.strings.add(key))
    if isinstance(key, bool) or not isinstance(key, (int, np.integer)):
        raise InvalidTypeError(f"the key of patterns must be a string or its id, found {key!r}")
    return int(key)


def compile_pattern(
    key: int, pattern: Sequence[Mapping[Any, Any]], vocab: Any, fuzzy_compare: Callable[..., bool]
) -> Pattern:
    """Turn a checked pattern into specs and quantifiers; strings that it names become permanent."""
    specs: list[TokenSpec] = []
    operators: list[str] = []
    for position, entries in enumerate(pattern):
        try:
            spec, op = compile_token(entries, vocab, fuzzy_compare)
        except (SpanwrightError, re.error) as error:
            raise InvalidValueError(f"token {position}: {error}") from None
        specs.append(spec)
        operators.append(op)
    quantifiers, source = expand_operators(tuple(operators))
    return Pattern(key, tuple([specs[position] for position in source]), quantifiers, source)


@lru_cache(maxsize=1024)
def expand_operators(operators: tuple[str, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The quantifiers of all places that tokens with these operators need, and for each place its token."""
    places = [expand_operator(op) for op in operators]
    source = tuple(position for position, group in enumerate(places) for _ in group)
    return tuple(quantifier for group in places for quantifier in group), source


def compile_token(entries: Mapping[Any, Any], vocab: Any, fuzzy_compare: Callable[..., bool]) -> tuple[TokenSpec, str]:
    """The spec and the operator of one token of a pattern."""
    equal: list[tuple[int, int]] = []
    predicates: list[Predicate] = []
    extensions: list[tuple[str, Any]] = []
    op = "1"
    for key, value in entries.items():
        name = key.upper() if isinstance(key, str) else key
        if name == "OP":
            op = value
        elif name == "_":
            for extension, wanted in value.items():
                if isinstance(wanted, dict):
                    predicates += compile_predicates(extension, wanted, vocab, fuzzy_compare, is_extension=True)
                else:
                    extensions.append((extension, _hashable(extension, wanted)))
        else:
            attr = name if isinstance(name, int) else ATTRIBUTES[name]
            if isinstance(value, dict):
                predicates += compile_predicates(attr, value, vocab, fuzzy_compare)
            else:
                equal.append((attr, attribute_value(attr, value, vocab)))
    return TokenSpec(tuple(equal), tuple(predicates), tuple(extensions), op == "!"), op


def _hashable(extension: str, wanted: Any) -> Any:
    """What an extension attribute is to be. Equal specs are found by their hash."""
    wanted = tuple(wanted) if isinstance(wanted, list) else wanted
    try:
        hash(wanted)
    except TypeError:
        raise InvalidTypeError(
            f"_: {extension}: expected a text, a number, another constant or a list of them, found {wanted!r}"
        ) from None
    return wanted


def attribute_value(attr: int, value: Any, vocab: Any) -> int:
    """The integer that a token's column has to hold."""
    if isinstance(value, str):
        if attr == ENT_IOB and value in IOB_STRINGS:
            return IOB_STRINGS.index(value)
        return vocab.strings.add(value)
    return int(value)
