"""English texts with tokens of their own: contractions, abbreviations, times of day."""

from __future__ import annotations

from itertools import product

from spanwright.lang.tokenizer_exceptions import BASE_EXCEPTIONS, Exceptions, pieces, update_exc, words

_APOSTROPHES = "'’"

# What follows a subject, and the norm of what does.
_WILL = {"ll": "will"}
_HAVE = {"ve": "have"}
_WOULD = {"d": "'d"}
_ARE = {"re": "are"}
_AM = {"m": "am"}
_IS = {"s": "'s"}
_SUBJECTS = {
    **{subject: {**_WILL, **_HAVE, **_WOULD, **_ARE} for subject in ("you", "we", "they")},
    **{subject: {**_WILL, **_WOULD, **_IS} for subject in ("he", "she", "it", "that", "there")},
    "i": {**_AM, **_WILL, **_HAVE, **_WOULD},
    "this": {**_WILL, **_WOULD, **_IS},
    **{
        word: {**_WILL, **_WOULD, **_IS, **_HAVE, **_ARE}
        for word in ("who", "what", "when", "where", "why", "how", "which")
    },
    "these": {**_WILL, **_WOULD, **_ARE, **_HAVE},
    "those": {**_WILL, **_WOULD, **_ARE, **_HAVE},
    **{word: {**_IS, **_WILL, **_WOULD} for word in ("someone", "everyone", "here", "somebody", "everybody")},
}
# Without an apostrophe these are words of their own.
_WORDS_WITHOUT = {
    "ill", "id", "hell", "hed", "shell", "shed", "were", "well", "wed", "its", "whore", "thatd", "whys", "heres",
    "whens", "wheres", "thisd", "thiss", "theres", "thats", "hows", "whats", "whos", "whose",
}  # fmt: skip
_SPLIT_WITHOUT = {"thats", "theres", "whats", "whos", "hows", "heres", "wheres", "whens", "whys"}

# Verbs before "not", with the norm of the verb where it is not the text.
_BEFORE_NOT = {
    "do": None, "does": None, "did": "do", "is": None, "are": None, "was": None, "were": None, "has": None,
    "have": None, "had": "have", "ca": "can", "could": None, "wo": "will", "would": None, "sha": "shall",
    "should": None, "might": None, "must": None, "need": None, "ought": None, "may": None, "dare": None, "ai": None,
}  # fmt: skip
_MODALS = ("could", "might", "must", "should", "would")

_MERGED: list[list[tuple[str, str | None]]] = [
    [("can", None), ("not", None)], [("gon", "going"), ("na", "to")], [("got", None), ("ta", "to")],
    [("let", None), ("'s", "us")], [("let", None), ("’s", "us")], [("lem", "let"), ("me", None)],
    [("gim", "give"), ("me", None)], [("wan", "want"), ("na", "to")], [("y'", "you"), ("all", None)],
    [("y’", "you"), ("all", None)], [("y", "you"), ("all", None)], [("d'", "do"), ("you", None)],
    [("how", None), ("d'", "do"), ("y", "you")], [("how", None), ("d’", "do"), ("y", "you")],
    [("c'm", "come"), ("on", None)], [("c’m", "come"), ("on", None)],
]  # fmt: skip
_CLIPPED = {
    "'em": "them", "'til": "until", "'till": "until", "'cause": "because", "'cuz": "because", "'coz": "because",
    "'cos": "because", "'bout": "about", "'nuff": "enough", "'tween": "between", "'round": "around", "'n": "and",
    "'nother": "another", "'s": "'s", "'re": "are", "'ll": "will", "o'clock": None, "ol'": "old", "lovin'": "loving",
    "doin'": "doing", "goin'": "going", "nothin'": "nothing", "somethin'": "something", "nuthin'": "nothing",
    "havin'": "having", "ma'am": "madam", "o'er": "over", "e'er": "ever", "ne'er": "never", "d'oh": None,
}  # fmt: skip

