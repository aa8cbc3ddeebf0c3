"""What the usual labels mean: parts of speech, fine-grained tags, dependency relations and entity types."""

from __future__ import annotations

import warnings

from .errors import SpanwrightWarning

# Universal parts of speech (universaldependencies.org/u/pos), and the two that pipelines add.
PARTS_OF_SPEECH = {
    "ADJ": "adjective", "ADP": "adposition", "ADV": "adverb", "AUX": "auxiliary", "CCONJ": "coordinating conjunction",
    "CONJ": "conjunction", "DET": "determiner", "EOL": "end of line", "INTJ": "interjection", "NOUN": "noun",
    "NUM": "numeral", "PART": "particle", "PRON": "pronoun", "PROPN": "proper noun", "PUNCT": "punctuation",
    "SCONJ": "subordinating conjunction", "SPACE": "whitespace", "SYM": "symbol", "VERB": "verb", "X": "other",
}  # fmt: skip

# The tags of the Penn Treebank as English pipelines use them.
TAGS = {
    "$": "currency sign", "#": "number sign", "''": "closing quotation mark", ",": "comma",
    "-LRB-": "left round bracket",
    "-RRB-": "right round bracket", ".": "end of sentence", ":": "colon, semicolon or dash",
    "``": "opening quotation mark",
    "ADD": "e-mail or web address", "AFX": "affix", "CC": "coordinating conjunction", "CD": "cardinal number",
    "DT": "determiner", "EX": "existential there", "FW": "foreign word", "GW": "part of a word that was split",
    "HYPH": "hyphen", "IN": "preposition or subordinating conjunction", "JJ": "adjective",
    "JJR": "adjective, comparative", "JJS": "adjective, superlative", "LS": "marker of a list item", "MD": "modal verb",
    "NFP": "superfluous punctuation", "NN": "noun, singular or mass", "NNP": "proper noun, singular",
    "NNPS": "proper noun, plural", "NNS": "noun, plural", "PDT": "predeterminer", "POS": "possessive ending",
    "PRP": "personal pronoun", "PRP$": "possessive pronoun", "RB": "adverb", "RBR": "adverb, comparative",
    "RBS": "adverb, superlative", "RP": "particle of a verb", "SP": "whitespace", "_SP": "whitespace",
    "TO": "infinitival to", "UH": "interjection", "VB": "verb, base form", "VBD": "verb, past tense",
    "VBG": "verb, gerund or present participle", "VBN": "verb, past participle",
    "VBP": "verb, present tense, not third person singular", "VBZ": "verb, present tense, third person singular",
    "WDT": "interrogative or relative determiner", "WP": "interrogative or relative pronoun",
    "WP$": "possessive interrogative or relative pronoun", "WRB": "interrogative or relative adverb",
    "XX": "unknown",
}  # fmt: skip

# Universal dependency relations (universaldependencies.org/u/dep), and those of the English converter.
RELATIONS = {
    "ROOT": "head of the sentence", "acl": "clause that modifies a noun", "acomp": "adjectival complement",
    "advcl": "adverbial clause", "advmod": "adverbial modifier", "agent": "agent of a passive",
    "amod": "adjectival modifier", "appos": "apposition", "attr": "attribute", "aux": "auxiliary",
    "auxpass": "auxiliary of a passive", "case": "case marker", "cc": "coordinating conjunction",
    "ccomp": "clausal complement", "clf": "classifier", "compound": "part of a compound", "conj": "conjunct",
    "cop": "copula", "csubj": "clausal subject", "csubjpass": "clausal subject of a passive", "dative": "dative",
    "dep": "dependent of an unknown kind", "det": "determiner", "discourse": "discourse element",
    "dislocated": "dislocated element", "dobj": "direct object", "expl": "expletive",
    "fixed": "part of a fixed expression", "flat": "part of a flat expression", "goeswith": "part of a split word",
    "intj": "interjection", "iobj": "indirect object", "list": "item of a list", "mark": "marker of a clause",
    "meta": "meta modifier", "neg": "negation", "nmod": "nominal modifier",
    "npadvmod": "noun phrase as adverbial modifier", "nsubj": "nominal subject",
    "nsubjpass": "nominal subject of a passive", "nummod": "numeric modifier", "obj": "object",
    "obl": "oblique nominal", "oprd": "predicate of an object", "orphan": "orphan of an ellipsis",
    "parataxis": "parataxis", "pcomp": "complement of a preposition", "pobj": "object of a preposition",
    "poss": "possessor", "preconj": "first part of a paired conjunction", "predet": "predeterminer",
    "prep": "prepositional modifier", "prt": "particle of a verb", "punct": "punctuation",
    "quantmod": "modifier of a quantifier", "relcl": "relative clause", "reparandum": "repaired slip of the tongue",
    "vocative": "vocative", "xcomp": "open clausal complement",
}  # fmt: skip

# Entity types of OntoNotes 5 and of WikiNER.
ENTITIES = {
    "CARDINAL": "number that is no other type", "DATE": "date or period",
    "EVENT": "named event, such as a war or a storm",
    "FAC": "building, airport, road, bridge", "GPE": "country, city or state", "LANGUAGE": "named language",
    "LAW": "document made into a law", "LOC": "place that is no country, city or state",
    "MISC": "other name, such as an event, a nationality or a product", "MONEY": "amount of money with its unit",
    "NORP": "nationality, or religious or political group", "ORDINAL": "first, second and so on",
    "ORG": "company, agency, institution", "PER": "named person or family", "PERCENT": "percentage",
    "PERSON": "person, also an invented one", "PRODUCT": "object, vehicle, food; no service",
    "QUANTITY": "measure, such as a weight or a distance", "TIME": "time shorter than a day",
    "WORK_OF_ART": "title of a book, song or the like",
}  # fmt: skip

GLOSSARY = {**PARTS_OF_SPEECH, **TAGS, **RELATIONS, **ENTITIES}


def explain(term: str) -> str | None:
    """What a label means, in a few words; None, with a warning, for a label that is not known."""
    if term not in GLOSSARY:
        from .registry import nearest

        close = nearest(term, GLOSSARY, limit=1, cutoff=0.7)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        warnings.warn(f"The glossary has no label '{term}'.{hint}", SpanwrightWarning, stacklevel=2)
    return GLOSSARY.get(term)
