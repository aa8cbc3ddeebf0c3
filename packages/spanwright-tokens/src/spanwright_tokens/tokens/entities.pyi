from collections.abc import Iterable
from enum import Enum
from typing import Any

from .doc import Doc
from .span import Span

class SetEntsDefault(str, Enum):
    blocked = "blocked"
    missing = "missing"
    outside = "outside"
    unmodified = "unmodified"
    @classmethod
    def values(cls) -> list[str]: ...

def get_ents(doc: Doc) -> tuple[Span, ...]: ...
def as_span(doc: Doc, entity: Any) -> Span: ...
def set_ents(
    doc: Doc,
    entities: Iterable[Span],
    *,
    blocked: Iterable[Span] | None = None,
    missing: Iterable[Span] | None = None,
    outside: Iterable[Span] | None = None,
    default: str = "outside",
) -> None: ...
