"""Taking the tokenizer or the vocabulary of another pipeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spanwright.errors import ConfigError

if TYPE_CHECKING:
    from spanwright.language import Language


def copy_from_base_model_v1(tokenizer: str | None = None, vocab: str | None = None) -> Callable[[Language], Language]:
    """spacy.copy_from_base_model.v1: takes the tokenizer and the vocabulary (with its vectors) of other pipelines.

    tokenizer: Pipeline (name or folder) whose tokenizer rules to take; None: keep one's own.
    vocab: Pipeline whose vocabulary to take; None: keep one's own.

    Returns a callback for `initialize.before_init`: `nlp -> nlp`, which changes `nlp` in place. When called it raises
    ConfigError (a ValueError) if the two configs name different tokenizers.
    """

    def copy_from_base_model(nlp: Language) -> Language:
        from spanwright.language import load

        base = None
        if tokenizer:
            base = load(tokenizer)
            own, other = nlp.config["nlp"]["tokenizer"], base.config["nlp"]["tokenizer"]
            if own != other:
                raise ConfigError(
                    f"Can't copy the tokenizer of '{tokenizer}': it is {other}, and [nlp.tokenizer] of this config is "
                    f"{own}. Set [nlp.tokenizer] to the same."
                )
            rules: Any = nlp.tokenizer
            rules.from_bytes(base.tokenizer.to_bytes(exclude=["vocab"]))
        if vocab:
            if base is None or vocab != tokenizer:
                base = load(vocab)
            nlp.vocab.from_bytes(base.vocab.to_bytes())
        return nlp

    return copy_from_base_model
