from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

class Trace:
    which: NDArray[np.uint8]
    normed: Floats
    rstd: Floats
    def __init__(self, n: int, hidden: int) -> None: ...

def maxima(x: Floats, starts: Ints, ends: Ints, trace: bool = False) -> tuple[Floats, Any]: ...
def reductions(x: Floats, starts: Ints, ends: Ints, trace: bool = False) -> tuple[Floats, Any]: ...
def sums_of_means(tables: Floats) -> NDArray[np.float64]: ...
def sums_of_means_back(d_means: NDArray[np.float64], d_tables: Floats) -> None: ...
def hidden(
    sums: Floats,
    starts: Ints,
    ends: Ints,
    bias: Floats,
    scale: Floats,
    shift: Floats,
    out: Floats,
    *,
    first: int = 0,
    tables: Floats | None = None,
    means: NDArray[np.float64] | None = None,
    mask: Floats | None = None,
    trace: Trace | None = None,
) -> None: ...
def hidden_back(
    dy: Floats,
    trace: Trace,
    pieces: int,
    starts: Ints,
    ends: Ints,
    scale: Floats,
    d_bias: NDArray[np.float64],
    d_scale: NDArray[np.float64],
    d_shift: NDArray[np.float64],
    *,
    first: int = 0,
    d_tables: Floats | None = None,
    d_means: NDArray[np.float64] | None = None,
    mask: Floats | None = None,
) -> Floats: ...
def maxima_back(d: Floats, which: Ints, dx: Floats) -> None: ...
def reductions_back(d: Floats, starts: Ints, ends: Ints, which: Ints, dx: Floats) -> None: ...
def without_overlap(starts: Ints, ends: Ints, n_tokens: int) -> NDArray[np.bool_]: ...
