"""Examples and their annotations; corpora, batchers and augmenters of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

_IOB = "spanwright_tokens.tokens.iob"
_EXAMPLE = "spanwright_tokens.tokens.example"

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "Alignment": "spanwright_tokens.tokens:Alignment",
        "Example": "spanwright_tokens.tokens:Example",
        "validate_examples": f"{_EXAMPLE}:validate_examples",
        "validate_get_examples": f"{_EXAMPLE}:validate_get_examples",
        "biluo_tags_to_offsets": f"{_IOB}:biluo_tags_to_offsets",
        "biluo_tags_to_spans": f"{_IOB}:biluo_tags_to_spans",
        "biluo_to_iob": f"{_IOB}:biluo_to_iob",
        "iob_to_biluo": f"{_IOB}:iob_to_biluo",
        "offsets_to_biluo_tags": f"{_IOB}:offsets_to_biluo_tags",
        "remove_bilu_prefix": f"{_IOB}:remove_bilu_prefix",
        "split_bilu_label": f"{_IOB}:split_bilu_label",
        "tags_to_entities": f"{_IOB}:tags_to_entities",
        "Corpus": "readers:spacy.Corpus.v1",
        "JsonlCorpus": "readers:spacy.JsonlCorpus.v1",
        "PlainTextCorpus": "readers:spacy.PlainTextCorpus.v1",
        "minibatch_by_words": "batchers:spacy.batch_by_words.v1",
        "minibatch_by_padded_size": "batchers:spacy.batch_by_padded.v1",
        "orth_variants_augmenter": "augmenters:spacy.orth_variants.v1",
    },
)
