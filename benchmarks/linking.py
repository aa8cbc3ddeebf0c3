"""Entity linking, ours against the peer's: `python benchmarks/run.py linking`.

The default network on paragraphs of novels with some thousand names, and a knowledge base of 300,000 entities: in
turns, one thread each, with equal answers. No bar is set.
"""

from __future__ import annotations

import statistics
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path

from answering import Worker
from parsing import _speeds, in_turns

HERE = Path(__file__).parent
Environment = Callable[[], dict[str, str]]
TASKS = {"predict": "entity_linker, words/s", "train": "its training, words/s", "load": "knowledge base, entities/s"}


def compare(sides: dict[str, Path], environment: Environment, texts: Path) -> None:
    """Measure, and print a line for each measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make = [str(sides["spacy"]), str(HERE / "linking_worker.py"), "make", str(folder), str(texts)]
        subprocess.run(make, check=True, capture_output=True, env=environment())
        for task, title in TASKS.items():
            workers = {
                library: Worker(python, "linking_worker.py", [library, str(folder), str(texts)], environment())
                for library, python in sides.items()
            }
            added = {}
            if task == "load":
                # In fresh processes, where the peak of memory tells.
                added = {library: one.ask(task, 0)["added"] for library, one in workers.items()}
            pairs = in_turns(
                {library: lambda number, one=one, task=task: one.ask(task, number) for library, one in workers.items()}
            )
            print(_speeds(title, pairs, ("spanwright", "spacy"), "none"), flush=True)
            for one in workers.values():
                one.close()
            if added:
                shown = ", ".join(f"{library} {mebibytes:,.0f} MiB" for library, mebibytes in added.items())
                seconds = {key: statistics.median(pair[key]["seconds"] for pair in pairs) for key in sides}
                print(f"  adds {shown}; {seconds['spanwright']:.2f} s and {seconds['spacy']:.2f} s", flush=True)
