"""The lemmatizer of Spanish pipelines: rules that features choose."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from spanwright.tokens import Token

from ..lemma_rules import members
from .lemmatizer import Lemmatizer, reads

Rules = Iterable[Sequence[str]]
UNINFLECTED = frozenset("adp cconj intj part propn punct sconj sym x".split())
# A verb and the pronouns that are written with it: dámelo is da + me + lo.
ENCLITICS = ("las", "les", "los", "nos", "la", "le", "lo", "me", "os", "se", "te")
MOST_ENCLITICS = 4
THOUSANDS = re.compile(r"\.[0-9]{3}$")


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text)


class SpanishLemmatizer(Lemmatizer):
    """The lemmatizer of Spanish: features choose a group of rules, and an index chooses among their results."""

    @classmethod
    def get_lookups_config(cls, mode: str) -> tuple[list[str], list[str]]:
        """The names of the tables that a mode needs, and of those that it uses if they are there."""
        if mode == "rule":
            return ["lemma_rules", "lemma_rules_groups", "lemma_index", "lemma_exc"], []
        return super().get_lookups_config(mode)

    @reads("ORTH", "POS", "MORPH", "SENT_START")
    def rule_lemmatize(self, token: Token) -> list[str]:
        """The lemmas of a word by its part of speech and features."""
        text, pos = token.text, token.pos_.lower()
        word = text.lower()
        if pos in ("", "eol", "space"):
            return [word]
        if pos in UNINFLECTED:
            return [word] if token.is_sent_start and pos != "propn" else [text]
        exceptions = self._exceptions(pos, word)
        if exceptions is not None:
            return exceptions
        family = "verb" if pos == "aux" else pos
        method = getattr(self, f"lemmatize_{family}", None)
        if method is None:
            return [word]
        features = set(token.morph)
        lemmas = method(word, features, self.select_rule(family, features), self._index(family))
        return list(dict.fromkeys(lemmas))

    def select_rule(self, pos: str, features: Iterable[str]) -> str | None:
        """The name of the first group of rules whose features a word has."""
        present = set(features)
        for name, needed in self.lookups.get_table("lemma_rules_groups").get(pos, ()):
            if present.issuperset(needed):
                return name
        return None

    def _exceptions(self, pos: str, word: str) -> list[str] | None:
        found = (self._part("lemma_exc", pos) or {}).get(word)
        return None if found is None else list(found)

    def _index(self, pos: str) -> Collection[str]:
        return members(self._part("lemma_index", pos) or ())

    def _rules(self, name: str | None) -> Rules:
        return (self._part("lemma_rules", name) if name else None) or ()

    def _fixed(self, word: str, *names: str) -> str | None:
        """The lemma of a word that lists of single words have."""
        for name in names:
            for old, new in self._rules(name):
                if old == word:
                    return new
        return None

    def _without_accents(self, word: str) -> list[str]:
        """The word as each rule for accents leaves it."""
        return [_pattern(old).sub(new, word) for old, new in self._rules("accents")]

    def _by_endings(self, word: str, rules: Rules, *, unchanged: bool = False) -> list[str]:
        """The word with its ending replaced by each rule in turn; `unchanged`: also where a rule does nothing."""
        forms = [_pattern(old + "$").sub(new, word) for old, new in rules]
        return forms if unchanged else [form for form in forms if form != word]

    # One method a part of speech. Arguments: the word in lower case, its features ("Number=Plur"), the name of the
    # rules that they choose, and the words that are known to be lemmas. Each returns lemmas, the best first.

    def lemmatize_noun(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemmas of a noun."""
        forms = self._by_endings(word, self._rules(rule))
        if "Number=Plur" in features:
            # The accent moves: imágenes is imagen.
            for form in list(forms):
                if form.endswith(("n", "s")):
                    forms += self._without_accents(form)
        return [form for form in forms if form in index] or forms or [word]

    lemmatize_adj = lemmatize_noun

    def lemmatize_adv(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemma of an adverb."""
        return [self._fixed(word, "adverbs") or word]

    def lemmatize_det(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemmas of a determiner."""
        return self._closed(word, "det", index, unchanged=True)

    def lemmatize_pron(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemmas of a pronoun."""
        return self._closed(word, "pron", index, unchanged=False)

    def _closed(self, word: str, kind: str, index: Any, *, unchanged: bool) -> list[str]:
        fixed = self._fixed(word, kind, "det_and_pron_fixed")
        if fixed is not None:
            return [fixed]
        forms = [*self._by_endings(word, self._rules("det_and_pron_general"), unchanged=unchanged), word]
        return [form for form in forms if form in index] or forms

    def lemmatize_num(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemma of a numeral: figures without marks of thousands and with a decimal point."""
        fixed = self._fixed(word, "num")
        if fixed is not None:
            return [fixed]
        if THOUSANDS.search(word.split(",")[0]):
            word = word.replace(".", "")
        return [word.replace(",", ".")]

    def lemmatize_verb(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemmas of a verb."""
        if "PronType=Prs" in features:
            return self.lemmatize_verb_pron(word, features, rule, index)
        forms = self._by_endings(word, self._rules(rule))
        known = [form for form in forms if form in index]
        if not known:
            known = [form for base in forms for form in self._alternations(base) if form in index]
        # Some infinitives have no accent where the form has one: confían is confiar.
        forms += [plain for form in list(forms) for plain in self._without_accents(form)]
        return known or forms or [word]

    def _alternations(self, form: str) -> Iterable[str]:
        """The form with the vowels that its stem may have in the infinitive."""
        for old, new in self._rules("voc_alt_1"):
            for i, letter in enumerate(form):
                if letter == old:
                    yield form[:i] + new + form[i + 1 :]
        for old, new in self._rules("voc_alt_2"):
            if old in form:
                yield form.replace(old, new, 1)

    def lemmatize_verb_pron(self, word: str, features: Any, rule: str | None, index: Any) -> list[str]:
        """The lemma of a verb with pronouns: the lemmas of all its parts, with blanks between."""
        verb = word
        pronouns: list[str] = []
        while len(pronouns) < MOST_ENCLITICS and (found := next(filter(verb.endswith, ENCLITICS), "")):
            verb = verb[: -len(found)]
            pronouns.insert(0, found)
        for old, new in self._rules("accents"):
            verb = _pattern(old).sub(new, verb)
        exceptions = self._exceptions("verb", verb)
        if exceptions is None:
            group = self.select_rule("verb", features)
            exceptions = self.lemmatize_verb(verb, set(features) - {"PronType=Prs"}, group, index)
        parts = [exceptions[0]]
        for pronoun in pronouns:
            known = self._exceptions("pron", pronoun)
            if known is None:
                known = self.lemmatize_pron(pronoun, features, self.select_rule("pron", features), index)
            parts.append(known[0])
        # With a blank after a verb that has no pronoun, as spaCy writes it.
        return [" ".join(parts) if pronouns else f"{parts[0]} "]
