import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ..tokens import Doc
from ..vocab import Vocab

_Search = Callable[[str], Any]
_Rules = Mapping[str, Iterable[Mapping[Any, Any]]]

class Tokenizer:
    """Cut text into tokens by rules, and make Docs of them."""

    @property
    def vocab(self) -> Vocab: ...
    rules: Any
    prefix_search: _Search | None
    suffix_search: _Search | None
    infix_finditer: Callable[[str], Iterator[Any]] | None
    token_match: _Search | None
    url_match: _Search | None
    faster_heuristics: bool
    max_cache_size: int

    def __init__(
        self,
        vocab: Vocab,
        rules: _Rules | None = None,
        prefix_search: _Search | str | None = None,
        suffix_search: _Search | str | None = None,
        infix_finditer: Callable[[str], Iterator[Any]] | str | None = None,
        token_match: _Search | str | None = None,
        url_match: _Search | str | None = None,
        faster_heuristics: bool = True,
        max_cache_size: int = 10000,
    ) -> None: ...
    def __call__(self, string: str) -> Doc: ...
    def pipe(self, texts: Iterable[str], batch_size: int = 1000) -> Iterator[Doc]: ...
    def add_special_case(self, string: str, substrings: Iterable[Mapping[Any, Any]]) -> None: ...
    def explain(self, text: str) -> list[tuple[str, str]]: ...
    def find_prefix(self, string: str) -> int: ...
    def find_suffix(self, string: str) -> int: ...
    def find_infix(self, string: str) -> list[re.Match[str]]: ...
    def score(self, examples: Iterable[Any], **kwargs: Any) -> dict[str, float | None]: ...
    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None: ...
    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Tokenizer: ...
    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes: ...
    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Tokenizer: ...
