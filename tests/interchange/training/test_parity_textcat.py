"""Exact parity of text classification: 20 steps from weights that the peer initialized, with both libraries.

Losses agree within 1e-3 relative, weights and averages within 1e-4 (design.md, section 7). As in test_parity.py there
are two tests: without kernels and with the peer's thinc every network agrees under Adam and plain descent, to the last
bit; with kernels and whichever thinc is installed the losses do, and the weights under plain descent. Bags of n-grams
agree with Adam and kernels, too: nothing in them is so near to a tie that rounding could decide it.
"""

from __future__ import annotations

import json
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]
from parity import arrays, compare, need_same_version, run
from textcat_cases import ADAM, EXCLUSIVE, MULTI, SGD, cases, make_data

LOSSES, WEIGHTS = 1e-3, 1e-4
SMALL = 1e-3  # losses below count as this
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
    found: dict[str, Any] = {}
    for component in (EXCLUSIVE, MULTI):
        out = folder / f"{library}-{component}.npz"
        arguments = [library, folder / f"{component}.spacy", folder, folder / f"{component}.json", out, *packages]
        run(python, HERE / "textcat_worker.py", "steps", *arguments, **options)
        found.update(arrays(out))
    return found


@pytest.fixture(scope="module")
def theirs(peer: Path, start: Path) -> dict[str, Any]:
    return steps("spacy", peer, start)


@pytest.fixture(scope="module")
def node_by_node(peer: Path, start: Path) -> dict[str, Any]:
    """Ours in the peer's environment, thus with its thinc and BLIS, without kernels."""
    need_same_version(peer)
    return steps("spanwright", peer, start, sysconfig.get_path("purelib"), kernels="off")


@pytest.fixture(scope="module")
def with_kernels(start: Path) -> dict[str, Any]:
    return steps("spanwright", sys.executable, start)


@pytest.mark.parametrize("case", CASES)
def test_node_by_node_every_network_agrees(node_by_node: dict[str, Any], theirs: dict[str, Any], case: str) -> None:
    off, distance, worst = compare(case, node_by_node, theirs, SMALL)
    assert off.max() < LOSSES
    assert distance < WEIGHTS, worst


@pytest.mark.parametrize("case", CASES)
def test_with_kernels_losses_agree_and_with_descent_the_weights(
    with_kernels: dict[str, Any], theirs: dict[str, Any], case: str
) -> None:
    off, distance, worst = compare(case, with_kernels, theirs, SMALL)
    assert off.max() < LOSSES
    if case.endswith("-sgd") or "BOW" in case:
        assert distance < WEIGHTS, worst


@pytest.mark.parametrize("case", [case for case in CASES if case.endswith("-adam")])
def test_it_is_no_toy(theirs: dict[str, Any], case: str) -> None:
    """The optimizers lead to other weights, far above what they may differ by."""
    other = case.removesuffix("adam") + "sgd"
    weights = [key for key in theirs if key.startswith(f"{case}/weights/")]
    assert max(abs(theirs[key] - theirs[key.replace(case, other)]).max() for key in weights) > 30 * WEIGHTS
