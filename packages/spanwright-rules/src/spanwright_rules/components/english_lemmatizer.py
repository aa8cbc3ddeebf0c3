"""The factory en.lemmatizer: the lemmatizer of English pipelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from spanwright.language import Language
from spanwright.tokens import Token

from .lemmatizer import Lemmatizer, reads

if TYPE_CHECKING:
    from thinc.api import Model


def make_english_lemmatizer(
    nlp: Language, model: Model | None, name: str, mode: str, overwrite: bool, scorer: Callable | None
) -> EnglishLemmatizer:
    """en.lemmatizer: sets the base form of each token of English text; the arguments are those of `lemmatizer`."""
    return EnglishLemmatizer(nlp.vocab, model, name, mode=mode, overwrite=overwrite, scorer=scorer)


class EnglishLemmatizer(Lemmatizer):
    """The lemmatizer of English: forms that their features show to be base forms need no rule."""

    @reads("POS", "MORPH")
    def is_base_form(self, token: Token) -> bool:
        """Whether a token is a base form by its features: singular nouns, infinitives, positive adjectives, ..."""
        pos, features = token.pos_, token.morph.to_dict()
        form = features.get("VerbForm")
        if form in ("Inf", "None") or features.get("Degree") == "Pos":
            return True
        if pos == "NOUN":
            return features.get("Number") == "Sing"
        return pos == "VERB" and form == "Fin" and features.get("Tense") == "Pres" and "Number" not in features
