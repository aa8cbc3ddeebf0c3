"""Spanish texts with tokens of their own: contractions of "para", abbreviations, times of day."""

from __future__ import annotations

from itertools import product

from spanwright.lang.tokenizer_exceptions import BASE_EXCEPTIONS, Exceptions, pieces, update_exc, words

_ABBREVIATIONS = """
a.C. a.J.C. adj. admón. adv. afmo. apdo. apto. arq. art. aprox. av. avda. bco. c. cap. cf. cfr. cía. Cía. Co. col.
coord. Corp. D. D.ª d.C. dcha. depto. Dpto. dpto. Dr. Dra. Dres. dto. ed. EE.UU. ej. e.g. Esq. esq. etc. Excmo.
Excma. fig. Fr. Gob. Gral. gral. hab. Hno. Hnos. i.e. ibíd. íd. Ilmo. Inc. Ing. ing. izq. izqda. J.C. Jr. Lic.
Licda. Ltd. Ltda. máx. mín. Mons. Mr. Mrs. Ms. ms. Mtra. Mtro. N.Y. N.º n.º Nº nº núm. Núm. ntra. ntro. op. p. p.a.
p.ej. P.D. pág. págs. pal. párr. ph. Prof. Profa. prof. profa. prov. Pte. pte. q.e.p.d. Rep. Rev. S.A. S.L. s.a.
S.S. s.s.s. Sr. Sra. Sras. Sres. Srta. Srtas. sig. ss. Sta. Sto. tel. teléf. Tel. trad. Ud. Uds. V.gr. v.g. Vd. Vds.
Vol. vol. vs. vto. U.S. U.S.A. R.U. ONU.
ene. feb. mzo. abr. may. jun. jul. ago. sep. sept. oct. nov. dic.
"""
_LONG_FORMS = """
apdo.=apartado aprox.=aproximadamente art.=artículo av.=avenida avda.=avenida cía.=compañía Dr.=doctor Dra.=doctora
dpto.=departamento Dpto.=departamento etc.=etcétera Gral.=general Ing.=ingeniero Lic.=licenciado núm.=número
p.ej.=por_ejemplo pág.=página págs.=páginas Prof.=profesor Profa.=profesora Sr.=señor Sra.=señora Sres.=señores
Srta.=señorita Sta.=santa Sto.=santo tel.=teléfono Ud.=usted Uds.=ustedes Vd.=usted Vds.=ustedes vol.=volumen
a.C.=antes_de_Cristo d.C.=después_de_Cristo
"""


def _times() -> Exceptions:
    found: Exceptions = {}
    for hour, half in product(range(1, 13), "ap"):
        found |= pieces(str(hour), (f"{half}.m.", f"{half}.m."))
        found |= pieces(str(hour), (f"{half}m", f"{half}.m."))
    found |= pieces("12", ("m.", "p.m."))
    return found


def _para() -> Exceptions:
    found: Exceptions = {}
    for first in ("pa", "Pa"):
        found |= pieces((first, "para"), ("l", "el"))
        found |= pieces((first, "para"), ("'l", "el"))
        found |= pieces((first, "para"), ("’l", "el"))
        found |= words([f"{first}'", f"{first}’"], norm="para")
    return found


TOKENIZER_EXCEPTIONS = update_exc(
    BASE_EXCEPTIONS,
    words(_ABBREVIATIONS.split()),
    words(f"{letter}." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZÑ"),
    words(["EE. UU."]),
    *(words([text], norm=norm.replace("_", " ")) for text, norm in (pair.split("=") for pair in _LONG_FORMS.split())),
    _times(),
    _para(),
)
