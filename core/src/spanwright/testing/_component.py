"""Checks of a registered component."""

from __future__ import annotations

import math
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ._numbers import ConformanceError
from ._samples import sample_docs, sample_examples

# What is compared of two annotated Docs, besides entities, categories and spans.
COLUMNS = ("TAG", "POS", "MORPH", "DEP", "HEAD", "SENT_START")


def check_component(
    factory: str,
    *,
    config: Mapping[str, Any] | None = None,
    lang: str = "xx",
    before: Sequence[str | tuple[str, Mapping[str, Any]]] = (),
    initialize: bool = True,
    steps: int = 2,
) -> None:
    """Check a component in a pipeline. Raises ConformanceError with what was expected and found.

    It must be made from its factory, initialise and train on samples (if it is trainable), annotate empty and other
    Docs the same way alone and in batches, score, and come back equal from bytes, from disk, from a pickle, and from
    the pipeline's config.

    factory: Registered name.
    config: Settings of the component.
    lang: Language of the pipeline.
    before: Components that it needs before it: factories, or pairs of a factory and its settings.
    initialize: Initialise the pipeline on samples.
    steps: Training steps to take.
    """
    from ..language import blank

    nlp = blank(lang)
    for item in before:
        other, settings = (item, {}) if isinstance(item, str) else item
        nlp.add_pipe(other, config=dict(settings))
    pipe = nlp.add_pipe(factory, config=dict(config or {}))
    examples = sample_examples(nlp)
    if initialize:
        nlp.initialize(lambda: examples)
    trainable = getattr(pipe, "is_trainable", False)
    if callable(trainable):
        trainable = trainable()
    if trainable:
        _trains(nlp, factory, examples, steps)
    answers = _annotates(nlp, factory)
    _scores(nlp, factory, examples)
    _comes_back(nlp, factory, answers)


def _fail(factory: str, text: str) -> None:
    raise ConformanceError(f"component '{factory}': {text}")


def _trains(nlp: Any, factory: str, examples: list[Any], steps: int) -> None:
    for _ in range(steps):
        losses: dict[str, float] = {}
        nlp.update(examples, losses=losses)
        if not losses or not all(math.isfinite(float(loss)) for loss in losses.values()):
            _fail(factory, f"an update reports the losses {losses}; expected finite numbers.")
    nlp.update([], losses={})


def _annotates(nlp: Any, factory: str) -> list[Any]:
    if list(nlp.pipe([])):
        _fail(factory, "an empty stream gives Docs.")
    lengths = (0, 5, 1, 0, 8)
    together = [annotation(doc) for doc in nlp.pipe(sample_docs(lengths, vocab=nlp.vocab), batch_size=3)]
    if len(together) != len(lengths):
        _fail(factory, f"{len(lengths)} Docs went in, and {len(together)} came out.")
    alone = [annotation(nlp(doc)) for doc in sample_docs(lengths, vocab=nlp.vocab)]
    if alone != together:
        _fail(factory, f"Docs alone are annotated otherwise than in a batch: {first_difference(alone, together)}.")
    return together


def annotation(doc: Any) -> dict[str, Any]:
    """What a component may have set on a Doc, as plain values."""
    return {
        "columns": doc.to_array(list(COLUMNS)).tolist() if len(doc) else [],
        "ents": [(ent.start, ent.end, ent.label_) for ent in doc.ents],
        "spans": {key: [(span.start, span.end, span.label_) for span in group] for key, group in doc.spans.items()},
        "cats": {key: round(float(value), 4) for key, value in doc.cats.items()},
        "lemmas": [token.lemma_ for token in doc],
    }


def first_difference(one: list[Any], other: list[Any]) -> str:
    """Where two lists of annotations differ first."""
    for number, (left, right) in enumerate(zip(one, other, strict=True)):
        for key in left:
            if left[key] != right[key]:
                return f"Doc {number}, {key}: {left[key]} and {right[key]}"
    return "nowhere"


def _scores(nlp: Any, factory: str, examples: list[Any]) -> None:
    scores = nlp.evaluate(examples)
    if not isinstance(scores, Mapping):
        _fail(factory, f"scoring gives a {type(scores).__name__}; expected a dict.")


def _comes_back(nlp: Any, factory: str, answers: list[Any]) -> None:
    from ..language import load

    cls = type(nlp)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "pipeline"
        nlp.to_disk(path)
        ways = {
            "from disk": load(path),
            "from bytes": cls.from_config(nlp.config).from_bytes(nlp.to_bytes()),
            "from a pickle": pickle.loads(pickle.dumps(nlp)),
        }
    for way, twin in ways.items():
        if twin.pipe_names != nlp.pipe_names:
            _fail(factory, f"a pipeline {way} has the components {twin.pipe_names}; expected {nlp.pipe_names}.")
        docs = twin.pipe(sample_docs((0, 5, 1, 0, 8), vocab=twin.vocab), batch_size=3)
        found = [annotation(doc) for doc in docs]
        if found != answers:
            _fail(factory, f"a pipeline {way} annotates otherwise: {first_difference(answers, found)}.")
