import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

def count_ngrams(
    ids: NDArray[np.uint64], lengths: NDArray[np.int32], size: int
) -> tuple[NDArray[np.uint64], Floats, NDArray[np.int32]]: ...
def find_slots(keys: NDArray[np.uint64], size: int, v1: bool) -> NDArray[np.uint32]: ...
def scores(
    slots: NDArray[np.uint32], values: Floats, lengths: NDArray[np.int32], W: Floats, b: Floats, v1: bool
) -> Floats: ...
def add_gradient(
    slots: NDArray[np.uint32], values: Floats, lengths: NDArray[np.int32], d_scores: Floats, dW: Floats, v1: bool
) -> None: ...
def norm(values: Floats) -> float: ...
def adam(
    W: Floats,
    dW: Floats,
    mom1: Floats,
    mom2: Floats,
    averages: Floats | None,
    *,
    scale: float,
    beta1: float,
    beta2: float,
    eps: float,
    rate: float,
    decay: float,
    average: float,
) -> None: ...
