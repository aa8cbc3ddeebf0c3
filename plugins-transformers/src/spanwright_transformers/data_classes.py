"""What transformers make of Docs: wordpieces, their vectors, and which pieces belong to which token."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy

from spanwright_tokens.io import add_message_kind

from .errors import TransformerDataError

if TYPE_CHECKING:
    from thinc.types import Floats2d, Ragged

    from spanwright.tokens import Span

__all__ = ["FullTransformerBatch", "HFObjects", "TransformerData", "WordpieceBatch"]

# What saved messages consist of.
WORDPIECE_PARTS = ("strings", "input_ids", "attention_mask", "lengths", "token_type_ids")
DATA_PARTS = ("wordpieces", "model_output", "align")


def _empty_align() -> Ragged:
    from thinc.types import Ragged

    return Ragged(numpy.zeros((0,), dtype="i"), numpy.zeros((0,), dtype="i"))  # type: ignore[arg-type]


def _new_output(values: dict[str, Any] | None = None) -> Any:
    from transformers.utils import ModelOutput

    output = ModelOutput()
    for name, value in (values or {}).items():
        output[name] = value
    return output


def _parts(message: Any, names: Sequence[str], what: str) -> list[Any]:
    """The named parts of a saved message. Raises TransformerDataError (a ValueError) if some are missing."""
    lacking = [name for name in names if not isinstance(message, Mapping) or name not in message]
    if lacking:
        raise TransformerDataError(
            f"This is no {what}: expected a map with {', '.join(names)}; it lacks {', '.join(lacking)}."
        )
    return [message[name] for name in names]


def _padded(shape: tuple[int, int], **given: Any) -> dict[str, Any]:
    """Tensors or lists, where not None, as arrays of NumPy. Raises TransformerDataError if one does not fit."""
    arrays = {}
    for name, value in given.items():
        if value is None:
            continue
        try:
            arrays[name] = numpy.asarray(value.cpu() if hasattr(value, "cpu") else value).reshape(shape)
        except ValueError:
            found = getattr(value, "shape", None)
            raise TransformerDataError(
                f"{name}: expected one row for each of {shape[0]} texts, padded to {shape[1]} pieces, as input_texts "
                f"are; found {'lists of other lengths' if found is None else f'the shape {tuple(found)}'}. Call the "
                "tokenizer with padding=True, and make input_texts of its padded ids."
            ) from None
    return arrays


class WordpieceBatch:
    """The wordpieces of several texts, padded to the longest. The arrays are NumPy's.

    strings: The pieces themselves, one list for each text, with padding; or a function that makes these lists when
        they are first asked for.
    input_ids: Their ids. *Shape:* (texts, longest).
    attention_mask: 1 for a piece, 0 for padding. *Shape:* (texts, longest).
    lengths: How many pieces each text has, without padding.
    token_type_ids: Segment ids, for models that have them. *Shape:* (texts, longest).
    """

    def __init__(
        self,
        strings: list[list[str]] | Callable[[], list[list[str]]],
        input_ids: Any,
        attention_mask: Any,
        lengths: list[int],
        token_type_ids: Any = None,
    ) -> None:
        self._strings = strings
        self.input_ids = input_ids
        self.attention_mask = attention_mask
        self.lengths = lengths
        self.token_type_ids = token_type_ids

    @property
    def strings(self) -> list[list[str]]:
        """The pieces, one list for each text."""
        if callable(self._strings):
            self._strings = self._strings()
        return self._strings

    @strings.setter
    def strings(self, value: list[list[str]]) -> None:
        self._strings = value

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int | slice) -> WordpieceBatch:
        rows = slice(index, index + 1 or None) if isinstance(index, int) else index
        return WordpieceBatch(
            strings=lambda: self.strings[rows],
            input_ids=self.input_ids[rows],
            attention_mask=self.attention_mask[rows],
            lengths=self.lengths[rows],
            token_type_ids=None if self.token_type_ids is None else self.token_type_ids[rows],
        )

    def __getstate__(self) -> dict[str, Any]:
        return self.to_dict()

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.from_dict(state)

    def __repr__(self) -> str:
        return f"<WordpieceBatch of {len(self)} texts, {sum(self.lengths)} pieces>"

    def to_hf_dict(self) -> dict[str, Any]:
        """The data as transformers' own tokenizers give it, with tensors of PyTorch."""
        from thinc.api import xp2torch

        arrays = {name: getattr(self, name) for name in ("input_ids", "attention_mask", "token_type_ids")}
        tensors = {name: xp2torch(array) for name, array in arrays.items() if array is not None}
        return {**tensors, "input_texts": self.strings}

    @classmethod
    def empty(cls, *, xp: Any = numpy) -> WordpieceBatch:
        """A batch of no texts."""
        return cls([], xp.zeros((0, 0), dtype="i"), xp.ones((0, 0), dtype="bool"), [], None)

    @classmethod
    def zeros(cls, lengths: list[int], xp: Any = numpy) -> WordpieceBatch:
        """A batch of texts of these lengths, whose pieces are all empty."""
        shape = len(lengths), max(lengths, default=0)
        ids, mask = xp.zeros(shape, dtype="i"), xp.ones(shape, dtype="bool")
        return cls(lambda: [[""] * length for length in lengths], ids, mask, lengths)

    @classmethod
    def from_batch_encoding(cls, token_data: Mapping[str, Any]) -> WordpieceBatch:
        """A batch from what `to_hf_dict` gives, or a tokenizer of transformers with the pieces as `input_texts`.

        token_data: A map (or BatchEncoding) with input_ids, attention_mask and input_texts, and perhaps token_type_ids;
            arrays, tensors or lists, padded to the longest text. `input_texts` has a list of pieces for each text.

        Raises TransformerDataError (a ValueError) if a part is missing or of another shape.
        """
        ids, mask, texts = _parts(token_data, ("input_ids", "attention_mask", "input_texts"), "batch of a tokenizer")
        types = token_data.get("token_type_ids")
        shape = (len(texts), max(map(len, texts), default=0))
        arrays = _padded(shape, input_ids=ids, attention_mask=mask, token_type_ids=types)
        mask = arrays["attention_mask"].astype("f")
        lengths = mask.sum(axis=1).astype("i").tolist()
        return cls(texts, arrays["input_ids"], mask, lengths, arrays.get("token_type_ids"))

    def to_dict(self) -> dict[str, Any]:
        """The data as a dict of plain values and arrays."""
        return {name: getattr(self, name) for name in WORDPIECE_PARTS}

    def from_dict(self, msg: dict[str, Any]) -> WordpieceBatch:
        """Take over what `to_dict` gave. Raises TransformerDataError (a ValueError) if it is something else."""
        for name, value in zip(WORDPIECE_PARTS, _parts(msg, WORDPIECE_PARTS, "saved WordpieceBatch"), strict=True):
            setattr(self, name, value)
        return self


