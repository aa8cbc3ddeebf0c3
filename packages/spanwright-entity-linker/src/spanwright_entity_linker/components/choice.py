"""Candidates of a Doc's mentions, and the best of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidTypeError, InvalidValueError, PipelineError
from spanwright_tokens.vocab.vectors import to_numpy

from ..knowledge_base import Candidate, get_candidates

if TYPE_CHECKING:
    from spanwright.tokens import Span

    from .learning import LinkLearner


def look_up(linker: LinkLearner, mentions: Sequence[Span]) -> list[list[Any]]:
    """The candidates of each of a Doc's mentions: one question for all of them, wherever the settings allow it.

    The settings are spaCy's: a function for one mention, asked if `candidates_batch_size` is 1, and one for several.
    """
    if linker.candidates_batch_size > 1:
        found = linker.get_candidates_batch(linker.kb, mentions)
    elif linker.get_candidates is get_candidates and hasattr(linker.kb, "get_candidates_batch"):
        found = linker.kb.get_candidates_batch(mentions)
    else:
        found = [linker.get_candidates(linker.kb, mention) for mention in mentions]
    candidates = [_listed(of_mention, linker.name) for of_mention in _listed(found, linker.name)]
    if len(candidates) != len(mentions):
        raise InvalidValueError(
            f"Component '{linker.name}' asked for the candidates of {len(mentions)} mentions, and got "
            f"{len(candidates)} lists. get_candidates_batch must give one for each mention, if only an empty one."
        )
    return candidates


def _listed(found: Any, component: str) -> list[Any]:
    if not isinstance(found, Iterable):
        raise InvalidTypeError(
            f"Component '{component}' asked for candidates, and got {type(found).__name__}. A mention without "
            f"candidates has an empty list."
        )
    return list(found)


def best(
    candidates: Sequence[Any],
    vector: numpy.ndarray | None,
    incl_prior: bool,
    threshold: float | None,
    *,
    component: str,
) -> Any:
    """The candidate with the highest score, the first of equals; None if its score is below the threshold.

    vector: That of the mention's context; None leaves it out.
    incl_prior: Whether prior probabilities count.

    With p the prior probability (or 0) and s the cosine similarity of the vectors, the score is p + s - p * s.
    """
    scores = numpy.asarray([candidate.prior_prob if incl_prior else 0.0 for candidate in candidates], dtype="float64")
    if vector is not None:
        rows = [numpy.asarray(_vector(candidate), dtype="float64") for candidate in candidates]
        wrong = next((row for row in rows if row.shape != vector.shape), None)
        if wrong is not None:
            raise PipelineError(
                f"The model of component '{component}' gives vectors of width {len(vector)}, and the knowledge base "
                f"has vectors of width {'x'.join(map(str, wrong.shape))}. Initialize the component with it."
            )
        matrix = numpy.stack(rows)
        scores = scores + (1 - scores) * _cosines(matrix, vector.astype("float64"))
    # What is no number, such as a score from a damaged vector, is less than any other.
    scores = numpy.where(numpy.isnan(scores), -numpy.inf, scores)
    place = int(scores.argmax())
    return candidates[place] if threshold is None or scores[place] >= threshold else None


def _vector(candidate: Any) -> Any:
    return candidate._vector if type(candidate) is Candidate else to_numpy(candidate.entity_vector)


def _cosines(matrix: numpy.ndarray, vector: numpy.ndarray) -> numpy.ndarray:
    """Cosine of the vector and each row; 0 where either is zero."""
    lengths = numpy.linalg.norm(matrix, axis=1) * numpy.linalg.norm(vector)
    return (matrix @ vector) / numpy.where(lengths == 0, 1.0, lengths)
