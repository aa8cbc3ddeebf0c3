"""Components that a config takes from other pipelines: `source = "name or folder"`."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

from .. import registry
from ..errors import MissingFileError, PipelineError, SpanwrightWarning
from .names import UnknownComponentError
from .own_settings import own_settings_of

# What a sourced component's section may say; the rest comes with the component.
SETTINGS = ("source", "component", "replace_listeners")


class Sources:
    """The pipelines that components of one config come from; of each only what is taken is
    loaded.

    They are loaded into the vocabulary of the new pipeline, so that components know its strings; its own vectors
    are put back at the end.
    """

    def __init__(self, nlp: Any) -> None:
        self.nlp = nlp
        self.loaded: dict[tuple[str, str, str], Any] = {}
        self.vectors: dict[str, str] = {}
        self.own_vectors: Any = None

    def add(self, name: str, settings: dict[str, Any]) -> None:
        """Add a component as its section says.

        name: Its name in the new pipeline.
        settings: `source` (what to load), `component` (its name there; the same by default) and `replace_listeners`
            (paths of listeners that get a copy of their upstream).

        What [spanwright.components.NAME] of the new pipeline says goes before what the source says.
        """
        source_name = settings.get("component", name)
        own = own_settings_of(self.nlp._config, name)
        ignored = [key for key in settings if key not in SETTINGS]
        if ignored:
            warnings.warn(
                f"[components.{name}] takes the component from '{settings['source']}', with the settings it has there: "
                f"{', '.join(ignored)} in its section {'is' if len(ignored) == 1 else 'are'} ignored. Take them out, "
                'or make a new component with factory = "...".',
                SpanwrightWarning,
                stacklevel=6,
            )
        if not isinstance(settings["source"], str):
            raise PipelineError(
                f"[components.{name}] source: expected the name or path of a pipeline, found {settings['source']!r}."
            )
        try:
            source = self._load(settings["source"], source_name, own)
        except MissingFileError as error:
            raise MissingFileError(f"[components.{name}] source: {error}") from None
        if settings.get("replace_listeners"):
            self._replace(source, source_name, settings["replace_listeners"])
            # It is not what it was: another component is taken from a fresh one.
            del self.loaded[settings["source"], source_name, repr(own)]
        with warnings.catch_warnings():
            # Vectors are compared when the pipeline is initialized, as it may get the same ones by then.
            warnings.filterwarnings("ignore", message=".*other word vectors")
            self.nlp.add_pipe(source_name, source=source, name=name)
        hashes = self.nlp._meta.setdefault("_sourced_vectors_hashes", {})
        hashes[name] = self.vectors[settings["source"]]

    def _load(self, place: str, component: str, own: dict[str, Any]) -> Any:
        """The pipeline that a component comes from, with that component and its upstreams alone.

        own: Changes of [spanwright.components.COMPONENT].
        """
        from .loading import load, read_config

        key = place, component, repr(own)
        if key not in self.loaded:
            vocab = self.nlp.vocab
            if self.own_vectors is None:
                self.own_vectors = vocab.vectors
            config = read_config(place)
            names = config["nlp"].get("pipeline") or []
            if component not in names:
                raise UnknownComponentError(component, names, where=f"'{place}'")
            keep = {component, *upstream_names(config, component)}
            # The strings and vectors of one place are needed once.
            shared = ["vocab"] if place in self.vectors else ["lookups"]
            left_out = ["tokenizer", *shared, *(name for name in names if name not in keep)]
            changes = {"spanwright": {"components": {component: own}}} if own else {}
            self.loaded[key] = load(place, vocab=vocab, exclude=left_out, config=changes)
            if place not in self.vectors:
                self.vectors[place] = vectors_hash(vocab.vectors)
        return self.loaded[key]

    def _replace(self, source: Any, component: str, paths: list[str]) -> None:
        from ..listener import upstreams

        for name in (component, *(name for name, _ in upstreams(source.components))):
            source.enable_pipe(name)
        for upstream_name, broadcast in upstreams(source.components):
            if component in broadcast.listener_map:
                source.replace_listeners(upstream_name, component, paths)

    def finish(self) -> None:
        """Give the new pipeline its own vectors back."""
        if self.own_vectors is not None:
            self.nlp.vocab.vectors = self.own_vectors


def upstream_names(config: Mapping[str, Any], component: str) -> set[str]:
    """The components that a component may listen to, as far as its settings tell: all before it, for "*"."""
    found: set[str] = set()
    names = config["nlp"].get("pipeline") or []

    def search(block: Mapping[str, Any]) -> None:
        for key, value in block.items():
            if isinstance(value, Mapping):
                search(value)
            elif key == "upstream" and isinstance(value, str):
                found.update(names[: names.index(component)] if value == "*" else [value])

    components = config.get("components", {})
    search(components.get(component) or {})
    # "*" may mean any of several: one whose plugin is missing is not it.
    return {name for name in found & set(names) if _can_be_made(components.get(name) or {})}


def _can_be_made(block: Mapping[str, Any]) -> bool:
    return registry.has("factories", str(block.get("factory")))


def vectors_hash(vectors: Any) -> str:
    """A text that tells tables of vectors apart, the same in every process."""
    from hashlib import blake2b

    return blake2b(vectors.to_bytes(exclude=["strings"]), digest_size=16).hexdigest()