class TransformerData:
    """A transformer's output for one Doc; `Doc._.trf_data` is one of these.

    wordpieces: The pieces of the Doc's windows, one row for each window.
    model_output: The tensors by name, such as `last_hidden_state`. *Shape:* (windows, longest window, width).
    align: For each token the flat indices of its pieces in (windows, longest window), ragged: `align.lengths[i]` says
        how many the token i has, 0 if the tokenizer drops all its characters (white space, for instance) or no window
        covers it.
    """

    def __init__(self, wordpieces: WordpieceBatch, model_output: Any, align: Ragged) -> None:
        self.wordpieces = wordpieces
        self.model_output = model_output
        self.align = align
        self._width: int | None = None  # where there is no vector to tell

    @classmethod
    def empty(cls, width: int | None = None) -> TransformerData:
        """The output for a Doc without tokens.

        width: Width of the transformer's vectors, if it is known.
        """
        empty = cls(WordpieceBatch.empty(), _new_output(), _empty_align())
        empty._width = width
        return empty

    @classmethod
    def zeros(cls, length: int, width: int, *, xp: Any = numpy) -> TransformerData:
        """Zeros for a Doc with one piece a token."""
        from thinc.types import Ragged

        return cls(
            wordpieces=WordpieceBatch.zeros([length], xp=numpy),
            model_output=_new_output({"last_hidden_state": xp.zeros((1, length, width), dtype="f")}),
            align=Ragged(numpy.arange(length, dtype="i"), numpy.ones((length,), dtype="i")),  # type: ignore[arg-type]
        )

    @property
    def tensors(self) -> tuple[Any, ...]:
        """The values of `model_output`, in order."""
        return self.model_output.to_tuple()

    @property
    def tokens(self) -> dict[str, Any]:
        """The former name of `wordpieces.to_hf_dict()`."""
        return self.wordpieces.to_hf_dict()

    @property
    def width(self) -> int:
        """Width of the vectors. Raises TransformerDataError (a ValueError) if there are none."""
        if "last_hidden_state" not in self.model_output:
            if self._width is not None:
                return self._width
            raise TransformerDataError(
                "This output has no `last_hidden_state`, so its width is not known: it is that of a Doc without "
                "tokens, or of a model that gives other tensors."
            )
        return int(self.model_output["last_hidden_state"].shape[-1])

    @property
    def has_width(self) -> bool:
        """Whether `width` is known."""
        return "last_hidden_state" in self.model_output or self._width is not None

    # The same three for every encoder, whatever its windows.

    @property
    def piece_vectors(self) -> Floats2d:
        """The vectors of all pieces in a row, padding included. *Shape:* (windows * longest window, width)."""
        if "last_hidden_state" not in self.model_output:
            return numpy.zeros((0, self.width), dtype="f")  # type: ignore[return-value]
        vectors = self.model_output["last_hidden_state"]
        return vectors.reshape((-1, vectors.shape[-1]))

    def token_vectors(self, pooling: Any = None) -> Floats2d:
        """One vector a token, pooled from those of its pieces; zeros for tokens without a piece.

        pooling: A thinc layer from Ragged to Floats2d, such as `reduce_max()`; by default the mean.
        *Shape:* (tokens, width).

        Raises TransformerSettingError (a ValueError) if `pooling` is no such layer.
        """
        from thinc.api import reduce_mean

        from .layers.pooling import check_pooling, pool

        if pooling is not None:
            check_pooling(pooling)

        return pool(pooling or reduce_mean(), [self], is_train=False)[0][0]

    @property
    def pieces_of_tokens(self) -> list[list[int]]:
        """For each token the flat indices of its pieces (rows of `piece_vectors`)."""
        if not len(self.align.lengths):
            return []
        ends = numpy.cumsum(numpy.asarray(self.align.lengths))[:-1]
        return [part.tolist() for part in numpy.split(numpy.asarray(self.align.dataXd), ends)]

    # Files

    def to_dict(self) -> dict[str, Any]:
        """The data as a dict of plain values and arrays."""
        values = self.wordpieces.to_dict(), dict(self.model_output.items()), [self.align.dataXd, self.align.lengths]
        return dict(zip(DATA_PARTS, values, strict=True))

    def from_dict(self, msg: dict[str, Any]) -> TransformerData:
        """Take over what `to_dict` gave. Raises TransformerDataError (a ValueError) if it is something else."""
        from thinc.types import Ragged

        pieces, output, align = _parts(msg, DATA_PARTS, "saved TransformerData")
        pair = isinstance(align, (list, tuple)) and len(align) == 2 and all(hasattr(one, "shape") for one in align)
        if not isinstance(output, Mapping) or not pair:
            raise TransformerDataError(
                "This is no saved TransformerData: expected a map as model_output, and two arrays as align."
            )
        wordpieces = WordpieceBatch.empty().from_dict(pieces)
        self.wordpieces, self.model_output, self.align = wordpieces, _new_output(dict(output)), Ragged(*align)
        return self

    def to_bytes(self) -> bytes:
        """The data as a message."""
        from spanwright_tokens.io import dump_msgpack

        return dump_msgpack(self.to_dict())

    def from_bytes(self, byte_string: bytes) -> TransformerData:
        """Load what `to_bytes` gave."""
        from spanwright_tokens.io import read_msgpack

        return self.from_dict(read_msgpack(byte_string, where="TransformerData"))

    def __repr__(self) -> str:
        shapes = {name: getattr(value, "shape", len(value)) for name, value in self.model_output.items()}
        return f"<TransformerData of {len(self.align.lengths)} tokens, {self.wordpieces!r}, {shapes}>"


