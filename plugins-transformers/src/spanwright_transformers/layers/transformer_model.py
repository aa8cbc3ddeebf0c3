"""The layer from Docs to the outputs of a transformer."""

from __future__ import annotations

import copy
import random
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import numpy
from thinc.model import Model

from ..alignment import align_doc, align_offsets
from ..batches import piece_axes
from ..data_classes import FullTransformerBatch, HFObjects, TransformerData, WordpieceBatch, _new_output
from ..errors import TransformerSettingError, WeightsError
from ..loading import huggingface_from_pretrained, require_torch
from ..span_getters import check_spans
from ..wordpieces import Rows, batches_of_rows, longest_row, tokenize
from .hf_wrapper import HFWrapper
from .replacing import replace_listener, replace_listener_cfg

if TYPE_CHECKING:
    from spanwright.tokens import Doc

__all__ = ["TransformerModel"]

# On a CPU the activations of so many pieces stay in its caches; a GPU wants more to do at once.
CPU_PIECES = 1024
# What a batch takes beside its pieces, in pieces: little on a CPU; on a GPU so much that fewer are always better.
CPU_COST, GPU_COST = 16, 4096


class TransformerModel(Model):
    """A transformer as a layer: list of Docs in, `FullTransformerBatch` out.

    name: A folder, or a name that transformers knows. The weights are loaded by `initialize`.
    get_spans: Cuts Docs into windows: list of Docs in, a list of Spans for each Doc out.
    tokenizer_config: Settings for `AutoTokenizer.from_pretrained`.
    transformer_config: Settings for `AutoConfig.from_pretrained`.
    mixed_precision: Whether the forward pass runs in half precision where that is safe.
    grad_scaler_config: Settings of the scaler of gradients for half precision.

    Rows of similar length run together, so that little is padded; what comes out does not depend on it.
    `max_pieces` is how many pieces may run at once, padding included, in prediction and in a part of a step; on a CPU
    no more than `cpu_pieces` do. `cpu_cost` is what another part costs there, in pieces.
    """

    def __init__(
        self,
        name: str,
        get_spans: Callable[[Sequence[Doc]], Any],
        tokenizer_config: dict[str, Any] | None = None,
        transformer_config: dict[str, Any] | None = None,
        mixed_precision: bool = False,
        grad_scaler_config: dict[str, Any] | None = None,
    ) -> None:
        require_torch()
        if not callable(get_spans):
            raise TransformerSettingError(
                "`get_spans` must be a function from Docs to lists of Spans, such as "
                f"spacy-transformers.strided_spans.v1 of @span_getters; found {type(get_spans).__name__}."
            )
        wrapper = HFWrapper(
            HFObjects(None, None, None, tokenizer_config, transformer_config),
            mixed_precision=mixed_precision,
            grad_scaler_config=grad_scaler_config,
        )
        super().__init__(
            "transformer",
            forward,
            init=init,
            layers=[wrapper],
            dims={"nO": None},
            attrs={
                "get_spans": get_spans,
                "name": str(name),
                "set_transformer": set_pytorch_transformer,
                "has_transformer": False,
                "flush_cache_chance": 0.0,
                "replace_listener": replace_listener,
                "replace_listener_cfg": replace_listener_cfg,
            },
        )
        self.max_pieces = 4096
        self.cpu_pieces = CPU_PIECES
        self.cpu_cost = CPU_COST

    @property
    def shim(self) -> Any:
        """What holds the transformer."""
        return self.layers[0].shims[0]

    @property
    def tokenizer(self) -> Any:
        """The tokenizer of transformers; None until it is loaded."""
        return self.shim._hfmodel.tokenizer

    @property
    def transformer(self) -> Any:
        """The model of transformers; None until it is loaded."""
        return self.shim._hfmodel.transformer

    # thinc's own copies would be plain Models.

    def _copy(self, seen: dict[int, Any] | None = None) -> TransformerModel:
        seen = {} if seen is None else seen
        copied = type(self).__new__(type(self))
        Model.__init__(
            copied,
            self.name,
            self._func,
            init=self.init,
            dims=copy.deepcopy(self._dims),
            attrs=copy.deepcopy(self._attrs),
            layers=[layer._copy(seen) for layer in self.layers],
        )
        copied.max_pieces, copied.cpu_pieces, copied.cpu_cost = self.max_pieces, self.cpu_pieces, self.cpu_cost
        return copied


def set_pytorch_transformer(model: TransformerModel, hf_model: HFObjects) -> None:
    """Give a model its transformer and tokenizer. Raises TransformerSettingError (a ValueError) if it has some."""
    if model.attrs["has_transformer"]:
        raise TransformerSettingError(
            "This TransformerModel has a transformer already; make another model for another."
        )
    model.shim.set_objects(hf_model)
    model.attrs["has_transformer"] = True
    model.set_dim("nO", hf_model.transformer.config.hidden_size)


def init(model: TransformerModel, X: Any = None, Y: Any = None) -> None:  # noqa: N803 (thinc's names)
    """Load the weights, unless there are some."""
    if model.attrs["has_transformer"]:
        return
    unloaded = model.shim._hfmodel
    objects = huggingface_from_pretrained(
        model.attrs["name"], unloaded._init_tokenizer_config, unloaded._init_transformer_config
    )
    model.attrs["set_transformer"](model, objects)


