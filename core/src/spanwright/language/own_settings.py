"""Settings of components that spaCy lacks: [spanwright.components.NAME]."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

T = TypeVar("T")


def component_settings(nlp: Any, name: str, schema: Callable[..., T]) -> T:
    """What [spanwright.components.NAME] of the pipeline's config says, for the factory of the component.

    nlp: The pipeline that the component is made for.
    name: The component's name in it.
    schema: Called with the settings; its arguments say which there are, of what type, and by default what.

    Returns what `schema` returns. Raises ConfigError for settings that there are not, or of another type.
    """
    from ..config import resolve

    block = nlp._config.get("spanwright") or {}
    for key in ("components", name):
        block = block.get(key) or {} if isinstance(block, Mapping) else {}
    if not block:
        return schema()
    section = f"spanwright.components.{name}"
    config = {"spanwright": {"components": {name: dict(block)}}}
    return schema(**resolve(config, section=section, schema=schema))
