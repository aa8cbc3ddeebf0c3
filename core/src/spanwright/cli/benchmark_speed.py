"""Measure how many words a second a pipeline annotates, batch by batch.

spanwright benchmark speed en_core_web_sm dev.spacy --batch-size 128
"""

from __future__ import annotations

import random
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from time import perf_counter
from typing import Any

from ..errors import DataFormatError, MissingFileError
from ._output import progress
from ._setup import add_pipeline_arguments, load_pipeline
from .evaluate import read_examples

N_BATCHES, FEWEST_BATCHES, WARMUP, RESAMPLES = 50, 30, 3, 2000


@dataclass(frozen=True)
class Speed:
    """Words a second in batches.

    samples: One figure a batch. mean: Their mean. low, high: Its 95 % confidence interval, by resampling.
    outliers, extreme: Shares of batches more than 1.5 and 3 interquartile ranges from the middle half.
    """

    samples: tuple[float, ...]
    mean: float
    low: float
    high: float
    outliers: float
    extreme: float


def benchmark_speed(
    model: str | Path,
    data_path: str | Path,
    *,
    batch_size: int | None = None,
    shuffle: bool = True,
    n_batches: int = N_BATCHES,
    warmup_epochs: int = WARMUP,
    use_gpu: int = -1,
    nlp: Any = None,
) -> Speed:
    """Measure words a second in `nlp.pipe`, tokenizing excluded.

    model: Name or folder of the pipeline; `nlp`, if given, is used instead.
    data_path: .spacy file, or a folder that is searched for them.
    batch_size: Texts in a batch; by default the pipeline's.
    shuffle: Draw texts at random; else take them in order.
    n_batches: How many batches. Advised: at least 30.
    warmup_epochs: How often to annotate the data first.

    Raises MissingFileError (a FileNotFoundError), DataFormatError (a ValueError) if there are no Docs.
    """
    data = Path(data_path)
    if not data.exists():
        raise MissingFileError(f"There is no data {data}. Expected a .spacy file or a folder with them.")
    pipeline = nlp if nlp is not None else load_pipeline(model, gpu_id=use_gpu)
    texts = [example.reference.text for example in read_examples(pipeline, data)]
    if not texts:
        raise DataFormatError(f"{data} holds no Docs, so there is nothing to measure.")
    size = batch_size or pipeline.batch_size
    _annotate(pipeline, texts * warmup_epochs, size)
    count = n_batches * size
    chosen = random.choices(texts, k=count) if shuffle else [texts[i % len(texts)] for i in range(count)]
    return summarize(_annotate(pipeline, chosen, size))


def _annotate(nlp: Any, texts: list[str], size: int) -> list[float]:
    docs = nlp.pipe(progress([nlp.make_doc(text) for text in texts]), batch_size=size)
    samples: list[float] = []
    while True:
        start = perf_counter()
        batch = list(islice(docs, size))
        seconds = perf_counter() - start
        if not batch:
            return samples
        samples.append(sum(map(len, batch)) / seconds)


def summarize(samples: Sequence[float]) -> Speed:
    """Mean, its confidence interval, and how many samples lie apart."""
    import numpy as np

    values = np.asarray(samples, dtype="d")
    draws = np.random.default_rng(0).choice(values, (RESAMPLES, len(values)))
    low, high = np.quantile(draws.mean(axis=1), [0.025, 0.975])
    lower, upper = np.quantile(values, [0.25, 0.75])
    apart = np.maximum(lower - values, values - upper)
    spread = upper - lower
    return Speed(
        tuple(map(float, values)),
        float(values.mean()),
        float(low),
        float(high),
        float((apart > 1.5 * spread).mean()),
        float((apart > 3 * spread).mean()),
    )


def _at_least(lowest: int) -> Any:
    def read(text: str) -> int:
        if not text.isdigit() or int(text) < lowest:
            raise ArgumentTypeError(f"expected a whole number of {lowest} or more, found '{text}'")
        return int(text)

    return read


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", help="name or folder of a pipeline")
    parser.add_argument("data_path", help=".spacy file, or a folder with them")
    parser.add_argument("--batch-size", "-b", type=_at_least(1), help="texts in a batch; by default the pipeline's")
    parser.add_argument("--no-shuffle", action="store_true", help="take the texts in order")
    parser.add_argument("--batches", type=_at_least(FEWEST_BATCHES), default=N_BATCHES, help="how many batches (50)")
    parser.add_argument(
        "--warmup", "-w", type=_at_least(0), default=WARMUP, help="times to annotate all data first (3)"
    )
    add_pipeline_arguments(parser)


def run(args: Namespace) -> int:
    """Print the figures."""
    nlp = load_pipeline(args.model, code=args.code, gpu_id=args.gpu_id)
    speed = benchmark_speed(
        args.model,
        args.data_path,
        batch_size=args.batch_size,
        shuffle=not args.no_shuffle,
        n_batches=args.batches,
        warmup_epochs=args.warmup,
        nlp=nlp,
    )
    print(f"Outliers: {speed.outliers:.1%}, extreme outliers: {speed.extreme:.1%}")
    print(
        f"Mean: {speed.mean:.1f} words/s (95% CI: {speed.low - speed.mean:.1f} {speed.high - speed.mean:+.1f}) "
        f"in {len(speed.samples)} batches"
    )
    return 0
