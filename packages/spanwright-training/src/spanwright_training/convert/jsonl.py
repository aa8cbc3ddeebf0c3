"""Texts with annotation, a JSON object a line, as annotation tools write them."""

from __future__ import annotations

import itertools
import json
import warnings
from collections.abc import Iterator, Mapping
from typing import Any

from spanwright.errors import InvalidValueError, SpanwrightWarning
from spanwright.tokens import Doc, Span

from .problems import Problems
from .tagged import map_label

MODES = ("strict", "contract", "expand")


class _FaultError(Exception):
    """A record that cannot be read."""


def jsonl_to_docs(
    input_data: str,
    *,
    lang: str | None = None,
    ner_map: Mapping[str, str] | None = None,
    spans_key: str | None = None,
    alignment_mode: str = "strict",
    one_sentence: bool = False,
    source: str = "JSONL",
    vocab: Any = None,
    model: str | None = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read JSONL: objects with "text" and "entities", "spans" or "cats"; also what Prodigy writes.

    input_data: The text of the file, with one object a line:
        "entities": [[start, end, label], ...] in characters, or "spans": [{"start", "end", "label", "kb_id"}, ...]:
        become entities; tokens outside of them are gold "no entity", also where the list is empty.
        "spans": {key: [[start, end, label], ...], ...}: span groups.
        "cats": {label: number or bool, ...}.
        "accept": [id], beside a single span: the knowledge base id of that span.
        "answer": "reject" or "ignore": the record is left out.
    lang: Language of the tokenizer; by default the neutral rules ("xx").
    ner_map: Label in the file -> label to use; "*" stands for all others, and "" drops a span.
    spans_key: Put "spans" in this group of `doc.spans` instead, where they may overlap.
    alignment_mode: For offsets that are not token boundaries: "strict" reports them, "contract" shrinks the span to
        the tokens within it, "expand" widens it to all tokens that it touches.
    one_sentence: Mark each text as a single sentence.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default the tokenizer's.
    model: Pipeline whose tokenizer to use instead of that of `lang`.

    Raises ConversionError (a ValueError), which names each faulty line: no JSON, no text, offsets outside of the text
    or not at token boundaries, overlapping entities, categories that are no numbers.
    """
    if alignment_mode not in MODES:
        raise InvalidValueError(f"alignment_mode must be one of {', '.join(MODES)}, found '{alignment_mode}'.")
    nlp = _tokenizer(lang, model, vocab)
    problems = Problems(source)
    docs = []
    left_out = 0
    for number, line in enumerate(input_data.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            record = _record(line)
            if record.get("answer", "accept") == "accept":
                docs.append(_make_doc(nlp, record, ner_map, spans_key, alignment_mode, one_sentence))
            else:
                left_out += 1
        except _FaultError as fault:
            problems.add(number, str(fault))
    problems.check()
    if left_out:
        text = f"{source}: {left_out} records are left out, as their answer is not 'accept'."
        warnings.warn(text, SpanwrightWarning, stacklevel=2)
    yield from docs


def _tokenizer(lang: str | None, model: str | None, vocab: Any) -> Any:
    from spanwright.language import blank, load

    if model:
        return load(model)
    return blank(lang or "xx", vocab=vocab) if vocab is not None else blank(lang or "xx")


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError as error:
        raise _FaultError(f"this line is no JSON: {error}.") from None
    if not isinstance(record, dict):
        raise _FaultError(f"expected a JSON object, found {type(record).__name__}.")
    if not isinstance(record.get("text"), str):
        raise _FaultError(f'expected an object with a "text", found {", ".join(sorted(record)) or "an empty one"}.')
    return record


def _make_doc(
    nlp: Any,
    record: dict[str, Any],
    ner_map: Mapping[str, str] | None,
    spans_key: str | None,
    mode: str,
    one_sentence: bool,
) -> Doc:
    doc: Doc = nlp.make_doc(record["text"])
    grouped = record.get("spans")
    if isinstance(grouped, dict):
        for key, items in grouped.items():
            doc.spans[key] = _spans(doc, items, ner_map, mode)
        grouped = None
    given = [items for items in (record.get("entities"), grouped) if items is not None]
    if given:
        spans = _spans(doc, [item for items in given for item in _listed(items)], ner_map, mode)
        _link(spans, record.get("accept"))
        if spans_key is None:
            _set_entities(doc, spans)
        else:
            doc.spans[spans_key] = spans
    doc.cats = _cats(record.get("cats"))
    if one_sentence:
        for token in doc:
            token.is_sent_start = token.i == 0
    return doc


def _listed(items: Any) -> list[Any]:
    if not isinstance(items, list):
        raise _FaultError(f'"entities" and "spans" must be lists, found {type(items).__name__}.')
    return items


def _spans(doc: Doc, items: Any, ner_map: Mapping[str, str] | None, mode: str) -> list[Span]:
    spans = []
    for item in _listed(items):
        start, end, label, kb_id = _offsets(item)
        if not 0 <= start < end <= len(doc.text):
            raise _FaultError(
                f"the span {start} to {end} ({label}) does not lie in the text of {len(doc.text)} characters."
            )
        label = map_label(label, ner_map)
        if not label:
            continue
        span = doc.char_span(start, end, label=label, kb_id=kb_id, alignment_mode=mode)
        if span is None and mode == "contract":
            continue
        if span is None:
            wide = doc.char_span(start, end, alignment_mode="expand")
            tokens = ", ".join(repr(token.text) for token in wide) if wide is not None else "none"
            raise _FaultError(
                f"the span {start} to {end} ('{doc.text[start:end]}', {label}) does not fall on token boundaries; the "
                f'tokens there: {tokens}. Mend the offsets, or use the alignment mode "contract" or "expand".'
            )
        spans.append(span)
    return spans


def _offsets(item: Any) -> tuple[int, int, str, str]:
    if isinstance(item, dict):
        item = [item.get("start"), item.get("end"), item.get("label", ""), item.get("kb_id", "")]
    if isinstance(item, list) and 3 <= len(item) <= 4:
        start, end, label, kb_id = (*item, "")[:4]
        if type(start) is int and type(end) is int and isinstance(label, str):
            return start, end, label, str(kb_id or "")
    raise _FaultError(f"a span must be [start, end, label] or an object with these, found {json.dumps(item)}.")


def _link(spans: list[Span], accepted: Any) -> None:
    if isinstance(accepted, list) and len(accepted) == 1 and len(spans) == 1:
        spans[0].kb_id_ = str(accepted[0])


def _set_entities(doc: Doc, spans: list[Span]) -> None:
    ordered = sorted(spans, key=lambda span: (span.start, span.end))
    for one, other in itertools.pairwise(ordered):
        if other.start < one.end:
            raise _FaultError(
                f"the entities '{one.text}' ({one.label_}) and '{other.text}' ({other.label_}) overlap. Put them in a "
                "span group: --spans-key sc."
            )
    doc.set_ents(ordered)


def _cats(cats: Any) -> dict[str, float]:
    if cats is None:
        return {}
    if not isinstance(cats, dict) or not all(isinstance(value, (int, float)) for value in cats.values()):
        raise _FaultError('"cats" must be an object of labels and numbers: {"SPORT": 1.0, "ARTS": 0.0}.')
    return {label: float(value) for label, value in cats.items()}
