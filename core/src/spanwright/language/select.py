"""Switching components off and on, for good or for a block of code."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from ..errors import PipelineError
from .names import UnknownComponentError, as_names

if TYPE_CHECKING:
    from .base import Language


class DisabledPipes(list[str]):
    """The components that `select_pipes` switched off; a context manager that switches them on again."""

    def __init__(self, nlp: Language, names: Iterable[str]) -> None:
        super().__init__(names)
        self.nlp = nlp
        self.names = list(self)
        for name in self.names:
            nlp.disable_pipe(name)

    def __enter__(self) -> DisabledPipes:
        return self

    def __exit__(self, *exc: Any) -> None:
        self.restore()

    def restore(self) -> None:
        """Switch the components on again. Raises PipelineError (a ValueError) if one was removed meanwhile."""
        for name in self.names:
            if name not in self.nlp.component_names:
                raise PipelineError(
                    f"The component '{name}' was switched off for this block, and is no longer in the pipeline: it "
                    "cannot be switched on again. Leave components in place within select_pipes."
                )
            self.nlp.enable_pipe(name)
        self.clear()


class Selection:
    """The methods of `Language` that switch components off and on."""

    _components: list[tuple[str, Any]]
    _disabled: set[str]
    _pipeline_changed: Callable[[], None]

    def disable_pipe(self, name: str) -> None:
        """Switch a component off: it stays in the pipeline and is not run."""
        self._require(name)
        self._disabled.add(name)
        self._pipeline_changed()

    def enable_pipe(self, name: str) -> None:
        """Switch a component on again."""
        self._require(name)
        self._disabled.discard(name)
        self._pipeline_changed()

    def select_pipes(
        self, *, disable: str | Iterable[str] | None = None, enable: str | Iterable[str] | None = None
    ) -> DisabledPipes:
        """Switch components off, for a `with` block or until `.restore()` of what is returned.

        disable: Names of the components to switch off.
        enable: Names of those to leave on; all others are switched off.

        Raises PipelineError (a ValueError) if neither is given, both are and contradict each other, or a name is
        not in the pipeline.
        """
        active = [name for name, _ in self._components if name not in self._disabled]
        if disable is None and enable is None:
            raise PipelineError("select_pipes needs `disable` (what to switch off) or `enable` (all that stays on).")
        off = None if disable is None else as_names(disable, "disable")
        if enable is not None:
            on = as_names(enable, "enable")
            for name in on:
                self._require(name)
            rest = [name for name in active if name not in on]
            if off is not None and set(off) != set(rest):
                raise PipelineError(
                    f"enable={on} would switch off {rest}, but disable={off}. Give one of the two, or both alike. "
                    f"The active components are {active}."
                )
            off = rest
        assert off is not None
        for name in off:
            self._require(name)
        return DisabledPipes(self, [name for name in off if name not in self._disabled])  # type: ignore[arg-type]

    def disable_pipes(self, *names: Any) -> DisabledPipes:
        """The early form of `select_pipes(disable=...)`."""
        warnings.warn(
            "nlp.disable_pipes is the early form of nlp.select_pipes(disable=...); use that, or nlp.disable_pipe.",
            DeprecationWarning,
            stacklevel=2,
        )
        if len(names) == 1 and isinstance(names[0], (list, tuple)):
            names = tuple(names[0])
        return self.select_pipes(disable=list(names))

    def _require(self, name: str) -> None:
        names = [known for known, _ in self._components]
        if name not in names:
            raise UnknownComponentError(name, names)
