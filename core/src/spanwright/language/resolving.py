"""From config blocks to objects: single blocks and components."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from .. import registry
from ..config import Config, fill, find, resolve
from ..config._interpolate import Interpolator
from ..errors import ConfigError, PipelineError
from .parts import GIVEN


def resolve_block(config: Mapping[str, Any], section: str) -> Any:
    """The object that one section of a config stands for. Nothing outside of it is looked up."""
    return resolve(config, section=section)


def interpolated_section(config: Config, section: str) -> Any:
    """A copy of one section with values in the place of references; other sections may have broken ones."""
    return interpolated_sections(config, [section])[section]


def interpolated_sections(config: Config, sections: Iterable[str]) -> dict[str, Any]:
    """Sections by dotted path, with values in the place of references. Raises ConfigError for broken references."""
    if config.is_interpolated:
        return {section: copy.deepcopy(find(config, section)) for section in sections}
    interpolator = Interpolator(config, config.lines)
    found = {section: copy.deepcopy(interpolator.value(section)) for section in sections}
    if interpolator.problems:
        raise ConfigError(interpolator.problems)
    return found


def make_component(
    nlp: Any, name: str, factory: str, settings: Mapping[str, Any], *, validate: bool
) -> tuple[Any, Config]:
    """Call a factory.

    nlp, name: The pipeline, and the component's name in it.
    factory: The name that the registry knows.
    settings: The factory's other arguments, with functions still named.

    Returns the component, and the settings with the defaults of all functions they name.
    Raises ConfigError with all that is wrong with the settings.
    """
    section = f"components.{name}"
    block = {**settings, "nlp": nlp, "name": name, "@factories": factory}
    lines = getattr(settings, "_lines", {})
    whole = _nested(section, block, preferred=nlp._config, lines=lines)
    component = resolve(whole, section=section, validate=validate)
    plain = {key: value for key, value in block.items() if key not in GIVEN}
    filled = fill(_nested(section, plain, preferred=nlp._config, lines=lines), section=section, validate=False)
    for key in ("@factories", *GIVEN):
        filled.pop(key, None)
    return component, Config(filled)


def _nested(section: str, block: dict[str, Any], *, preferred: Mapping[str, Any], lines: Any) -> Config:
    """A config with one component in it, and the choices between providers that the whole config makes."""
    config = Config({"components": {section.partition(".")[2]: block}, **_choices(preferred)}, is_interpolated=True)
    config._lines = dict(lines)
    return config


def _choices(config: Mapping[str, Any]) -> dict[str, Any]:
    return {"spanwright": config["spanwright"]} if isinstance(config.get("spanwright"), Mapping) else {}


def check_arguments(func: Any, settings: Mapping[str, Any], section: str, *, given: Iterable[str]) -> None:
    """Compare settings with the arguments of a method.

    given: Arguments that the caller passes itself.
    Raises ConfigError with all that is missing, unknown or of the wrong type.
    """
    from ..config._check import Checker
    from ..config._signature import Signature, read_signature

    signature = read_signature(func)
    left = {name: parameter for name, parameter in signature.parameters.items() if name not in set(given) | {"self"}}
    checker = Checker(registry.registry, {})
    checker.arguments(
        settings,
        Signature(left, signature.positional, signature.open),
        section,
        f"{section}: initialize",
        what="setting",
    )
    if checker.problems:
        raise ConfigError(checker.problems, title=f"Wrong settings in [{section}]")


def section_of(config: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """A top-level section. Raises PipelineError (a ValueError) if the config has none of that name."""
    if name not in config:
        raise PipelineError(
            f"The config has no section [{name}]. Its sections are: {', '.join(config) or 'none'}. Start from "
            "spanwright.blank('en').config, or fill a partial config with its defaults."
        )
    found: Mapping[str, Any] = config[name]
    return found
