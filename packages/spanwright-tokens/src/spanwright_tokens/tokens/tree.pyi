from typing import Any

from .doc import Doc

def common_ancestors(doc: Doc, start: int, stop: int) -> Any: ...