class FullTransformerBatch:
    """A transformer's output for a batch of Docs.

    spans: The windows of each Doc. They may overlap, or leave tokens out.
    wordpieces: The pieces of all windows, one row for each.
    model_output: The tensors of the batch, as transformers gives them. *Shape:* (windows, longest window, width).
    align: The tokens of all Docs to flat indices of pieces in the batch, as in `TransformerData`.
    cached_doc_data: The output of each Doc. Where it is given, the three before may be None: they are put together
        when they are first asked for.
    """

    def __init__(
        self,
        spans: list[list[Span]],
        wordpieces: WordpieceBatch | None = None,
        model_output: Any = None,
        align: Ragged | None = None,
        cached_doc_data: list[TransformerData] | None = None,
    ) -> None:
        self.spans = spans
        self.cached_doc_data = cached_doc_data
        self.gradients: list[list[Any]] | None = None
        self._wordpieces, self._model_output, self._align = wordpieces, model_output, align

    @classmethod
    def empty(cls, nr_docs: int, width: int | None = None) -> FullTransformerBatch:
        """The output for Docs without tokens.

        width: Width of the transformer's vectors, if it is known.
        """
        return cls(
            spans=[[] for _ in range(nr_docs)],
            wordpieces=WordpieceBatch.empty(),
            model_output=_new_output(),
            align=_empty_align(),
            cached_doc_data=[TransformerData.empty(width) for _ in range(nr_docs)],
        )

    def __len__(self) -> int:
        return len(self.spans)

    def __iter__(self) -> Iterator[TransformerData]:
        return iter(self.doc_data)

    @property
    def wordpieces(self) -> WordpieceBatch:
        """The pieces of all windows."""
        if self._wordpieces is None:
            self._join()
        return self._wordpieces  # type: ignore[return-value]

    @wordpieces.setter
    def wordpieces(self, value: WordpieceBatch) -> None:
        self._wordpieces = value

    @property
    def model_output(self) -> Any:
        """The tensors of the batch; in a gradient, those of `arrays` as tensors of PyTorch, named by their number."""
        if self._model_output is None and self.gradients is not None:
            from .batches import join_gradients

            self._model_output = join_gradients(self.gradients)
        elif self._model_output is None:
            self._join()
        return self._model_output

    @model_output.setter
    def model_output(self, value: Any) -> None:
        self._model_output = value

    @property
    def align(self) -> Ragged:
        """The pieces of all tokens."""
        if self._align is None:
            self._join()
        return self._align  # type: ignore[return-value]

    @align.setter
    def align(self, value: Ragged) -> None:
        self._align = value

    def _join(self) -> None:
        from .batches import join_doc_data

        self._wordpieces, self._model_output, self._align = join_doc_data(self.doc_data)

    @property
    def tensors(self) -> tuple[Any, ...]:
        """The values of `model_output`, in order."""
        return self.model_output.to_tuple()

    @property
    def tokens(self) -> dict[str, Any]:
        """The former name of `wordpieces.to_hf_dict()`."""
        return self.wordpieces.to_hf_dict()

    @property
    def doc_data(self) -> list[TransformerData]:
        """The output of each Doc."""
        if self.cached_doc_data is None:
            self.cached_doc_data = self.split_by_doc()
        return self.cached_doc_data

    def split_by_doc(self) -> list[TransformerData]:
        """Split the batch into the outputs of its Docs."""
        from .batches import split_by_doc

        return split_by_doc(self)

    def unsplit_by_doc(self, arrays: Sequence[Sequence[Any]]) -> FullTransformerBatch:
        """The gradient of this batch, for the backward pass of the model that made it.

        arrays: For each Doc the gradients of its tensors, in the order of `TransformerData.tensors`; an empty list
            for a Doc without tokens. As a rule only that of `last_hidden_state` is there.
        """
        result = FullTransformerBatch(self.spans, self._wordpieces, None, self._align, self.cached_doc_data)
        result.gradients = [list(one) for one in arrays]
        return result


class HFObjects:
    """What a model of transformers consists of.

    tokenizer, transformer: Objects of transformers; None until they are loaded.
    vocab_file_contents: The tokenizer's vocabulary file, for tokenizers that need it to be saved.
    """

    def __init__(
        self,
        tokenizer: Any,
        transformer: Any,
        vocab_file_contents: bytes | None = None,
        _init_tokenizer_config: dict[str, Any] | None = None,
        _init_transformer_config: dict[str, Any] | None = None,
    ) -> None:
        self.tokenizer = tokenizer
        self.transformer = transformer
        self.vocab_file_contents = vocab_file_contents
        self._init_tokenizer_config = dict(_init_tokenizer_config or {})
        self._init_transformer_config = dict(_init_transformer_config or {})


# As spacy-transformers writes them, and reads them.
add_message_kind(
    "__transformerdata__",
    TransformerData,
    TransformerData.to_dict,
    lambda plain: TransformerData.empty().from_dict(plain),
)
