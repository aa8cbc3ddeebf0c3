from collections.abc import Iterable
from typing import Any

from numpy import ndarray

FEATURES: tuple[int, ...]
ARC_COLUMNS: tuple[str, ...]

class Gold:
    is_arc: bool
    arrays: dict[str, ndarray]
    n_rows: int

class PackedNetwork:
    n_moves: int
    lanes: int

class Batch:
    is_arc: bool
    arrays: dict[str, Any]
    n_states: int
    n_rows: int
    n_moves: int
    def final(self, rows: ndarray) -> ndarray: ...
    def features(self, rows: ndarray, n_features: int) -> ndarray: ...
    def valid(self, rows: ndarray) -> ndarray: ...
    def advance(self, rows: ndarray, chosen: ndarray) -> int: ...
    def follow(self, rows: ndarray, scores: ndarray) -> ndarray: ...
    def costs(self, rows: ndarray, gold: Gold) -> ndarray: ...
    def gradient(self, rows: ndarray, gold: Gold, scores: ndarray) -> tuple[ndarray, ndarray, int]: ...
    def oracle(self, rows: ndarray, gold: Gold) -> tuple[ndarray, ndarray, int]: ...
    def replay(self, rows: ndarray, at: ndarray, chosen: ndarray) -> int: ...
    def greedy(self, network: PackedNetwork, vectors: list[ndarray], start: int, stop: int) -> Greedy: ...

class Greedy:
    def run(self, n_threads: int = 1) -> None: ...

def lanes() -> int: ...
def pack(
    lower: ndarray,
    bias: ndarray,
    pad: ndarray,
    upper: ndarray | None,
    upper_bias: ndarray | None,
    unseen: Iterable[int],
    project: ndarray | None = None,
    project_bias: ndarray | None = None,
    width: int = 0,
) -> PackedNetwork: ...
def arc_batch(
    cursors: ndarray,
    columns: ndarray,
    flags: ndarray,
    preset: ndarray,
    actions: ndarray,
    labels: ndarray,
    special: int,
) -> Batch: ...
def biluo_batch(
    cursors: ndarray,
    taken: ndarray,
    iob: ndarray,
    types: ndarray,
    starts: ndarray,
    space: ndarray,
    actions: ndarray,
    labels: ndarray,
) -> Batch: ...
def arc_gold(head: ndarray, label: ndarray, flags: ndarray, next_start: ndarray, lengths: ndarray) -> Gold: ...
def biluo_gold(action: ndarray, label: ndarray, wrong_at: ndarray, wrong: ndarray) -> Gold: ...
