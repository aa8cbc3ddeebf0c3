"""Transformers, ours against spacy-transformers 1.4.0: words a second in prediction and in training, and memory.

    python benchmarks/transformer.py OURS PEER MODEL TEXTS.jsonl [PIPELINE TRAIN.spacy] [--rounds 5]

OURS and PEER: the Pythons of two environments, with spanwright-transformers and with spacy-transformers.
MODEL: a folder with a transformer. TEXTS: lines of {"text": ...}, paragraphs of mixed length.
PIPELINE, TRAIN.spacy: an initialized pipeline (tests/interchange/transformers/trf_worker.py init makes one), and data.

Both sides run in turns, one thread each, on the same Docs. The ratios are of words per CPU second, which other work on
the machine hardly changes; those of words per second are printed beside them.
"""

from __future__ import annotations

import argparse
import os
import statistics
from pathlib import Path

from answering import Worker

HERE = Path(__file__).parent
THREADS = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")


def agreed(pairs: list[dict[str, dict]], tolerance: float) -> str:
    """Whether both gave the same answer."""
    off = 0.0
    for pair in pairs:
        mine, theirs = (pair[side]["answer"] for side in ("ours", "peer"))
        if len(mine) != len(theirs):
            return "ANSWERS DIFFER"
        off = max([off, *(abs(a - b) / max(abs(b), 1.0) for a, b in zip(mine, theirs, strict=True))])
    return f"same answers (within {off:.0e})" if off < tolerance else f"ANSWERS DIFFER by {off:.0e}"


def report(title: str, pairs: list[dict[str, dict]], bar: str, tolerance: float) -> None:
    """Print medians, the ratios of the pairs and their spread."""
    for clock in ("cpu", "wall"):
        speeds = {side: [pair[side]["work"] / pair[side][clock] for pair in pairs] for side in ("ours", "peer")}
        ratios = [mine / theirs for mine, theirs in zip(speeds["ours"], speeds["peer"], strict=True)]
        print(
            f"{title}, words per {clock} second: {statistics.median(speeds['ours']):,.0f} to "
            f"{statistics.median(speeds['peer']):,.0f}, ratio {statistics.median(ratios):.2f} "
            f"({min(ratios):.2f} to {max(ratios):.2f}, n={len(ratios)}), bar {bar}, {agreed(pairs, tolerance)}",
            flush=True,
        )
    peaks = {side: max(pair[side]["peak"] for pair in pairs) for side in ("ours", "peer")}
    print(f"{title}, peak memory: {peaks['ours']:,.0f} MiB to {peaks['peer']:,.0f} MiB", flush=True)


def main() -> None:
    """The command line of this benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("ours")
    parser.add_argument("peer")
    parser.add_argument("arguments", nargs="+", metavar="MODEL TEXTS [PIPELINE TRAIN]")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    environment = {**os.environ, **THREADS, "HF_HUB_OFFLINE": "1", "PYTHONWARNINGS": "ignore"}
    tasks = [("predict", "prediction", ">= 1.3", 1e-3)]
    if len(options.arguments) > 2:
        tasks.append(("train", "training", ">= 1.1", 1e-2))
    for task, title, bar, tolerance in tasks:
        workers = {
            "ours": Worker(options.ours, "transformer_worker.py", ["spanwright", *options.arguments], environment),
            "peer": Worker(options.peer, "transformer_worker.py", ["spacy", *options.arguments], environment),
        }
        for worker in workers.values():
            worker.ask(task, 0)  # does not count
        pairs = [
            {side: workers[side].ask(task, number) for side in sorted(workers, reverse=bool(number % 2))}
            for number in range(1, options.rounds + 1)
        ]
        report(title, pairs, bar, tolerance)
        for worker in workers.values():
            worker.close()


if __name__ == "__main__":
    main()
