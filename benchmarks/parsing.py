"""Parser and entity recogniser, ours against the peer's: `python benchmarks/run.py parsing`.

The components of the English pipeline alone, without the shared token vectors, in turns, one thread each, with equal
answers; two threads of ours against one; a Doc of 1,000,000 tokens against one of 10,000; and, with the shared
corpora, the speed of training (`python benchmarks/run.py parser-training`).
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from answering import Worker

HERE = Path(__file__).parent
INTERCHANGE = HERE.parent / "tests" / "interchange"
CONFIGS = HERE.parents[1] / "shared" / "configs"
ROUNDS, TRAINING_ROUNDS = 7, 3
SHORT, LONG = 10_000, 1_000_000
Environment = Callable[[], dict[str, str]]


def line(title: str, ours: list[float], theirs: list[float], bar: str, note: str = "") -> str:
    """Both medians, the median ratio of the pairs and its spread."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    return (
        f"{title:<34}{statistics.median(ours):>12,.0f}{statistics.median(theirs):>12,.0f}"
        f"{statistics.median(ratios):>8.2f}  ({min(ratios):.2f} to {max(ratios):.2f}, n={len(ratios)})  bar {bar}"
        f"{'  ' + note if note else ''}"
    )


def compare(sides: dict[str, Path], environment: Environment, pipeline: Path, texts: Path) -> None:
    """Measure the components, and print a line for each measure."""

    def worker(library: str) -> Worker:
        return Worker(sides[library], "parsing_worker.py", [library, str(pipeline), str(texts)], environment())

    workers = {library: worker(library) for library in sides}
    for name in ("parser", "ner"):
        pairs = in_turns(
            {library: lambda number, one=one, name=name: one.ask(name, number) for library, one in workers.items()}
        )
        print(_speeds(f"{name}, words/s", pairs, ("spanwright", "spacy"), ">= 2.5"), flush=True)
    ours = workers["spanwright"]
    for name, task in (("parser", "threads"), ("ner", "threads_ner")):
        pairs = in_turns({
            "one": lambda number, name=name: ours.ask(name, number),
            "two": lambda number, task=task: ours.ask(task, number),
        })  # fmt: skip
        print(_speeds(f"{name}, two threads against one", pairs, ("two", "one"), ">= 1.6"), flush=True)
    for one in workers.values():
        one.close()
    for name, task in (("parser", "long"), ("ner", "long_ner")):
        one = worker("spanwright")
        short = one.ask(task, SHORT)
        long = one.ask(task, LONG)
        one.close()
        each = [found["seconds"] / found["work"] * 1e9 for found in (long, short)]
        note = f"peak {long['peak']:,.0f} MiB of 4,096"
        print(line(f"{name}, ns/token, 1M against 10k", each[:1], each[1:], "<= 1.2", note), flush=True)


def in_turns(asks: dict[str, Callable[[int], dict]]) -> list[dict[str, dict]]:
    """Rounds of both, the one that begins changing; one round before, which does not count."""
    for ask in asks.values():
        ask(0)
    return [
        {key: asks[key](number) for key in sorted(asks, reverse=bool(number % 2))} for number in range(1, ROUNDS + 1)
    ]


def _speeds(title: str, pairs: list[dict[str, dict]], keys: tuple[str, str], bar: str) -> str:
    speeds = [[pair[key]["work"] / pair[key]["seconds"] for pair in pairs] for key in keys]
    same = sum(pair[keys[0]]["answer"] == pair[keys[1]]["answer"] for pair in pairs)
    return line(title, *speeds, bar, "same answers" if same == len(pairs) else f"ANSWERS DIFFER in {len(pairs) - same}")


def compare_training(sides: dict[str, Path], environment: Environment, steps: int = 200) -> None:
    """Train the parser's and the recogniser's configs in turns."""
    sys.path.insert(0, str(INTERCHANGE / "parser"))
    from data import converted, exists

    for config, corpus in (("ewt-tagger-parser", "ewt"), ("wikigold-ner", "wikigold")):
        if not exists(corpus) or not CONFIGS.is_dir():
            print(f"training of {config}: no shared corpora, left out")
            continue
        runs: dict[str, list[dict]] = {library: [] for library in sides}
        with tempfile.TemporaryDirectory() as folder:
            options = ["--training.max_steps", str(steps), "--training.eval_frequency", str(steps)]
            for part in ("train", "dev"):
                options += [f"--paths.{part}", str(converted(sides["spacy"], corpus, part, Path(folder)))]
            for number in range(TRAINING_ROUNDS):
                for library in sorted(sides, reverse=bool(number % 2)):
                    output = Path(folder) / f"{library}{number}"
                    output.mkdir()
                    script = [
                        str(INTERCHANGE / "training" / "train_worker.py"),
                        library,
                        str(CONFIGS / f"{config}.cfg"),
                    ]
                    done = subprocess.run(
                        [str(sides[library]), *script, str(output), *options],
                        check=True, capture_output=True, text=True, env=environment(),
                    )  # fmt: skip
                    runs[library].append(json.loads(done.stdout.splitlines()[-1]))
        for key, title in (("train_wps_wall", "words/s"), ("train_wps_cpu", "words per CPU second")):
            print(
                line(
                    f"{config}, {title}",
                    *([run[key] for run in runs[one]] for one in ("spanwright", "spacy")),
                    ">= 1.3",
                )
            )
