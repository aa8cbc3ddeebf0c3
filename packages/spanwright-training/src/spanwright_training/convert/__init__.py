"""Annotated files in the formats of the field, read as Docs, and written as `.spacy` files.

convert("en_ewt-ud-train.conllu", "corpus", n_sents=10)
for doc in conllu_to_docs(text, n_sents=10): ...
"""

from __future__ import annotations

from .api import convert
from .conllu import conllu_to_docs
from .coref import coref_to_docs
from .formats import CONVERTERS, converters
from .jsonl import jsonl_to_docs
from .nested import nested_to_docs
from .problems import ConversionError
from .spacy_json import docs_to_json, json_to_docs
from .tagged import conll_ner_to_docs, iob_to_docs

__all__ = [
    "CONVERTERS", "ConversionError", "conll_ner_to_docs", "conllu_to_docs", "convert", "converters", "coref_to_docs",
    "docs_to_json", "iob_to_docs", "json_to_docs", "jsonl_to_docs", "nested_to_docs",
]  # fmt: skip
