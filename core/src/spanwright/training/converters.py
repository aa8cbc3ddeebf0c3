"""Converters of the installed training plugin: a text in some format in, Docs out."""

from __future__ import annotations

from .._lookup import plugin_names

_CONVERT = "spanwright_training.convert"

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "conllu_to_docs": f"{_CONVERT}:conllu_to_docs",
        "conll_ner_to_docs": f"{_CONVERT}:conll_ner_to_docs",
        "iob_to_docs": f"{_CONVERT}:iob_to_docs",
        "json_to_docs": f"{_CONVERT}:json_to_docs",
        "jsonl_to_docs": f"{_CONVERT}:jsonl_to_docs",
        "coref_to_docs": f"{_CONVERT}:coref_to_docs",
        "nested_to_docs": f"{_CONVERT}:nested_to_docs",
    },
)
