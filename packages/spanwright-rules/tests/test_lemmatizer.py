"""lemmatizer looks lemmas up or makes them by rules, and says which tables are missing."""

from __future__ import annotations

import pickle

import pytest

from spanwright import blank
from spanwright.errors import SpanwrightError, SpanwrightWarning
from spanwright.lookups import Lookups
from spanwright.pipeline import Lemmatizer
from spanwright.tokens import Doc
from spanwright.vocab import Vocab
from spanwright_rules.components.english_lemmatizer import EnglishLemmatizer
from spanwright_rules.components.french_lemmatizer import FrenchLemmatizer
from spanwright_rules.components.lemmatizer import lemmatizer_class
from spanwright_rules.components.spanish_lemmatizer import SpanishLemmatizer

TABLES = {
    "en": {
        "lemma_rules": {"noun": [["s", ""], ["ses", "s"]], "verb": [["ing", "e"], ["ing", ""]], "adj": [["er", ""]]},
        "lemma_exc": {"noun": {"mice": ["mouse"]}, "verb": {"saw": ["see"]}},
        "lemma_index": {"noun": ["bus", "boat"], "verb": ["run", "make", "see"], "adj": ["old"]},
    },
    "fr": {
        "lemma_lookup": {"oui-da": ["oui"], "mien": ["le mien"]},
        "lemma_rules": {"noun": [["aux", "al"], ["s", ""]]},
        "lemma_exc": {"noun": {"yeux": ["œil"]}},
        "lemma_index": {"noun": ["cheval", "bras"]},
    },
    "es": {
        "lemma_rules": {
            "noun_plur": [["es", ""], ["s", ""]],
            "accents": [["á", "a"], ["é", "e"], ["ó", "o"]],
            "verb_inf": [["e", "er"], ["a", "ar"]],
            "voc_alt_2": [["ue", "o"]],
            "num": [["tres", "3"]],
            "adverbs": [["muy", "mucho"]],
            "pron": [["nos", "nosotros"]],
            "det_and_pron_fixed": [["lo", "él"]],
            "det_and_pron_general": [["s", ""]],
        },
        "lemma_rules_groups": {"noun": [["noun_plur", ["Number=Plur"]]], "verb": [["verb_inf", []]]},
        "lemma_index": {"noun": ["joven", "barco"], "verb": ["dar", "mover"], "det": ["este"], "pron": []},
        "lemma_exc": {"verb": {"es": ["ser"]}, "pron": {"me": ["yo"]}},
    },
}
CLASSES = {"en": EnglishLemmatizer, "fr": FrenchLemmatizer, "es": SpanishLemmatizer}


def lookups(lang):
    made = Lookups()
    for name, table in TABLES[lang].items():
        made.add_table(name, table)
    return made


def lemmas(lang, *rows):
    """The lemmas of (word, part of speech, features)."""
    lemmatizer = CLASSES[lang](Vocab(), mode="rule")
    lemmatizer.initialize(lookups=lookups(lang))
    words, pos, morphs = zip(*rows, strict=True)
    doc = Doc(lemmatizer.vocab, words=list(words), pos=list(pos), morphs=list(morphs))
    return [token.lemma_ for token in lemmatizer(doc)]


def test_english_rules():
    assert lemmas(
        "en",
        ("Mice", "NOUN", "Number=Plur"),
        ("buses", "NOUN", "Number=Plur"),
        ("boats", "NOUN", "Number=Plur"),
        ("boss", "NOUN", "Number=Sing"),
        ("running", "VERB", "VerbForm=Part"),
        ("making", "VERB", "VerbForm=Part"),
        ("saw", "VERB", "VerbForm=Fin|Tense=Past"),
        ("sees", "VERB", "VerbForm=Fin|Tense=Pres"),
        ("older", "ADJ", "Degree=Cmp"),
        ("Oban", "PROPN", ""),
        ("THE", "DET", ""),
        (" ", "SPACE", ""),
    ) == ["mouse", "bus", "boat", "boss", "runne", "make", "see", "sees", "old", "Oban", "the", " "]


