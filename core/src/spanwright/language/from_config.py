"""From a config to a pipeline: the empty pipeline, then its components in order."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .. import registry
from ..config import SCHEMAS, SECTION_ORDER, Config, preferences, resolve
from ..errors import PipelineError, SpanwrightWarning, nearest
from .names import as_names
from .own_settings import sections_of_nothing, set_own_settings
from .parts import Check
from .resolving import section_of
from .sourcing import Sources

CALLBACKS = ("before_creation", "after_creation", "after_pipeline_creation")


class FromConfig:
    """The class method of `Language` that builds a pipeline from a config."""

    lang: str | None
    default_config: Config
    _registered_name: Callable[[str], str | None]

    @classmethod
    def from_config(
        cls,
        config: Mapping[str, Any] = {},
        *,
        vocab: Any = True,
        disable: str | Iterable[str] = (),
        enable: str | Iterable[str] = (),
        exclude: str | Iterable[str] = (),
        meta: Mapping[str, Any] = {},
        auto_fill: bool = True,
        validate: bool = True,
    ) -> Any:
        """Make a pipeline from a config. Sections that only training reads are kept and not looked into.

        config: The config; what it leaves out comes from the language's default config.
        vocab: The vocabulary; True makes one.
        disable: Components to load and switch off.
        enable: Components to leave on; all others are switched off.
        exclude: Components not to make at all; what only they need may be missing.
        meta: What meta.json holds.
        auto_fill: Lay the config over the language's default config.
        validate: Check all settings against the functions they are for.

        Raises MissingPartsError (a ConfigError, a ValueError) if parts are not installed, broken or switched off,
        and ConfigError (a ValueError) for components that the config does not describe, broken references and wrong
        settings; either lists all that is wrong. PipelineError (a ValueError) for a config of another language, and
        for components that are to be both on and off.
        """
        left_out = as_names(exclude, "exclude")
        filled = cls._filled(config, auto_fill)
        wanted, interpolated = Check(cls, filled, _provided(meta), validate).parts(left_out)
        disabled = component_status(as_names(disable, "disable"), as_names(enable, "enable"), interpolated)
        interpolated["nlp"].pop("enabled", None)  # has been read
        with registry.preferring(preferences(interpolated)):
            parts = resolve(interpolated, section="nlp", schema=SCHEMAS["nlp"] if validate else None)
            nlp = cls._created(parts, vocab, meta)
            for name in left_out:
                set_own_settings(filled, name, {})
            nlp._config = filled
            with nlp._linking_once():
                cls._add_components(nlp, wanted, interpolated, filled, validate)
                nlp._disabled = {name for name in disabled if name in wanted}
            nlp.batch_size = parts["batch_size"]
            return _called(parts["after_pipeline_creation"], "after_pipeline_creation", nlp, cls)

    @classmethod
    def _filled(cls, config: Mapping[str, Any], auto_fill: bool) -> Config:
        """The config over the defaults, with this language's code; a copy."""
        given = config if isinstance(config, Config) else Config(config, is_interpolated=False)
        if auto_fill:
            base = Config(cls.default_config, is_interpolated=False, section_order=SECTION_ORDER)
            filled = base.merge(given)
        else:
            filled = given.copy()
        nlp = section_of(filled, "nlp")
        code = nlp.get("lang")
        if code is not None and code != cls.lang:
            raise PipelineError(
                f"The config is for the language '{code}' ([nlp] lang), and {cls.__name__} for '{cls.lang}'. Use "
                f"spanwright.util.get_lang_class('{code}').from_config(config), or spanwright.load."
            )
        nlp["lang"] = cls.lang  # type: ignore[index]
        for key, value in cls.default_config["nlp"].items():
            if key in ("vectors", "tokenizer", "batch_size", *CALLBACKS, "disabled", "pipeline"):
                nlp.setdefault(key, copy.deepcopy(value))  # type: ignore[attr-defined]
        filled.setdefault("components", {})
        filled.setdefault("initialize", {}).setdefault("components", {})
        filled.setdefault("training", {})
        return filled

    @classmethod
    def _created(cls, parts: Mapping[str, Any], vocab: Any, meta: Mapping[str, Any]) -> Any:
        """The pipeline without components, as the callbacks want it."""
        if parts["before_creation"] is not None:
            changed = parts["before_creation"](cls)
            if changed is not cls:
                raise PipelineError(
                    "The callback [nlp] before_creation may change the language's class and must return it, "
                    f"{cls.__name__}; it returned {changed!r}."
                )
        nlp = cls(  # type: ignore[call-arg]
            vocab=vocab, create_tokenizer=parts["tokenizer"], create_vectors=parts["vectors"], meta=meta
        )
        return _called(parts["after_creation"], "after_creation", nlp, cls)

    @classmethod
    def _add_components(
        cls, nlp: Any, names: Iterable[str], interpolated: Config, filled: Config, validate: bool
    ) -> None:
        components = interpolated["components"]
        for name in sections_of_nothing(filled):
            warnings.warn(
                f"[spanwright.components.{name}] is ignored: the config describes no component of that name."
                f"{nearest(name, filled['components'])}",
                SpanwrightWarning,
                stacklevel=4,
            )
        sources = Sources(nlp)
        for name in names:
            settings = dict(components[name])
            raw = Config(filled["components"][name], is_interpolated=filled.is_interpolated)
            factory = settings.pop("factory", None)
            if factory is None:
                sources.add(name, settings)
                continue
            block = Config(settings, is_interpolated=True)
            block._lines = interpolated._lines
            nlp.add_pipe(factory, name=name, config=block, raw_config=raw, validate=validate)
        sources.finish()


def component_status(disable: list[str], enable: list[str], config: Mapping[str, Any]) -> set[str]:
    """Names of the components to switch off.

    disable, enable: As the user gave them. [nlp] disabled of the config counts where `enable` is not given, and
        beside `disable`.

    Raises PipelineError (a ValueError) if a component is to be both on and off.
    """
    settings = config["nlp"]
    off = set(disable) | set(settings.get("disabled") or [])
    enabled = settings.get("enabled") or []
    if enable and enabled and not set(enabled) <= set(enable):
        warnings.warn(
            f"The argument enable={enable} goes before [nlp] enabled = {enabled} of the config.",
            SpanwrightWarning,
            stacklevel=4,
        )
    if enable:
        both = sorted(set(enable) & off)
        if both:
            raise PipelineError(
                f"The components {', '.join(both)} are in `enable` and are switched off too (by disable={disable} or "
                f"[nlp] disabled = {settings.get('disabled') or []}). Take them out of one of the two."
            )
        off |= {name for name in settings.get("pipeline") or [] if name not in enable}
    return off


def _called(callback: Callable[[Any], Any] | None, name: str, nlp: Any, cls: type[Any]) -> Any:
    if callback is None:
        return nlp
    result = callback(nlp)
    if not isinstance(result, cls):
        raise PipelineError(
            f"The callback [nlp] {name} must return the pipeline that it got; it returned {type(result).__name__}."
        )
    return result


def _provided(meta: Mapping[str, Any]) -> Mapping[str, Any]:
    noted = meta.get("spanwright")
    found = noted.get("provided_by") if isinstance(noted, Mapping) else None
    return found if isinstance(found, Mapping) else {}
