"""German texts with tokens of their own: contractions and abbreviations."""

from __future__ import annotations

from itertools import product

from spanwright.lang.tokenizer_exceptions import BASE_EXCEPTIONS, Exceptions, pieces, update_exc, words

_ABBREVIATIONS = """
A.C. a.D. A.D. A.G. a.M. a.Z. Abb. Abk. Abs. Abt. abzgl. allg. Art. Aufl. Az. B.A. B.Sc. betr. Bd. Bde. Bf. Bhf.
bzgl. bzw. ca. Co. Corp. d.h. D.h. d.J. d.M. d.O. dgl. Dipl. Dipl.-Ing. Dr. Dres. e.V. E.V. ehem. einschl. entspr.
erg. etc. ev. evtl. Expl. f. ff. Fa. Fam. Fn. frz. Frl. g.U. geb. gegr. gem. ges. gest. ggf. ggfs. Ges. Hbf. Hg. hg.
Hr. Hrn. Hrsg. hrsg. i.A. i.B. i.d.R. i.e. i.G. i.H.v. i.R. i.S. i.V. i.V.m. ibd. inkl. incl. insb. Inc. Ing. Jh.
Jhd. Jr. Kap. kath. Kfm. Kl. Kt. Kto. lat. lfd. lt. Lt. Ltd. M.A. M.E. M.Sc. m.E. m.W. max. Max. med. mind. Mio.
Mill. min. Min. Mr. Mrd. Mrs. Ms. Mt. mtl. n.Chr. N.N. N.Y. näml. nördl. Nr. Nrn. o.a. o.ä. o.Ä. o.g. o.k. O.K.
östl. p.a. p.s. P.S. Pf. phil. Pkt. Prof. Q.e.d. q.e.d. R.I.P. rd. Red. rer. s.a. s.o. s.u. S.A. Sa. sc. schles.
sen. Sen. sog. sogen. St. Std. stellv. Str. südl. tägl. Tel. tel. Tsd. u.a. u.ä. u.Ä. u.a.m. u.d.M. u.s.w. u.U. U.S.
U.S.A. U.S.S. ü.d.M. überw. Univ. urspr. usf. usw. v.a. v.Chr. v.H. v.l.n.r. vgl. Vgl. Verf. Vol. vmtl. vs. wg.
westl. z.B. Z.B. z.Bsp. z.H. z.Hd. z.T. z.Z. z.Zt. zit. Ztr. zw. zzgl. zzt. Zus.
Jan. Feb. Febr. Mär. Mrz. Apr. Jun. Jul. Aug. Sep. Sept. Okt. Nov. Dez.
Mo. Di. Mi. Do. Fr. So.
"""
_LONG_FORMS = """
Abb.=Abbildung Abk.=Abkürzung Abs.=Absatz Abt.=Abteilung Art.=Artikel Aufl.=Auflage Bd.=Band bzw.=beziehungsweise
ca.=circa d.h.=das_heißt Dr.=Doktor ehem.=ehemalige etc.=et_cetera evtl.=eventuell Fa.=Firma Fam.=Familie
geb.=geboren ggf.=gegebenenfalls Hbf.=Hauptbahnhof Hr.=Herr Hrsg.=Herausgeber inkl.=inklusive insb.=insbesondere
Jh.=Jahrhundert Kap.=Kapitel max.=maximal mind.=mindestens Mio.=Million Mrd.=Milliarde Nr.=Nummer Prof.=Professor
sog.=so_genannt St.=Sankt Std.=Stunde Str.=Straße Tel.=Telefon Tsd.=Tausend u.a.=und_andere usw.=und_so_weiter
v.a.=vor_allem vgl.=vergleiche z.B.=zum_Beispiel z.T.=zum_Teil Jan.=Januar Feb.=Februar Mär.=März Apr.=April
Jun.=Juni Jul.=Juli Aug.=August Sep.=September Sept.=September Okt.=Oktober Nov.=November Dez.=Dezember
"""
_BEFORE_S = """
auf durch für hinter in ins über um unter vor wie wenn was wer wo ob dass er sie ich du wir ihr es gibt gib geht ist
war wär hat hab mach macht tut tu kann soll will wird so da
"""
_CLIPPED = {"'n": "ein", "'ne": "eine", "'nem": "einem", "'nen": "einen", "'ner": "einer", "'s": "'s", "'nes": "eines"}


def _with_s() -> Exceptions:
    found: Exceptions = {}
    for word, mark in product(_BEFORE_S.split(), "'’"):
        for form in (word, word.capitalize()):
            found |= pieces((form, form.lower()), (f"{mark}s", "'s"))
    return found


def _clipped() -> Exceptions:
    found: Exceptions = {}
    for text, norm in _CLIPPED.items():
        found |= words([text, text.replace("'", "’")], norm=norm)
    return found


TOKENIZER_EXCEPTIONS = update_exc(
    BASE_EXCEPTIONS,
    words(_ABBREVIATIONS.split()),
    words(f"{letter}." for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÜ"),
    *(words([text], norm=norm.replace("_", " ")) for text, norm in (pair.split("=") for pair in _LONG_FORMS.split())),
    _with_s(),
    _clipped(),
)
