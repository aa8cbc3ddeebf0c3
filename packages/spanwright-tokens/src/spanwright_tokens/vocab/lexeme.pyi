from typing import Any

from .arena import Arena
from .vocab import Vocab

OOV_RANK: int

class Lexeme:
    @property
    def vocab(self) -> Vocab: ...
    @property
    def arena(self) -> Arena | None: ...
    @property
    def orth(self) -> int: ...
    @property
    def orth_(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def is_oov(self) -> bool: ...
    @property
    def has_vector(self) -> bool: ...
    @property
    def vector_norm(self) -> Any: ...
    vector: Any
    rank: int
    prob: float
    cluster: int
    sentiment: float
    flags: int
    lower: int
    lower_: str
    norm: int
    norm_: str
    shape: int
    shape_: str
    prefix: int
    prefix_: str
    suffix: int
    suffix_: str
    lang: int
    lang_: str
    is_alpha: bool
    is_ascii: bool
    is_digit: bool
    is_lower: bool
    is_upper: bool
    is_title: bool
    is_punct: bool
    is_space: bool
    is_bracket: bool
    is_quote: bool
    is_left_punct: bool
    is_right_punct: bool
    is_currency: bool
    is_stop: bool
    like_url: bool
    like_num: bool
    like_email: bool
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