def test_french_rules():
    assert lemmas(
        "fr",
        ("Bras", "NOUN", ""),
        ("chevaux", "NOUN", ""),
        ("yeux", "NOUN", ""),
        ("bateaux", "NOUN", ""),
        ("mots", "NOUN", ""),
        ("oui-da", "INTJ", ""),
        ("Oban", "PROPN", ""),
        ("mien", "PRON", ""),
        ("x", "", ""),
    ) == ["bras", "cheval", "œil", "bateal", "mot", "oui", "Oban", "le mien", "x"]


def test_spanish_rules():
    assert lemmas(
        "es",
        ("Jóvenes", "NOUN", "Number=Plur"),
        ("barcos", "NOUN", "Number=Plur"),
        ("es", "AUX", ""),
        ("mueve", "VERB", ""),
        ("dámelo", "VERB", "PronType=Prs"),
        ("1.234,5", "NUM", ""),
        ("tres", "NUM", ""),
        ("muy", "ADV", ""),
        ("estes", "DET", ""),
        ("nos", "PRON", ""),
        ("Oban", "PROPN", ""),
        ("Y", "CCONJ", ""),
    ) == ["joven", "barco", "es", "mover", "dar yo él", "1234.5", "3", "mucho", "este", "nosotros", "Oban", "Y"]


def test_equal_tokens_are_lemmatized_once_and_others_apart():
    calls = []

    class Counting(Lemmatizer):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            method = self.rule_lemmatize
            self.lemmatize = lambda token: calls.append(token.text) or method(token)
            self.lemmatize.reads = method.reads

    lemmatizer = Counting(Vocab(), mode="rule")
    lemmatizer.initialize(lookups=lookups("en"))
    docs = [
        Doc(lemmatizer.vocab, words=["boats", "saw", "boats"], pos=["NOUN", pos, "NOUN"]) for pos in ("VERB", "NOUN")
    ]
    assert [[t.lemma_ for t in doc] for doc in lemmatizer.pipe(docs)] == [
        ["boat", "see", "boat"],
        ["boat", "saw", "boat"],
    ]
    assert sorted(calls) == ["boats", "saw", "saw"]


def test_a_subclass_may_look_at_anything():
    class Neighbours(Lemmatizer):
        def pair_lemmatize(self, token):
            return [token.text + token.nbor(1).text] if token.i + 1 < len(token.doc) else [token.text]

    lemmatizer = Neighbours(Vocab(), mode="pair")
    doc = Doc(lemmatizer.vocab, words=["a", "b", "a"])
    assert [token.lemma_ for token in lemmatizer(doc)] == ["ab", "ba", "a"]


@pytest.mark.parametrize("overwrite", [False, True])
def test_lemmas_that_are_set_stay_unless_overwritten(overwrite):
    lemmatizer = Lemmatizer(Vocab(), mode="lookup", overwrite=overwrite)
    tables = Lookups()
    tables.add_table("lemma_lookup", {"mice": "mouse"})
    lemmatizer.initialize(lookups=tables)
    doc = lemmatizer(Doc(lemmatizer.vocab, words=["mice", "mice"], lemmas=["rat", ""]))
    assert [token.lemma_ for token in doc] == (["mouse", "mouse"] if overwrite else ["rat", "mouse"])
    tables.get_table("lemma_lookup")["mice"] = "mus"
    assert lemmatizer(Doc(lemmatizer.vocab, words=["mice"]))[0].lemma_ == "mus"


def test_texts_of_lemmas_do_not_become_permanent():
    lemmatizer = Lemmatizer(Vocab(), mode="lookup")
    tables = Lookups()
    tables.add_table("lemma_lookup", {"xyzzied": "xyzzy"})
    lemmatizer.initialize(lookups=tables)
    before = len(lemmatizer.vocab.strings)
    doc = lemmatizer(Doc(lemmatizer.vocab, words=["xyzzied", "plugh"]))
    assert [token.lemma_ for token in doc] == ["xyzzy", "plugh"]
    assert len(lemmatizer.vocab.strings) == before


