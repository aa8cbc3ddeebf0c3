"""The pipeline as a list that can be edited: adding, replacing, renaming and removing components."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from ..errors import PipelineError, SpanwrightWarning
from .factories import FactoryMeta
from .frozen import FrozenDict, FrozenList
from .names import UnknownComponentError, position
from .own_settings import own_sections
from .select import Selection

if TYPE_CHECKING:
    from ..config import Config
    from .base import Language


def _advice(attribute: str) -> str:
    return (
        f"nlp.{attribute} is computed from the pipeline and cannot be written to. Use nlp.add_pipe, remove_pipe, "
        "replace_pipe, rename_pipe, disable_pipe or enable_pipe."
    )


class Editing(Selection):
    """The methods of `Language` that show and edit its components."""

    lang: str | None
    _pipe_meta: dict[str, FactoryMeta]
    _pipe_configs: dict[str, Any]
    _config: Any
    _meta: dict[str, Any]
    create_pipe: Callable[..., Any]
    create_pipe_from_source: Callable[..., tuple[Any, str]]
    get_factory_meta: Callable[[str], FactoryMeta]

    @property
    def components(self) -> list[tuple[str, Any]]:
        """All (name, component) pairs in order, those switched off included."""
        return FrozenList(self._components, advice=_advice("components"))

    @property
    def component_names(self) -> list[str]:
        """Names of all components in order, those switched off included."""
        return FrozenList((name for name, _ in self._components), advice=_advice("component_names"))

    @property
    def pipeline(self) -> list[tuple[str, Any]]:
        """The (name, component) pairs that are run, in order."""
        return FrozenList(self._active(), advice=_advice("pipeline"))

    @property
    def pipe_names(self) -> list[str]:
        """Names of the components that are run, in order."""
        return FrozenList((name for name, _ in self._active()), advice=_advice("pipe_names"))

    @property
    def disabled(self) -> list[str]:
        """Names of the components that are switched off, in order."""
        names = (name for name, _ in self._components if name in self._disabled)
        return FrozenList(names, advice=_advice("disabled"))

    @property
    def pipe_factories(self) -> dict[str, str]:
        """Each component's factory."""
        return FrozenDict({name: self._pipe_meta[name].factory for name, _ in self._components})

    @property
    def pipe_labels(self) -> dict[str, list[str]]:
        """The labels of each component that has and shows them."""
        return FrozenDict(
            {
                name: list(pipe.labels)
                for name, pipe in self._components
                if hasattr(pipe, "labels") and getattr(pipe, "hide_labels", False) is not True
            }
        )

    def _active(self) -> list[tuple[str, Any]]:
        disabled = self._disabled
        if not disabled:
            return self._components
        return [pair for pair in self._components if pair[0] not in disabled]

    def has_pipe(self, name: str) -> bool:
        """Whether a component of that name is run."""
        return any(known == name for known, _ in self._active())

    def get_pipe(self, name: str) -> Any:
        """The component of that name. Raises UnknownComponentError (a KeyError) if there is none."""
        for known, pipe in self._components:
            if known == name:
                return pipe
        raise UnknownComponentError(name, self.component_names)

    def get_pipe_meta(self, name: str) -> FactoryMeta:
        """What is known of a component's factory. Raises UnknownComponentError (a ValueError) for an unknown name."""
        if name not in self._pipe_meta:
            raise UnknownComponentError(name, self.component_names)
        return self._pipe_meta[name]

    def get_pipe_config(self, name: str) -> Config:
        """The settings that a component was made with. Raises UnknownComponentError (a ValueError)."""
        if name not in self._pipe_configs:
            raise UnknownComponentError(name, self.component_names)
        return self._pipe_configs[name]

    def add_pipe(
        self,
        factory_name: str,
        name: str | None = None,
        *,
        before: str | int | None = None,
        after: str | int | None = None,
        first: bool | None = None,
        last: bool | None = None,
        source: Language | None = None,
        config: Mapping[str, Any] = {},
        raw_config: Config | None = None,
        validate: bool = True,
    ) -> Any:
        """Make a component and put it into the pipeline.

        factory_name: Name of the factory; with `source`, name of the component there.
        name: Name of the component; by default the factory's.
        before, after: Name or index of the component it goes next to.
        first, last: Put it at that end. By default it goes last.
        source: A loaded pipeline to take the component from.
        config: Settings of the component, laid over the factory's default config.
        raw_config: The same before interpolation, to be kept in nlp.config.
        validate: Check the settings against the factory's arguments and their types.

        Returns the component. Raises PipelineError (a ValueError) for a name that is taken or a place that does not
        exist, RegistryMiss (a ValueError) for an unknown factory, ConfigError (a ValueError) for wrong settings.
        """
        if not isinstance(factory_name, str):
            raise PipelineError(
                f"nlp.add_pipe takes the name of a registered factory, not {factory_name!r}. Register the component "
                "with @Language.component('name') or @Language.factory('name') and add it by that name."
            )
        name = factory_name if name is None else name
        if name in self._pipe_meta:
            raise PipelineError(
                f"The pipeline already has a component '{name}'. Give the new one another name: "
                f"nlp.add_pipe('{factory_name}', name='{name}_2'). There are: {', '.join(self.component_names)}."
            )
        if "name" in config:
            config = {key: value for key, value in config.items() if key != "name"}
            warnings.warn(
                f"The `name` in the config of component '{name}' is ignored: nlp.add_pipe(..., name=...) sets it.",
                SpanwrightWarning,
                stacklevel=2,
            )
        index = position([known for known, _ in self._components], before, after, first, last)
        if source is not None:
            component, factory_name = self.create_pipe_from_source(factory_name, source, name=name)
        else:
            component = self.create_pipe(
                factory_name, name=name, config=config, raw_config=raw_config, validate=validate
            )
        self._pipe_meta[name] = self.get_factory_meta(factory_name)
        self._components.insert(index, (name, component))
        self._pipeline_changed()
        return component

    def replace_pipe(
        self, name: str, factory_name: str, *, config: Mapping[str, Any] = {}, validate: bool = True
    ) -> Any:
        """Put a new component in the place of another, under its name. The arguments are those of `add_pipe`.

        Returns the new component. If it cannot be made the old one stays.
        """
        self._require(name)
        if not isinstance(factory_name, str):
            raise PipelineError(
                f"nlp.replace_pipe takes the name of a registered factory, not {factory_name!r}. Register the "
                "component with @Language.component('name') or @Language.factory('name')."
            )
        index = self.component_names.index(name)
        old_config = self._pipe_configs[name]
        try:
            component = self.create_pipe(factory_name, name=name, config=config, validate=validate)
            meta = self.get_factory_meta(factory_name)
        except BaseException:
            self._pipe_configs[name] = old_config
            raise
        self._forget(name)
        self._pipe_meta[name] = meta
        self._components[index] = (name, component)
        self._pipeline_changed()
        return component

    def rename_pipe(self, old_name: str, new_name: str) -> None:
        """Give a component another name, in the pipeline and its config. What listens to it by name follows."""
        from ..listener import follow_rename

        self._require(old_name)
        if new_name in self._pipe_meta:
            raise PipelineError(
                f"'{old_name}' cannot be called '{new_name}': the pipeline already has a component of that name. "
                f"There are: {', '.join(self.component_names)}."
            )
        index = self.component_names.index(old_name)
        self._components[index] = (new_name, self._components[index][1])
        own = own_sections(self._config)
        own.pop(new_name, None)  # it was made without what waits there
        for table in (self._pipe_meta, self._pipe_configs, self._initialize_settings(), own):
            if old_name in table:
                table[new_name] = table.pop(old_name)
        if old_name in self._disabled:
            self._disabled.discard(old_name)
            self._disabled.add(new_name)
        for listening in follow_rename(self._components, old_name, new_name):
            _name_upstream(self._pipe_configs[listening], old_name, new_name)
        self._pipeline_changed()

    def remove_pipe(self, name: str) -> tuple[str, Any]:
        """Take a component out of the pipeline. Returns its name and the component."""
        self._require(name)
        removed = self._components.pop(self.component_names.index(name))
        self._pipe_meta.pop(name)
        self._pipe_configs.pop(name)
        own_sections(self._config).pop(name, None)
        self._forget(name)
        self._pipeline_changed()
        return removed

    def _forget(self, name: str) -> None:
        """Drop what is noted of a component beside its place."""
        self._meta.get("_sourced_vectors_hashes", {}).pop(name, None)
        self._initialize_settings().pop(name, None)
        self._disabled.discard(name)

    def _initialize_settings(self) -> dict[str, Any]:
        """The section [initialize.components]."""
        return self._config.get("initialize", {}).get("components", {}) or {}


def _name_upstream(settings: Any, old: str, new: str) -> None:
    """Change the name of an upstream wherever listeners' settings have it."""
    for key, value in settings.items():
        if key == "upstream" and value == old:
            settings[key] = new
        elif isinstance(value, dict):
            _name_upstream(value, old, new)
