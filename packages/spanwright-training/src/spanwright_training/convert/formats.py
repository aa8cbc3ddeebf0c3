"""Which converter reads which file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from spanwright.errors import InvalidValueError
from spanwright.registry import nearest

# Name -> "module:function". Files are recognised by their suffix, and by their content where several formats share it.
CONVERTERS = {
    "conllu": "spanwright_training.convert.conllu:conllu_to_docs",
    "conllubio": "spanwright_training.convert.conllu:conllu_to_docs",
    "conll": "spanwright_training.convert.tagged:conll_ner_to_docs",
    "ner": "spanwright_training.convert.tagged:conll_ner_to_docs",
    "iob": "spanwright_training.convert.tagged:iob_to_docs",
    "json": "spanwright_training.convert.spacy_json:json_to_docs",
    "jsonl": "spanwright_training.convert.jsonl:jsonl_to_docs",
    "coref": "spanwright_training.convert.coref:coref_to_docs",
    "nested": "spanwright_training.convert.nested:nested_to_docs",
}
AUTO = "auto"
SHARED_SUFFIXES = ("conll", "ner", "iob", "tsv", "txt", "bio")
LINES_LOOKED_AT = 20
IOB_LINE = re.compile(r"\S+\|(?:O|[BILUES]-\S+)")
NER_LINE = re.compile(r"\S+\s+(?:\S+\s+)*(?:O|[BILUES]-\S+)\s*\Z")
NESTED_LINE = re.compile(r"[^\t]+(?:\t(?:O|[BI]-\S+)){2,}\t?\Z")


def converters() -> dict[str, str]:
    """All converters by name: ours, and those that plugins announce with the hook `converters`."""
    from spanwright.plugins import get_plugins

    announced: dict[str, str] = {}
    for found in get_plugins().hook.converters():
        announced.update(found)
    return {**announced, **CONVERTERS}


def get_converter(name: str) -> Callable[..., Iterator[Any]]:
    """The function of a converter. Raises InvalidValueError (a ValueError) for an unknown name, naming the nearest."""
    known: Mapping[str, str] = CONVERTERS if name in CONVERTERS else converters()
    if name not in known:
        close = nearest(name, known, limit=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        raise InvalidValueError(f"There is no converter '{name}'.{hint} There are: {', '.join(sorted(known))}.")
    module, _, function = known[name].partition(":")
    converter: Callable[..., Iterator[Any]] = getattr(import_module(module), function)
    return converter


def detect(path: Path, text: str) -> str:
    """The name of the converter for a file: by its suffix, or its first lines.

    Raises InvalidValueError (a ValueError) for a file that no converter is known for.
    """
    suffix = path.suffix[1:].lower()
    if suffix in SHARED_SUFFIXES:
        found = _by_content(text)
        if found:
            return found
        if suffix in CONVERTERS:
            return suffix
    elif suffix in converters():
        return suffix
    raise InvalidValueError(
        f"{path}: the format can't be told from the suffix '{path.suffix}' or the first lines. Name it: --converter "
        f"{'|'.join(sorted(set(converters()) - {'conllubio', 'ner'}))}"
    )


def _by_content(text: str) -> str | None:
    lines = [line for line in text[:100_000].split("\n")[:LINES_LOOKED_AT] if line.strip()]
    if lines and lines[0].startswith("#begin document"):
        return "coref"
    tokens = [line for line in lines if not line.startswith(("-DOCSTART-", "#"))]
    if tokens and all(NESTED_LINE.match(line.rstrip("\r")) for line in tokens):
        return "nested"
    iob = sum(bool(IOB_LINE.search(line)) for line in tokens)
    ner = sum(bool(NER_LINE.match(line)) for line in tokens)
    if bool(iob) != bool(ner):
        return "iob" if iob else "ner"
    return None
