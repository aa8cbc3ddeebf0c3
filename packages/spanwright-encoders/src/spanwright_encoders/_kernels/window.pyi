from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

LARGEST_PIECES: int

def lanes() -> int: ...
def guard(window_size: int) -> int: ...

class Packed:
    width: int
    pieces: int
    window: int
    def __init__(self, weights: Floats, bias: Floats, lanes: int | None = None) -> None: ...
    def is_of(self, weights: Floats, bias: Floats) -> bool: ...

class Trace:
    which: Any
    normed: Any
    rstd: Any
    mask: Any
    def __init__(self, n: int, width: int, mask: Floats | None = None) -> None: ...

def forward(
    x: Floats,
    n: int,
    window_size: int,
    packed: Packed,
    scale: Floats,
    shift: Floats,
    y: Floats,
    trace: Trace | None = None,
) -> None: ...
def backward(dy: Floats, trace: Trace, scale: Floats, pieces: int) -> tuple[Any, Any, Any, Any]: ...
