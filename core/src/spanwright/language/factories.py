"""Factories: the functions that make components, what is known of them, and how they are found by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from inspect import signature
from typing import Any, ClassVar

from .. import registry
from ..errors import PipelineError, RegistryError
from .attributes import validate_attrs
from .frozen import LazyView

ADVICE = (
    "Language.factories only shows what is registered. Register a factory with the decorator "
    "@Language.factory('name'), or a plain function with @Language.component('name')."
)


@dataclass
class FactoryMeta:
    """What is known of a component without making one.

    factory: Name of the factory, without a language's prefix.
    default_config: Default settings of the factory's arguments.
    assigns, requires: Attributes that the component sets and needs, such as "token.tag".
    retokenizes: Whether it changes the tokens.
    scores: Names of the scores it reports.
    default_score_weights: Weight of each score in the final one; None hides the score.
    """

    factory: str
    default_config: dict[str, Any] | None = None
    assigns: Iterable[str] = ()
    requires: Iterable[str] = ()
    retokenizes: bool = False
    scores: Iterable[str] = ()
    default_score_weights: dict[str, float | None] | None = None


class Factories:
    """The class methods of `Language` that register and find factories."""

    lang: str | None
    factories: ClassVar[Mapping[str, Any]] = LazyView(
        lambda: registry.names("factories"), lambda name: registry.get("factories", name), advice=ADVICE
    )
    # By the name under which the registry has the factory ("tagger", "en.lemmatizer").
    _factory_meta: ClassVar[dict[str, FactoryMeta]] = {}

    @classmethod
    def get_factory_name(cls, name: str) -> str:
        """The name of a factory made for this language alone: "en.lemmatizer"; the plain name in `Language` itself."""
        return name if cls.lang is None else f"{cls.lang}.{name}"

    @classmethod
    def has_factory(cls, name: str) -> bool:
        """Whether this language can make components by that name, from installed plugins too. Imports no plugin."""
        return cls._registered_name(name) is not None

    @classmethod
    def _registered_name(cls, name: str) -> str | None:
        # A language's own factory goes before the general one.
        internal = cls.get_factory_name(name)
        return next((found for found in (internal, name) if registry.has("factories", found)), None)

    @classmethod
    def get_factory_meta(cls, name: str) -> FactoryMeta:
        """What is known of a factory. Imports the module that defines it.

        Raises RegistryMiss (a ValueError) if there is no such factory.
        """
        internal = cls._registered_name(name)
        if internal is None:
            for known in (cls.get_factory_name(name), name):
                if known in cls._factory_meta:
                    return cls._factory_meta[known]
            raise cls._unknown_factory(name)
        func = registry.get("factories", internal)
        # The general factory may have other defaults for a language.
        own = cls._factory_meta.get(cls.get_factory_name(name))
        meta = own or cls._factory_meta.get(internal) or getattr(func, "factory_meta", None)
        return meta if meta is not None else FactoryMeta(factory=name)

    @classmethod
    def set_factory_meta(cls, name: str, value: FactoryMeta) -> None:
        """Set what is known of a factory."""
        cls._factory_meta[cls.get_factory_name(name)] = value

    @classmethod
    def _unknown_factory(cls, name: str) -> Exception:
        """The error for a factory that nobody offers: it has the nearest names, or what to install."""
        try:
            registry.get("factories", name)
        except RegistryError as error:
            return error
        raise AssertionError(name)  # the caller knows that the name is missing

    @classmethod
    def factory(
        cls,
        name: str,
        *,
        default_config: Mapping[str, Any] = {},
        assigns: Iterable[str] = (),
        requires: Iterable[str] = (),
        retokenizes: bool = False,
        default_score_weights: Mapping[str, float | None] = {},
        func: Callable[..., Any] | None = None,
    ) -> Callable[..., Any]:
        """Register a component factory, as a decorator or with `func`.

        name: Name of the factory. It may not contain a dot; on a language's class it is that language's own.
        default_config: Default settings of its arguments.
        assigns, requires: Attributes the component sets and needs ("doc.ents", "token.tag", "span._.topic").
        retokenizes: Whether it changes the tokens.
        default_score_weights: Weights of its scores, which should sum to 1; None: neither weighed nor shown.
        func: The factory, if not used as a decorator: a function of `nlp`, `name` and its settings.

        Returns the factory itself. Raises PipelineError (a ValueError) for a bad name or argument, a factory
        without `nlp` and `name`, or a name that another function has.
        """
        _check_name(name, "factory")
        if not isinstance(default_config, dict):
            raise PipelineError(
                f"The default config of factory '{name}' must be a dict of the factory's arguments, "
                f"not {type(default_config).__name__}."
            )
        meta = FactoryMeta(
            factory=name,
            default_config=default_config,
            assigns=validate_attrs(assigns),
            requires=validate_attrs(requires),
            retokenizes=retokenizes,
            scores=list(default_score_weights),
            default_score_weights=dict(default_score_weights),
        )

        def add(factory_func: Callable[..., Any]) -> Callable[..., Any]:
            _check_arguments(name, factory_func)
            registry.add("factories", cls.get_factory_name(name), factory_func)
            cls.set_factory_meta(name, meta)
            _remember(factory_func, meta)
            return factory_func

        return add if func is None else add(func)

    @classmethod
    def component(
        cls,
        name: str,
        *,
        assigns: Iterable[str] = (),
        requires: Iterable[str] = (),
        retokenizes: bool = False,
        func: Callable[..., Any] | None = None,
    ) -> Callable[..., Any]:
        """Register a function `Doc -> Doc` as a component without settings, as a decorator or with `func`.

        The arguments are those of `factory`. Returns the function itself.
        """
        if name is not None:
            _check_name(name, "component")

        def add(component_func: Callable[..., Any]) -> Callable[..., Any]:
            if isinstance(component_func, type):
                raise PipelineError(
                    f"@Language.component('{name}') decorates the class {component_func.__name__}. It is for functions "
                    "that take a Doc and return it; for a class use @Language.factory on a function that returns an "
                    "instance, so that every pipeline gets its own."
                )
            own_name = name if name is not None else getattr(component_func, "__name__", type(component_func).__name__)
            make = _stateless_factory(component_func)
            cls.factory(own_name, assigns=assigns, requires=requires, retokenizes=retokenizes, func=make)
            return component_func

        return add if func is None else add(func)


def _stateless_factory(component_func: Callable[..., Any]) -> Callable[..., Any]:
    def make(nlp: Any, name: str) -> Callable[..., Any]:
        return component_func

    # The registry tells functions apart by where they are defined: this one stands for the component.
    for attribute in ("__module__", "__qualname__", "__name__"):
        setattr(make, attribute, getattr(component_func, attribute, getattr(type(component_func), attribute, "")))
    return make


def _remember(func: Callable[..., Any], meta: FactoryMeta) -> None:
    # Bound methods and the like take no attributes; the class has the meta too.
    with suppress(AttributeError):
        func.factory_meta = meta  # type: ignore[attr-defined]


def _check_name(name: Any, decorator: str) -> None:
    if not isinstance(name, str):
        raise PipelineError(
            f"@Language.{decorator} needs the name of the {decorator}: @Language.{decorator}('my_name'). "
            f"Found {name!r}."
        )
    if "." in name:
        raise PipelineError(
            f"'{name}' cannot be the name of a {decorator}: a dot separates a language's code from the name. "
            f"Use '{name.replace('.', '_')}', or the decorator of the language's class."
        )


def _check_arguments(name: str, func: Callable[..., Any]) -> None:
    try:
        names = list(signature(func).parameters)
    except (TypeError, ValueError):
        return  # compiled, without a signature: the call will tell
    if "nlp" not in names or "name" not in names:
        raise PipelineError(
            f"The factory '{name}' must take the arguments `nlp` and `name` (then its settings); it takes "
            f"({', '.join(names)})."
        )
