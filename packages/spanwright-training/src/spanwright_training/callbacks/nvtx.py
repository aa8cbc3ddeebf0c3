"""Marks in the profile of NVIDIA's tools (NVTX ranges) around models and methods of components."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from spanwright.errors import SpanwrightWarning

if TYPE_CHECKING:
    from spanwright.language import Language

# Methods of components that are marked.
PREDICTION = ("pipe", "predict", "set_annotations")
TRAINING = ("initialize", "get_loss", "begin_update", "update", "finish_update", "rehearse")


def models_with_nvtx_range_v1(forward_color: int = -1, backprop_color: int = -1) -> Callable[[Language], Language]:
    """spacy.models_with_nvtx_range.v1: puts an NVTX range around each layer of each trainable component.

    forward_color, backprop_color: Colours in the profile; -1: the profiler's choice.

    Returns a callback for `nlp.after_pipeline_creation`: `nlp -> nlp`, which changes the models in place.
    """
    return functools.partial(_mark_models, forward_color=forward_color, backprop_color=backprop_color)


def models_and_pipes_with_nvtx_range_v1(
    forward_color: int = -1, backprop_color: int = -1, additional_pipe_functions: dict[str, list[str]] | None = None
) -> Callable[[Language], Language]:
    """spacy.models_and_pipes_with_nvtx_range.v1: puts NVTX ranges around layers, and around methods of components.

    forward_color, backprop_color: Colours in the profile; -1: the profiler's choice.
    additional_pipe_functions: Name of a component -> further methods of it to mark. A method that it lacks gives a
        warning.

    Returns a callback for `nlp.after_pipeline_creation`: `nlp -> nlp`, which changes models and components in place.
    """

    def mark(nlp: Language) -> Language:
        _mark_models(nlp, forward_color, backprop_color)
        for name, pipe in nlp.components:
            _mark_methods(name, pipe, (additional_pipe_functions or {}).get(name, []))
        return nlp

    return mark


def _mark_models(nlp: Language, forward_color: int, backprop_color: int) -> Language:
    from thinc.layers import with_nvtx_range

    pipes = [pipe for _, pipe in nlp.components if getattr(pipe, "is_trainable", False)]
    # A layer that several components share gets one mark.
    layers = {id(layer): layer for pipe in pipes for layer in pipe.model.walk()}
    for layer in layers.values():
        with_nvtx_range(layer, forward_color=forward_color, backprop_color=backprop_color)
    return nlp


def _mark_methods(name: str, pipe: Any, extra: list[str]) -> None:
    for method in (*PREDICTION, *TRAINING, *extra):
        bound = getattr(pipe, method, None)
        if bound is None:
            if method in extra:
                warnings.warn(
                    f"The component '{name}' has no method '{method}' to mark for the profiler.",
                    SpanwrightWarning,
                    stacklevel=4,
                )
            continue
        try:
            setattr(pipe, method, _marked(bound, f"{name} {method}"))
        except AttributeError:
            warnings.warn(
                f"The method '{method}' of the component '{name}' can't be marked for the profiler: the component "
                "lets no method be replaced.",
                SpanwrightWarning,
                stacklevel=4,
            )


def _marked(method: Callable[..., Any], title: str) -> Callable[..., Any]:
    from thinc.util import use_nvtx_range

    # `wraps` keeps the signature, by which settings of the config are checked.
    @functools.wraps(method)
    def marked(*args: Any, **kwargs: Any) -> Any:
        with use_nvtx_range(title):
            return method(*args, **kwargs)

    return marked
