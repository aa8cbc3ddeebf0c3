"""What looks like the address of something on the web."""

from __future__ import annotations

import re
from functools import lru_cache

# Top-level domains that need no further evidence; each line holds the endings of one first letter.
_ENDINGS = """
com org edu gov net mil aero asia biz cat coop info int jobs mobi museum name pro tel travel xyz icu xxx
ac ad ae af ag ai al am an ao aq ar as at au aw ax az
ba bb bd be bf bg bh bi bj bm bn bo br bs bt bv bw by bz
ca cc cd cf cg ch ci ck cl cm cn co cr cs cu cv cx cy cz
dd de dj dk dm do dz
ec ee eg eh er es et eu
fi fj fk fm fo fr
ga gb gd ge gf gg gh gi gl gm gn gp gq gr gs gt gu gw gy
hk hm hn hr ht hu
id ie il im in io iq ir is it
je jm jo jp
ke kg kh ki km kn kp kr kw ky kz
la lb lc li lk lr ls lt lu lv ly
ma mc md me mg mh mk ml mm mn mo mp mq mr ms mt mu mv mw mx my mz
na nc ne nf ng ni nl no np nr nu nz
om
pa pe pf pg ph pk pl pm pn pr ps pt pw py
qa
re ro rs ru rw
sa sb sc sd se sg sh si sj sk sl sm sn so sr ss st su sv sy sz
tc td tf tg th tj tk tl tm tn to tp tr tt tv tw tz
ua ug uk us uy uz
va vc ve vg vi vn vu
wf ws
ye yt
za zm zw
"""
TOP_LEVEL_DOMAINS = frozenset(_ENDINGS.split())

_LETTER = r"A-Za-z0-9\u00a1-\uffff"
_NAMED_HOST = rf"(?:(?:[{_LETTER}][{_LETTER}_-]{{0,62}})?[{_LETTER}]\.)+(?P<tld>[^\W\d_]{{2,63}})"
_OCTET = r"(?:1?\d{1,2}|2[0-4]\d|25[0-5])"
_PRIVATE = r"(?:10|127)(?:\.\d{1,3}){3}|(?:169\.254|192\.168)(?:\.\d{1,3}){2}|172\.(?:1[6-9]|2\d|3[01])(?:\.\d{1,3}){2}"
_ADDRESS = rf"(?!{_PRIVATE})(?:[1-9]\d?|1\d\d|2[01]\d|22[0-3])(?:\.{_OCTET}){{2}}\.(?:[1-9]\d?|1\d\d|2[0-4]\d|25[0-4])"


@lru_cache(maxsize=1)
def _pattern() -> re.Pattern[str]:
    return re.compile(rf"(?:[\w+.-]{{2,}}://)?(?:{_ADDRESS}|{_NAMED_HOST})(?::\d{{2,5}})?(?:[/?#]\S*)?$")


def is_address(text: str) -> bool:
    """Whether the whole of a text, which holds no `@`, is a host with perhaps a scheme, a port and a path.

    The last part of a host's name has at least two letters, none of them a capital, so that `end.Start`, two
    sentences without a blank between them, is no address.
    """
    found = _pattern().match(text)
    if found is None:
        return False
    ending = found["tld"]
    return ending is None or not any(char.isupper() for char in ending)
