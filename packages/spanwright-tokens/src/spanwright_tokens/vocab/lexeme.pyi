from typing import Any

from .arena import Arena
from .vocab import Vocab

OOV_RANK: int

class Lexeme:
    @property
    def arena(self) -> Arena | None: ...
    @property
    def has_vector(self) -> bool: ...
    @property
    def is_oov(self) -> bool: ...
    @property
    def orth(self) -> int: ...
    @property
    def orth_(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def vector_norm(self) -> Any: ...
    @property
    def vocab(self) -> Vocab: ...
    vector: Any
    rank: int
    prob: float
    cluster: int
    sentiment: float
    flags: int
    is_alpha: bool
    is_ascii: bool
    is_bracket: bool
    is_currency: bool
    is_digit: bool
    is_left_punct: bool
    is_lower: bool
    is_punct: bool
    is_quote: bool
    is_right_punct: bool
    is_space: bool
    is_stop: bool
    is_title: bool
    is_upper: bool
    lang: int
    lang_: str
    like_email: bool
    like_num: bool
    like_url: bool
    lower: int
    lower_: str
    norm: int
    norm_: str
    prefix: int
    prefix_: str
    shape: int
    shape_: str
    suffix: int
    suffix_: str
    def __init__(self, vocab: Vocab, orth: int) -> None: ...
    def set_attrs(self, **attrs: Any) -> None: ...
    def set_flag(self, flag_id: int, value: bool) -> None: ...
    def check_flag(self, flag_id: int) -> bool: ...
    def similarity(self, other: Any) -> float: ...
    def _get_attr(self, attr: int) -> int: ...
    def __hash__(self) -> int: ...
    def __lt__(self, other: object) -> bool: ...
    def __le__(self, other: object) -> bool: ...
    def __gt__(self, other: object) -> bool: ...
    def __ge__(self, other: object) -> bool: ...
