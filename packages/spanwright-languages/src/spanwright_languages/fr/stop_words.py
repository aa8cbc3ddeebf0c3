"""French words that say little by themselves."""

from __future__ import annotations

_PRONOUNS = """
je me m' moi moi-même tu te t' toi toi-même il ils elle elles le la les l' lui lui-même elle-même elles-mêmes eux
eux-mêmes leur leurs on nous nous-mêmes vous vous-mêmes se s' soi soi-même y en ce c' ceci cela ça celui celui-ci
celui-là celle celle-ci celle-là ceux ceux-ci ceux-là celles celles-ci celles-là qui que qu' quoi dont où lequel
laquelle lesquels lesquelles auquel auxquels auxquelles duquel desquels desquelles quiconque quelqu'un quelque
quelques quelconque chacun chacune aucun aucune autre autres certain certaine certaines certains plusieurs tel telle
telles tels tout toute toutes tous même mêmes rien personne
"""
_DETERMINERS = """
un une des du de d' au aux cet cette ces mon ma mes ton ta tes son sa ses notre nos nôtre nôtres votre vos vôtre
vôtres mien mienne miens miennes tien tienne tiens tiennes sien sienne siens siennes quel quelle quels quelles
chaque
"""
_VERBS = """
suis es est sommes êtes sont étais était étions étiez étaient serai sera seras serons serez seront serait seraient
soit soient être été étant ai as a avons avez ont avais avait avions aviez avaient aurai aura auras auront aurait
auraient eu ayant avoir fais fait faites font faire faisait peut peux peuvent pouvait pourrait pourrais doit doivent
devrait va vais vas vont faut semble
"""
_LINKS = """
et ou mais or ni car donc si comme lorsque quand quoique puisque parce tandis alors ainsi aussi afin pourquoi
comment combien cependant néanmoins toutefois sinon soit voire puis ensuite enfin
"""
_PREPOSITIONS = """
à après avant avec chez contre dans depuis derrière dès dessous dessus devant durant entre envers hormis hors jusqu'
jusque malgré outre par parmi pendant pour près sans sauf selon sous suivant sur vers via voici voilà
"""
_ADVERBS = """
ne n' pas plus moins très trop peu assez beaucoup tant tellement bien déjà encore jamais toujours souvent parfois
ici là là-bas ailleurs dedans dehors désormais maintenant hier seulement surtout presque plutôt certes oui non
notamment
"""
_NUMBERS = "deux trois quatre cinq six sept huit neuf dix premier première deuxième troisième"

STOP_WORDS: set[str] = {
    form
    for word in " ".join([_PRONOUNS, _DETERMINERS, _VERBS, _LINKS, _PREPOSITIONS, _ADVERBS, _NUMBERS]).split()
    for form in (word, word.replace("'", "’"))
}