def forward(
    model: TransformerModel, docs: Sequence[Doc], is_train: bool
) -> tuple[FullTransformerBatch, Callable[[FullTransformerBatch], Sequence[Doc]]]:
    """Run the transformer on the windows of Docs."""
    if model.transformer is None:
        raise TransformerSettingError(
            f"The transformer '{model.attrs['name']}' is not loaded yet: call nlp.initialize() or model.initialize(), "
            "or load a saved pipeline."
        )
    _flush_now_and_then(model.attrs.get("flush_cache_chance", 0.0))
    nested = _windows(model, docs)
    rows, of_doc = _rows(model, nested)
    width = model.get_dim("nO")
    datas = [_new_data(doc, spans, rows, own, width) for doc, spans, own in zip(docs, nested, of_doc, strict=True)]
    places = {row: (index, at) for index, own in enumerate(of_doc) for at, row in enumerate(own)}
    backprops = []
    _check_ids(model, rows)
    batches = batches_of_rows(rows.lengths, *_limits(model))
    cut = model.shim.cut_embeddings() if is_train and len(batches) > 1 else None
    with nullcontext() if cut is None else cut.cutting():
        for batch in batches:
            pieces = rows.batch(batch)
            output, backprop_batch = _run(model, pieces, is_train)
            _check_width(model, output, width)
            _keep_outputs(output, batch, places, datas, rows.pad_left, pieces.input_ids.shape[1])
            backprops.append((batch, pieces.input_ids.shape[1], backprop_batch))

    def backprop(d_output: FullTransformerBatch) -> Sequence[Doc]:
        gradients = _gradients_by_doc(d_output, [len(own) for own in of_doc])
        for batch, longest, backprop_batch in backprops:
            found = _gradient_of_batch(model, batch, longest, places, gradients, rows, width)
            if found is not None:
                backprop_batch(found)
        backprops.clear()
        if cut is not None:
            cut.backprop()
        return docs

    return FullTransformerBatch(spans=nested, cached_doc_data=datas), backprop


def _flush_now_and_then(chance: float) -> None:
    # The number is drawn at any chance: what others draw with the same seed depends on it, such as a parser's cuts.
    if random.random() < chance:
        import torch

        torch.cuda.empty_cache()


def _windows(model: TransformerModel, docs: Sequence[Doc]) -> list[list[Any]]:
    getter = model.attrs["get_spans"]
    filled = [doc for doc in docs if len(doc)]
    if hasattr(getter, "with_counts"):
        found = getter.with_counts(docs, lambda asked: [_count_pieces(model, doc) for doc in asked])
    else:
        found = getter(docs)
    windows = check_spans(docs, found, getter) if filled else [[] for _ in docs]
    return [[span for span in spans if len(span)] for spans in windows]


def _count_pieces(model: TransformerModel, doc: Doc) -> Any:
    """How many pieces each token of a Doc has."""
    if not len(doc):
        return numpy.zeros(0, dtype="i8")
    rows = tokenize(model.tokenizer, [doc.text], 1 << 40)
    token, _ = align_offsets(doc.column("IDX"), rows.offsets[0])
    return numpy.bincount(token, minlength=len(doc))


def _rows(model: TransformerModel, nested: list[list[Any]]) -> tuple[Rows, list[list[int]]]:
    """The rows of all windows, and for each Doc the numbers of its own."""
    flat = [(index, span) for index, spans in enumerate(nested) for span in spans]
    limit = longest_row(model.tokenizer, model.transformer)
    rows = tokenize(model.tokenizer, [span.text for _, span in flat], limit)
    of_doc: list[list[int]] = [[] for _ in nested]
    for row, window in enumerate(rows.windows):
        of_doc[flat[window][0]].append(row)
    return rows, of_doc


