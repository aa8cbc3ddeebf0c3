"""The ids of lexeme and token attributes: `ORTH` is 65, `IS_ALPHA` is 1, ...

A flag's id (1 to 63) is also the number of its bit in a lexeme's flags.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .errors import InvalidValueError, nearest
from .symbols import IDS as _SYMBOL_IDS
from .symbols import NAMES as _SYMBOL_NAMES

IOB_STRINGS = ("", "I", "O", "B")

_NOT_ATTRIBUTES = ("CLUSTER", "PROB")
_LATER = ("ENT_KB_ID", "MORPH", "ENT_ID", "IDX")
_FIRST_OTHER = 84

IDS: dict[str, int] = {name: i for i, name in enumerate(_SYMBOL_NAMES[:_FIRST_OTHER]) if name not in _NOT_ATTRIBUTES}
IDS.update((name, _SYMBOL_IDS[name]) for name in _LATER)
NAMES: list[str] = [name for name, _ in sorted(IDS.items(), key=lambda item: item[1])]

NULL_ATTR = 0
globals().update({name: i for name, i in IDS.items() if name})


def intify_attr(name: int | str) -> int | None:
    """The id of an attribute that is given by name (in any case) or by id; None if there is no such attribute."""
    if isinstance(name, int):
        return name
    found = IDS.get(name)
    return found if found is not None else IDS.get(name.upper())


def attr_id(name: int | str) -> int:
    """The id of an attribute that is given by name (in any case) or by id.

    Raises InvalidValueError (a ValueError) for a name that no attribute has.
    """
    found = intify_attr(name)
    if found is None:
        raise InvalidValueError(f"There is no attribute {name!r}.{nearest(str(name).upper(), IDS)}")
    return found


def intify_attrs(
    stringy_attrs: Mapping[Any, Any], strings_map: Any = None, _do_deprecated: bool = False
) -> dict[int, Any]:
    """Turn the names of a dictionary of attributes into ids, and its strings too where a store is given.

    stringy_attrs: attribute name or id -> value. Names that no attribute has are left out.
    strings_map: a StringStore that string values are added to; None leaves them as they are.
    """
    result: dict[int, Any] = {}
    for name, value in stringy_attrs.items():
        key = intify_attr(name)
        if key is None:
            continue
        if key == IDS["ENT_IOB"] and isinstance(value, str):
            if value not in IOB_STRINGS:
                raise InvalidValueError(f"ENT_IOB must be one of {list(IOB_STRINGS)}, found {value!r}.")
            value = IOB_STRINGS.index(value)
        if strings_map is not None and isinstance(value, str):
            value = strings_map.add(value) if hasattr(strings_map, "add") else strings_map[value]
        result[key] = value
    return result


intern_attrs = intify_attrs
