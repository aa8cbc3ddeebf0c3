import numpy as np
from numpy.typing import NDArray

def find(
    fits: NDArray[np.uint8], quantifiers: NDArray[np.uint8], starts: NDArray[np.int32]
) -> NDArray[np.int32]: ...
