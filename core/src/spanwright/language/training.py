"""Training steps: one pass over a batch, in the order that shared upstream components need."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from copy import deepcopy
from typing import Any

from spanwright_tokens.tokens import Doc, Example

from ..errors import InvalidTypeError, PipelineError
from ..pipe_checks import explaining
from .names import UnknownComponentError
from .processing import ErrorHandler, Stage


class WrongExamplesError(PipelineError, InvalidTypeError):
    """A training method got something other than Examples."""


class Training:
    """The methods of `Language` that change weights."""

    vocab: Any
    batch_size: int
    default_error_handler: ErrorHandler
    _optimizer: Any
    _accumulated: bool = False  # whether earlier steps have left gradients that no optimizer has used yet
    _active: Callable[[], list[tuple[str, Any]]]
    _components: list[tuple[str, Any]]
    config: Any

    def update(
        self,
        examples: Iterable[Example],
        _: Any = None,
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
        component_cfg: Mapping[str, Mapping[str, Any]] | None = None,
        exclude: Iterable[str] = (),
        annotates: Iterable[str] = (),
    ) -> dict[str, float]:
        """Train all components on a batch.

        examples: The batch. Predictions are made on copies of its Docs.
        drop: Dropout rate, 0.1 to 0.3 as a rule.
        sgd: The optimizer; None for the pipeline's own (made if need be); False to add up gradients only.
        losses: Dict to add the components' losses to.
        component_cfg: Extra arguments of the components' `update`, by name.
        exclude: Components that are frozen: not updated, though others may listen to them.
        annotates: Components whose predictions are set on the Docs, for later components to see.

        Returns the losses. Components that share an upstream get one forward and one backward pass of it, and all
        weights change after the last gradient.
        """
        if _ is not None:
            raise PipelineError(
                "nlp.update takes one batch of Example objects: nlp.update(examples). Texts and annotations apart are "
                "the form of v2; make examples with Example.from_dict(nlp.make_doc(text), annotations)."
            )
        losses = {} if losses is None else losses
        batch = _owned(examples, "nlp.update")
        if not batch:
            return losses
        sgd = self._chosen_optimizer(sgd)
        frozen, annotating = set(exclude), set(annotates)
        settings = component_cfg or {}
        with self._step(frozen, "update") as step:
            for name, component in self._active():
                if name not in annotating:
                    step.reach(component, batch)
                if name not in frozen and hasattr(component, "update"):
                    kwargs = {"drop": drop, **settings.get(name, {})}
                    with explaining(name):
                        component.update(batch, sgd=None, losses=losses, **kwargs)
                if name in annotating:
                    self._annotate(name, component, batch, settings.get(name, {}))
            step.finish(sgd)
        self._accumulated = sgd is False
        return _plain(losses)

    def _annotate(self, name: str, component: Any, batch: list[Example], settings: Mapping[str, Any]) -> None:
        kwargs = {"batch_size": self.batch_size or 1000, **deepcopy(dict(settings))}
        stage = Stage(name, component, kwargs, self.default_error_handler)
        take_predictions(batch, stage(example.predicted for example in batch))

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
        component_cfg: Mapping[str, Mapping[str, Any]] | None = None,
        exclude: Iterable[str] = (),
    ) -> dict[str, float]:
        """Remind the components of what they predicted before training was resumed, so that they do not forget it.

        examples: A batch; its annotations are not read. `nlp.resume_training` must have been called before.
        The other arguments are those of `update`. Returns the losses.
        """
        losses = {} if losses is None else losses
        batch = _owned(examples, "nlp.rehearse")
        if not batch:
            return losses
        sgd = self._chosen_optimizer(sgd)
        frozen = set(exclude)
        with self._step(frozen, "rehearse") as step:
            for name, component in self._active():
                step.reach(component, batch)
                if name not in frozen and hasattr(component, "rehearse"):
                    with explaining(name):
                        component.rehearse(batch, sgd=None, losses=losses, **(component_cfg or {}).get(name, {}))
            step.finish(sgd)
        self._accumulated = sgd is False
        return _plain(losses)

    def distill(
        self,
        teacher: Any,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Any = None,
        losses: dict[str, float] | None = None,
        component_cfg: Mapping[str, Mapping[str, Any]] | None = None,
        exclude: Iterable[str] = (),
        annotates: Iterable[str] = (),
        student_to_teacher: Mapping[str, str] | None = None,
    ) -> dict[str, float]:
        """Train the components to predict what those of another pipeline predict.

        teacher: The other pipeline.
        student_to_teacher: Names of the teacher's components by those of this pipeline, where they differ.
        The other arguments are those of `update`. Returns the losses.
        """
        losses = {} if losses is None else losses
        batch = _owned(examples, "nlp.distill")
        if not batch:
            return losses
        sgd = self._chosen_optimizer(sgd)
        frozen, annotating = set(exclude), set(annotates)
        settings, names = component_cfg or {}, student_to_teacher or {}
        with self._step(frozen, "distill") as step:
            for name, component in self._active():
                if name not in annotating:
                    step.reach(component, batch)
                if name not in frozen and hasattr(component, "distill"):
                    teacher_name = names.get(name, name)
                    if teacher_name not in teacher.component_names:
                        raise UnknownComponentError(teacher_name, teacher.component_names, where="the teacher pipeline")
                    kwargs = {"drop": drop, **settings.get(name, {})}
                    with explaining(name):
                        component.distill(teacher.get_pipe(teacher_name), batch, sgd=None, losses=losses, **kwargs)
                if name in annotating:
                    self._annotate(name, component, batch, settings.get(name, {}))
            step.finish(sgd)
        self._accumulated = sgd is False
        return _plain(losses)

    def _step(self, frozen: set[str], method: str) -> Step:
        return Step(self._components, self._active(), frozen, method, accumulated=self._accumulated)

    def _chosen_optimizer(self, sgd: Any) -> Any:
        if sgd is not None:
            return sgd
        if self._optimizer is None:
            self._optimizer = self.create_optimizer()
        return self._optimizer

    def create_optimizer(self) -> Any:
        """The optimizer that [training.optimizer] of the config describes."""
        from .resolving import resolve_block

        return resolve_block(self.config, "training.optimizer")

    def resume_training(self, *, sgd: Any = None) -> Any:
        """Prepare a trained pipeline for further training: keep a copy of the weights for `rehearse`.

        sgd: The optimizer to use; by default the pipeline's own, made if need be. Returns it.
        """
        self._vectors_to_device()
        for _, component in self._active():
            if hasattr(component, "_rehearsal_model"):
                component._rehearsal_model = deepcopy(component.model)
        self._optimizer = sgd if sgd is not None else self._chosen_optimizer(None)
        return self._optimizer

    def _vectors_to_device(self) -> None:
        vectors = self.vocab.vectors
        if vectors.shape[1] >= 1:
            from thinc.api import get_current_ops

            vectors.to_ops(get_current_ops())

    @contextmanager
    def use_params(self, params: Mapping[Any, Any] | None) -> Iterator[None]:
        """Give the models other weights for a `with` block, and their own ones back after it, whatever happens.

        params: Weights by (model id, name), such as the averages of an optimizer. None changes nothing.
        """
        with ExitStack() as stack:
            for _, component in self._active() if params else ():
                if hasattr(component, "use_params") and hasattr(component, "model"):
                    stack.enter_context(_as_context(component.use_params(params)))
            yield

    def begin_training(self, get_examples: Any = None, *, sgd: Any = None) -> Any:
        """The early name of `initialize`."""
        warnings.warn(
            "nlp.begin_training is the early name of nlp.initialize; use that.", DeprecationWarning, stacklevel=2
        )
        return self.initialize(get_examples, sgd=sgd)  # type: ignore[attr-defined]


class Step:
    """What a training step does before and after the components' own updates. A context manager."""

    def __init__(
        self,
        components: list[tuple[str, Any]],
        active: list[tuple[str, Any]],
        frozen: set[str],
        method: str,
        *,
        accumulated: bool = False,
    ) -> None:
        self.accumulated = accumulated
        self.trained = [(name, component) for name, component in active if name not in frozen]
        learning = {name for name, component in self.trained if hasattr(component, method)}
        upstreams = [(n, c) for n, c in components if getattr(c, "broadcast", None) is not None]
        self.learning_upstreams = [component for name, component in upstreams if name in learning]
        self.frozen_upstreams = [component for name, component in upstreams if name not in learning]
        self.stack = ExitStack()

    def __enter__(self) -> Step:
        """Let upstreams that do not learn in this step serve their listeners predictions."""
        for upstream in self.frozen_upstreams:
            self.stack.enter_context(upstream.broadcast.freeze())
        return self

    def reach(self, component: Any, batch: list[Example]) -> None:
        """It is a component's turn: if it is an upstream that does not learn, its listeners get predictions.

        Not before: what it predicts may depend on what components before it annotate.
        """
        if any(component is upstream for upstream in self.frozen_upstreams) and component.broadcast.listeners:
            docs = [example.predicted for example in batch]
            component.broadcast.publish(docs, component.predict(docs))

    def __exit__(self, kind: Any, *exc: Any) -> None:
        self.stack.close()
        if kind is not None:
            # The gradients of half a step are of no use: whoever catches the error and goes on, say with smaller
            # batches after running out of memory, would have some components learn twice.
            for upstream in self.learning_upstreams:
                upstream.broadcast.abandon()
            if not self.accumulated:
                for _, component in self.trained:
                    _drop_gradients(getattr(component, "model", None))

    def finish(self, sgd: Any) -> None:
        """Run the upstreams' backward passes, the last one's first, then change all weights."""
        for upstream in reversed(self.learning_upstreams):
            upstream.broadcast.finish(None)
        if sgd is None or sgd is False:
            return
        for _, component in self.trained:
            if getattr(component, "is_trainable", False) and getattr(component, "model", None) not in (
                True,
                False,
                None,
            ):
                component.finish_update(sgd)


