"""The attributes that a component says it sets or needs ("doc.tensor", "token.tag", "span._.topic")."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ..errors import PipelineError


@lru_cache(maxsize=1)
def _owners() -> dict[str, Any]:
    from spanwright_tokens.tokens import Doc, Span, Token

    return {"doc": Doc, "token": Token, "span": Span}


def validate_attrs(values: Iterable[str]) -> list[str]:
    """Check the attributes of a factory's `assigns` or `requires`, and return them as a list.

    values: Names such as "doc.ents", "token.pos" or "token._.is_city". Extension attributes need not exist yet.
    Raises PipelineError (a ValueError) for an unknown object or attribute, a nested attribute, a string form
    such as "token.pos_", or a built-in attribute of Span (a slice of a Doc holds none of its own).
    """
    checked = list(values)
    for value in checked:
        problem = _problem(value)
        if problem:
            raise PipelineError(f"'{value}' cannot stand in `assigns` or `requires`: {problem}")
    return checked


def _problem(value: str) -> str | None:
    owner, _, rest = value.partition(".")
    owners = _owners()
    if owner not in owners:
        return f"'{owner}' is not an object of the pipeline. Begin with 'doc.', 'token.' or 'span._.'."
    if not rest or rest == "_":
        return "an attribute is missing after it, as in 'token.pos' or 'doc._.topic'."
    if rest.startswith("_."):
        name, _, deeper = rest[2:].partition(".")
        return f"name the extension attribute alone, '{owner}._.{name}'." if deeper else None
    if owner == "span":
        return (
            "a Span only has extension attributes of its own ('span._.topic'); name the Doc's or the Token's attribute."
        )
    name, _, deeper = rest.partition(".")
    if deeper:
        return f"name the attribute alone, '{owner}.{name}'."
    if name.endswith("_"):
        return f"name the attribute without the underscore, '{owner}.{name[:-1]}'."
    if not hasattr(owners[owner], name):
        from spanwright_tokens.errors import nearest

        names = [attr for attr in dir(owners[owner]) if not attr.startswith("_")]
        return f"{owners[owner].__name__} has no attribute '{name}'.{nearest(name, names)}"
    return None
