"""Training steps of both libraries in processes of their own, and how far apart they end."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def run(python: str | Path, *arguments: str | Path, kernels: str = "on") -> str:
    """Run a Python with one thread and nothing of ours on its path; what it prints.

    kernels: "off" has ours compute node by node.
    """
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": "", "SPANWRIGHT_KERNELS": kernels}
    command = [str(python), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def need_same_version(peer: Path) -> None:
    """Skip a test that runs ours, with its compiled modules, by the peer's Python, if that is of another version."""
    if run(peer, "-c", "import sys; print(sys.version_info[:2])").strip() != str(sys.version_info[:2]):
        pytest.skip("our compiled modules need the peer's Python to be of this version")


def arrays(file: Path) -> dict[str, Any]:
    """The arrays of an .npz file."""
    with numpy.load(file, allow_pickle=False) as found:
        return {key: found[key] for key in found.files}


def compare(case: str, ours: dict[str, Any], theirs: dict[str, Any], least: float = 0.1) -> tuple[Any, float, str]:
    """Relative differences of the losses by step, and the largest difference of a weight and where it is.

    least: Losses below this count as this.
    """
    kinds = (f"{case}/weights/", f"{case}/averages/")
    keys = {key for key in theirs if key.startswith(kinds)}
    assert keys == {key for key in ours if key.startswith(kinds)}
    losses = f"{case}/losses"
    assert ours[losses].shape == theirs[losses].shape
    off = abs(ours[losses] - theirs[losses]) / numpy.maximum(abs(theirs[losses]), least)
    furthest = {key: float(abs(ours[key] - theirs[key]).max()) for key in keys if ours[key].size}
    worst = max(furthest, key=furthest.__getitem__)
    print(f"{case}: losses {off.max():.1e}, weights {furthest[worst]:.1e} ({worst})")
    return off, furthest[worst], worst
