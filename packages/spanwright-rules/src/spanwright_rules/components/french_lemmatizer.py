"""The lemmatizer of French pipelines."""

from __future__ import annotations

from spanwright.tokens import Token

from ..lemma_rules import apply_suffix_rules, members
from .lemmatizer import Lemmatizer, reads

INFLECTED = frozenset("adj adp adv aux cconj det noun pron punct sconj verb".split())


class FrenchLemmatizer(Lemmatizer):
    """The lemmatizer of French: words in the index are lemmas; then come exceptions, endings, and the look-up table."""

    @classmethod
    def get_lookups_config(cls, mode: str) -> tuple[list[str], list[str]]:
        """The names of the tables that a mode needs, and of those that it uses if they are there."""
        if mode == "rule":
            return ["lemma_lookup", "lemma_rules", "lemma_exc", "lemma_index"], []
        return super().get_lookups_config(mode)

    @reads("ORTH", "POS")
    def rule_lemmatize(self, token: Token) -> list[str]:
        """The lemmas of a word by its part of speech; other parts of speech are looked up."""
        pos = token.pos_.lower()
        word = token.text.lower()
        if pos in ("", "eol", "space"):
            return [word]
        if pos not in INFLECTED or "lemma_rules" not in self.lookups:
            return self.lookup_lemmatize(token)
        index = members(self._part("lemma_index", pos) or ())
        if word in index:
            return [word]
        forms = list((self._part("lemma_exc", pos) or {}).get(word, ()))
        if not forms:
            accepted, unknown = apply_suffix_rules(word, self._part("lemma_rules", pos) or (), index)
            forms = accepted or unknown
        return list(dict.fromkeys(forms)) or [self.lookups.get_table("lemma_lookup", {}).get(word, [word])[0]]
