"""spacy.Tokenizer.v1: the rule-driven tokenizer with a language's rules."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any


def Tokenizer_v1() -> Callable[[Any], Any]:
    """spacy.Tokenizer.v1: a function that makes the tokenizer of a pipeline from the rules in `nlp.Defaults`."""
    return make_tokenizer


def make_tokenizer(nlp: Any) -> Any:
    """The tokenizer that a language's defaults describe."""
    from spanwright_tokens.tokenizer import Tokenizer

    rules = nlp.Defaults
    prefix, suffix, infix = rules.prefixes, rules.suffixes, rules.infixes
    return Tokenizer(
        nlp.vocab,
        rules=rules.tokenizer_exceptions,
        prefix_search=_any_of(prefix, head="^").search if prefix else None,
        suffix_search=_any_of(suffix, tail="$").search if suffix else None,
        infix_finditer=_any_of(infix).finditer if infix else None,
        token_match=rules.token_match,
        url_match=rules.url_match,
    )


def _any_of(rules: Iterable[Any], head: str = "", tail: str = "") -> re.Pattern[str]:
    texts = (rule.pattern if hasattr(rule, "pattern") else rule for rule in rules)
    return re.compile("|".join(f"{head}{text}{tail}" for text in texts if text.strip()))
