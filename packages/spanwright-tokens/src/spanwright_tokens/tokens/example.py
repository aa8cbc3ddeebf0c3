"""Example: a predicted Doc, the reference (gold) Doc, and what is known from aligning the two."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from ..errors import InvalidTypeError
from .alignment import Alignment, AlignmentArray, is_space_mask
from .doc import Doc
from .example_dict import doc_from_dict, example_to_dict
from .iob import _biluo
from .nonproj import projectivize as make_projective
from .span import Span

IOB_OUTSIDE = 2


class Example:
    """A predicted Doc and the reference Doc with the gold annotation, over the same text.

    predicted: the Doc that a pipeline annotates; its tokenization may differ from the reference's.
    reference: the Doc with the gold annotation.
    alignment: the alignment of the two, if it is known already; computed when needed otherwise.

    Raises InvalidTypeError (a TypeError) if either is no Doc.
    """

    def __init__(self, predicted: Doc, reference: Doc, *, alignment: Alignment | None = None) -> None:
        self._x = _require_doc("predicted", predicted)
        self._y = _require_doc("reference", reference)
        self._alignment = alignment
        self._aligned = self._structure()

    @classmethod
    def from_dict(cls, predicted: Doc, example_dict: dict[str, Any]) -> Example:
        """An Example whose reference is described by a dict.

        predicted: the Doc to predict on; gives the reference's tokens if the dict has none.
        example_dict: any of `words`, `spaces`, `text`, `tags`, `pos`, `morphs`, `lemmas`, `heads` (positions in the
            Doc), `deps`, `sent_starts`, `entities` (character offsets (start, end, label), or BILUO tags), `cats`,
            `spans` (a list of (start_char, end_char[, label[, kb_id]]) per group) and `links` (a dict from kb_id to
            probability per (start_char, end_char)); or the two dicts `token_annotation` and `doc_annotation`, as
            `to_dict` writes them. None means missing where a token has no head, label or sentence start.

        Raises InvalidValueError or InvalidTypeError (a ValueError or TypeError) for annotation that does not fit, and
        MissingKeyError (a KeyError) for an unknown key.
        """
        for argument, value, kind in ((1, predicted, Doc), (2, example_dict, dict)):
            if not isinstance(value, kind):
                raise BadArgumentError(
                    f"Example.from_dict: argument {argument} must be a {kind.__name__}, not {type(value).__name__}."
                )
        return cls(predicted, doc_from_dict(predicted, example_dict))

    @property
    def predicted(self) -> Doc:
        """The Doc with the predictions."""
        return self._x

    @predicted.setter
    def predicted(self, doc: Doc) -> None:
        self._x = _require_doc("predicted", doc)
        self._alignment = None

    @property
    def reference(self) -> Doc:
        """The Doc with the gold annotation."""
        return self._y

    @reference.setter
    def reference(self, doc: Doc) -> None:
        self._y = _require_doc("reference", doc)
        self._alignment = None

    @property
    def x(self) -> Doc:
        """The predicted Doc."""
        return self._x

    @property
    def y(self) -> Doc:
        """The reference Doc."""
        return self._y

    @property
    def text(self) -> str:
        """The text of the predicted Doc."""
        return self._x.text

    def __len__(self) -> int:
        return len(self._x)

    def __str__(self) -> str:
        return str(self.to_dict())

    def __repr__(self) -> str:
        return str(self.to_dict())

    def copy(self) -> Example:
        """An Example of copies of the two Docs."""
        return Example(self._x.copy(), self._y.copy())

    def _structure(self) -> tuple[int, int]:
        return self._x.structure, self._y.structure

    @property
    def alignment(self) -> Alignment:
        """Which tokens of the two Docs share characters; computed again when a Doc was retokenized.

        Raises AlignmentError (a ValueError) if the texts differ in more than whitespace and case.
        """
        if self._alignment is None or self._aligned != self._structure():
            self._alignment = Alignment.from_docs(self._x, self._y)
            self._aligned = self._structure()
        return self._alignment

    def get_aligned(self, field: str, as_string: bool = False) -> list[Any]:
        """The reference's values of a token attribute, for each token of the predicted Doc.

        field: name of the attribute, for instance "TAG".
        as_string: give strings instead of ids (not for ENT_IOB and SENT_START).

        Returns a value a token; None for a token without gold tokens, or whose gold tokens differ.
        """
        values = _agreeing(self.alignment.x2y, self._y.to_array([field]))
        if as_string and field not in ("ENT_IOB", "SENT_START"):
            strings = self._y.vocab.strings
            names = {key: strings[key] for key in set(values) if key is not None}
            return [None if value is None else names[value] for value in values]
        return values

    def get_aligned_parse(self, projectivize: bool = True) -> tuple[list[int | None], list[str | None]]:
        """The reference's heads and labels, for each token of the predicted Doc.

        projectivize: first lift non-projective arcs and decorate their labels (`dep||head's dep`).

        Returns two lists: heads as positions in the predicted Doc, and labels. None where the token, or for its head
        the head, has no single counterpart.
        """
        y = self._y
        keys = y.to_array(["DEP"])
        known = keys != 0
        # A token without a label has no arc: it is its own head.
        heads: Any = np.where(known, y.to_array(["HEAD"]).astype("int64"), 0) + np.arange(len(y))
        labels: Any = [y.vocab.strings[key] for key in keys.tolist()]
        if projectivize:
            lifted, decorated = make_projective(heads.tolist(), labels)
            heads = np.where(known, np.asarray(lifted, dtype=heads.dtype), heads)
            labels = [new if has else old for new, old, has in zip(decorated, labels, known.tolist(), strict=True)]
        x2y, y2x = self.alignment.x2y, self.alignment.y2x
        x_i = np.flatnonzero(x2y.lengths == 1)
        y_i = x2y.data[x2y.starts[x_i]]
        y_head = heads[y_i]
        single = y2x.lengths[y_head] == 1
        aligned_heads = np.full(len(self._x), None)
        aligned_heads[x_i[single]] = y2x.data[y2x.starts[y_head[single]]]
        aligned_labels: list[str | None] = [None] * len(self._x)
        for i, j in zip(x_i.tolist(), y_i.tolist(), strict=True):
            aligned_labels[i] = labels[j]
        return aligned_heads.tolist(), aligned_labels

    def get_aligned_sent_starts(self) -> list[bool | None]:
        """Whether each token of the predicted Doc starts a sentence of the reference; None if that has none."""
        if not self._y.has_annotation("SENT_START"):
            return [None] * len(self._x)
        starts = [False] * len(self._x)
        y2x = self.alignment.y2x
        for sent in self._y.sents:
            tokens = y2x[sent.start : sent.end]
            if len(tokens):
                starts[int(tokens[0])] = True
        return starts  # type: ignore[return-value]

    def get_aligned_spans_x2y(self, x_spans: Iterable[Span], allow_overlap: bool = False) -> list[Span]:
        """Spans of the reference that match spans of the predicted Doc.

        x_spans: spans of the predicted Doc.
        allow_overlap: whether two results may share tokens; if not, the earlier one keeps them.

        Returns those spans whose text, apart from case and blanks, is the same on both sides.
        """
        return _aligned_spans(self._y, x_spans, self.alignment.x2y, allow_overlap)

    def get_aligned_spans_y2x(self, y_spans: Iterable[Span], allow_overlap: bool = False) -> list[Span]:
        """Spans of the predicted Doc that match spans of the reference; see `get_aligned_spans_x2y`."""
        return _aligned_spans(self._x, y_spans, self.alignment.y2x, allow_overlap)

    def get_aligned_ents_and_ner(self) -> tuple[list[Span], list[str | None]]:
        """The reference's entities as spans of the predicted Doc, and as BILUO tags of its tokens.

        A tag is None where the annotation is missing or the entity does not fit the predicted tokens.
        """
        if not self._y.has_annotation("ENT_IOB"):
            return [], [None] * len(self._x)
        ents = self.get_aligned_spans_y2x(self._y.ents)
        tags = np.full(len(self._x), None)
        outside = np.asarray([value == IOB_OUTSIDE for value in self.get_aligned("ENT_IOB")], dtype=bool)
        tags[outside | is_space_mask(self._x)] = "O"
        for ent in ents:
            tags[ent.start : ent.end] = _biluo(ent.label_, ent.end - ent.start) if ent.label else "O"
        return ents, tags.tolist()

    def get_aligned_ner(self) -> list[str | None]:
        """BILUO tags of the reference's entities, for each token of the predicted Doc; None where missing."""
        return self.get_aligned_ents_and_ner()[1]

    def get_matching_ents(self, check_label: bool = True) -> list[Span]:
        """Predicted entities that the reference has too.

        check_label: whether the label must be the same, or only the character offsets.
        """
        gold = {(ent.start_char, ent.end_char): ent.label for ent in self._y.ents}
        return [
            ent
            for ent in self._x.ents
            if (ent.start_char, ent.end_char) in gold
            and (not check_label or gold[ent.start_char, ent.end_char] == ent.label)
        ]

    def to_dict(self) -> dict[str, Any]:
        """The reference's annotation as a dict that `from_dict` reads."""
        return example_to_dict(self._y)

    def split_sents(self) -> list[Example]:
        """An Example for each sentence of the reference; the Example itself if it has no sentences."""
        if not self._y.has_annotation("SENT_START"):
            return [self]
        y2x = self.alignment.y2x
        seen: set[int] = set()
        result = []
        for sent in self._y.sents:
            tokens = [i for i in y2x[sent.start : sent.end].tolist() if i not in seen]
            if tokens:
                seen.update(tokens)
                predicted = self._x[tokens[0] : tokens[-1] + 1]
                result.append(Example(predicted.as_doc(), sent.as_doc()))
        return result


