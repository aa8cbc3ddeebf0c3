"""French texts with tokens of their own: abbreviations, apostrophes inside words, compounds that look inverted."""

from __future__ import annotations

from spanwright.lang.tokenizer_exceptions import BASE_EXCEPTIONS, Exceptions, pieces, update_exc, words

_ABBREVIATIONS = """
M. MM. Mr. Mme. Mlle. Mgr. Me. Dr. Drs. Pr. Prof. St. Ste. av. apr. J.-C. J-C. janv. févr. avr. juill. sept. oct.
nov. déc. bd. bld. boul. cf. chap. coll. éd. env. etc. ex. fig. hab. ibid. id. i.e. inc. inf. introd. jr. ltd.
max. min. n° No. obs. p. pp. p.ex. p.-ex. p.m. a.m. paragr. réf. resp. sq. suppl. suiv. s.a. S.A. t. tél.
Tél. trad. v. vol. Vol. vs. c-à-d. c.-à-d. dir. ill. loc. cit. op. ms. rév. S.M. N.B. P.S. R.A.S. dép. conf. n. auj.
adj. adv. subst.
"""
_NORMS = {
    "M.": "monsieur", "Mr.": "monsieur", "MM.": "messieurs", "Mme.": "madame", "Mlle.": "mademoiselle",
    "Dr.": "docteur", "St.": "saint", "Ste.": "sainte", "av.": "avant", "apr.": "après", "J.-C.": "jésus-christ",
    "janv.": "janvier", "févr.": "février", "avr.": "avril", "juill.": "juillet", "sept.": "septembre",
    "oct.": "octobre", "nov.": "novembre", "déc.": "décembre",
}  # fmt: skip

_APOSTROPHE_INSIDE = """
aujourd'hui c'est-à-dire prud'homme prud'hommes prud'homal prud'homale prud'homaux presqu'île
presqu'îles quelqu'un quelqu'une entr'ouvert entr'ouverte entr'ouverts entr'ouvertes entr'ouvrir entr'aide
grand'mère grand'mères grand'rue grand'messe grand'chose main-d'oeuvre main-d'œuvre chef-d'oeuvre chef-d'œuvre
chefs-d'oeuvre chefs-d'œuvre hors-d'oeuvre hors-d'œuvre rock'n'roll r'n'b entr'acte entr'actes va-t'en
"""
# Compounds that end like a verb with its pronoun.
_COMPOUNDS = """
rendez-vous garde-à-vous chez-moi chez-toi chez-lui chez-nous chez-vous entre-nous qu'en-dira-t-on je-ne-sais-quoi
m'as-tu-vu sot-l'y-laisse
"""


def _cased(text: str) -> list[str]:
    return list(dict.fromkeys((text, text[0].upper() + text[1:], text.upper())))


def _whole(texts: str) -> Exceptions:
    found: Exceptions = {}
    for text in texts.split():
        for form in _cased(text):
            found |= words([form, form.replace("'", "’")])
    return found


def _est_ce_que() -> Exceptions:
    found: Exceptions = {}
    for mark in "'’":
        for first in ("qu", "Qu"):
            found |= pieces((first + mark, "que"), "est", "-ce")
    found |= pieces("est", "-ce")
    found |= pieces(("Est", "est"), "-ce")
    return found


TOKENIZER_EXCEPTIONS = update_exc(
    BASE_EXCEPTIONS,
    words(_ABBREVIATIONS.split()),
    words(f"{letter}." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    *(words([text], norm=norm) for text, norm in _NORMS.items()),
    _whole(_APOSTROPHE_INSIDE),
    _whole(_COMPOUNDS),
    _est_ce_que(),
)
