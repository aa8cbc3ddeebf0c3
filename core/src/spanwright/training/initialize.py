"""Pipelines made ready for training, by the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "init_nlp": "spanwright_training.initialize:init_nlp",
        "convert_vectors": "spanwright_training.word_vectors.convert:convert_vectors",
    },
)
