"""How far the probabilities of arcs and entities can be believed: `python benchmarks/run.py calibration`.

Trains the shared configs' udante-parser and wikigold-ner here, annotates the dev files with confidence on, and sets
what was said against what was right: probabilities are sorted into ten bins, and the calibration error is the mean
distance, weighted by size, of a bin's mean probability from the share of it that was right. Both kinds of marginals
are measured, those of greedy steps and those of beams; see spanwright_parser.confidence.

    python benchmarks/calibration.py PIPELINE GOLD.spacy     the same for a trained pipeline, with ours installed
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
CONFIGS = HERE.parents[1] / "shared" / "configs"
BINS = 10
WIDTH, DENSITY = 8, 0.0001
CASES = (("udante-parser", "udante"), ("wikigold-ner", "wikigold"))


def compare(sides: dict[str, Path], environment: Callable[[], dict[str, str]], steps: int = 300) -> None:
    """Train and measure; prints a line for each component and kind of marginals."""
    sys.path.insert(0, str(HERE.parent / "tests" / "interchange" / "parser"))
    from data import converted, exists

    for config, corpus in CASES:
        if not exists(corpus) or not CONFIGS.is_dir():
            print(f"calibration of {config}: no shared corpora, left out")
            continue
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            data = {part: str(converted(sides["spacy"], corpus, part, folder)) for part in ("train", "dev")}
            options = [word for part, path in data.items() for word in (f"--paths.{part}", path)]
            options += ["--training.max_steps", str(steps), "--training.eval_frequency", str(steps)]
            train = ["-m", "spanwright", "train", str(CONFIGS / f"{config}.cfg"), "--output", str(folder / "out")]
            for arguments in ([*train, *options], [__file__, str(folder / "out" / "model-last"), data["dev"]]):
                done = subprocess.run(
                    [str(sides["spanwright"]), *arguments], capture_output=True, text=True, env=environment()
                )
                if done.returncode:
                    raise SystemExit(f"{config}: {done.stderr[-2000:]}")
            print(f"{config}, {steps} steps", done.stdout, sep="\n", end="", flush=True)


def measure(pipeline: str, gold: str) -> None:
    """Annotate gold Docs and print the calibration of each transition-based component."""
    import spanwright
    from spanwright.training import Corpus

    nlp = spanwright.load(pipeline)
    examples = list(Corpus(gold, gold_preproc=True)(nlp))
    for name, pipe in nlp.pipeline:
        if not hasattr(pipe, "confidence"):
            continue
        for kind, width in (("steps", 1), ("beams", WIDTH)):
            pipe.cfg.update(beam_width=width, beam_density=DENSITY)
            pipe.confidence = True
            docs = list(nlp.pipe([example.predicted.copy() for example in examples]))
            said = [one for doc, example in zip(docs, examples, strict=True) for one in judged(doc, example.y, name)]
            print(f"  {name}, {kind}: {line(said)}")


def judged(doc: Any, gold: Any, name: str) -> list[tuple[float, bool]]:
    """The probability of each arc or entity, and whether it is right."""
    found = doc._.confidence[name]
    if name.endswith("ner"):
        right = {(ent.start_char, ent.end_char, ent.label_) for ent in gold.ents}
        return [(chance, (start, end, label) in right) for start, end, label, chance in found]
    return [
        (chance, token.head.i == true.head.i and token.dep_ == true.dep_)
        for chance, token, true in zip(found, doc, gold, strict=True)
        if true.dep and not true.is_punct
    ]


def line(said: list[tuple[float, bool]]) -> str:
    """Number, mean probability, share of what was right, calibration error."""
    if not said:
        return "nothing was said"
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(BINS)]
    for chance, right in said:
        bins[min(int(chance * BINS), BINS - 1)].append((chance, right))
    error = sum(abs(sum(chance - right for chance, right in one)) for one in bins) / len(said)
    chances, rights = (sum(values) / len(said) for values in zip(*said, strict=True))
    return f"n={len(said)}, mean probability {chances:.3f}, right {rights:.3f}, calibration error {error:.3f}"


if __name__ == "__main__":
    measure(*sys.argv[1:3])