def _drop_gradients(model: Any) -> None:
    if not hasattr(model, "walk"):
        return
    for node in model.walk():
        for name in node.grad_names:
            node.get_grad(name)[...] = 0
        for shim in node.shims:
            zero = getattr(getattr(shim, "_model", None), "zero_grad", None)  # PyTorch keeps its own
            if zero is not None:
                zero()


def _owned(examples: Iterable[Example], method: str) -> list[Example]:
    """The batch on copies of the predicted Docs. Raises WrongExamplesError for anything but Examples."""
    if isinstance(examples, (Example, Doc, str)):
        raise WrongExamplesError(f"{method} needs a list of Examples, not one {type(examples).__name__}.")
    batch = list(examples)
    for example in batch:
        if not isinstance(example, Example):
            raise WrongExamplesError(
                f"{method} takes Example objects; found {type(example).__name__}. Make them with "
                "Example.from_dict(nlp.make_doc(text), annotations)."
            )
    return copy_examples(batch)


def copy_examples(examples: Iterable[Example]) -> list[Example]:
    """Examples with copies of the predicted Docs, so that predicting changes nothing of the caller's."""
    return [Example(example.predicted.copy(), example.reference) for example in examples]


def take_predictions(batch: list[Example], docs: Iterable[Doc]) -> None:
    """Give each Example the Doc that a component made of its predicted one, where that is another object."""
    annotated = list(docs)
    if len(annotated) != len(batch):
        return  # An error handler has dropped Docs: which belongs to which cannot be told from their order.
    for example, doc in zip(batch, annotated, strict=True):
        if doc is not example.predicted:
            example.predicted = doc


def _plain(losses: dict[str, Any]) -> dict[str, float]:
    """Losses as Python numbers, in the same dict."""
    for name, value in losses.items():
        if hasattr(value, "item"):
            losses[name] = value.item()
    return losses


def _as_context(params_context: Any) -> Any:
    """A pipe's `use_params` may be a context manager, or a generator that nobody made into one."""
    if hasattr(params_context, "__enter__"):
        return params_context
    return contextmanager(lambda: params_context)()
