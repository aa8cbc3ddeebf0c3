"""spacy.Tokenizer.v1: the rule-driven tokenizer with a language's rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any


def Tokenizer_v1() -> Callable[[Any], Any]:
    """spacy.Tokenizer.v1: a function that makes the tokenizer of a pipeline from the rules in `nlp.Defaults`."""
    return make_tokenizer


# Set while a pipeline is made whose folder has the tokenizer's rules: a language's own would be read in vain.
_rules_follow: ContextVar[bool] = ContextVar("spanwright_rules_follow", default=False)


@contextmanager
def rules_follow(follow: bool) -> Iterator[None]:
    """Make tokenizers without rules in a `with` block: they will be loaded."""
    token = _rules_follow.set(follow)
    try:
        yield
    finally:
        _rules_follow.reset(token)


def make_tokenizer(nlp: Any) -> Any:
    """The tokenizer that a language's defaults describe."""
    from spanwright_tokens.tokenizer import Tokenizer

    if _rules_follow.get():
        return Tokenizer(nlp.vocab)
    rules = nlp.Defaults
    prefix, suffix, infix = rules.prefixes, rules.suffixes, rules.infixes
    return Tokenizer(
        nlp.vocab,
        rules=rules.tokenizer_exceptions,
        prefix_search=_any_of(prefix, head="^") if prefix else None,
        suffix_search=_any_of(suffix, tail="$") if suffix else None,
        infix_finditer=_any_of(infix) if infix else None,
        token_match=rules.token_match,
        url_match=rules.url_match,
    )


def _any_of(rules: Iterable[Any], head: str = "", tail: str = "") -> str:
    # The tokenizer compiles it when it is first needed; a pipeline that is loaded replaces it before.
    texts = (rule.pattern if hasattr(rule, "pattern") else rule for rule in rules)
    return "|".join(f"{head}{text}{tail}" for text in texts if text.strip())
