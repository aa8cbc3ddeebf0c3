"""What a Scorer asks when it is given no pipeline: the scorers that the standard components use by default."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from . import registered


class StandardPipeline:
    """Stands in for a pipeline of untrained standard components, of which only the scorers matter.

    lang: language code, kept for information.
    names: components, each of which must be one of `SCORERS` or a factory that is installed.
    """

    SCORERS: dict[str, Callable[..., dict[str, Any]]] = {
        "attribute_ruler": registered.attribute_ruler_score,
        "entity_ruler": registered.entity_ruler_score,
        "lemmatizer": registered.lemmatizer_score,
        "morphologizer": registered.morphologizer_score,
        "ner": registered.ner_score,
        "parser": registered.parser_score,
        "senter": registered.senter_score,
        "sentencizer": registered.senter_score,
        "tagger": registered.tagger_score,
        "textcat": registered.textcat_score,
        "textcat_multilabel": registered.textcat_multilabel_score,
        "trainable_lemmatizer": registered.lemmatizer_score,
    }

    def __init__(self, lang: str, names: Iterable[str]) -> None:
        self.lang = lang
        self.tokenizer = None
        self.pipeline = [(name, self._component(name)) for name in names]

    @property
    def pipe_names(self) -> list[str]:
        """Names of the components."""
        return [name for name, _ in self.pipeline]

    def _component(self, name: str) -> Any:
        if name in self.SCORERS:
            return StandardComponent(self.SCORERS[name])
        import spanwright

        return spanwright.blank(self.lang).create_pipe(name)


class StandardComponent:
    """A component that can do nothing but score."""

    def __init__(self, scorer: Callable[..., dict[str, Any]]) -> None:
        self.scorer = scorer

    def score(self, examples: Iterable[Any], **settings: Any) -> dict[str, Any]:
        """Score the Examples; settings are handed to the scorer."""
        return self.scorer(examples, **settings)
