"""English words that say little by themselves: the closed classes, and what stands for them."""

from __future__ import annotations

from itertools import product

_PERSONS = """
i me my mine myself / we us our ours ourselves / you your yours yourself yourselves / he him his himself
she her hers herself / it its itself / they them their theirs themselves / one oneself / who whom whose
"""
_DETERMINERS = """
a an the this that these those all another any both each either enough few fewer least less lot lots many more most
much neither no none other others own same several some such what which
"""
_AUXILIARIES = """
be am is are was were been being / have has had having / do does did doing done / can could may might must need ought
shall should will would / ca cannot wo sha ai
"""
# Verbs that link or lend their meaning to another word.
_LIGHT_VERBS = "become becomes became becoming seem seems seemed seeming get gets got getting let lets make makes made"
_CONJUNCTIONS = """
and but or nor so yet if unless until till than as because since whether although though while whilst whereas lest
once otherwise however therefore thus hence besides moreover furthermore nevertheless nonetheless meanwhile
"""
_PREPOSITIONS = """
about above across after against along alongside amid amidst among amongst around at atop before behind below beneath
beside between beyond by concerning despite down during except for from in inside into like near of off on onto out
outside over past per regarding round through throughout thru to toward towards under underneath unlike up upon versus
via with within without
"""
_ADVERBS = """
again ago ahead almost alone already also altogether always anyhow anymore anyway apart aside away else even ever far
first forth further here how indeed instead just last later mainly maybe merely mostly namely never next not now often
only perhaps please quite rather really so sometime sometimes somewhat soon still then there together too twice
usually very well when whence where why
"""
_SHORT_FORMS = "n't 's 'm 're 've 'll 'd"
_NUMBERS = "two three four five six seven eight nine ten"

# anybody, everything, somewhere; whatever; hereby, thereafter, whereupon
_COMPOUNDS = [
    *product(["any", "every", "no", "some"], ["body", "one", "thing", "where"]),
    *product(["what", "when", "wher", "which", "who", "whom", "how"], ["ever"]),
    *product(["here", "there", "where"], ["after", "by", "in", "of", "to", "upon", "with"]),
    ("else", "where"), ("some", "how"), ("there", "fore"),
]  # fmt: skip

STOP_WORDS: set[str] = {
    word
    for words in (
        _PERSONS, _DETERMINERS, _AUXILIARIES, _LIGHT_VERBS, _CONJUNCTIONS, _PREPOSITIONS, _ADVERBS, _NUMBERS
    )
    for word in words.split()
    if word != "/"
}  # fmt: skip
STOP_WORDS |= {first + second for first, second in _COMPOUNDS} - {"noone"}
STOP_WORDS |= {form.replace("'", mark) for form, mark in product(_SHORT_FORMS.split(), "'’‘")}
