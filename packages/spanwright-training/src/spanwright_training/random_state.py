"""The random numbers' state, as plain data: Python's, NumPy's and, where they are loaded, torch's and CuPy's."""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import numpy


def get_random_state() -> dict[str, Any]:
    """What `set_random_state` needs, as numbers and arrays."""
    version, numbers, gauss = random.getstate()
    kind, keys, position, has_gauss, cached = numpy.random.get_state()
    state: dict[str, Any] = {
        "python": {"version": version, "numbers": numpy.array(numbers, dtype="uint32"), "gauss": gauss},
        "numpy": {
            "kind": kind, "keys": keys, "position": int(position), "has_gauss": int(has_gauss),
            "cached": float(cached),
        },
    }  # fmt: skip
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        state["torch"] = torch.get_rng_state().numpy()
        if torch.cuda.is_available():
            state["torch_cuda"] = [found.numpy() for found in torch.cuda.get_rng_state_all()]
    return state


def set_random_state(state: Mapping[str, Any]) -> None:
    """Put the random numbers back to where they were."""
    python, other = state["python"], state["numpy"]
    random.setstate((python["version"], tuple(int(n) for n in python["numbers"]), python["gauss"]))
    numpy.random.set_state((other["kind"], other["keys"], other["position"], other["has_gauss"], other["cached"]))
    torch = sys.modules.get("torch")
    if torch is not None and "torch" in state:
        torch.set_rng_state(torch.from_numpy(numpy.array(state["torch"])))
        if torch.cuda.is_available() and "torch_cuda" in state:
            torch.cuda.set_rng_state_all([torch.from_numpy(numpy.array(one)) for one in state["torch_cuda"]])


@contextmanager
def random_state_kept() -> Iterator[None]:
    """A `with` block that draws no random number, as far as those outside can tell."""
    state = get_random_state()
    try:
        yield
    finally:
        set_random_state(state)
