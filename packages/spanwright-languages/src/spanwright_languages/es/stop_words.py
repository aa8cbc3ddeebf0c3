"""Spanish words that say little by themselves."""

from __future__ import annotations

_PRONOUNS = """
yo me mí mi mis conmigo tú tu tus te ti contigo él ella ello ellos ellas lo la los las le les se sí si consigo su
sus nosotros nosotras nos nuestro nuestra nuestros nuestras vosotros vosotras os vuestro vuestra vuestros vuestras
usted ustedes suyo suya suyos suyas mío mía míos mías tuyo tuya tuyos tuyas este esta esto estos estas éste ésta
éstos éstas ese esa eso esos esas ése ésa ésos ésas aquel aquella aquello aquellos aquellas aquél aquélla aquéllos
aquéllas que qué quien quién quienes quiénes cual cuál cuales cuáles cuyo cuya cuyos cuyas cuanto cuánto cuanta
cuánta cuantos cuántos cuantas cuántas algo alguien alguno alguna algún algunos algunas nada nadie ninguno ninguna
ningún ningunos ningunas otro otra otros otras mismo misma mismos mismas todo toda todos todas varios varias cada
cualquier cualquiera demás ambos ambas tal tales propio propia propios propias
"""
_ARTICLES = "el un una unos unas uno del al"
_VERBS = """
soy eres es somos sois son era eras éramos eran fui fue fuimos fueron sea sean siendo sido ser será serán sería
estoy está estamos están estaba estaban estado estar estará estuvo he has ha hemos han había habían haber hay hubo
haya habrá tengo tiene tienen tenemos tenía tener hago hace hacen hacer hacía hizo hicieron puede pueden puedo
podemos podría poder debe deben deber va van voy vamos iba ir dice dicen decir dijo dar da dan quiere sabe saber
parece
"""
_LINKS = """
y e o u ni pero mas sino aunque porque pues como cuando donde dónde mientras si así luego entonces además también
tampoco
"""
_PREPOSITIONS = """
a ante bajo con contra de desde durante en entre hacia hasta mediante para por según sin sobre tras cerca lejos
dentro fuera encima debajo detrás delante
"""
_ADVERBS = """
no nunca jamás siempre ya aún todavía muy más menos mucho mucha muchos muchas poco poca pocos pocas tan tanto tanta
tantos tantas bien mal mejor peor solo sólo solamente casi quizá quizás apenas aquí ahí allí allá acá hoy ayer ahora
antes después pronto tarde cómo cuándo bastante demasiado incluso excepto salvo
"""
_NUMBERS = "dos tres cuatro cinco primero primera primer segundo segunda tercera último última últimos últimas"

STOP_WORDS: set[str] = set(" ".join([_PRONOUNS, _ARTICLES, _VERBS, _LINKS, _PREPOSITIONS, _ADVERBS, _NUMBERS]).split())
