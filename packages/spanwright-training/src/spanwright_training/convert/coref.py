"""Coreference in the layout of CoNLL-2012."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from spanwright.tokens import Doc, Span

from .blocks import new_vocab
from .problems import Problems

BEGIN, END = "#begin document", "#end document"
MARK = re.compile(r"(\()?([0-9]+)(\))?\Z")
LEAST_COLUMNS = 5  # document, part, token, word, coreference


@dataclass
class CorefDocument:
    """Words of a document, sentence starts, and the mentions (first token, token after the last) of each cluster."""

    line: int
    words: list[str] = field(default_factory=list)
    sent_starts: list[bool] = field(default_factory=list)
    clusters: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    # Cluster -> places where its mentions were opened, with their lines; the last to open is the first to close.
    opened: dict[int, list[tuple[int, int]]] = field(default_factory=dict)


def coref_to_docs(
    input_data: str,
    *,
    prefix: str = "coref_clusters",
    singletons: bool = False,
    source: str = "CoNLL-2012",
    vocab: Any = None,
    **_: Any,
) -> Iterator[Doc]:
    """Read coreference in the layout of CoNLL-2012: a Doc for each `#begin document`.

    input_data: The text of the file: the word in the fourth column, and mentions in the last, as `(3`, `3)`, `(3)`,
        several with | between; `-`, `_` or nothing where none begins or ends. Empty lines end sentences.
    prefix: Clusters go to `doc.spans[f"{prefix}_1"]` and so on, in the order of their first mentions.
    singletons: Keep clusters with one mention.
    source: What to call the text in errors.
    vocab: Vocabulary of the Docs; by default a new one.

    Spaces between words are not known. Raises ConversionError (a ValueError), which names each faulty line: too few
    columns, a mark that is none, a mention that is closed and was not opened, or the reverse.
    """
    problems = Problems(source)
    documents = list(_documents(input_data, problems))
    problems.check()
    vocab = new_vocab(vocab)
    for document in documents:
        doc = Doc(vocab, words=document.words, sent_starts=document.sent_starts)
        kept = [sorted(cluster) for cluster in document.clusters.values() if singletons or len(cluster) > 1]
        for number, cluster in enumerate(sorted(kept), start=1):
            doc.spans[f"{prefix}_{number}"] = [Span(doc, start, stop) for start, stop in cluster]
        yield doc


def _documents(text: str, problems: Problems) -> Iterator[CorefDocument]:
    document: CorefDocument | None = None
    starts = True
    number = 0
    for number, line in enumerate(text.split("\n"), start=1):
        if line.startswith((END, BEGIN)):
            if document is not None and document.words:
                _close(document, problems)
                yield document
            document = CorefDocument(number) if line.startswith(BEGIN) else None
            starts = True
        elif not line.strip():
            starts = True
        elif not line.startswith("#"):
            document = document or CorefDocument(number)
            _add_token(document, line.rstrip("\r"), number, starts, problems)
            starts = False
    if document is not None and document.words:
        _close(document, problems)
        yield document


def _add_token(document: CorefDocument, line: str, number: int, starts: bool, problems: Problems) -> None:
    columns = line.split("\t") if "\t" in line else line.split()
    if len(columns) < LEAST_COLUMNS:
        problems.add(
            number, f"expected columns with the word as the fourth and coreference as the last, found {len(columns)}."
        )
        return
    place = len(document.words)
    document.words.append(columns[3])
    document.sent_starts.append(starts)
    marks = columns[-1].strip()
    for mark in marks.split("|") if marks not in ("", "-", "_") else []:
        found = MARK.match(mark)
        if not found or not (found[1] or found[3]):
            problems.add(number, f"expected coreference as (3, 3) or (3), found '{mark}'.")
            continue
        cluster = int(found[2])
        if found[1]:
            document.opened.setdefault(cluster, []).append((place, number))
        if found[3]:
            if not document.opened.get(cluster):
                problems.add(number, f"a mention of cluster {cluster} ends here, and none was begun.")
                continue
            start, _ = document.opened[cluster].pop()
            document.clusters.setdefault(cluster, []).append((start, place + 1))


def _close(document: CorefDocument, problems: Problems) -> None:
    for cluster, places in document.opened.items():
        for _, number in places:
            problems.add(number, f"a mention of cluster {cluster} begins here, and has no end in its document.")
