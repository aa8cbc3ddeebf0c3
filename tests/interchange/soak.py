"""Stream distinct words through the tok2vec and tagger of a pipeline and watch resident memory.

    python soak.py PIPELINE [WORDS]

Prints one JSON object: memory after the first tenth and after the last word, and whether the Doc that was kept from
the start still reads right. Docs are thrown away as they come.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import spanwright

LETTERS = "etaoinshrdlucmfwypvbgkjqxz"
WORDS_IN_TEXT = 50


def word(number: int) -> str:
    """The number-th word; no two are the same."""
    spelt = ""
    while number or len(spelt) < 4:
        number, digit = divmod(number, len(LETTERS))
        spelt += LETTERS[digit]
    return spelt


def texts(words: int) -> Iterator[str]:
    """Texts of fifty words that never come again."""
    for first in range(0, words, WORDS_IN_TEXT):
        yield " ".join(word(number) for number in range(first, first + WORDS_IN_TEXT))


def resident() -> float:
    """Resident memory of this process in megabytes."""
    status = Path("/proc/self/status").read_text(encoding="utf8")
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def main(pipeline: str, words: int) -> None:
    """Run the stream and report."""
    names = spanwright.util.load_config(Path(pipeline) / "config.cfg")["nlp"]["pipeline"]
    nlp = spanwright.load(pipeline, exclude=[name for name in names if name not in ("tok2vec", "tagger")])
    kept = nlp("Zwillbrook's ferrywoman mendeth Quorliss nets.")
    before = [(t.text, t.lower_, t.norm_, t.shape_, t.suffix_, t.tag_) for t in kept]
    seen, early = 0, 0.0
    for doc in nlp.pipe(texts(words)):
        seen += len(doc)
        if not early and seen >= words // 10:
            early = resident()
    late = resident()
    after = [(t.text, t.lower_, t.norm_, t.shape_, t.suffix_, t.tag_) for t in kept]
    print(json.dumps({"words": seen, "early": early, "late": late, "kept": before == after}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
