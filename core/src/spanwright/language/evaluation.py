"""Scores of a pipeline on annotated examples."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from time import perf_counter
from typing import Any

from spanwright_tokens.tokens import Example

from .training import _owned, take_predictions


class Evaluation:
    """The method of `Language` that scores it."""

    batch_size: int
    make_doc: Callable[[str], Any]
    pipe: Callable[..., Iterator[Any]]

    def evaluate(
        self,
        examples: Iterable[Example],
        *,
        batch_size: int | None = None,
        scorer: Any = None,
        component_cfg: Mapping[str, Mapping[str, Any]] | None = None,
        scorer_cfg: Mapping[str, Any] | None = None,
        per_component: bool = False,
    ) -> dict[str, Any]:
        """Annotate the predicted Docs of examples (copies of them) and score them against the references.

        examples: What to score on.
        batch_size: As in `nlp.pipe`.
        scorer: A Scorer of your own; by default one of this pipeline.
        component_cfg: Extra arguments of components, by name.
        scorer_cfg: Arguments of the Scorer that is made.
        per_component: Return a dict of scores for each component.

        Returns the scores, with "speed" in words a second (tokenizing included).
        """
        batch = _owned(examples, "nlp.evaluate")
        if scorer is None:
            from ..scorer import Scorer

            scorer = Scorer(**{"nlp": self, **(scorer_cfg or {})})
        start = perf_counter()
        for example in batch:
            self.make_doc(example.reference.text)  # the predicted Docs have their tokens: this is for the clock
        docs = self.pipe((eg.predicted for eg in batch), batch_size=batch_size, component_cfg=component_cfg)
        take_predictions(batch, docs)
        seconds = perf_counter() - start
        results = scorer.score(batch, per_component=per_component)
        results["speed"] = sum(len(eg.predicted) for eg in batch) / seconds
        return _plain_numbers(results)


def _plain_numbers(value: Any) -> Any:
    """NumPy's numbers as Python's, at any depth."""
    if isinstance(value, dict):
        return {key: _plain_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain_numbers(inner) for inner in value]
    return value.item() if hasattr(value, "item") and getattr(value, "shape", None) == () else value
