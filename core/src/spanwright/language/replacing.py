"""Giving a component its own copy of the upstream that it listens to."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Mapping
from inspect import signature
from typing import Any

from ..errors import PipelineError
from .names import UnknownComponentError
from .resolving import interpolated_sections


class Replacing:
    """The method of `Language` that replaces listeners."""

    pipe_names: list[str]
    config: Any
    get_pipe: Callable[[str], Any]
    _pipe_configs: dict[str, Any]
    _pipeline_changed: Callable[[], None]

    def replace_listeners(self, tok2vec_name: str, pipe_name: str, listeners: Iterable[str]) -> None:
        """Put a copy of an upstream component's model in the place of a component's listeners.

        The component predicts the same as before, and later changes of the upstream no longer reach it.

        tok2vec_name: The upstream component.
        pipe_name: The component that listens to it.
        listeners: Paths of all its listeners in its config, such as ["model.tok2vec"]; none: nothing is done.

        Raises PipelineError (a ValueError) if a component is not active, the first is no upstream, or the paths do
        not fit the listeners that the component has.
        """
        from ..listener import broadcast_of, replace_node

        paths = list(listeners)
        for name in (tok2vec_name, pipe_name):
            if name not in self.pipe_names:
                raise UnknownComponentError(name, self.pipe_names, where="the active pipeline")
        upstream, pipe = self.get_pipe(tok2vec_name), self.get_pipe(pipe_name)
        broadcast = broadcast_of(upstream)
        if broadcast is None:
            raise PipelineError(
                f"'{tok2vec_name}' is a {type(upstream).__name__}, to which no component can listen: it has no "
                "broadcast. Name the tok2vec or transformer component whose listeners are to be replaced."
            )
        if not paths:
            return
        bound = list(broadcast.listener_map.get(pipe_name, ()))
        if len(paths) != len(bound):
            raise PipelineError(
                f"'{pipe_name}' has {len(bound)} listener(s) to '{tok2vec_name}', and {len(paths)} path(s) are given: "
                f"{paths}. Name all of them, or none."
            )
        configs = self._replaced_configs(tok2vec_name, pipe_name, paths, upstream.model)
        for path, block in configs:
            set_at(self._pipe_configs[pipe_name], path, block)
        for node in bound:
            broadcast.remove_listener(node, pipe_name)
            pipe.model = replace_node(pipe.model, node, _own_copy(upstream, node))
        self._pipeline_changed()

    def _replaced_configs(
        self, tok2vec_name: str, pipe_name: str, paths: list[str], model: Any
    ) -> list[tuple[str, dict[str, Any]]]:
        # Without references: the copy must stay what it is when the upstream's settings change.
        sections = [f"components.{pipe_name}", f"components.{tok2vec_name}.model"]
        own, new_block = interpolated_sections(self.config, sections).values()
        replaced = []
        for path in paths:
            block = get_at(own, path)
            if not isinstance(block, Mapping):
                raise PipelineError(
                    f"The config of '{pipe_name}' has no block '{path}' for a listener to '{tok2vec_name}'. "
                    "The path is "
                    "that of the listener's block within the component, such as 'model.tok2vec'."
                )
            change = model.attrs.get("replace_listener_cfg")
            replaced.append((path, change(new_block, block) if change is not None else copy.deepcopy(new_block)))
        return replaced


def _own_copy(upstream: Any, listener: Any) -> Any:
    """A copy of the upstream's model, as that model wants it to be where a listener was."""
    from ..listener import copy_model

    copied = copy_model(upstream.model)
    change = upstream.model.attrs.get("replace_listener")
    if change is None:
        return copied
    count = len(signature(change).parameters)
    if count == 1:
        return change(copied)
    if count == 3:
        return change(copied, listener, upstream)
    raise PipelineError(
        f"The attribute 'replace_listener' of the model '{upstream.model.name}' must be a function of the copy, "
        f"or of the copy, the listener and the upstream component; it takes {count} arguments."
    )


def get_at(settings: Mapping[str, Any], path: str) -> Any:
    """What stands at a dotted path in nested dicts, or None."""
    value: Any = settings
    for key in path.split("."):
        if not isinstance(value, Mapping) or key not in value:
            return None
        value = value[key]
    return value


def set_at(settings: dict[str, Any], path: str, value: Any) -> None:
    """Set what stands at a dotted path in nested dicts."""
    *sections, key = path.split(".")
    for section in sections:
        settings = settings.setdefault(section, {})
    settings[key] = value
