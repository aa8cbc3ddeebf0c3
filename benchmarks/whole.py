"""The whole English pipeline, ours against the peer's, with each component's share.

    python benchmarks/run.py whole
    python benchmarks/whole.py [ROUNDS]       alone; SPANWRIGHT_PEER and SPANWRIGHT_OURS name the Pythons

Both in turns in one run, one thread each, with the answers compared: Docs whose every annotation is the same.
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable
from pathlib import Path

from answering import Worker

HERE = Path(__file__).parent
Environment = Callable[[], dict[str, str]]
# task, rounds, whether each round has a new process, title, higher is better, bar
MEASURES = [
    ("pipe", 5, False, "nlp.pipe, words/s", True, ">= 3.0"),
    ("one", 7, False, "one short sentence, ms", False, "<= 0.5"),
    ("load", 5, False, "load, ms", False, "<= 0.5"),
    ("start", 5, True, "import and load, ms", False, "<= 0.5"),
    ("memory", 3, True, "peak memory, MB", False, "<= 0.7"),
]


Pairs = list[dict[str, dict]]


def compare(
    sides: dict[str, Path], environment: Environment, pipeline: Path, texts: Path, rounds: int | None = None
) -> None:
    """Measure, and print a line for each measure, then the table of shares."""

    def worker(library: str) -> Worker:
        return Worker(sides[library], "whole_worker.py", [library, str(pipeline), str(texts)], environment())

    print(f"{'whole ' + pipeline.name:<34}{'spanwright':>12}{'spaCy':>12}{'ratio':>8}")
    kept = {library: worker(library) for library in sides}
    for task, usual, fresh, title, speed, bar in MEASURES:
        pairs: Pairs = []
        if not fresh:
            for one in kept.values():
                one.ask(task, 0)
        for number in range(1, (rounds or usual) + 1):
            found = {}
            for library in sorted(sides, reverse=bool(number % 2)):
                one = worker(library) if fresh else kept[library]
                found[library] = one.ask(task, number)
                if fresh:
                    one.close()
            pairs.append(found)
        print(_line(title, pairs, speed, bar), flush=True)
    pairs = [
        {library: kept[library].ask("shares", number) for library in sorted(sides, reverse=bool(number % 2))}
        for number in range(7, 7 + (rounds or 3))
    ]
    for one in kept.values():
        one.close()
    print(_shares(pairs), flush=True)


def _line(title: str, pairs: Pairs, speed: bool, bar: str) -> str:
    def value(found: dict) -> float:
        if speed:
            return found["work"] / found["seconds"]
        return found["seconds"] / found["work"] * (1 if "MB" in title else 1000)

    ours, theirs = ([value(pair[library]) for pair in pairs] for library in ("spanwright", "spacy"))
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    shown = "{:>12,.0f}" if statistics.median(theirs) >= 100 else "{:>12.2f}"
    return (
        f"{title:<34}{shown.format(statistics.median(ours))}{shown.format(statistics.median(theirs))}"
        f"{statistics.median(ratios):>8.2f}  ({min(ratios):.2f} to {max(ratios):.2f}, n={len(ratios)})  bar {bar}  "
        f"{_agreement(pairs)}"
    )


def _agreement(pairs: Pairs) -> str:
    answers = [
        (mine, other)
        for pair in pairs
        for mine, other in zip(pair["spanwright"]["answers"], pair["spacy"]["answers"], strict=True)
    ]
    differing = sum(mine != other for mine, other in answers)
    return f"ANSWERS DIFFER in {differing} of {len(answers)}" if differing else "same answers"


def _shares(pairs: Pairs) -> str:
    """Microseconds a word of each component, ours and theirs, their shares of the whole, and the ratio of speeds."""
    lines = [
        f"{'component':<20}{'ours µs/word':>14}{'share':>8}{'theirs µs/word':>16}{'share':>8}{'times as fast':>15}"
    ]
    each = {
        library: {
            name: statistics.median(pair[library]["shares"][name] / pair[library]["work"] * 1e6 for pair in pairs)
            for name in pairs[0][library]["shares"]
        }
        for library in ("spanwright", "spacy")
    }
    ours, theirs = each["spanwright"], each["spacy"]
    ours["all"], theirs["all"] = sum(ours.values()), sum(theirs.values())
    for name, mine in ours.items():
        other = theirs[name]
        lines.append(
            f"{name:<20}{mine:>14.2f}{mine / ours['all']:>8.0%}{other:>16.2f}{other / theirs['all']:>8.0%}"
            f"{other / mine:>15.2f}"
        )
    return "\n".join([*lines, _agreement(pairs)])


def main(rounds: int | None) -> None:
    """Measure with the environments that `run.py` uses."""
    import run

    sides, pipeline = _sides()
    compare(sides, run.environment, pipeline, run.TEXTS, rounds)


def _sides() -> tuple[dict[str, Path], Path]:
    import os

    import run
    from peer import make

    peer = (
        Path(os.environ["SPANWRIGHT_PEER"]) if "SPANWRIGHT_PEER" in os.environ else make(run.ROOT / ".cache" / "peer")
    )
    pattern = f"lib/python*/site-packages/{run.PIPELINE}/{run.PIPELINE}-*/config.cfg"
    return {"spanwright": run.our_python(), "spacy": peer}, next(iter(peer.parents[1].glob(pattern))).parent


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else None)