def test_files_bytes_and_pickles(tmp_path):
    lemmatizer = EnglishLemmatizer(Vocab(), mode="rule")
    lemmatizer.initialize(lookups=lookups("en"))
    lemmatizer.to_disk(tmp_path / "lemmatizer")
    assert (tmp_path / "lemmatizer" / "lookups" / "lookups.bin").is_file()
    for other in (
        EnglishLemmatizer(Vocab(), mode="rule").from_disk(tmp_path / "lemmatizer"),
        EnglishLemmatizer(Vocab(), mode="rule").from_bytes(lemmatizer.to_bytes()),
        pickle.loads(pickle.dumps(lemmatizer)),
    ):
        assert other(Doc(other.vocab, words=["mice"], pos=["NOUN"]))[0].lemma_ == "mouse"
    assert lemmatizer.to_bytes(exclude=["lookups", "vocab"]) == b"\x80"


def test_missing_tables_are_named_with_what_to_do(tmp_path):
    lemmatizer = FrenchLemmatizer(Vocab(), mode="rule")
    with pytest.raises(ValueError, match="'rule' needs the tables lemma_lookup.*missing: lemma_lookup.*found: none"):
        lemmatizer(Doc(lemmatizer.vocab, words=["a"]))
    with pytest.raises(ValueError, match="spacy-lookups-data"):
        list(lemmatizer.pipe([]))
    tables = Lookups()
    tables.add_table("lemma_lokup", {})
    with pytest.raises(ValueError, match="missing: lemma_lookup, .*Did you mean 'lemma_lokup'") as caught:
        lemmatizer.initialize(lookups=tables)
    assert isinstance(caught.value, SpanwrightError)
    with pytest.raises(ValueError, match="They are read from .*lookups.bin"):
        lemmatizer.from_disk(tmp_path)
    english = Lemmatizer(Vocab(), mode="rule")
    with pytest.raises(ValueError, match="They are read from bytes"):
        english.from_bytes(Lemmatizer(Vocab(), mode="lookup").to_bytes())


def test_tables_of_another_shape_are_named():
    for mode, table, data, message in [
        ("lookup", "lemma_lookup", {"nets": 5}, "the table lemma_lookup must have a lemma .* has 5 for 'nets'"),
        ("rule", "lemma_rules", {"noun": "s"}, "lemma_rules must have pairs of an ending .* has 's' for 'noun'"),
    ]:
        tables = Lookups()
        tables.add_table(table, data)
        lemmatizer = Lemmatizer(Vocab(), mode=mode)
        lemmatizer.initialize(lookups=tables)
        with pytest.raises(ValueError, match=message) as caught:
            lemmatizer(Doc(lemmatizer.vocab, words=["nets"], pos=["NOUN"]))
        assert isinstance(caught.value, SpanwrightError)
    with pytest.raises(TypeError, match="data of the table 'lemma_rules' must be a dict, found int"):
        Lookups().add_table("lemma_rules", 5)


def test_an_unknown_mode_is_refused():
    with pytest.raises(ValueError, match="no lemmatizer mode 'rules'.*'rule'"):
        Lemmatizer(Vocab(), mode="rules")


def test_rules_without_parts_of_speech_warn():
    lemmatizer = Lemmatizer(Vocab(), mode="rule")
    lemmatizer.initialize(lookups=lookups("en"))
    with pytest.warns(SpanwrightWarning, match="no part of speech, which the rules need"):
        doc = lemmatizer(Doc(lemmatizer.vocab, words=["Mice"]))
    assert doc[0].lemma_ == "mice"


def test_languages_have_their_own_lemmatizer_and_default_mode():
    assert [lemmatizer_class(lang).__name__ for lang in ("en", "fr", "es", "de")] == [
        "EnglishLemmatizer",
        "FrenchLemmatizer",
        "SpanishLemmatizer",
        "Lemmatizer",
    ]
    for lang, mode in {"en": "rule", "fr": "rule", "es": "rule", "xx": "lookup"}.items():
        lemmatizer = blank(lang).add_pipe("lemmatizer")
        assert (type(lemmatizer), lemmatizer.mode) == (lemmatizer_class(lang), mode)
