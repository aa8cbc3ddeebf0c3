"""Settings of components that spaCy lacks: [spanwright.components.NAME]."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from ..config import Config
from ..errors import ConfigError, Problem

T = TypeVar("T")


def component_settings(nlp: Any, name: str, schema: Callable[..., T]) -> T:
    """What [spanwright.components.NAME] of the pipeline's config says, for the factory of the component.

    nlp: The pipeline that the component is made for.
    name: The component's name in it.
    schema: Called with the settings; its arguments say which there are, of what type, and by default what.

    Returns what `schema` returns. Raises ConfigError for settings that there are not, or of another type.
    """
    from ..config import resolve

    block = own_settings_of(nlp._config, name)
    if not block:
        return schema()
    section = f"spanwright.components.{name}"
    return schema(**resolve({"spanwright": {"components": {name: block}}}, section=section, schema=schema))


def own_sections(config: Mapping[str, Any]) -> dict[str, Any]:
    """The table [spanwright.components] itself; an empty one if the config has none."""
    block = config.get("spanwright")
    found = block.get("components") if isinstance(block, Mapping) else None
    return found if isinstance(found, dict) else {}


def own_settings_of(config: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A copy of [spanwright.components.NAME], with values in the place of references; empty if there is none.

    Raises ConfigError (a ValueError) for a value in the place of the section, and for broken references.
    """
    from .resolving import interpolated_section

    if not own_sections(config).get(name):
        return {}
    whole = config if isinstance(config, Config) else Config(config)
    found = interpolated_section(whole, "spanwright.components")[name]
    if not isinstance(found, Mapping):
        raise ConfigError([Problem("spanwright.components", name, f"expected a section of settings; found {found!r}.")])
    return dict(found)


def set_own_settings(config: dict[str, Any], name: str, settings: Mapping[str, Any]) -> None:
    """Make [spanwright.components.NAME] these settings; without any, the config has no such section."""
    if not settings:
        own_sections(config).pop(name, None)
        return
    block = config
    for key in ("spanwright", "components"):
        block[key] = block.get(key) or {}
        block = block[key]
    block[name] = copy.deepcopy(dict(settings))


def sections_of_nothing(config: Mapping[str, Any]) -> Iterable[str]:
    """Names under [spanwright.components] of which [components] has none.

    A config without any components is that of a pipeline which gets them in Python: the settings wait for them.
    """
    components = config.get("components") or {}
    return [name for name in own_sections(config) if name not in components] if components else []
