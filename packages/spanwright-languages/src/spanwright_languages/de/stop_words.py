"""German words that say little by themselves."""

from __future__ import annotations

from itertools import product

_PRONOUNS = """
ich mich mir du dich dir er ihn ihm sie es wir uns ihr euch ihnen sich man selbst wer wen wem was jemand jemanden
jemandem niemand niemanden niemandem nichts etwas einander alles allem aller alle allen beide beiden einige einigen
einiger einiges manche manchem manchen mancher manches mehrere viel viele vielem vielen wenig wenige weniger wenigen
wenigstens
"""
_ARTICLES = "der die das den dem des ein eine einem einen einer eines deren dessen derer"
_POSSESSIVES = "kein mein dein sein ihr unser euer"
_STEMS = f"{_POSSESSIVES} eur jed jen dies welch solch ander einig eigen jeglich"
_VERBS = """
bin bist ist sind seid war waren warst wart gewesen wäre wären habe hast hat haben habt hatte hatten gehabt hätte
hätten werde wirst wird werden werdet wurde wurden worden würde würden kann kannst können könnt konnte konnten
könnte gekonnt muss musst müssen müsst musste mussten soll sollen sollte sollten will willst wollen wollt wollte
wollten darf dürfen durfte durften mag mögen mochte mochten möchte lassen macht machte gemacht gehen ging gegangen
gibt kam kommt gesagt sagt sagte heißt
"""
_LINKS = """
und oder aber denn sondern doch dass daß ob wenn als wie weil da während bevor nachdem seit seitdem bis damit obwohl
sowie sowohl weder noch entweder zwar also daher darum deshalb deswegen trotzdem dennoch jedoch indem sobald solange
"""
_PREPOSITIONS = """
an am ans auf aus außer bei beim durch für gegen gegenüber hinter im in ins mit nach neben ohne über um unter vom
von vor wegen zu zum zur zwischen ab seit entlang trotz statt dank
"""
_ADVERBS = """
nicht nie auch nur schon sehr so dann hier dort da daran darauf daraus darin darüber dazu davon davor dafür dagegen
dabei dahin dazwischen wo woher wohin warum wann wieder immer jetzt nun heute gestern morgen einmal erst eben etwa
fast ganz gar genau gerade gern gut hin her ja nein kaum lange leicht links mehr meist mindestens natürlich neu noch
oben oft rechts recht schlecht sogar sonst später überhaupt übrigens unten vielleicht vielen weit weiter wenig
wirklich wohl zuerst zunächst zurück zusammen bald bisher besser früher ferner jemals je mal seither
"""
_NUMBERS = """
eins zwei drei vier fünf sechs sieben acht neun zehn erste ersten erster erstes zweite zweiten zweiter zweites
dritte dritten letzte letzten
"""
_FORMS = (stem + ending for stem, ending in product(_STEMS.split(), ["e", "em", "en", "er", "es"]))
_INFLECTED = " ".join([_POSSESSIVES, *_FORMS])
_ALL = [_PRONOUNS, _ARTICLES, _INFLECTED, _VERBS, _LINKS, _PREPOSITIONS, _ADVERBS, _NUMBERS]

STOP_WORDS: set[str] = set(" ".join(_ALL).split())
