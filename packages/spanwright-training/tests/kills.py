"""kill -9 at random moments of training: in a step, in an evaluation, and while models and state are being saved.

    python packages/spanwright-training/tests/kills.py FOLDER [--each 10] [--seed 0] [--moments step evaluation saving]

For each moment, `--each` runs are killed by this process at a time drawn from the moment's length, and resumed. Checked
after the kill: model-best and model-last load, or are not there at all. Checked after the resumed run: every byte of
both models equals that of an undisturbed run, and nothing else is left in the output folder. Ends with status 1 if
something differs. Takes about three seconds a kill.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MOMENTS = ("step", "evaluation", "saving")
SETTINGS = {"training.max_steps": 30, "components.tok2vec.model.width": 32, "components.tok2vec.model.embed_size": 2000}


# The process that is killed


def child(folder: Path, output: Path) -> None:
    """Train, or go on with training, and write on standard output when each moment begins and ends."""
    from loop_helpers import make_config, run

    from spanwright_training.evaluation import Evaluation
    from spanwright_training.loop import Run

    count = dict.fromkeys(MOMENTS, 0)
    inside = dict.fromkeys(MOMENTS, False)

    def told(moment: str, inner: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if inside[moment]:  # saving the state is a part of saving the models
                return inner(*args, **kwargs)
            print("begin", moment, count[moment], flush=True)
            inside[moment] = True
            try:
                return inner(*args, **kwargs)
            finally:
                inside[moment] = False
                print("end", moment, count[moment], flush=True)
                count[moment] += 1

        return call

    places = [("step", Run, "_step"), ("evaluation", Evaluation, "__call__")]
    places += [("saving", Run, name) for name in ("_evaluated", "_save_state", "_finish")]
    for moment, owner, name in places:
        setattr(owner, name, told(moment, getattr(owner, name)))
    config = make_config(folder, {**SETTINGS, "components.tagger.model.tok2vec.width": 32})
    config["spanwright"] = {"training": {"checkpoint_every": 2}}
    run(config, output, resume=(output / "checkpoint.msgpack").is_file())


# The process that kills


@dataclass
class Report:
    """What was found after one kill."""

    moment: str
    after: float
    killed: bool
    faults: list[str]


@contextmanager
def started(folder: Path, output: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, __file__, "--child", str(folder), str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        yield process


def undisturbed(folder: Path, output: Path) -> dict[str, list[float]]:
    """Run to the end; returns how long each occurrence of each moment took, in seconds."""
    durations: dict[str, list[float]] = {moment: [] for moment in MOMENTS}
    began: dict[tuple[str, str], float] = {}
    with started(folder, output) as process:
        assert process.stdout is not None
        for line in process.stdout:
            what, moment, number = line.split()
            if what == "begin":
                began[moment, number] = time.perf_counter()
            else:
                durations[moment].append(time.perf_counter() - began[moment, number])
    if process.returncode:
        raise SystemExit(f"The undisturbed run ended with status {process.returncode}.")
    return durations


def kill(folder: Path, output: Path, moment: str, number: int, after: float) -> bool:
    """Run, and kill the process `after` seconds from the beginning of the given occurrence of a moment."""
    with started(folder, output) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.split() == ["begin", moment, str(number)]:
                time.sleep(after)
                process.send_signal(signal.SIGKILL)
                break
    return process.returncode == -signal.SIGKILL


def check(whole: Path, output: Path) -> list[str]:
    """What is not as in the undisturbed run."""
    faults = [f"left behind: {path.name}" for path in output.iterdir() if not (whole / path.name).exists()]
    for name in ("model-best", "model-last"):
        one, other = files(whole / name), files(output / name)
        faults += [f"differs: {name}/{key}" for key in sorted({*one, *other}) if one.get(key) != other.get(key)]
    return faults


def files(folder: Path) -> dict[str, bytes]:
    """All files of a folder with their bytes."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def half_written(whole: Path, output: Path) -> list[str]:
    """Models that are there and do not load, or lack a file."""
    from spanwright import load

    faults = []
    for name in ("model-best", "model-last"):
        if not (output / name).exists():
            continue
        try:
            load(output / name)
        except Exception as error:
            faults.append(f"{name} does not load: {error}")
        faults += [f"{name} lacks {key}" for key in files(whole / name).keys() - files(output / name).keys()]
    return faults


def go(folder: Path, moments: Sequence[str], each: int, seed: int) -> list[Report]:
    """Kill and resume `each` runs in each of the moments."""
    numbers = random.Random(seed)
    whole = folder / "whole"
    durations = undisturbed(folder, whole)
    reports = []
    for moment in moments:
        for _ in range(each):
            output = folder / "broken"
            shutil.rmtree(output, ignore_errors=True)
            number = numbers.randrange(len(durations[moment]))
            after = numbers.uniform(0, durations[moment][number])
            killed = kill(folder, output, moment, number, after)
            faults = half_written(whole, output) if output.exists() else []
            with started(folder, output) as process:
                process.communicate()
            faults += [] if process.returncode == 0 else [f"resuming ended with status {process.returncode}"]
            faults += check(whole, output)
            reports.append(Report(f"{moment} {number}", after, killed, faults))
    return reports


def main() -> int:
    """Print a line a kill, and a sum."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder for the runs, made if need be")
    parser.add_argument("--each", type=int, default=10, help="kills for each moment")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--moments", nargs="+", choices=MOMENTS, default=MOMENTS)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    reports = go(args.folder, args.moments, args.each, args.seed)
    for one in reports:
        state = "killed" if one.killed else "ended before"
        print(f"{one.moment:14} + {one.after * 1000:7.2f} ms  {state}  {'; '.join(one.faults) or 'equal'}")
    bad = [one for one in reports if one.faults]
    print(f"{sum(one.killed for one in reports)} killed, {len(reports) - len(bad)} equal to the undisturbed run, "
          f"{len(bad)} not")  # fmt: skip
    return 1 if bad else 0


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    if sys.argv[1:2] == ["--child"]:
        child(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        raise SystemExit(main())
