"""Record the goldens of new names, tests/names/goldens/. A golden that is there is never changed.

    PEER tools/record_goldens.py spacy          # with the peer's Python: the names that spaCy has
    python tools/record_goldens.py spanwright   # then, from our own code, what is still missing

Each file says in `source` where its numbers come from.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

NAMES = Path(__file__).resolve().parents[1] / "tests" / "names"
sys.path.insert(0, str(NAMES))
from measure import library, measure_factory, measure_network, measure_scorer  # noqa: E402
from samples import FACTORIES, NETWORKS, SCORERS  # noqa: E402

GOLDENS = NAMES / "goldens"


def main() -> None:
    """The command line of this tool."""
    if sys.argv[1:] not in (["spacy"], ["spanwright"]):
        sys.exit(__doc__)
    lib = library(sys.argv[1])
    jobs: dict[Path, Callable[[], Any]] = {}
    for case, spec in NETWORKS.items():
        jobs[GOLDENS / "networks" / f"{case}.json"] = lambda spec=spec: measure_network(spec, lib)
    for name in SCORERS:
        jobs[GOLDENS / "scorers" / f"{name}.json"] = lambda name=name: measure_scorer(name, lib)
    for name in FACTORIES:
        jobs[GOLDENS / "factories" / f"{name}.json"] = lambda name=name: measure_factory(name, lib)
    for path, measure in jobs.items():
        if path.exists():
            continue
        try:
            found = measure()
        except Exception as error:
            print(f"{path.stem}: not recorded: {type(error).__name__}: {error}")
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(show({"source": lib.source, "found": found}) + "\n", encoding="utf8")
        print(f"{path.stem}: recorded")


def show(value: Any, indent: int = 0, width: int = 118) -> str:
    """JSON with whatever fits on one line."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= width or not isinstance(value, (dict, list)):
        return flat
    pad = " " * (indent + 1)
    if isinstance(value, dict):
        inner = [f"{json.dumps(key)}: {show(item, indent + 1, width)}" for key, item in value.items()]
        return "{\n" + ",\n".join(pad + line for line in inner) + "\n" + " " * indent + "}"
    return "[\n" + ",\n".join(pad + show(item, indent + 1, width) for item in value) + "\n" + " " * indent + "]"


if __name__ == "__main__":
    main()
