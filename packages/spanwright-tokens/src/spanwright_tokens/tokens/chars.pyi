from typing import Any

from .doc import Doc
from .span import Span

NO_SENTENCES: str

def token_at_char(doc: Doc, position: int) -> int: ...
def char_span(
    doc: Doc,
    start_idx: int,
    end_idx: int,
    label: int | str,
    kb_id: int | str,
    vector: Any,
    alignment_mode: str,
    span_id: int | str,
) -> Span | None: ...
def normalize_slice(length: int, start: int | None, stop: int | None, step: int | None = None) -> tuple[int, int]: ...
