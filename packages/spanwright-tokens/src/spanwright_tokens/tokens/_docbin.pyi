from collections.abc import Iterable

import numpy as np

from ..vocab.vocab import Vocab
from .doc import Doc

class DocMaker:
    def __init__(self, vocab: Vocab, strings: Iterable[str], attrs: Iterable[int]) -> None: ...
    def make(self, rows: np.ndarray, spaces: np.ndarray | None) -> Doc: ...
    def keep_labels(self, ids: Iterable[int]) -> None: ...
