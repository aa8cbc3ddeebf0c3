"""How many threads the linear algebra libraries of this process may use."""

from __future__ import annotations

import ctypes
import os
import sys
from contextlib import suppress
from pathlib import Path

VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS")
# OpenBLAS as NumPy's wheels and the systems' packages name its function.
SETTERS = (
    "scipy_openblas_set_num_threads64_",
    "scipy_openblas_set_num_threads",
    "openblas_set_num_threads64_",
    "openblas_set_num_threads",
)


def limit_threads(number: int) -> None:
    """Limit the threads of torch and OpenBLAS, as far as they are loaded; what the environment says goes before.

    number: Threads for each call; several processes that each use all processors are slower than one.
    """
    if any(name in os.environ for name in VARIABLES):
        return
    torch = sys.modules.get("torch")
    if torch is not None:
        with suppress(Exception):
            torch.set_num_threads(number)
    for path in _loaded():
        with suppress(OSError):
            library = ctypes.CDLL(path)
            for name in SETTERS:
                if hasattr(library, name):
                    getattr(library, name)(ctypes.c_int(number))


def compute_without_openmp() -> None:
    """Have torch compute in the calling thread alone, whatever the environment says.

    Its OpenMP waits for ever for its threads in a process that was forked after they had work.
    """
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(1)


def _loaded() -> set[str]:
    """Files of the libraries named openblas that are in memory, where the system tells."""
    try:
        lines = Path("/proc/self/maps").read_text(encoding="utf8").splitlines()
    except OSError:
        return set()
    return {line[line.index("/") :] for line in lines if "openblas" in line and "/" in line}
