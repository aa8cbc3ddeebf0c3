"""What a registered function accepts, read from its signature.

String annotations (`from __future__ import annotations`, Cython 3), compiled functions and functions without
annotations all work: what cannot be read is taken to accept anything.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

from ._types import Model

EMPTY = inspect.Parameter.empty


@dataclass(frozen=True)
class Parameter:
    """One argument: its name, its annotation (Any if unknown) and its default (EMPTY if it has none)."""

    name: str
    annotation: Any = Any
    default: Any = EMPTY

    @property
    def required(self) -> bool:
        """Whether the argument must be given."""
        return self.default is EMPTY


@dataclass(frozen=True)
class Signature:
    """The arguments of a function.

    parameters: By name, in order; without `*args` and `**kwargs`.
    positional: The annotation of `*args`, or None if the function takes none.
    open: Whether other names are accepted too: `**kwargs`, or a signature that cannot be read.
    """

    parameters: Mapping[str, Parameter] = field(default_factory=dict)
    positional: Any = None
    open: bool = False


_known: WeakKeyDictionary[Any, Signature] = WeakKeyDictionary()


def read_signature(func: Any) -> Signature:
    """The arguments of a function or class."""
    try:
        known = _known.get(func)
        if known is None:
            known = _known[func] = _read(func)
        return known
    except TypeError:  # no weak reference to it is possible, or it has no hash
        return _read(func)


def _read(func: Any) -> Signature:
    try:
        signature = inspect.signature(func)
    except (TypeError, ValueError):  # compiled without a signature
        return Signature(positional=Any, open=True)
    namespace = _namespace(func)
    parameters: dict[str, Parameter] = {}
    positional, is_open = None, False
    for parameter in signature.parameters.values():
        annotation = _evaluate(parameter.annotation, namespace)
        if parameter.kind is inspect.Parameter.VAR_POSITIONAL:
            positional = annotation
        elif parameter.kind is inspect.Parameter.VAR_KEYWORD:
            is_open = True
        else:
            # A default of None says that None is accepted, whatever the annotation says.
            if parameter.default is None and annotation is not Any:
                annotation = _or_none(annotation)
            parameters[parameter.name] = Parameter(parameter.name, annotation, parameter.default)
    return Signature(parameters, positional, is_open)


def _or_none(annotation: Any) -> Any:
    from typing import Optional

    try:
        return Optional[annotation]  # noqa: UP045  (an annotation may be an object that has no `|`)
    except TypeError:
        return Any


def _namespace(func: Any) -> dict[str, Any]:
    """The names that a function's string annotations may use."""
    inner = inspect.unwrap(func)
    while hasattr(inner, "func") and not hasattr(inner, "__globals__"):  # functools.partial
        inner = inner.func
    names = dict(vars(sys.modules.get("typing") or __import__("typing")), Model=Model)
    module = sys.modules.get(getattr(inner, "__module__", None) or "")
    names.update(vars(module) if module else {})
    names.update(getattr(getattr(inner, "__init__", None), "__globals__", {}) if isinstance(inner, type) else {})
    names.update(getattr(inner, "__globals__", {}))
    return names


def _evaluate(annotation: Any, namespace: dict[str, Any]) -> Any:
    if annotation is EMPTY:
        return Any
    for _ in range(2):  # a quoted name in a module whose annotations are strings is a string twice over
        if not isinstance(annotation, str):
            break
        try:
            # Annotations are code of the plugin itself, which has been imported already.
            annotation = eval(annotation, namespace)
        except Exception:  # a name that exists for type checkers only
            return Any
    return annotation