def _new_data(doc: Doc, spans: list[Any], rows: Rows, own: list[int], width: int) -> TransformerData:
    """The output of a Doc, but for the model's part of it."""
    if not own:
        return TransformerData.empty(width)
    pieces = rows.batch(own)
    longest = pieces.input_ids.shape[1]
    first = rows.windows[own[0]]
    bounds = [(spans[rows.windows[row] - first].start, spans[rows.windows[row] - first].end) for row in own]
    align = align_doc(doc, bounds, [rows.offsets[row] for row in own], longest)
    if rows.pad_left:
        align.dataXd[:] += _left_padding(pieces.lengths, longest)[align.dataXd // longest]
    return TransformerData(pieces, _new_output(), align)


def _left_padding(lengths: Sequence[int], longest: int) -> Any:
    return longest - numpy.asarray(lengths, dtype="i")


def _limits(model: TransformerModel) -> tuple[int, int]:
    """How many pieces a batch may have, and what one costs beside them."""
    if model.shim.device.type == "cpu":
        return min(model.max_pieces, model.cpu_pieces), model.cpu_cost
    return model.max_pieces, GPU_COST


def _check_ids(model: TransformerModel, rows: Rows) -> None:
    # PyTorch would speak of an index out of range, and a GPU would be of no use until the process ends.
    try:
        known = model.transformer.get_input_embeddings().num_embeddings
    except (AttributeError, NotImplementedError):
        return
    largest = max((int(ids.max()) for ids in rows.ids if len(ids)), default=0)
    if largest >= known:
        raise WeightsError(
            f"The tokenizer of '{model.attrs['name']}' gives the id {largest} "
            f"('{model.tokenizer.convert_ids_to_tokens(largest)}'), and the model has embeddings for {known} ids, 0 to "
            f"{known - 1}. The tokenizer is that of another model, or tokens were added to it without "
            "resize_token_embeddings."
        )


def _run(model: TransformerModel, pieces: WordpieceBatch, is_train: bool) -> tuple[Any, Callable]:
    try:
        return model.layers[0](pieces, is_train)
    except ValueError as error:
        if not getattr(model.transformer.config, "is_encoder_decoder", False):
            raise
        raise TransformerSettingError(
            f"The model '{model.attrs['name']}' ({type(model.transformer).__name__}) is an encoder with a decoder, "
            f"which wants inputs of its own ({error}). Save its encoder alone (model.get_encoder().save_pretrained), "
            "or take a model that is an encoder, such as a BERT."
        ) from error


def _check_width(model: TransformerModel, output: Any, width: int) -> None:
    state = getattr(output, "last_hidden_state", None)
    if state is None:
        raise TransformerSettingError(
            f"The model '{model.attrs['name']}' ({type(model.transformer).__name__}) gives no `last_hidden_state`. "
            "Take one that AutoModel loads as an encoder."
        )
    if state.shape[-1] != width:
        raise TransformerSettingError(
            f"The model '{model.attrs['name']}' gives vectors of width {state.shape[-1]}, and its configuration says "
            f"hidden_size = {width}."
        )


def _keep_outputs(
    output: Any, batch: list[int], places: dict[int, tuple[int, int]], datas: list[TransformerData], left: bool,
    longest: int,
) -> None:  # fmt: skip
    """Put the rows of a batch where they belong in their Docs."""
    for name, value in output.items():
        several = isinstance(value, (tuple, list))
        layers = list(value) if several else [value]
        if not layers or not all(hasattr(one, "shape") and one.shape[:1] == (len(batch),) for one in layers):
            continue
        arrays = [_as_array(one) for one in layers]
        axes = piece_axes(name, arrays[0].shape, longest)
        for at, row in enumerate(batch):
            index, place = places[row]
            data = datas[index]
            own = data.model_output.get(name)
            if own is None:
                own = [_room_for(array, axes, data) for array in arrays]
                data.model_output[name] = own if several else own[0]
            for target, array in zip(own if isinstance(own, list) else [own], arrays, strict=True):
                _copy_row(target[place], array[at], tuple(axis - 1 for axis in axes), left)


def _as_array(tensor: Any) -> Any:
    from thinc.api import torch2xp

    return torch2xp(tensor.detach().float() if tensor.is_floating_point() else tensor.detach())


def _room_for(array: Any, axes: tuple[int, ...], data: TransformerData) -> Any:
    from thinc.api import get_array_module

    rows, longest = data.wordpieces.input_ids.shape
    shape = [longest if axis in axes else size for axis, size in enumerate(array.shape)]
    return get_array_module(array).zeros((rows, *shape[1:]), dtype=array.dtype)


def _copy_row(target: Any, source: Any, axes: tuple[int, ...], left: bool) -> None:
    if not axes:
        target[...] = source
        return
    size = min(target.shape[axes[0]], source.shape[axes[0]])

    def part(array: Any) -> Any:
        length = array.shape[axes[0]]
        return array[
            tuple(
                (slice(length - size, length) if left else slice(size)) if axis in axes else slice(None)
                for axis in range(array.ndim)
            )
        ]

    part(target)[...] = part(source)


def _gradients_by_doc(d_output: FullTransformerBatch, counts: list[int]) -> list[Any]:
    """The gradient of the last hidden state for each Doc, or None."""
    if d_output.gradients is not None:
        return [found[0] if len(found) else None for found in d_output.gradients]
    from thinc.api import torch2xp

    whole = next(iter(d_output.model_output.values()), None)
    if whole is None:  # Docs without tokens have no outputs
        return [None] * len(counts)
    whole = torch2xp(whole) if hasattr(whole, "requires_grad") else whole
    ends = numpy.cumsum(counts)
    return [whole[end - count : end] for count, end in zip(counts, ends.tolist(), strict=True)]


def _gradient_of_batch(
    model: TransformerModel, batch: list[int], longest: int, places: dict[int, tuple[int, int]],
    gradients: list[Any], rows: Rows, width: int,
) -> Any:  # fmt: skip
    if all(gradients[places[row][0]] is None for row in batch):
        return None
    whole = model.ops.alloc3f(len(batch), longest, width)
    for at, row in enumerate(batch):
        index, place = places[row]
        if gradients[index] is not None:
            _copy_row(whole[at], gradients[index][place], (0,), rows.pad_left)
    return whole
