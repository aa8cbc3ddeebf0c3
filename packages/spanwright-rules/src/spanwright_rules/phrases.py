"""What the rulers share: checking and adding rules, and making Docs of phrases with the components before the ruler."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

from spanwright.errors import DataFormatError, InvalidTypeError, InvalidValueError, SpanwrightError, SpanwrightWarning
from spanwright.language import Language
from spanwright_tokens.errors import nearest
from spanwright_tokens.matcher import MatchPatternError

from .rule_files import Lines

RULE_KEYS = ("label", "pattern", "id")


def check_rules(rules: Any, component: str) -> list[dict[str, Any]]:
    """The rules as a list.

    Raises InvalidValueError (a ValueError) that names the rule and the key for whatever is no rule.
    """
    if isinstance(rules, (str, bytes, Mapping)) or not isinstance(rules, Iterable):
        raise InvalidTypeError(f"Component '{component}': expected a list of patterns, found {type(rules).__name__}.")
    checked = []
    for number, rule in enumerate(_read(rules, component)):
        problem = _problem(rule)
        if problem:
            raise InvalidValueError(f"{place_of(rules, number, component)}: {problem}")
        checked.append(rule if isinstance(rule, dict) else dict(rule))
    return checked


def _problem(rule: Any) -> str | None:
    if not isinstance(rule, Mapping):
        return f"expected a dict with {', '.join(RULE_KEYS)}, found {rule!r}."
    for key in ("label", "pattern"):
        if key not in rule:
            return f"the key '{key}' is missing.{_misspelt(rule, key)}"
    if not isinstance(rule["label"], str):
        return f"the label must be a text, found {rule['label']!r}."
    if not isinstance(rule["pattern"], (str, list)):
        return f"a pattern is a phrase (a text) or a list of dicts, one for each token; found {rule['pattern']!r}."
    if not isinstance(rule.get("id"), (str, int, type(None))):
        return f"the id must be a text, found {rule['id']!r}."
    return None


def _read(rules: Iterable[Any], component: str) -> Iterator[Any]:
    """The rules; a reader of files, such as srsly.read_jsonl.v1, opens its file only now."""
    try:
        yield from rules
    except SpanwrightError:
        raise
    except (OSError, ValueError) as error:
        raise DataFormatError(f"Component '{component}': its patterns cannot be read. {error}") from error


def place_of(rules: Any, number: int, component: str) -> str:
    """Where a rule stands, as errors begin: file and line, or else the component and the number of the rule."""
    if isinstance(rules, Lines):
        return rules.place(number)
    return f"Component '{component}', pattern {number}"


class Added(NamedTuple):
    """Rules that a ruler was given: all, and by the matchers' keys those of tokens, and the Docs of phrases."""

    rules: list[dict[str, Any]]
    tokens: list[tuple[str, dict[str, Any]]]
    phrases: list[tuple[str, Any]]


def add_rules(nlp: Language, ruler: Any, patterns: Iterable[Any], key_of: Callable[[dict[str, Any]], str]) -> Added:
    """Give the patterns of rules to the matchers of a ruler, all or none.

    key_of: Gives the matchers' key of a rule.

    Raises InvalidValueError or MatchPatternError (both ValueErrors) that says where the first wrong rule stands.
    """
    rules = check_rules(patterns, ruler.name)

    def where(wrong: dict[str, Any]) -> str:
        return place_of(patterns, next(i for i, rule in enumerate(rules) if rule is wrong), ruler.name)

    phrases = [rule for rule in rules if isinstance(rule["pattern"], str)]
    docs = phrase_docs(nlp, ruler, [rule["pattern"] for rule in phrases])
    for rule, doc in zip(phrases, docs, strict=True):
        problem = ruler.phrase_matcher.lacks(doc)
        if problem:
            raise InvalidValueError(f"{where(rule)}: {problem}")
    tokens = [(key_of(rule), rule) for rule in rules if isinstance(rule["pattern"], list)]
    try:
        ruler.matcher.add_each((key, rule["pattern"]) for key, rule in tokens)
    except MatchPatternError as error:
        wrong = tokens[error.place or 0][1]
        raise MatchPatternError(wrong["label"], error.problems, where=where(wrong)) from None
    named = [(key_of(rule), doc) for rule, doc in zip(phrases, docs, strict=True)]
    for key, doc in named:
        ruler.phrase_matcher.add(key, [doc])
    return Added(rules, tokens, named)


def _misspelt(rule: Mapping[str, Any], key: str) -> str:
    unknown = [str(name) for name in rule if name not in RULE_KEYS]
    close = nearest(key, unknown) if unknown else ""
    return f" Found {unknown[0]!r} instead." if close and len(unknown) == 1 else f" Found: {sorted(map(str, rule))}."


@contextmanager
def before(nlp: Language, component: Any) -> Iterator[None]:
    """Without the component and those after it, which may not have been loaded or trained yet."""
    names = [name for name, pipe in nlp.pipeline]
    place = next((i for i, (_, pipe) in enumerate(nlp.pipeline) if pipe is component), None)
    # A component that is not in the pipeline yet has all of it before it, the last one left out, as in spaCy.
    off = names[place:] if place is not None else names[-1:]
    with nlp.select_pipes(disable=off):
        yield


def phrase_docs(nlp: Language, component: Any, texts: Sequence[str]) -> list[Any]:
    """Docs of phrases, as the components before a ruler annotate them."""
    if not texts:
        return []
    with before(nlp, component):
        return list(nlp.pipe(texts))


def warn_if_empty(component: Any) -> None:
    """Warn if a ruler has no patterns."""
    if len(component) == 0:
        warnings.warn(
            f"Component '{component.name}' has no patterns: it finds nothing. Add some with add_patterns, or name a "
            f"file of them in [initialize.components.{component.name}].",
            SpanwrightWarning,
            stacklevel=3,
        )
