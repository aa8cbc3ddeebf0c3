import numpy as np
from numpy.typing import NDArray

def find(
    fits: NDArray[np.uint8],
    rows: NDArray[np.int32],
    quantifiers: NDArray[np.uint8],
    final: NDArray[np.uint8],
    starts: NDArray[np.int32],
    merging: bool = True,
    tracing: bool = False,
    crowded: bool = False,
) -> tuple[NDArray[np.int32], NDArray[np.int32]]: ...
