"""Text classification, ours against the peer's: `python benchmarks/run.py classify`.

The shared configs of an ensemble and of a bag of n-grams: scoring 2,000 Docs by the component alone, with weights that
the peer trained a little, and 30 training steps from first weights. In turns, one thread each. Scores must be equal:
their sums by label to four digits, and which are above one half; the losses of training, with other random numbers,
roughly.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from answering import Worker

HERE = Path(__file__).parent
SHARED = HERE.parents[1] / "shared"
CONFIGS = {"ensemble": "textcat-cooking-ensemble", "bag of n-grams": "textcat-cooking-bow"}
DATA = SHARED / "data" / "textcat-cooking" / "cooking_train.jsonl"
ROUNDS = {"predict": 7, "train": 3}
BARS = {"predict": ">= 1.5", "train": ">= 1.2"}
CONVERT = """
import json, sys, spacy
nlp, docs = spacy.blank("en"), []
for line in open(sys.argv[1], encoding="utf8"):
    record = json.loads(line)
    docs.append(nlp.make_doc(record["text"]))
    docs[-1].cats = {label: float(value) for label, value in record["cats"].items()}
spacy.tokens.DocBin(docs=docs).to_disk(sys.argv[2])
"""


def compare(sides: dict[str, Path], environment: Callable[[], dict[str, str]]) -> None:
    """Measure, and print a line for each measure."""
    if not DATA.is_file():
        print("text classification: no shared corpora, left out")
        return
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "train.spacy"
        subprocess.check_call([str(sides["spacy"]), "-c", CONVERT, str(DATA), str(data)], env=environment())
        for title, config in CONFIGS.items():
            arguments = [str(SHARED / "configs" / f"{config}.cfg"), str(Path(folder) / config), str(data)]
            workers = {}
            for library in ("spacy", "spanwright"):  # the first one trains
                workers[library] = Worker(sides[library], "classify_worker.py", [library, *arguments], environment())
                workers[library].ask("predict", 0)
            for task, rounds in ROUNDS.items():
                pairs = [
                    {key: workers[key].ask(task, number) for key in sorted(workers, reverse=bool(number % 2))}
                    for number in range(1, rounds + 1)
                ]
                print(line(f"{title}, {task}, words/s", pairs, task), flush=True)
            for worker in workers.values():
                worker.close()


def line(title: str, pairs: list[dict[str, dict]], task: str) -> str:
    """Both medians, the median ratio of the pairs and its spread, the bar, and whether the answers agree."""
    ours, theirs = ([pair[key]["work"] / pair[key]["seconds"] for pair in pairs] for key in ("spanwright", "spacy"))
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    agree = all(same(pair["spanwright"]["answer"], pair["spacy"]["answer"], task) for pair in pairs)
    return (
        f"{title:<34}{statistics.median(ours):>12,.0f}{statistics.median(theirs):>12,.0f}"
        f"{statistics.median(ratios):>8.2f}  ({min(ratios):.2f} to {max(ratios):.2f}, n={len(ratios)})  "
        f"bar {BARS[task]}  {'same answers' if agree else 'ANSWERS DIFFER'}"
    )


def same(mine: Any, other: Any, task: str) -> bool:
    """Whether two answers are one."""
    if task == "train":
        return abs(mine - other) <= 0.05 * abs(other)
    (sums, digest, _), (their_sums, their_digest, _) = mine, other
    off = max(abs(one - two) for one, two in zip(sums, their_sums, strict=True))
    return digest == their_digest and off < 0.05  # of 2,000 Docs: 2.5e-5 each


if __name__ == "__main__":
    sys.exit("python benchmarks/run.py classify")
