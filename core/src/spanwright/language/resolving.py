"""From config blocks to objects: single blocks, components, and a check of all components at once."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from typing import Any

from .. import registry
from ..config import PROMISED, Config, check, fill, find, preferences, resolve
from ..config._interpolate import Interpolator
from ..errors import ConfigError, MissingPluginError, PipelineError, Problem, RegistryError, RegistryMiss

# Arguments of a factory that do not come from the config.
GIVEN = ("nlp", "name")


class MissingPartsError(ConfigError, LookupError):
    """A pipeline names factories or functions that no installed distribution provides."""


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


def check_parts(
    cls: Any, config: Config, names: Iterable[str], provided: Mapping[str, Any], *, validate: bool = True
) -> None:
    """See that every factory and function of some components exists and gets what it needs, before one is called.

    cls: The pipeline's class, which knows the language.
    config: The interpolated config.
    names: The components that will be made.
    provided: What meta.json says provided each name, to say what to install.
    validate: Check the settings too.

    Raises MissingPartsError (a ConfigError and LookupError) that lists all that are missing, with sections and
    distributions, and all wrong settings; ConfigError if there are only wrong settings.
    """
    problems: list[Problem] = []
    blocks: dict[str, Mapping[str, Any]] = {}
    with registry.preferring(preferences(config)):
        for name in names:
            block = config["components"].get(name)
            if not isinstance(block, Mapping) or not isinstance(block.get("factory"), str):
                continue
            section = f"components.{name}"
            internal = cls._registered_name(block["factory"])
            if internal is None:
                problems.append(_missing("factories", block["factory"], section, "factory", config, provided))
                settings: Mapping[str, Any] = block
            else:
                settings = _with_defaults(internal, block, section, problems)
                arguments = {key: value for key, value in settings.items() if key != "factory"}
                blocks[section] = {**arguments, **dict.fromkeys(GIVEN, PROMISED), "@factories": internal}
            _check_names(settings, section, config, provided, problems)
        wrong = check(blocks, lines=config.lines, registry=registry.registry) if validate else []
    if problems:
        told = {problem.path for problem in problems}
        raise MissingPartsError(
            [*problems, *(problem for problem in wrong if problem.path not in told)], title=_title(problems)
        )
    if wrong:
        raise ConfigError(wrong)


def _with_defaults(factory: str, block: Mapping[str, Any], section: str, problems: list[Problem]) -> Mapping[str, Any]:
    from .base import Language

    try:
        func = registry.get("factories", factory)
    except RegistryError as error:
        problems.append(Problem(section, "factory", str(error), kind="plugin", found=factory))
        return block
    meta = Language._factory_meta.get(factory) or getattr(func, "factory_meta", None)
    defaults = meta.default_config if meta is not None else None
    return Config(defaults).merge(block) if defaults else block


def _check_names(
    block: Mapping[str, Any], section: str, config: Config, provided: Mapping[str, Any], problems: list[Problem]
) -> None:
    for key, value in block.items():
        if isinstance(value, Mapping):
            _check_names(value, f"{section}.{key}", config, provided, problems)
        elif key.startswith("@") and isinstance(value, str) and not registry.has(key[1:], value):
            problems.append(_missing(key[1:], value, section, key, config, provided))


def _missing(kind: str, name: str, section: str, key: str, config: Config, provided: Mapping[str, Any]) -> Problem:
    try:
        registry.get(kind, name)
        raise AssertionError(name)  # the caller knows that it is missing
    except MissingPluginError as error:
        text, what, distribution = str(error), "plugin", error.distribution
    except RegistryMiss as error:
        text, what, distribution = str(error), "name", None
        maker = (provided.get(kind) or {}).get(name) or {}
        if maker.get("distribution"):
            distribution = maker["distribution"]
            text += (
                f" When the pipeline was saved, {distribution} {maker.get('version') or ''} provided it: install that."
            )
        elif maker.get("file"):
            text += f" When the pipeline was saved, it was registered by {maker['file']} (module {maker['module']})."
    except RegistryError as error:
        text, what, distribution = str(error), "plugin", None
    line = config.where(f"{section}.{key}")
    return Problem(
        section, key, text, kind=what, found=name, distribution=distribution,
        where=str(line) if line else None, source=line.text if line else None,
    )  # fmt: skip


def _title(problems: list[Problem]) -> str:
    install = sorted({problem.distribution for problem in problems if problem.distribution})
    parts = f"{len(problems)} part{'s' if len(problems) > 1 else ''}"
    title = f"The pipeline needs {parts} that no installed distribution provides"
    return f"{title}. Install: pip install {' '.join(install)}" if install else title


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
