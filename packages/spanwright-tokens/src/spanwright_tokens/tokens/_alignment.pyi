import numpy as np

from .doc import Doc

def pair_tokens(
    x_text: str,
    x_starts: np.ndarray,
    x_ends: np.ndarray,
    y_text: str,
    y_starts: np.ndarray,
    y_ends: np.ndarray,
) -> tuple[np.ndarray | None, int, int]: ...
def token_bounds(doc: Doc) -> tuple[np.ndarray, np.ndarray]: ...
def is_space_mask(doc: Doc) -> np.ndarray: ...
