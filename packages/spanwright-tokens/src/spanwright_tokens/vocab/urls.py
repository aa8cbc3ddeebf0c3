"""What looks like the address of something on the web."""

from __future__ import annotations

import re
from functools import lru_cache

# Top-level domains that need no further evidence. Those of countries and regions, as IANA delegates them (2024): the
# second letters after each first one.
_REGIONS = {
    "a": "cdefgilmoqrstuwxz", "b": "abdefghijmnorstvwyz", "c": "acdfghiklmnoruvwxyz", "d": "ejkmoz", "e": "cegrstu",
    "f": "ijkmor", "g": "abdefghilmnpqrstuwy", "h": "kmnrtu", "i": "delmnoqrst", "j": "emop", "k": "eghimnprwyz",
    "l": "abcikrstuvy", "m": "acdeghklmnopqrstuvwxyz", "n": "acefgilopruz", "o": "m", "p": "aefghklmnrstwy",
    "q": "a", "r": "eosuw", "s": "abcdeghijklmnorstuvxyz", "t": "cdfghjklmnortvwz", "u": "agksyz", "v": "aceginu",
    "w": "fs", "y": "et", "z": "amw",
}  # fmt: skip
_PURPOSES = """
aero asia biz cat com coop edu gov icu info int jobs mil mobi museum name net org pro tel travel xxx xyz
"""
TOP_LEVEL_DOMAINS = frozenset(_PURPOSES.split()) | {first + second for first in _REGIONS for second in _REGIONS[first]}

# A letter or digit; from the inverted exclamation mark on, anything will do.
_SIGN = "0-9a-zA-Z¡-\uffff"
_LABEL = rf"[{_SIGN}](?:[{_SIGN}_-]{{0,62}}[{_SIGN}])?"
_HOST = rf"(?:{_LABEL}\.)+(?P<ending>[^\W\d_]{{2,63}})|(?P<numbers>\d{{1,3}}(?:\.\d{{1,3}}){{3}})"


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:[\w+.-]{{2,}}://)?(?:{_HOST})(?::\d{{2,5}})?(?:[/?#]\S*)?$")


def _is_public(numbers: str) -> bool:
    """Whether four numbers are the address of one machine on the public network, as RFC 1918 and its like tell."""
    parts = numbers.split(".")
    if parts[0][0] == "0" or parts[3][0] == "0" or any(len(part) == 3 and part[0] == "0" for part in parts):
        return False
    first, second, third, last = map(int, parts)
    if not (first < 224 and second < 256 and third < 256 and last < 255):
        return False
    private = first in (10, 127) or (first, second) in ((169, 254), (192, 168))
    return not private and not (first == 172 and 16 <= second < 32)


def is_address(text: str) -> bool:
    """Whether the whole of a text, which holds no `@`, is a host with perhaps a scheme, a port and a path.

    The last part of a host's name has at least two letters, none of them a capital, so that `end.Start`, two
    sentences without a blank between them, is no address. Numbers must be a public address: `10.0.0.1` is none.
    """
    found = _pattern().match(text)
    if found is None:
        return False
    if found["numbers"]:
        return _is_public(found["numbers"])
    return not any(char.isupper() for char in found["ending"])
