"""Exact parity of text classification: 20 steps from weights that the peer initialized, with both libraries.

Losses agree within 1e-3 relative, weights and averages within 1e-4 (design.md, section 7). As in test_parity.py there
are two tests: without kernels and with the peer's thinc every network agrees under Adam and plain descent, to the last
bit; with kernels and whichever thinc is installed the losses do, and the weights under plain descent. Bags of n-grams
agree with Adam and kernels, too: nothing in them is so near to a tie that rounding could decide it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy
import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
from test_parity import run
from textcat_cases import ADAM, EXCLUSIVE, MULTI, SGD, cases, make_data

LOSSES, WEIGHTS = 1e-3, 1e-4
CASES = cases({"adam": ADAM, "sgd": SGD})
Run = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def start(peer: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the data, the cases, and the pipelines that the peer initialized."""
    folder = tmp_path_factory.mktemp("textcat")
    for component, data in make_data(folder).items():
        chosen = {name: case for name, case in CASES.items() if f"-{component}-" in name}
        (folder / f"{component}.json").write_text(json.dumps(chosen))
        run(peer, HERE / "textcat_worker.py", "init", data, folder, folder / f"{component}.json")
    return folder


def steps(library: str, python: str | Path, folder: Path, *packages: str, **options: str) -> dict[str, Any]:
    """Losses of the steps and weights after them, by case and parameter."""
    arrays: dict[str, Any] = {}
    for component in (EXCLUSIVE, MULTI):
        out = folder / f"{library}-{component}.npz"
        arguments = [library, folder / f"{component}.spacy", folder, folder / f"{component}.json", out, *packages]
        run(python, HERE / "textcat_worker.py", "steps", *arguments, **options)
        with numpy.load(out, allow_pickle=False) as found:
            arrays.update({key: found[key] for key in found.files})
    return arrays


@pytest.fixture(scope="module")
def theirs(peer: Path, start: Path) -> dict[str, Any]:
    return steps("spacy", peer, start)


@pytest.fixture(scope="module")
def node_by_node(peer: Path, start: Path) -> dict[str, Any]:
    """Ours in the peer's environment, thus with its thinc and BLIS, without kernels."""
    version = subprocess.run(
        [str(peer), "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True, check=True
    )
    if version.stdout.strip() != str(sys.version_info[:2]):
        pytest.skip("our compiled modules need the peer's Python to be of this version")
    return steps("spanwright", peer, start, sysconfig.get_path("purelib"), kernels="off")


@pytest.fixture(scope="module")
def with_kernels(start: Path) -> dict[str, Any]:
    return steps("spanwright", sys.executable, start)


def compare(case: str, ours: dict[str, Any], theirs: dict[str, Any]) -> tuple[float, float, str]:
    """The largest relative difference of a loss, that of a weight, and where it is."""
    keys = {key for key in theirs if key.startswith(f"{case}/")}
    assert keys == {key for key in ours if key.startswith(f"{case}/")}
    losses = f"{case}/losses"
    off = abs(ours[losses] - theirs[losses]) / numpy.maximum(abs(theirs[losses]), 1e-3)
    furthest = {key: float(abs(ours[key] - theirs[key]).max()) for key in keys - {losses} if ours[key].size}
    worst = max(furthest, key=furthest.__getitem__)
    print(f"{case}: losses {off.max():.1e}, weights {furthest[worst]:.1e} ({worst})")
    return float(off.max()), furthest[worst], worst


@pytest.mark.parametrize("case", CASES)
def test_node_by_node_every_network_agrees(node_by_node: dict[str, Any], theirs: dict[str, Any], case: str) -> None:
    off, distance, worst = compare(case, node_by_node, theirs)
    assert off < LOSSES
    assert distance < WEIGHTS, worst


@pytest.mark.parametrize("case", CASES)
def test_with_kernels_losses_agree_and_with_descent_the_weights(
    with_kernels: dict[str, Any], theirs: dict[str, Any], case: str
) -> None:
    off, distance, worst = compare(case, with_kernels, theirs)
    assert off < LOSSES
    if case.endswith("-sgd") or "BOW" in case:
        assert distance < WEIGHTS, worst


@pytest.mark.parametrize("case", [case for case in CASES if case.endswith("-adam")])
def test_it_is_no_toy(theirs: dict[str, Any], case: str) -> None:
    """The optimizers lead to other weights, far above what they may differ by."""
    other = case.removesuffix("adam") + "sgd"
    weights = [key for key in theirs if key.startswith(f"{case}/weights/")]
    assert max(abs(theirs[key] - theirs[key.replace(case, other)]).max() for key in weights) > 30 * WEIGHTS
