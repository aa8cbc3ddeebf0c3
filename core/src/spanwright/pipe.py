"""The protocol of a pipeline component: what `nlp` calls, and what a trainable component inherits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any

from .batching import batches, padded_groups
from .broadcast import teaching
from .errors import InvalidValueError, PipelineError, UnsupportedError
from .model_io import deserialize_config, load_model_bytes
from .pipe_checks import check_examples, check_get_examples, raise_error
from .pipe_files import ModelFiles

if TYPE_CHECKING:
    from thinc.api import Model, Optimizer

    from spanwright_tokens.tokens import Doc, Example
    from spanwright_tokens.vocab import Vocab

    from .language import Language

__all__ = [
    "Pipe",
    "Step",
    "TrainablePipe",
    "batches",
    "check_examples",
    "check_get_examples",
    "deserialize_config",
    "load_model_bytes",
    "raise_error",
]

# What ends a step: the way back, and a loss with its gradient.
Step = tuple[Callable[[Any], Any], tuple[float, Any]]
SAMPLE_SIZE = 10  # Examples that shape inference sees, as in spaCy


class Pipe:
    """Base class of components. A component only has to be callable with a Doc; the rest is optional.

    name: The component's name in its pipeline.
    """

    name: str = ""

    def __call__(self, doc: Doc) -> Doc:
        """Process one Doc in place, and return it."""
        raise self._unimplemented("__call__", "Pipe")

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream of Docs in order. A Doc that fails goes to the error handler.

        batch_size: How many Docs a component may process together.
        """
        report = self.get_error_handler()
        for doc in stream:
            try:
                done = [self(doc)]
            except Exception as error:
                report(self.name, self, [doc], error)
                done = []
            yield from done

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None, **settings: Any
    ) -> None:
        """Prepare the component for training or use; by default there is nothing to do.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        """

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """Score Examples with the component's `scorer`; an empty dict if it has none.

        The scorer gets the component's settings (`cfg`), its labels and `kwargs`, the later before the earlier.
        """
        scorer = getattr(self, "scorer", None)
        if scorer is None:
            return {}
        cfg = getattr(self, "cfg", None)
        settings = dict(cfg) if isinstance(cfg, dict) else {}
        return scorer(examples, **{**settings, "labels": self.labels, **kwargs})

    @property
    def is_trainable(self) -> bool:
        """Whether the component has a model that can be updated."""
        return False

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that the component can set."""
        return ()

    @property
    def hide_labels(self) -> bool:
        """Whether the labels are of no interest to users (and left out of meta.json)."""
        return False

    @property
    def label_data(self) -> Any:
        """JSON data from which `initialize(labels=...)` can set up the same labels, or None."""
        return None

    def set_error_handler(self, error_handler: Callable[[str, Any, list[Doc], Exception], Any]) -> None:
        """Set the function that is called as `(name, component, docs, error)` when Docs cannot be processed."""
        self.error_handler = error_handler

    def get_error_handler(self) -> Callable[[str, Any, list[Doc], Exception], Any]:
        """The error handler; by default one that raises."""
        return getattr(self, "error_handler", raise_error)

    def _require_labels(self) -> None:
        """Raise PipelineError (a ValueError) if there are no labels."""
        if not self.labels or list(self.labels) == [""]:
            raise PipelineError(
                f"Component '{self.name}' has no labels. Call add_label, or initialize it with examples that have "
                f"its annotation, or with labels ([initialize.components.{self.name}])."
            )

    def _unimplemented(self, method: str, parent: str = "TrainablePipe") -> UnsupportedError:
        return UnsupportedError(
            f"Component '{self.name}': its class {type(self).__name__} does not define `{method}`, "
            f"which {parent} leaves to it."
        )


class TrainablePipe(ModelFiles, Pipe):
    """Base class of components with a thinc model.

    A subclass defines `predict`, `set_annotations`, `initialize` and `get_loss` (or `update`). One that has an
    attribute `broadcast` (`spanwright.listener.Broadcast`) is an upstream for listeners.

    vocab: The vocabulary shared with the pipeline.
    model: The thinc model.
    name: The component's name in its pipeline; also the key of its loss.
    cfg: Settings that are saved with the component.
    """

    vocab: Vocab
    model: Model
    cfg: dict[str, Any]

    def __init__(self, vocab: Vocab, model: Model, name: str, **cfg: Any) -> None:
        self.vocab = vocab
        self.model = model
        self.name = name
        self.cfg = dict(cfg)

    # Annotating

    def __call__(self, doc: Doc) -> Doc:
        """Process one Doc in place, and return it."""
        try:
            self.set_annotations([doc], self.predict([doc]))
        except Exception as error:
            self.get_error_handler()(self.name, self, [doc], error)
        return doc

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream of Docs in order, in batches. If a batch fails, its Docs are tried one by one,
        and those that fail go to the error handler.

        batch_size: How many Docs the model sees at once. A `BatchSize` has a budget of words too, by which long
            Docs are kept apart; the order stays.
        """
        for docs in batches(stream, batch_size):
            dropped: set[int] = set()
            for group in padded_groups(docs, batch_size):
                try:
                    self.set_annotations(group, self.predict(group))
                except Exception as error:
                    dropped.update(self._one_by_one(group, error))
            if dropped:
                docs = [doc for doc in docs if id(doc) not in dropped]
            yield from docs

    def _one_by_one(self, docs: list[Doc], error: Exception) -> list[int]:
        """Try the Docs of a batch that failed each alone; the ids of those that fail again."""
        handle = self.get_error_handler()
        if len(docs) == 1:
            handle(self.name, self, docs, error)
            return [id(docs[0])]
        dropped = []
        for doc in docs:
            try:
                self.set_annotations([doc], self.predict([doc]))
            except Exception as single:
                handle(self.name, self, [doc], single)
                dropped.append(id(doc))
        return dropped

    def predict(self, docs: Sequence[Doc]) -> Any:
        """Compute the model's predictions for a batch, without changing the Docs."""
        raise self._unimplemented("predict")

    def set_annotations(self, docs: Sequence[Doc], scores: Any) -> None:
        """Set what `predict` gave for a batch of Docs on them."""
        raise self._unimplemented("set_annotations")

    # Training

    def update(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn from a batch of Examples.

        drop: Dropout rate.
        sgd: Optimizer; None only adds up gradients.
        losses: Losses so far, by component; this component's is added. Returned.
        """
        if getattr(self, "model", None) in (None, True, False):
            return {} if losses is None else losses
        examples, losses = self._begin_step(examples, losses, "update")
        docs = [example.predicted for example in examples]
        if not any(len(doc) for doc in docs):
            return losses
        scores, backprop = self._begin_update(docs, drop)
        return self._learn(losses, backprop, sgd, self.get_loss(examples, scores))

    def _begin_step(
        self, examples: Iterable[Example], losses: dict[str, float] | None, method: str
    ) -> tuple[list[Example], dict[str, float]]:
        """The Examples of a step, checked, and losses with an entry for this component."""
        losses = {} if losses is None else losses
        losses.setdefault(self.name, 0.0)
        # Once, as it may be a generator; what is none at all is the check's.
        examples = list(examples) if isinstance(examples, Iterable) else examples
        check_examples(examples, f"{type(self).__name__}.{method}")
        return examples, losses

    def _begin_update(self, docs: Sequence[Doc], drop: float) -> tuple[Any, Callable[[Any], Any]]:
        from thinc.model import set_dropout_rate

        set_dropout_rate(self.model, drop)
        return self.model.begin_update(docs)

    def _learn(
        self,
        losses: dict[str, float],
        backprop: Callable[[Any], Any],
        sgd: Optimizer | None,
        found: tuple[float, Any],
    ) -> dict[str, float]:
        """End a step: pass the gradient of a loss back, update the weights if there is an optimizer, add the loss."""
        loss, gradient = found
        backprop(gradient)
        # Some callers say False for "no optimizer".
        if sgd:
            self.finish_update(sgd)
        losses[self.name] += loss
        return losses

    def rehearse(
        self,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
        **config: Any,
    ) -> dict[str, float]:
        """Learn to predict what the model predicted when training was resumed (`nlp.resume_training`), so as not to
        forget it. Components that cannot rehearse leave the losses as they are.

        drop: Dropout rate.
        sgd: Optimizer; None only adds up gradients.
        losses: Losses so far, by component. Returned.
        """
        if not hasattr(self, "_rehearsal_model"):
            return {} if losses is None else losses
        examples, losses = self._begin_step(examples, losses, "rehearse")
        if self._rehearsal_model is None or not any(len(example.predicted) for example in examples):
            return losses
        found = self._begin_rehearsal(examples, drop, self._rehearsal_model)
        return losses if found is None else self._learn(losses, found[0], sgd, found[1])

    def _begin_rehearsal(self, examples: list[Example], drop: float, teacher: Any) -> Step | None:
        """The way back, and the loss against the teacher with its gradient; None if there is nothing to learn.

        teacher: The copy of the model that was made when training was resumed.
        """
        docs = [example.predicted for example in examples]
        scores, backprop = self._begin_update(docs, drop)
        with teaching():
            targets, _ = teacher.begin_update(docs)
        return backprop, self._rehearsal_loss(scores, targets)

    def _rehearsal_loss(self, scores: Any, targets: Any) -> tuple[float, Any]:
        """The loss of scores against those of the teacher, which may lack labels added since, and its gradient."""
        raise self._unimplemented("_rehearsal_loss")

    def distill(
        self,
        teacher_pipe: TrainablePipe,
        examples: Iterable[Example],
        *,
        drop: float = 0.0,
        sgd: Optimizer | None = None,
        losses: dict[str, float] | None = None,
    ) -> dict[str, float]:
        """Learn to predict what a teacher predicts.

        teacher_pipe: A trained component of the same kind, with the same labels.
        examples: The student reads `predicted`, the teacher `reference`; annotations are not needed.
        """
        examples, losses = self._begin_step(examples, losses, "distill")
        self._check_teacher(teacher_pipe)
        if not any(len(example.predicted) for example in examples):
            return losses
        teacher_scores = _normalized(teacher_pipe.model, [example.reference for example in examples])
        student_scores, backprop = self._begin_update([example.predicted for example in examples], drop)
        return self._learn(losses, backprop, sgd, self.get_teacher_student_loss(teacher_scores, student_scores))

    def _check_teacher(self, teacher_pipe: TrainablePipe) -> None:
        """Raise InvalidValueError if a teacher's labels are others than this component's."""
        if tuple(teacher_pipe.labels) != tuple(self.labels):
            raise InvalidValueError(
                f"'{self.name}' cannot be distilled from '{teacher_pipe.name}': they have different labels "
                f"({len(self.labels)} here, {len(teacher_pipe.labels)} there, or another order). "
                f"Initialize the student with the teacher's label_data."
            )

    def get_loss(self, examples: Iterable[Example], scores: Any) -> tuple[float, Any]:
        """The loss of the scores against the Examples' annotation, and its gradient."""
        raise self._unimplemented("get_loss")

    def get_teacher_student_loss(self, teacher_scores: Any, student_scores: Any) -> tuple[float, Any]:
        """The loss of a student's scores against its teacher's, and its gradient."""
        raise self._unimplemented("get_teacher_student_loss")

    def create_optimizer(self) -> Optimizer:
        """An optimizer with the default settings."""
        from thinc.api import Adam

        return Adam()

    def finish_update(self, sgd: Optimizer) -> None:
        """Update the weights with the gradients that have been added up. An upstream closes its open step first.

        sgd: The optimizer.
        """
        broadcast = getattr(self, "broadcast", None)
        if broadcast is not None:
            broadcast.finish(None)
        self.model.finish_update(sgd)
        self._weights_changed()

    @contextmanager
    def use_params(self, params: dict[Any, Any]) -> Iterator[None]:
        """Use other weights inside a `with` block, such as `optimizer.averages`.

        params: Arrays by (node id, parameter name).
        """
        broadcast = getattr(self, "broadcast", None)
        if broadcast is not None:
            broadcast.settle()
        raised: BaseException | None = None
        # thinc gives the weights back only if its block ends without an error.
        with self.model.use_params(params):
            self._weights_changed()
            try:
                yield
            except BaseException as error:
                raised = error
        self._weights_changed()
        if raised is not None:
            raise raised

    def _weights_changed(self) -> None:
        """To be called after any change of the model's weights: what was published before is stale."""
        broadcast = getattr(self, "broadcast", None)
        if broadcast is not None:
            broadcast.invalidate()

    # Initializing

    def initialize(
        self, get_examples: Callable[[], Iterable[Example]], *, nlp: Language | None = None, **settings: Any
    ) -> None:
        """Set up labels and the model's weights from a sample.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        """
        raise self._unimplemented("initialize")

    def begin_training(
        self,
        get_examples: Callable[[], Iterable[Example]] | None = None,
        *,
        pipeline: Sequence[tuple[str, Any]] | None = None,
        sgd: Optimizer | None = None,
        **settings: Any,
    ) -> Optimizer:
        """The early name of `initialize`, which also returns an optimizer.

        get_examples: As for `initialize`, but may give nothing, where the model needs no sample.
        pipeline: The (name, component) pairs of the pipeline, to link listeners.
        sgd: An optimizer to return instead of a new one.
        """
        if pipeline:
            from .listener import link

            link(pipeline)
        examples = list(get_examples()) if get_examples is not None else []
        if not examples:
            from spanwright_tokens.tokens import Doc, Example

            examples = [Example.from_dict(Doc(self.vocab, words=["sample"]), {})]
        self.initialize(lambda: examples, **settings)
        return sgd if sgd is not None else self.create_optimizer()

    def _sample(self, get_examples: Callable[[], Iterable[Example]]) -> list[Example]:
        """The Examples that shape inference sees; raises PipelineError (a ValueError) if there is none."""
        sample = list(islice(get_examples(), SAMPLE_SIZE))
        if not sample:
            raise PipelineError(
                f"There is no sample to initialize component '{self.name}' with: `get_examples` gave no Example. "
                f"Check the paths and the annotation of the training data."
            )
        return sample

    def _initialize_model(self, docs: list[Doc], outputs: Any = None) -> None:
        """Infer the model's shapes from a sample and allocate its weights."""
        from .listener import forget_samples

        try:
            self.model.initialize(X=docs, Y=outputs)
        finally:
            forget_samples(self.model)
        self._weights_changed()

    # Labels

    def add_label(self, label: str) -> int:
        """Add a label; returns 1, or 0 if it is there already."""
        raise self._unimplemented("add_label")

    @property
    def is_trainable(self) -> bool:
        """Whether the component has a model that can be updated."""
        return True

    @property
    def is_resizable(self) -> bool:
        """Whether labels can be added once the model has weights."""
        model = getattr(self, "model", None)
        return model not in (None, True, False) and "resize_output" in model.attrs

    def _output_width(self) -> int | None:
        for node in (self.model, self.model.maybe_get_ref("output_layer")):
            if node is not None and node.has_dim("nO"):
                return node.get_dim("nO")
        return None

    def _allow_extra_label(self) -> None:
        """Raise PipelineError (a ValueError) if the output layer is full and cannot grow."""
        width = self._output_width()
        if width is not None and width == len(self.labels) and not self.is_resizable:
            raise PipelineError(
                f"Component '{self.name}' was initialized with {width} outputs and cannot take another label: "
                f"its model has no `resize_output`. Add labels before `initialize`."
            )

    def set_output(self, nO: int) -> None:  # noqa: N803
        """Resize the output layer.

        nO: The new number of outputs.
        """
        if not self.is_resizable:
            raise UnsupportedError(
                f"Component '{self.name}' cannot change its number of outputs: its model has no `resize_output`."
            )
        self.model.attrs["resize_output"](self.model, nO)
        self._weights_changed()


def _normalized(model: Any, docs: Sequence[Doc]) -> Any:
    """A model's predictions as probabilities, where its softmax layers leave that out in prediction."""
    nodes = [node for node in model.walk() if "softmax_normalize" in node.attrs]
    before = [node.attrs["softmax_normalize"] for node in nodes]
    try:
        for node in nodes:
            node.attrs["softmax_normalize"] = True
        return model.predict(docs)
    finally:
        for node, value in zip(nodes, before, strict=True):
            node.attrs["softmax_normalize"] = value
