"""Evaluation: the Scorer and the counts behind it. The registered scorers are in `spanwright.scorer.registered`."""

from .cats import UnknownLabelError
from .columns import MISSING_VALUES
from .prf import PRFScore, ROCAUCScore, ScoreError
from .scorer import DEFAULT_PIPELINE, Scorer
from .spans import get_ner_prf

__all__ = [
    "DEFAULT_PIPELINE",
    "MISSING_VALUES",
    "PRFScore",
    "ROCAUCScore",
    "ScoreError",
    "Scorer",
    "UnknownLabelError",
    "get_ner_prf",
]
