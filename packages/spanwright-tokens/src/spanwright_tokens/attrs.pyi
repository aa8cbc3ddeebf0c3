from collections.abc import Mapping
from typing import Any

IOB_STRINGS: tuple[str, ...]
IDS: dict[str, int]
NAMES: list[str]
NULL_ATTR: int

def intify_attr(name: int | str) -> int | None: ...
def attr_id(name: int | str) -> int: ...
def intify_attrs(
    stringy_attrs: Mapping[Any, Any], strings_map: Any = None, _do_deprecated: bool = False
) -> dict[int, Any]: ...
def intern_attrs(
    stringy_attrs: Mapping[Any, Any], strings_map: Any = None, _do_deprecated: bool = False
) -> dict[int, Any]: ...
def __getattr__(name: str) -> int: ...
