"""Conversions of entity tags, at the place where programs also look for them."""

from spanwright_tokens.tokens.iob import (
    biluo_tags_from_offsets,
    biluo_tags_to_offsets,
    biluo_tags_to_spans,
    biluo_to_iob,
    doc_to_biluo_tags,
    iob_to_biluo,
    offsets_from_biluo_tags,
    offsets_to_biluo_tags,
    remove_bilu_prefix,
    spans_from_biluo_tags,
    split_bilu_label,
    tags_to_entities,
)

__all__ = [
    "biluo_tags_from_offsets",
    "biluo_tags_to_offsets",
    "biluo_tags_to_spans",
    "biluo_to_iob",
    "doc_to_biluo_tags",
    "iob_to_biluo",
    "offsets_from_biluo_tags",
    "offsets_to_biluo_tags",
    "remove_bilu_prefix",
    "spans_from_biluo_tags",
    "split_bilu_label",
    "tags_to_entities",
]
