"""Morphological analyses; they live in the distribution spanwright-tokens."""

from spanwright_tokens.vocab import MorphAnalysis, Morphology

__all__ = ["MorphAnalysis", "Morphology"]
