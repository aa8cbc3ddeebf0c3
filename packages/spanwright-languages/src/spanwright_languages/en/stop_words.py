"""English words that say little by themselves."""

from __future__ import annotations

from itertools import product

_PRONOUNS = """
i me my mine myself we us our ours ourselves you your yours yourself yourselves he him his himself she her hers
herself it its itself they them their theirs themselves one who whom whose which what that this these those whoever
whatever anyone anything everyone everything someone something none nobody nothing somebody other others another
each both either neither few many several some any all most more less least much enough same such own various
"""
_VERBS = """
am is are was were be been being have has had having do does did doing done can could will would shall should may
might must ca seem seems seemed seeming become becomes became becoming make made go get give put say see show take
keep call used using please
"""
_LINKS = """
a an the and or but nor if unless until till while when whenever where wherever whether because since as than though
although however so yet therefore thus hence thereby thereafter therein thereupon whereas whereby wherein whereupon
whereafter hereby herein hereafter hereupon otherwise besides moreover nevertheless
"""
_PLACES = """
at by for from in into of off on onto out over under up down upon to toward towards through throughout thru across
along around about above below behind beneath beside between among amongst against before after during with within
without via per except beyond latter former latterly formerly beforehand back front side top bottom part name amount
full
"""
_ADVERBS = """
not no never ever always often sometimes sometime somewhere somehow nowhere anywhere everywhere elsewhere here there
now then again once twice already still just only also too even quite rather really very almost perhaps maybe anyhow
anyway else indeed mostly well why how next last first further together alone everything meanwhile nevertheless
regarding seriously namely due re unless whither whole whence empty move meanwhile
"""
_NUMBERS = "two three four five six eight nine ten eleven twelve fifteen twenty forty fifty sixty hundred third"
_CLITICS = "n't 's 'm 're 've 'll 'd"

STOP_WORDS: set[str] = {
        *" ".join([_PRONOUNS, _VERBS, _LINKS, _PLACES, _ADVERBS, _NUMBERS]).split(),
        *(clitic.replace("'", mark) for clitic, mark in product(_CLITICS.split(), "'’‘")),
    }
