"""Train one config with Spanwright and with its peer, in turns, on the same seeds, and compare.

    SPANWRIGHT_PEER=/path/to/peer/python python side_by_side.py CONFIG --seeds 0 1 2 [--section.key value ...]

Prints a line for each run, then means and ratios. One thread each.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
SHOWN = ("train_wps_wall", "train_wps_cpu", "eval_wps_wall", "eval_wps_cpu", "peak_mib")


def run(library: str, python: str, config: str, seed: int, options: list[str]) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        command = [python, str(HERE / "train_worker.py"), library, config, folder, "--system.seed", str(seed), *options]
        done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **ONE_THREAD}, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("config")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--out", help="file to add each run to, as a line of JSON")
    args, options = parser.parse_known_args()
    pairs = (("spanwright", sys.executable), ("spacy", os.environ["SPANWRIGHT_PEER"]))
    runs: dict[str, list[dict[str, Any]]] = {"spanwright": [], "spacy": []}
    for seed in args.seeds:
        for library, python in pairs:
            found = run(library, python, args.config, seed, options)
            runs[library].append(found)
            shown = {key: round(found[key], 1) for key in SHOWN}
            scores = {k: round(v * 100, 2) for k, v in found["scores"].items() if k.endswith(("_acc", "_f", "as"))}
            print(library, "seed", seed, scores, shown, flush=True)
            if args.out:
                with Path(args.out).open("a") as file:
                    file.write(json.dumps(found) + "\n")
    for key in runs["spacy"][0]["scores"]:
        ours, theirs = (statistics.mean(r["scores"].get(key, 0.0) * 100 for r in runs[lib]) for lib, _ in pairs)
        if key != "speed":
            print(f"{key}: {ours:.2f} here, {theirs:.2f} there, difference {ours - theirs:+.2f}")
    for key in SHOWN:
        ratios = [a[key] / b[key] for a, b in zip(runs["spanwright"], runs["spacy"], strict=True)]
        print(f"{key}: ratio {statistics.median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
