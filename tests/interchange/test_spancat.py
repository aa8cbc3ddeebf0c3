"""Components for spans cross over: trained by the peer and loaded here, trained here and loaded by the peer.

Candidates are the same, scores within 1e-4, and so are the spans, but for those whose score is that near the threshold.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "training"))
from spans_cases import ADAM, CNN, variants

LITBANK = HERE.parents[2] / "shared" / "data" / "spancat-litbank" / "dev"
WORKER = HERE / "training" / "spans_worker.py"
CASES = {name: case for name, case in variants(CNN, {**ADAM, "learn_rate": 0.01}).items() if "dropout" not in name}
SCORES, NEAR = 1e-4, 1e-3
THRESHOLD = 0.1  # low, for the training is short
for _name, _case in CASES.items():
    if "singlelabel" not in _name:
        _case["pipes"][-1][1]["threshold"] = THRESHOLD


def run(python: str | Path, *arguments: str | Path) -> None:
    threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [str(python), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": "", **threads}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def found(peer: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """What either library scores with pipelines that either has trained, by the library that scores."""
    if not LITBANK.is_dir():
        pytest.skip(f"no {LITBANK}")
    folder = tmp_path_factory.mktemp("spans")
    data, cases = folder / "data.spacy", folder / "cases.json"
    run(peer, HERE / "peer_litbank.py", LITBANK, data)
    cases.write_text(json.dumps(CASES))
    run(peer, WORKER, "init", data, folder, cases)
    sides = {"spacy": peer, "spanwright": sys.executable}
    for library, python in sides.items():
        run(python, WORKER, "train", library, data, folder, cases)
    trained = {f"{name}-{library}": case for name, case in CASES.items() for library in sides}
    cases.write_text(json.dumps(trained))
    results = {}
    for library, python in sides.items():
        out = folder / f"{library}.npz"
        run(python, WORKER, "scores", library, data, folder, cases, out)
        with numpy.load(out, allow_pickle=False) as arrays:
            results[library] = {key: arrays[key] for key in arrays.files}
    return results


@pytest.mark.parametrize("trainer", ["spacy", "spanwright"])
@pytest.mark.parametrize("case", CASES)
def test_both_libraries_give_the_same(found: dict[str, dict[str, Any]], case: str, trainer: str) -> None:
    def parts(name: str) -> tuple[Any, Any]:
        return tuple(found[library].get(f"{case}-{trainer}/{name}") for library in ("spanwright", "spacy"))

    ours, theirs = parts("scores")
    assert ours.shape == theirs.shape
    assert abs(ours - theirs).max() < SCORES
    if "finder" not in case:
        assert numpy.array_equal(*parts("candidates"))
    spans = [set(map(tuple, rows.tolist())) for rows in parts("spans")]
    assert len(spans[1]) > 10  # the training has had an effect
    # A span that only one library sets has a score next to the threshold, or next to that of another label.
    best = numpy.sort(theirs, axis=1)
    near = min(abs(theirs - THRESHOLD).min(), (best[:, -1] - best[:, -2]).min())
    assert spans[0] == spans[1] or near < NEAR, spans[0] ^ spans[1]
    if spans[0] == spans[1]:
        assert numpy.array_equal(*parts("spans"))
        kept = parts("kept")
        assert kept[0].shape == kept[1].shape
        assert numpy.allclose(*kept, atol=SCORES)