_ABBREVIATIONS = """
Adm. Ave. Av. Bldg. Blvd. Bros. Brig. Capt. Cmdr. Co. Col. Corp. Cpl. Cres. Det. Dr. Drs. Esq. Fr. Ft. Gen. Gov. Hon.
Inc. Inst. Jr. Lt. Ltd. Maj. Messrs. Mlle. Mme. Mr. Mrs. Ms. Msgr. Mt. Nos. Pfc. Ph.D. Pres. Prof. Pvt. Rep. Reps.
Rev. Rt. Sec. Sen. Sens. Sgt. Sr. St. Ste. Supt. Sq. Tel. Univ. Vol. Vols. Vs. Ass'n
Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec.
Mon. Tue. Tues. Wed. Thu. Thur. Thurs. Fri. Sat.
Ala. Ariz. Ark. Calif. Colo. Conn. Del. Fla. Ga. Ia. Id. Ill. Ind. Kan. Kans. Ky. La. Md. Mich. Minn. Miss. Mo. Mont.
Neb. Nebr. Nev. Okla. Ore. Pa. Tenn. Va. Wash. Wis.
D.C. N.C. N.D. N.H. N.J. N.M. N.Y. S.C. S.D. R.I. L.A. U.S. U.K. U.N. E.U. U.S.A. P.O. B.A. M.A. B.S. M.D. D.D.
e.g. E.g. E.G. i.e. I.e. I.E. vs. v.s. al. approx. dept. est. a.k.a. p.m. a.m. P.M. A.M. p.s. P.S. c.f. cf. viz.
b/c w/o w/ B/c ca. fig. Fig. pp. ed. eds. ext. Ext. min. max. Assn. Assoc. Intl. Natl. Comm. Cos. Mfg.
"""
_LONG_FORMS = """
b/c=because w/o=without w/=with Mt.=Mount Jr.=junior Ph.D.=Ph.D.
Jan.=January Feb.=February Mar.=March Apr.=April Jun.=June Jul.=July Aug.=August Sep.=September Sept.=September
Oct.=October Nov.=November Dec.=December
Ala.=Alabama Ariz.=Arizona Ark.=Arkansas Calif.=California Colo.=Colorado Conn.=Connecticut Del.=Delaware
Fla.=Florida Ga.=Georgia Ia.=Iowa Id.=Idaho Ill.=Illinois Ind.=Indiana Kan.=Kansas Kans.=Kansas Ky.=Kentucky
La.=Louisiana Mass.=Massachusetts Md.=Maryland Mich.=Michigan Minn.=Minnesota Miss.=Mississippi Mo.=Missouri
Mont.=Montana Neb.=Nebraska Nebr.=Nebraska Nev.=Nevada Okla.=Oklahoma Ore.=Oregon Pa.=Pennsylvania
Tenn.=Tennessee Va.=Virginia Wash.=Washington Wis.=Wisconsin
"""


def _cased(text: str) -> list[str]:
    """A text in lower case and with a capital."""
    return list(dict.fromkeys((text, text[:1].upper() + text[1:])))


def _with_subjects() -> Exceptions:
    found: Exceptions = {}
    for subject, clitics in _SUBJECTS.items():
        forms = _cased(subject) if subject != "i" else ["i", "I"]
        for form, (clitic, norm), mark in product(forms, clitics.items(), [*_APOSTROPHES, ""]):
            merged = (subject + clitic).lower()
            if not mark and merged in _WORDS_WITHOUT and merged not in _SPLIT_WITHOUT:
                continue
            found |= pieces((form, subject), (mark + clitic, norm))
        # "you'd've" and the like
        for clitic, norm in (("d", "would"), ("ll", "will")):
            if clitic in clitics:
                for form, mark in product(forms, _APOSTROPHES):
                    found |= pieces((form, subject), (mark + clitic, norm), (f"{mark}ve", "have"))
    return found


def _with_not() -> Exceptions:
    found: Exceptions = {}
    for verb, norm in _BEFORE_NOT.items():
        for form, mark in product(_cased(verb), [*_APOSTROPHES, ""]):
            if not mark and verb in ("were", "sha", "wo", "ca") and form + "nt" in ("cant", "wont", "shant"):
                found |= pieces((form, norm), ("nt", "not"))
                continue
            found |= pieces((form, norm or verb), (f"n{mark}t", "not"))
            if mark:
                found |= pieces((form, norm or verb), (f"n{mark}t", "not"), (f"{mark}ve", "have"))
    for verb in _MODALS:
        for form, mark in product(_cased(verb), [*_APOSTROPHES, ""]):
            found |= pieces((form, verb), (f"{mark}ve", "have"))
    for form, mark in product("DO DOES DID IS CA WO WOULD COULD SHOULD HAVE".split(), _APOSTROPHES):
        found |= pieces((form, form.lower()), (f"N{mark}T", "not"))
    return found


def _merged() -> Exceptions:
    found: Exceptions = {}
    for parts in _MERGED:
        for first in _cased(parts[0][0]):
            found |= pieces((first, parts[0][1] or parts[0][0]), *((text, norm or text) for text, norm in parts[1:]))
    return found


def _clipped() -> Exceptions:
    found: Exceptions = {}
    for text, norm in _CLIPPED.items():
        for form, mark in product((text, text.replace("'", "’")), (True, False)):
            start = 1 if form[0] in _APOSTROPHES else 0
            cased = form[:start] + form[start : start + 1].upper() + form[start + 1 :]
            found |= words([form if mark else cased], norm=norm)
            # "goin" and "goin’" are the same word
            if form.endswith("in'"):
                found |= words([form[:-1], cased[:-1]], norm=norm)
    return found


def _times() -> Exceptions:
    found: Exceptions = {}
    for hour, half in product(range(1, 13), "ap"):
        for text in (f"{half}m", f"{half}.m."):
            found |= pieces(str(hour), (text, f"{half}.m."))
    return found


TOKENIZER_EXCEPTIONS = update_exc(
    BASE_EXCEPTIONS,
    words(_ABBREVIATIONS.split()),
    *(words([text], norm=norm) for text, norm in (pair.split("=") for pair in _LONG_FORMS.split())),
    _with_subjects(),
    _with_not(),
    _merged(),
    _clipped(),
    _times(),
    pieces(("not", None), ("'ve", "have")),
    pieces(("not", None), ("’ve", "have")),
)
