import numpy as np

def step(
    totals: np.ndarray,
    rows: np.ndarray,
    sizes: np.ndarray,
    done: np.ndarray,
    scores: np.ndarray,
    valid: np.ndarray,
    where: np.ndarray,
    number: int,
    density: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]: ...
def copy_stretches(columns: np.ndarray, source: np.ndarray, target: np.ndarray, lengths: np.ndarray) -> None: ...
def copy_flags(flags: np.ndarray, source: np.ndarray, target: np.ndarray, lengths: np.ndarray) -> None: ...
