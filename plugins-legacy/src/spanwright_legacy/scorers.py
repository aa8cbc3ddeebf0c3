"""The first versions of scorers. Core counts as they did; here are the names by which old configs ask for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def textcat_scorer_v1() -> Callable[..., dict[str, Any]]:
    """spacy-legacy.textcat_scorer.v1: exclusive labels; the threshold applies and labels of other components count."""
    from spanwright.registry import get

    return get("scorers", "spacy.textcat_scorer.v1")()


def textcat_multilabel_scorer_v1() -> Callable[..., dict[str, Any]]:
    """spacy-legacy.textcat_multilabel_scorer.v1: labels that may co-occur; labels of other components count too."""
    from spanwright.registry import get

    return get("scorers", "spacy.textcat_multilabel_scorer.v1")()
