"""What is drawn of a Doc, as plain data that can be stored, changed and drawn later (`manual=True`)."""

from __future__ import annotations

import unicodedata
import warnings
from collections.abc import Mapping
from typing import Any

from ..errors import SpanwrightWarning
from .checks import filled


def parse_deps(orig_doc: Any, options: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The words and arcs of a Doc or Span.

    options: collapse_punct (True: punctuation joins the word before it), collapse_phrases (noun phrases become one
        word), fine_grained (tags instead of parts of speech), add_lemma.

    Returns {"words": [{"text", "tag", "lemma"}], "arcs": [{"start", "end", "label", "dir"}], "settings"}; the arrow of
    an arc is at `start` if `dir` is "left", else at `end`.
    """
    doc = orig_doc.as_doc() if hasattr(orig_doc, "as_doc") else orig_doc
    if not doc.has_annotation("DEP"):
        _warn("The Doc has no dependencies, so only words are drawn. Add a parser to the pipeline, or set token.dep_.")
    groups = _groups(doc, options)
    group_of = [number for number, (start, end, _) in enumerate(groups) for _ in range(start, end)]
    words, arcs = [], []
    for number, (start, end, first) in enumerate(groups):
        span = doc[start:end]
        main = span.root if end - start > 1 else doc[start]
        shown = main if first is None else doc[first]
        words.append(
            {
                "text": span.text,
                "tag": shown.tag_ if options.get("fine_grained") else shown.pos_,
                "lemma": shown.lemma_ if options.get("add_lemma") else None,
            }
        )
        head = group_of[main.head.i]
        if head != number:
            low, high = sorted((number, head))
            arcs.append({"start": low, "end": high, "label": main.dep_, "dir": "left" if number < head else "right"})
    return {"words": words, "arcs": arcs, "settings": get_doc_settings(doc)}


def _groups(doc: Any, options: Mapping[str, Any]) -> list[tuple[int, int, int | None]]:
    """(start, end, the token whose tag is shown) of the words that are drawn; None means their root."""
    starts: dict[int, int] = {}
    if options.get("collapse_phrases", False):
        starts = {chunk.start: chunk.end for chunk in doc.noun_chunks}
    groups: list[tuple[int, int, int | None]] = []
    at = 0
    while at < len(doc):
        end = max(starts.get(at, at + 1), at + 1)
        groups.append((at, end, None if end - at > 1 else at))
        at = end
    if not options.get("collapse_punct", True):
        return groups
    joined: list[tuple[int, int, int | None]] = []
    for start, end, first in groups:
        previous_is_punct = not joined or doc[joined[-1][0] : joined[-1][1]][0].is_punct
        if end - start == 1 and doc[start].is_punct and not previous_is_punct:
            joined[-1] = (joined[-1][0], end, joined[-1][2])
        else:
            joined.append((start, end, first))
    return joined


def parse_ents(doc: Any, options: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The entities of a Doc. options: kb_url_template, in which {} stands for the id in the knowledge base.

    Returns {"text", "ents": [{"start", "end", "label", "kb_id", "kb_url"}], "title", "settings"}; start and end are in
    characters. The title is `doc.user_data["title"]`.
    """
    ents = [_span(ent, options) for ent in doc.ents]
    if not ents:
        _warn("The Doc has no entities to draw. Add a component that sets them, or set doc.ents.")
    return {"text": doc.text, "ents": ents, "title": _title(doc), "settings": get_doc_settings(doc)}


def parse_spans(doc: Any, options: Mapping[str, Any] = {}) -> dict[str, Any]:
    """The spans of one of a Doc's groups. options: spans_key ("sc"), kb_url_template as for entities.

    Returns {"text", "spans": [{"start", "end", "start_token", "end_token", "label", "kb_id", "kb_url"}], "tokens",
    "title", "settings"}.
    """
    key = options.get("spans_key", "sc")
    group = doc.spans.get(key, ())
    spans = [{**_span(span, options), "start_token": span.start, "end_token": span.end} for span in group]
    if not spans:
        known = ", ".join(doc.spans) or "none"
        _warn(f"The Doc has no spans under '{key}' to draw. Its groups: {known}. Name one in options: spans_key.")
    return {
        "text": doc.text,
        "spans": spans,
        "title": _title(doc),
        "settings": get_doc_settings(doc),
        "tokens": [token.text for token in doc],
    }


def _span(span: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    template = options.get("kb_url_template")
    return {
        "start": span.start_char,
        "end": span.end_char,
        "label": span.label_,
        "kb_id": span.kb_id_ or "",
        "kb_url": filled("kb_url_template", template, span.kb_id_) if template else "#",
    }


def _title(doc: Any) -> Any:
    return doc.user_data.get("title")


def get_doc_settings(doc: Any) -> dict[str, str]:
    """Language and direction of writing. The direction is the language's; where that has no data, most letters'."""
    direction = (doc.vocab.writing_system or {}).get("direction", "ltr")
    return {"lang": doc.lang_, "direction": "rtl" if direction == "rtl" or _runs_left(doc.text) else "ltr"}


def _runs_left(text: str) -> bool:
    strong = [unicodedata.bidirectional(char) for char in text[:1000] if char.isalpha()]
    return 2 * sum(kind in ("R", "AL") for kind in strong) > len(strong)


def _warn(text: str) -> None:
    warnings.warn(text, SpanwrightWarning, stacklevel=4)
