"""Components that a config takes from other pipelines: `source = "name or folder"`."""

from __future__ import annotations

import warnings
from typing import Any

from ..errors import SpanwrightWarning
from .names import UnknownComponentError

# What a sourced component's section may say; the rest comes with the component.
SETTINGS = ("source", "component", "replace_listeners")


class Sources:
    """The pipelines that components of one config come from; each is loaded once.

    They are loaded into the vocabulary of the new pipeline, so that components know its strings; its own vectors
    are put back at the end.
    """

    def __init__(self, nlp: Any) -> None:
        self.nlp = nlp
        self.loaded: dict[str, Any] = {}
        self.vectors: dict[str, Any] = {}
        self.own_vectors: Any = None

    def add(self, name: str, settings: dict[str, Any]) -> None:
        """Add a component as its section says.

        name: Its name in the new pipeline.
        settings: `source` (what to load), `component` (its name there; the same by default) and `replace_listeners`
            (paths of listeners that get a copy of their upstream).
        """
        source_name = settings.get("component", name)
        ignored = [key for key in settings if key not in SETTINGS]
        if ignored:
            warnings.warn(
                f"[components.{name}] takes the component from '{settings['source']}', with the settings it has there: "
                f"{', '.join(ignored)} in its section {'is' if len(ignored) == 1 else 'are'} ignored. Take them out, "
                'or make a new component with factory = "...".',
                SpanwrightWarning,
                stacklevel=6,
            )
        source = self._load(settings["source"])
        if source_name not in source.component_names:
            raise UnknownComponentError(source_name, source.component_names, where=f"'{settings['source']}'")
        if settings.get("replace_listeners"):
            self._replace(source, source_name, settings)
        with warnings.catch_warnings():
            # Vectors are compared when the pipeline is initialized, as it may get the same ones by then.
            warnings.filterwarnings("ignore", message=".*other word vectors")
            self.nlp.add_pipe(source_name, source=source, name=name)
        hashes = self.nlp._meta.setdefault("_sourced_vectors_hashes", {})
        hashes[name] = self.vectors[settings["source"]]

    def _load(self, place: str) -> Any:
        from .loading import load

        if place not in self.loaded:
            vocab = self.nlp.vocab
            if self.own_vectors is None:
                self.own_vectors = vocab.vectors
            self.loaded[place] = load(place, vocab=vocab, exclude=["lookups"])
            self.vectors[place] = vectors_hash(vocab.vectors)
        return self.loaded[place]

    def _replace(self, source: Any, component: str, settings: dict[str, Any]) -> None:
        from ..listener import upstreams

        for upstream_name, broadcast in upstreams(source.pipeline):
            if component in broadcast.listener_map:
                source.replace_listeners(upstream_name, component, settings["replace_listeners"])
        # The source pipeline is not what it was: load it again for others.
        del self.loaded[settings["source"]]

    def finish(self) -> None:
        """Give the new pipeline its own vectors back."""
        if self.own_vectors is not None:
            self.nlp.vocab.vectors = self.own_vectors


def vectors_hash(vectors: Any) -> str:
    """A text that tells tables of vectors apart, the same in every process."""
    from hashlib import blake2b

    return blake2b(vectors.to_bytes(exclude=["strings"]), digest_size=16).hexdigest()
