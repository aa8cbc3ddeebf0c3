"""Alignment of two tokenizations, at the place where programs also look for it."""

from spanwright_tokens.tokens.alignment import Alignment, AlignmentArray

__all__ = ["Alignment", "AlignmentArray"]