class BadArgumentError(InvalidTypeError, ValueError):
    """An argument of the wrong type, where a ValueError was raised before."""


def _require_doc(argument: str, doc: Any) -> Doc:
    if not isinstance(doc, Doc):
        raise InvalidTypeError(f"Example: argument '{argument}' must be a Doc, not {type(doc).__name__}.")
    return doc


def _agreeing(align: AlignmentArray, values: np.ndarray) -> list[Any]:
    """For each token the value that all its aligned tokens share; None if there is none."""
    if (align.lengths == 1).all():
        return values[align.data].tolist()
    result = np.full(len(align), None)
    some = np.flatnonzero(align.lengths)
    if len(some):
        aligned, starts = values[align.data], align.starts[some]
        lowest = np.minimum.reduceat(aligned, starts)
        agree = lowest == np.maximum.reduceat(aligned, starts)
        result[some[agree]] = lowest[agree]
    return result.tolist()


def _aligned_spans(doc: Doc, spans: Iterable[Span], align: AlignmentArray, allow_overlap: bool) -> list[Span]:
    seen: set[int] = set()
    result = []
    for span in spans:
        tokens: Sequence[int] = align[span.start : span.end].tolist()
        if not allow_overlap:
            tokens = [i for i in tokens if i not in seen]
        if not tokens:
            continue
        aligned = Span(doc, tokens[0], tokens[-1] + 1, label=span.label)
        if _bare(aligned) == _bare(span):
            result.append(aligned)
            seen.update(tokens)
    return result


