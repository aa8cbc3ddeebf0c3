"""The component transformer: a transformer that several components share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from numbers import Integral
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spanwright.batching import BatchSize, batches, padded_groups
from spanwright.errors import InvalidTypeError
from spanwright.language import Language
from spanwright.pipe import TrainablePipe
from spanwright.upstream import Upstream

from ..annotation_setters import null_annotation_setter
from ..data_classes import FullTransformerBatch
from ..errors import TransformerDataError, TransformerSettingError
from ..layers.broadcast import TransformerBroadcast, squared_sum

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright.tokens import Doc
    from spanwright.vocab import Vocab

__all__ = ["DEFAULT_CONFIG", "DOC_EXT_ATTR", "Transformer", "install_extensions", "make_transformer"]

DOC_EXT_ATTR = "trf_data"

DEFAULT_CONFIG: dict[str, Any] = {
    "max_batch_items": 4096,
    "set_extra_annotations": {"@annotation_setters": "spacy-transformers.null_annotation_setter.v1"},
    "model": {
        "@architectures": "spacy-transformers.TransformerModel.v3",
        "name": "roberta-base",
        "tokenizer_config": {"use_fast": True},
        "transformer_config": {},
        "mixed_precision": False,
        "grad_scaler_config": {},
        "get_spans": {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 128, "stride": 96},
    },
}


def install_extensions() -> None:
    """Declare `Doc._.trf_data`, unless it is."""
    from spanwright.tokens import Doc

    if not Doc.has_extension(DOC_EXT_ATTR):
        Doc.set_extension(DOC_EXT_ATTR, default=None)


@Language.factory("transformer", assigns=["doc._.trf_data"], default_config=DEFAULT_CONFIG)
def make_transformer(
    nlp: Language,
    name: str,
    model: Model,
    set_extra_annotations: Callable[[Sequence[Doc], FullTransformerBatch], Any],
    max_batch_items: int,
) -> Transformer:
    """transformer: computes a transformer's vectors once, for all components that listen to it.

    model: List of Docs in, FullTransformerBatch out, such as spacy-transformers.TransformerModel.v3.
    set_extra_annotations: Called with the Docs of a batch and its FullTransformerBatch, after `Doc._.trf_data` is set.
    max_batch_items: How many wordpieces run at once in prediction, padding included. Advised: 1024 to 16384.

    [spanwright.components.NAME] may say more, which spaCy does not know: see `set_options` of the component.
    """
    from spanwright.language.own_settings import component_settings

    component = Transformer(nlp.vocab, model, set_extra_annotations, max_batch_items=max_batch_items, name=name)
    component_settings(nlp, name, component.set_options)
    return component


class Transformer(Upstream):
    """Computes the vectors of a transformer, sets them as `Doc._.trf_data`, and shares them with listeners.

    vocab: The vocabulary shared with the pipeline.
    model: List of Docs in, FullTransformerBatch out.
    set_extra_annotations: Called with the Docs of a batch and its FullTransformerBatch, to set more on them. May be
        assigned anew at any time.
    name: The component's name in its pipeline.
    max_batch_items: How many wordpieces run at once in prediction, padding included.
    """

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        set_extra_annotations: Callable[[Sequence[Doc], FullTransformerBatch], Any] = null_annotation_setter,
        *,
        name: str = "transformer",
        max_batch_items: int = 128 * 32,
    ) -> None:
        from thinc.model import Model

        if not isinstance(model, Model):
            raise TransformerSettingError(
                f"Component '{name}': expected a thinc Model, found {type(model).__name__}. "
                "Make one with an architecture such as spacy-transformers.TransformerModel.v3."
            )
        _check_items(max_batch_items, name)
        super().__init__(vocab, model, name, broadcast=TransformerBroadcast, max_batch_items=int(max_batch_items))
        self.set_extra_annotations = set_extra_annotations
        install_extensions()

    def set_options(
        self, precision: str | None = None, torch_compile: bool = False, gradient_checkpointing: bool = False
    ) -> None:
        """Set how the transformer runs. These stand in [spanwright.components.NAME] of a config.

        precision: "fp16" or "bf16": what mixed precision uses, if the model's `mixed_precision` is on. By default fp16
            on a GPU, and none on a CPU.
        torch_compile: Whether PyTorch compiles the transformer, which takes minutes at first, and saves time later.
        gradient_checkpointing: Whether training computes activations twice instead of keeping them: less memory for
            about a third more time.
        """
        from ..layers.hf_shim import PRECISIONS, HFShim

        if precision is not None and precision not in PRECISIONS:
            raise TransformerSettingError(
                f"Component '{self.name}': precision must be {' or '.join(map(repr, PRECISIONS))}, found {precision!r}."
            )
        shims = [shim for node in self.model.walk() for shim in node.shims if isinstance(shim, HFShim)]
        if not shims and (precision or torch_compile or gradient_checkpointing):
            raise TransformerSettingError(
                f"Component '{self.name}': its model '{self.model.name}' is none of spanwright-transformers, so that "
                "precision, torch_compile and gradient_checkpointing mean nothing to it."
            )
        for shim in shims:
            shim.precision = precision
            shim.compile = torch_compile
            shim.gradient_checkpointing = gradient_checkpointing

    def _set_budget(self) -> None:
        # Here and not once: `cfg` may be changed at any time, as that of other components.
        _check_items(self.cfg["max_batch_items"], self.name)
        if hasattr(self.model, "max_pieces"):
            self.model.max_pieces = self.cfg["max_batch_items"]

    # Annotating

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 128) -> Iterator[Doc]:
        """Process a stream of Docs in order, in batches. If a batch fails, its Docs are tried one by one,
        and those that fail go to the error handler.

        batch_size: How many Docs are held at once. How many pieces of them run together is said by max_batch_items.
        """
        for docs in batches(stream, batch_size):
            dropped: set[int] = set()
            for group in self._groups(docs):
                try:
                    self.set_annotations(group, self.predict(group))
                except Exception as error:
                    dropped.update(self._one_by_one(group, error))
            yield from [doc for doc in docs if id(doc) not in dropped]

    def _groups(self, docs: list[Doc]) -> list[list[Doc]]:
        # Our own model cuts its work into parts by itself, and better; others run all that they are given at once.
        if hasattr(self.model, "max_pieces"):
            return [docs]
        return padded_groups(docs, BatchSize(len(docs), self.cfg["max_batch_items"]))

    def predict(self, docs: Iterable[Doc]) -> FullTransformerBatch:
        """The transformer's output for a batch of Docs, which are not changed."""
        docs = list(docs)
        self.broadcast.settle(docs)
        if not any(len(doc) for doc in docs):
            return FullTransformerBatch.empty(len(docs), self.broadcast.width)
        self._set_budget()
        return self.model.predict(docs)

    def set_annotations(self, docs: Iterable[Doc], predictions: FullTransformerBatch) -> None:
        """Set `Doc._.trf_data`, offer the output to the listeners, then call `set_extra_annotations`.

        predictions: What `predict` gave.
        """
        docs = list(docs)
        install_extensions()
        found = self._outputs(docs, predictions)
        for doc, data in zip(docs, found, strict=True):
            doc._.trf_data = data
        if self.broadcast.listener_map:
            self.broadcast.publish(docs, found)
        if not callable(self.set_extra_annotations):
            raise InvalidTypeError(
                f"Component '{self.name}': set_extra_annotations must be a function of Docs and a "
                f"FullTransformerBatch, found {type(self.set_extra_annotations).__name__}."
            )
        self.set_extra_annotations(docs, predictions)

    def _outputs(self, docs: list[Doc], batch: Any) -> list[Any]:
        """The output of each Doc. Raises TransformerDataError if the batch is none, or that of other Docs."""
        if not hasattr(batch, "doc_data"):
            raise TransformerDataError(
                f"Component '{self.name}': its model '{self.model.name}' must give a FullTransformerBatch for a list "
                f"of Docs; found {type(batch).__name__}."
            )
        found = list(batch.doc_data)
        if len(found) != len(docs):
            raise TransformerDataError(
                f"Component '{self.name}': expected one output of the model '{self.model.name}' for each of "
                f"{len(docs)} Docs; found {len(found)} (doc_data of a FullTransformerBatch, whose `spans` has one list "
                "for each Doc)."
            )
        return found

    # Training

    def open_step(self, docs: list[Doc], drop: float, sgd: Any, losses: dict[str, float]) -> None:
        """Publish the outputs of a step's Docs with their way back. See `Upstream.open_step`."""
        if not any(len(doc) for doc in docs):
            empty = FullTransformerBatch.empty(len(docs), self.broadcast.width).doc_data
            self.broadcast.publish(docs, empty, lambda gradients: None, sgd=sgd, exact=True)
            return
        self._set_budget()
        batch, backprop_batch = self._begin_update(docs, drop)
        found = self._outputs(docs, batch)

        def add_to_loss(gradient: Any) -> None:
            losses[self.name] += squared_sum(gradient)

        def backprop(gradients: list[Any]) -> None:
            backprop_batch(batch.unsplit_by_doc([list(one.tensors) for one in gradients]))

        self.broadcast.publish(docs, found, backprop, sgd=sgd, observe=add_to_loss, exact=not _drops_out(self.model))

    # Files

    def _apply(self, cfg: dict[str, Any], load_model: Callable[[], Any] | None) -> None:
        if "max_batch_items" in cfg:
            _check_items(cfg["max_batch_items"], self.name)
        super()._apply(cfg, load_model)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> TrainablePipe:
        """Load the component from a folder; it is unchanged if the files do not fit.

        Folders of spacy-transformers 1.0, where `model` is a folder as transformers writes it, are read too.
        """
        exclude = tuple(exclude)
        folder = Path(path) / "model"
        if not folder.is_dir() or "model" in exclude or not hasattr(self.model, "shim"):
            return super().from_disk(path, exclude=exclude)
        from ..loading import huggingface_from_pretrained

        unloaded = self.model.shim._hfmodel
        objects = huggingface_from_pretrained(
            folder, unloaded._init_tokenizer_config, unloaded._init_transformer_config
        )
        super().from_disk(path, exclude=(*exclude, "model"))
        self.model.attrs["has_transformer"] = False
        self.model.attrs["set_transformer"](self.model, objects)
        self._weights_changed()
        return self


def _drops_out(model: Model) -> bool:
    """Whether training computes something else than prediction, now."""
    for node in model.walk():
        if node.attrs.get("dropout_rate"):
            return True
        for shim in node.shims:
            config: Any = getattr(getattr(shim, "_model", None), "config", None)
            settings = config.to_dict() if hasattr(config, "to_dict") else {"dropout": 1.0}
            if any("drop" in name and value for name, value in settings.items()):
                return True
    return False


def _check_items(value: Any, name: str) -> None:
    if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
        raise TransformerSettingError(
            f"Component '{name}': max_batch_items is how many wordpieces run at once, and must be at least 1; "
            f"found {value!r}. The default is 4096; less takes less memory."
        )
