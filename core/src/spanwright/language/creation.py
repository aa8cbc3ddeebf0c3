"""Making components: from a factory and settings, or from another pipeline."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..config import Config
from ..errors import PipelineError, SpanwrightWarning
from .description import check_serializable
from .factories import FactoryMeta
from .names import UnknownComponentError
from .own_settings import own_settings_of, set_own_settings
from .resolving import interpolated_section, make_component

if TYPE_CHECKING:
    from .base import Language


class Creation:
    """The methods of `Language` that make components."""

    vocab: Any
    _config: Config
    _pipe_configs: dict[str, Config]
    _registered_name: Callable[[str], str | None]
    _unknown_factory: Callable[[str], Exception]
    get_factory_meta: Callable[[str], FactoryMeta]

    def create_pipe(
        self,
        factory_name: str,
        name: str | None = None,
        *,
        config: Mapping[str, Any] = {},
        raw_config: Config | None = None,
        validate: bool = True,
    ) -> Any:
        """Make a component without adding it to the pipeline. The arguments are those of `add_pipe`."""
        name = factory_name if name is None else name
        if not isinstance(config, dict):
            raise PipelineError(
                f"The config of component '{name}' must be a dict of settings, not {type(config).__name__}."
            )
        check_serializable(config, f"the config of component '{name}'")
        internal = self._registered_name(factory_name)
        if internal is None:
            raise self._unknown_factory(factory_name)
        defaults = self.get_factory_meta(factory_name).default_config
        settings = Config(defaults).merge(config) if defaults else Config(config)
        component, filled = make_component(self, name, internal, settings, validate=validate)
        filled["factory"] = factory_name
        self._pipe_configs[name] = filled.merge(raw_config) if raw_config else filled
        return component

    def create_pipe_from_source(self, source_name: str, source: Language, *, name: str) -> tuple[Any, str]:
        """Make a component by copying one of another pipeline.

        source_name: Its name there.
        source: The other pipeline, which is not changed.
        name: Its name here.

        Returns the copy, which shares this pipeline's vocabulary, and the name of its factory. Warns if the two
        pipelines have different vectors. Raises PipelineError (a ValueError) if `source` is no pipeline,
        UnknownComponentError (a KeyError) if it has no such component.
        """
        from .base import Language

        if not isinstance(source, Language):
            raise PipelineError(
                f"The source of component '{source_name}' must be a loaded pipeline, not {type(source).__name__}. "
                "Load it first: source=spanwright.load(...)."
            )
        if source_name not in source.component_names:
            where = f"the source pipeline {source.meta['lang']}_{source.meta['name']}"
            raise UnknownComponentError(source_name, source.component_names, where=where)
        if not same_vectors(self.vocab, source.vocab):
            warn_of_vectors(source_name)
        pipe = self._copied(source.get_pipe(source_name), source)
        if hasattr(pipe, "name"):
            pipe.name = name
        self._pipe_configs[name] = Config(interpolated_section(source.config, f"components.{source_name}"))
        set_own_settings(self._config, name, own_settings_of(source._config, source_name))
        if self.vocab.strings is not source.vocab.strings:
            for text in source.vocab.strings:
                self.vocab.strings.add(text)
        return pipe, source.get_pipe_meta(source_name).factory

    def _copied(self, pipe: Any, source: Any) -> Any:
        """A copy of a component of another pipeline in which this pipeline's vocabulary stands for the other's."""
        return copy.deepcopy(pipe, {id(source.vocab): self.vocab, id(source): self})


def same_vectors(vocab: Any, other: Any) -> bool:
    """Whether two vocabularies have the same vectors (or none)."""
    if vocab is other or vocab.vectors is other.vectors:
        return True
    if not vocab.vectors_length and not other.vectors_length:
        return True
    return bool(vocab.vectors == other.vectors)


def warn_of_vectors(name: str) -> None:
    """Warn that a component comes from a pipeline with other vectors."""
    warnings.warn(
        f"The component '{name}' comes from a pipeline with other word vectors than this one has. If its model reads "
        "vectors ([...] include_static_vectors = true), it will predict badly: take the vectors from there too "
        "([initialize] vectors).",
        SpanwrightWarning,
        stacklevel=4,
    )
