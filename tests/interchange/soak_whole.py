"""Stream Docs of distinct strings through a whole pipeline and watch resident memory.

    python soak_whole.py PIPELINE [DOCS] [--seconds S] [--processes N]

A million Docs unless DOCS says otherwise; `--seconds` ends the stream early. Prints a line every fiftieth part, then
one JSON object: Docs and words seen, resident megabytes after the warm-up (the first tenth) and at the end, their
ratio, whether it is flat within 5 %, and whether the Doc that was kept from the start still reads right. With
processes, memory is that of all of them, with shared pages counted once. The exit status is 1 if it is not flat.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spanwright

SYLLABLES = [a + b for a in ("b", "dr", "f", "gl", "k", "l", "m", "n", "pr", "s", "t", "v") for b in "aeiou"]
FRAMES = (
    "{} of {} sailed past the old {} while Mr. {} counted 1,2{} boxes.",
    "The {}s were {}ing their {}; nobody in {} had seen {} before!",
    '"Did {} really walk to {}?" asked {}, who doesn\'t like {} or {}.',
    "In 19{n:02d} the {} Company bought {}, {} and two {}s from {}.",
)
TOLERANCE = 1.05
PARTS = 50
WARM_UP = 0.1


def word(number: int) -> str:
    """The number-th word; no two are the same."""
    spelt = ""
    while number or len(spelt) < 4:
        number, digit = divmod(number, len(SYLLABLES))
        spelt += SYLLABLES[digit]
    return spelt


def texts(docs: int, seconds: float) -> Iterator[str]:
    """Sentences like a text's, with five words each that never come again."""
    end = time.monotonic() + seconds
    for number in range(docs):
        if not number % 256 and time.monotonic() > end:
            return
        words = [word(5 * number + place) for place in range(5)]
        words[0], words[3] = words[0].title(), words[3].title()
        yield FRAMES[number % len(FRAMES)].format(*words, n=number % 100)


def resident() -> float:
    """Resident memory in megabytes: of this process, or, if it has children, of all with shared pages counted once."""
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="utf8").split()
    if not children:
        return _kilobytes(Path("/proc/self/status"), "VmRSS:") / 1024
    return sum(_kilobytes(Path(f"/proc/{pid}/smaps_rollup"), "Pss:") for pid in ["self", *children]) / 1024


def _kilobytes(path: Path, name: str) -> int:
    return int(path.read_text(encoding="utf8").split(name)[1].split()[0])


def annotation(doc: Any) -> list[Any]:
    """What the components set on a Doc."""
    return [(t.text, t.lower_, t.norm_, t.shape_, t.tag_, t.pos_, t.dep_, t.head.i, t.lemma_, t.ent_type_) for t in doc]


def soak(nlp: Any, docs: int, seconds: float, processes: int) -> dict[str, Any]:
    """Run the stream and report."""
    kept = nlp("Zwillbrook's ferrywoman mendeth Quorliss nets in Ostermund.")
    before = annotation(kept)
    started = time.monotonic()
    seen = words = 0
    warm, readings, step = 0.0, [], 0
    for doc in nlp.pipe(texts(docs, seconds), n_process=processes):
        seen += 1
        words += len(doc)
        share = max(seen / docs, (time.monotonic() - started) / seconds)
        if share >= (step + 1) / PARTS and step + 1 < PARTS:
            step = int(share * PARTS)
            readings.append(resident())
            if not warm and share >= WARM_UP:
                warm = readings[-1]
            print(f"{seen:>9,} Docs  {words:>11,} words  {readings[-1]:8.1f} MB", file=sys.stderr, flush=True)
    late = resident() if processes == 1 else readings[-1]
    took = time.monotonic() - started
    return {
        "docs": seen,
        "words": words,
        "seconds": round(took, 1),
        "words_per_second": round(words / took),
        "warm_mb": round(warm, 1),
        "peak_mb_after_warm_up": round(max([late, *readings[int(WARM_UP * PARTS) - 1 :]]), 1),
        "late_mb": round(late, 1),
        "ratio": round(late / warm, 4),
        "flat": late <= TOLERANCE * warm,
        "kept": before == annotation(kept),
        "pipeline": nlp.pipe_names,
    }


def main() -> None:
    """Load, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("pipeline")
    parser.add_argument("docs", nargs="?", type=int, default=1_000_000)
    parser.add_argument("--seconds", type=float, default=float("inf"))
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    report = soak(spanwright.load(args.pipeline), args.docs, args.seconds, args.processes)
    print(json.dumps(report))
    sys.exit(0 if report["flat"] and report["kept"] else 1)


if __name__ == "__main__":
    main()
