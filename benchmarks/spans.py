"""Categories of spans, ours against the peer's: `python benchmarks/run.py spans`.

The config spancat-litbank (shared corpora): its training in turns, then prediction with the pipeline that the peer has
trained, one thread each, with equal answers; and, ours alone, a Doc of 100,000 tokens with all spans of 1 to 12 tokens.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from answering import Worker
from parsing import _speeds, in_turns, line
from spans_worker import THRESHOLD

HERE = Path(__file__).parent
INTERCHANGE = HERE.parent / "tests" / "interchange"
SHARED = HERE.parents[1] / "shared"
CONFIG = SHARED / "configs" / "spancat-litbank.cfg"
LITBANK = SHARED / "data" / "spancat-litbank"
ROUNDS, STEPS = 3, 100
LONG = 100_000
LIMIT = 2048
NEAR = 1e-4  # what scores may differ by
Environment = Callable[[], dict[str, str]]


def compare(sides: dict[str, Path], environment: Environment) -> None:
    """Measure training and prediction, and print a line for each measure."""
    if not CONFIG.is_file() or not LITBANK.is_dir():
        print("spancat: no shared corpora, left out")
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        docs = {part: folder / f"{part}.spacy" for part in ("train", "dev")}
        for part, path in docs.items():
            convert = [str(sides["spacy"]), str(INTERCHANGE / "peer_litbank.py"), str(LITBANK / part), str(path)]
            subprocess.run(convert, check=True, capture_output=True, env=environment())
        compare_training(sides, environment, folder, docs)
        pipeline = folder / "spacy1" / "model-last"
        compare_prediction(sides, environment, pipeline, docs["train"])
        measure_long(sides["spanwright"], environment, pipeline, docs["train"])


def compare_training(sides: dict[str, Path], environment: Environment, folder: Path, docs: dict[str, Path]) -> None:
    """Train in turns; nothing is evaluated in between."""
    options = ["--training.max_steps", str(STEPS), "--training.eval_frequency", str(STEPS)]
    options += [item for part, path in docs.items() for item in (f"--paths.{part}", str(path))]
    runs: dict[str, list[dict]] = {library: [] for library in sides}
    for number in range(1, ROUNDS + 1):
        for library in sorted(sides, reverse=bool(number % 2)):
            output = folder / f"{library}{number}"
            output.mkdir()
            script = [str(INTERCHANGE / "training" / "train_worker.py"), library, str(CONFIG), str(output)]
            done = subprocess.run(
                [str(sides[library]), *script, *options], check=True, capture_output=True, text=True, env=environment()
            )
            runs[library].append(json.loads(done.stdout.splitlines()[-1]))
    for key, title in (("train_wps_wall", "words/s"), ("train_wps_cpu", "words per CPU second")):
        speeds = ([run[key] for run in runs[library]] for library in ("spanwright", "spacy"))
        print(line(f"spancat training, {title}", *speeds, ">= 1.2"), flush=True)


def compare_prediction(sides: dict[str, Path], environment: Environment, pipeline: Path, docs: Path) -> None:
    """Predict in turns, with and without the token vectors."""
    workers = {
        library: Worker(python, "spans_worker.py", [library, str(pipeline), str(docs)], environment())
        for library, python in sides.items()
    }
    for task, title in (("pipeline", "tok2vec and spancat"), ("component", "spancat alone")):
        pairs = in_turns(
            {library: lambda number, one=one, task=task: one.ask(task, number) for library, one in workers.items()}
        )
        spans = sum(len(pair["spacy"]["answer"]) for pair in pairs)
        for pair in pairs:
            settle(pair)
        print(_speeds(f"{title}, words/s", pairs, ("spanwright", "spacy"), ">= 1.5"), f"({spans:,} spans)", flush=True)
    for one in workers.values():
        one.close()


def settle(pair: dict[str, dict]) -> None:
    """Let answers be equal whose spans have the same scores, but for spans next to the threshold."""
    found = [{tuple(span[:4]): span[4] for span in pair[side]["answer"]} for side in ("spanwright", "spacy")]
    both = found[0].keys() & found[1].keys()
    alone = {**found[0], **found[1]}
    same = all(abs(found[0][key] - found[1][key]) < NEAR for key in both)
    same &= all(alone[key] - THRESHOLD < NEAR for key in alone.keys() - both)
    if same:
        pair["spanwright"]["answer"] = pair["spacy"]["answer"]


def measure_long(python: Path, environment: Environment, pipeline: Path, docs: Path) -> None:
    """A very long Doc with very many candidates."""
    worker = Worker(python, "spans_worker.py", ["spanwright", str(pipeline), str(docs)], environment())
    found = worker.ask("long", LONG)
    worker.close()
    print(
        f"spancat, 1-to-12-grams of {found['work']:,} tokens: {found['seconds']:.1f} s, "
        f"peak {found['peak']:,.0f} MiB of {LIMIT:,} ({found['before']:,.0f} before)",
        flush=True,
    )
