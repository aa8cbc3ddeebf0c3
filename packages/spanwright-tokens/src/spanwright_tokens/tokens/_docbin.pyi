from collections.abc import Iterable, Sequence

import numpy as np

from ..vocab.arena import Arena
from ..vocab.vocab import Vocab
from .doc import Doc

def new_arena(vocab: Vocab, strings: Iterable[str]) -> Arena: ...
def doc_of_words(vocab: Vocab, arena: Arena, orths: np.ndarray, spaces: Sequence[bool] | None) -> Doc: ...
def keep_labels(doc: Doc, group_ids: Iterable[int]) -> None: ...
