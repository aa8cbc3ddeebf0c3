"""Nested entities: one token a line, and a column of tags for each level of nesting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from spanwright.tokens import Doc, Span

from .blocks import Line, blocks, groups, new_vocab
from .problems import Problems
from .tagged import TAG, entities_of, map_label


def nested_to_docs(
    input_data: str,
    n_sents: int = 1,
    *,
    ner_map: Mapping[str, str] | None = None,
    spans_key: str = "sc",
    source: str = "nested entities",
    vocab: Any = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read nested entities: a word and an IOB2 tag for each level, separated by tabs; empty lines end sentences.

    input_data: The text of the file, as LitBank writes it.
    n_sents: Sentences in a Doc; 0 puts all in one.
    ner_map: Label in the file -> label to use; "" drops the span.
    spans_key: Key of `doc.spans` that the spans go to. A span that two levels have with the same label is counted
        once.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default a new one.

    Spaces between words are not known. Raises ConversionError (a ValueError), which names each faulty line: one with
    fewer columns than the sentence's first, or a tag that is none.
    """
    problems = Problems(source)
    sentences = [_rows(block, problems) for block in blocks(input_data)]
    problems.check()
    vocab = new_vocab(vocab)
    for group in groups(sentences, n_sents):
        words = [row[0] for rows in group for row in rows]
        starts = [i == 0 for rows in group for i in range(len(rows))]
        doc = Doc(vocab, words=words, sent_starts=starts)
        found: dict[tuple[int, int, str], None] = {}
        offset = 0
        for rows in group:
            for level in range(1, len(rows[0])):
                for start, stop, label in entities_of([row[level] for row in rows]):
                    if mapped := map_label(label, ner_map):
                        found[(offset + start, offset + stop, mapped)] = None
            offset += len(rows)
        doc.spans[spans_key] = [Span(doc, start, stop, label=label) for start, stop, label in sorted(found)]
        yield doc


def _rows(block: list[Line], problems: Problems) -> list[list[str]]:
    rows: list[list[str]] = []
    for number, line in block:
        columns = line.rstrip("\t ").split("\t")
        expected = len(rows[0]) if rows else max(2, len(columns))
        wrong = [tag for tag in columns[1:] if not TAG.match(tag)]
        if len(columns) != expected:
            problems.add(
                number, f"expected {expected} columns (a word and its tags) with tabs between, found {len(columns)}."
            )
        elif wrong:
            problems.add(number, f"a tag must be O or a prefix and a label (B-PER), found '{wrong[0]}'.")
        else:
            rows.append(columns)
    return rows