def _bare(span: Span) -> str:
    return span.text.lower().strip().replace(" ", "")


def validate_examples(examples: Iterable[Example], method: str) -> None:
    """Check that a component was given Examples.

    examples: what was given.
    method: name of the method for the error text.

    Raises InvalidTypeError (a TypeError) if `examples` is not iterable or holds something else.
    """
    if not isinstance(examples, Iterable):
        raise InvalidTypeError(f"{method} needs a list of Examples, found {type(examples).__name__}.")
    wrong = sorted({type(example).__name__ for example in examples if not isinstance(example, Example)})
    if wrong:
        hint = " Make them with Example.from_dict(nlp.make_doc(text), annotations)." if "tuple" in wrong else ""
        raise InvalidTypeError(f"{method} needs a list of Examples, found {', '.join(wrong)} among them.{hint}")


def validate_get_examples(get_examples: Callable[[], Iterable[Example]], method: str) -> None:
    """Check that a function gives Examples, at least one.

    get_examples: what was given.
    method: name of the method for the error text.

    Raises InvalidTypeError (a TypeError) if it is not callable, or gives nothing or something else.
    """
    expected = f"{method} takes a function get_examples that returns a list of Example objects"
    if not callable(get_examples):
        raise InvalidTypeError(f"{expected}, but got {type(get_examples).__name__}. Pass `lambda: examples`.")
    examples = get_examples()
    if not examples:
        raise InvalidTypeError(f"{expected}, but the function returned {examples!r}. At least one Example is needed.")
    validate_examples(examples, method)
