"""Text classifiers cross over: trained by either library and loaded by the other, they give the same scores."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

TRAINING = Path(__file__).parent / "training"
sys.path.insert(0, str(TRAINING))
from test_parity import run
from textcat_cases import ADAM, EXCLUSIVE, MULTI, cases, make_data

TOLERANCE = 1e-4
CASES = cases({"adam": ADAM})
WORKER = TRAINING / "textcat_worker.py"


@pytest.fixture(scope="module")
def crossed(peer: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], dict[str, dict[str, Any]]]:
    """Scores by library, of the pipelines that one of them trained."""
    folder = tmp_path_factory.mktemp("textcat")
    data = make_data(folder)
    pythons = {"spanwright": sys.executable, "spacy": str(peer)}
    kept: dict[str, dict[str, dict[str, Any]]] = {}

    def cross(trainer: str) -> dict[str, dict[str, Any]]:
        if trainer not in kept:
            found: dict[str, dict[str, Any]] = {library: {} for library in pythons}
            for component in (EXCLUSIVE, MULTI):
                chosen = {name: case for name, case in CASES.items() if f"-{component}-" in name}
                (folder / "cases.json").write_text(json.dumps(chosen))
                to = folder / trainer
                to.mkdir(exist_ok=True)
                run(pythons[trainer], WORKER, "train", trainer, data[component], to, folder / "cases.json")
                for library, python in pythons.items():
                    out = folder / "scores.npz"
                    run(python, WORKER, "scores", library, data[component], to, folder / "cases.json", out)
                    with numpy.load(out, allow_pickle=False) as arrays:
                        found[library].update({key: arrays[key] for key in arrays.files})
            kept[trainer] = found
        return kept[trainer]

    return cross


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("trainer", ["spanwright", "spacy"])
def test_both_libraries_score_alike_with_what_either_trained(
    crossed: Callable[[str], dict[str, dict[str, Any]]], trainer: str, case: str
) -> None:
    found = crossed(trainer)
    ours, theirs = (found[library][case] for library in ("spanwright", "spacy"))
    assert found["spanwright"][f"{case} labels"].tolist() == found["spacy"][f"{case} labels"].tolist()
    assert ours.shape == theirs.shape
    assert len(ours) == 60
    assert abs(ours - theirs).max() < TOLERANCE
    assert theirs.std(axis=0).max() > 1e-2  # it has learnt something
