from numpy import ndarray

def unlift(
    heads: ndarray, labels: ndarray, lengths: ndarray, space: ndarray, own: ndarray, above: ndarray
) -> None: ...
