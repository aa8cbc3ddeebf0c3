"""Training, ours against the peer's: `python benchmarks/run.py training`.

Both train the same config on the same data with the same seed, in turns, one thread each. Data: EWT from the shared
corpora. Weights of ours must be the same, bit by bit, in every run; scores of both sides close to each other.
"""

from __future__ import annotations

import json
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).parent
WORKER = HERE.parent / "tests" / "interchange" / "training" / "train_worker.py"
DATA = HERE.parents[1] / "shared" / "data" / "ud-english-ewt"
ROUNDS = 3
SCORES = ("tag_acc", "pos_acc", "morph_acc")
CLOSE = 0.01  # of a score; seeds differ by as much after so few steps
APART = 0.002  # of the words, relative
# key of the worker's report, what it is, bar
MEASURES = [
    ("train_wps_wall", "training, words/s", ">= 1.3"),
    ("train_wps_cpu", "the same by CPU time", ""),
    ("eval_wps_wall", "evaluation, words/s", ">= 2.0"),
    ("eval_wps_cpu", "the same by CPU time", ""),
    ("peak_mib", "peak memory, MiB", "<= 1.0"),
]


def compare(sides: dict[str, Path], environment: Callable[[], dict[str, str]]) -> None:
    """Train in turns and print a line for each measure, then whether the answers are as they should be.

    sides: the Python of either library, by its import name.
    environment: gives the environment variables of both.
    """
    if not DATA.is_dir():
        print(f"training: no corpus at {DATA}, left out")
        return
    runs: dict[str, list[dict]] = {library: [] for library in sides}
    with tempfile.TemporaryDirectory() as folder:
        options = ["--system.seed", "0"]
        for part in ("train", "dev"):
            source = DATA / f"en_ewt-ud-{part}.conllu"
            convert = [str(sides["spacy"]), "-m", "spacy", "convert", "-l", "en", "-n", "10", str(source), folder]
            subprocess.run(convert, check=True, capture_output=True, env=environment())
            options += [f"--paths.{part}", f"{folder}/{source.stem}.spacy"]
        for number in range(ROUNDS):
            for library in sorted(sides, reverse=bool(number % 2)):
                output = f"{folder}/{library}{number}"
                Path(output).mkdir()
                command = [str(sides[library]), str(WORKER), library, str(HERE / "training.cfg"), output, *options]
                done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment())
                runs[library].append(json.loads(done.stdout.splitlines()[-1]))
    for key, title, bar in MEASURES:
        print(line(title, [r[key] for r in runs["spanwright"]], [r[key] for r in runs["spacy"]], bar), flush=True)
    print("training:", "; ".join(answers(runs["spanwright"], runs["spacy"])))


def line(title: str, ours: list[float], theirs: list[float], bar: str) -> str:
    """Both medians, the median ratio of the pairs and its spread."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return (
        f"{title:<22}{statistics.median(ours):>10,.0f}{statistics.median(theirs):>10,.0f}"
        f"{statistics.median(ratios):>8.2f}  ({min(ratios):.2f} to {max(ratios):.2f}, n={len(ratios)})"
        f"{'  bar ' + bar if bar else ''}"
    )


def answers(ours: list[dict], theirs: list[dict]) -> list[str]:
    """What is equal and what is not."""
    found = [
        f"{len(ours)} runs, " + ("equal weights" if len({run["weights"] for run in ours}) == 1 else "WEIGHTS DIFFER")
    ]
    mine, other = ours[0]["words"], theirs[0]["words"]
    # Tokenizers that cut a few words otherwise make batches that differ by as much.
    found.append(
        f"{mine:,} words trained on here, {other:,} there" + (" FAR APART" if abs(mine / other - 1) > APART else "")
    )
    for score in SCORES:
        mine, other = (statistics.mean(run["scores"][score] for run in runs) for runs in (ours, theirs))
        note = "" if mine > other - CLOSE else " TOO LOW"
        found.append(f"{score} {100 * mine:.2f} here, {100 * other:.2f} there{note}")
    return found
