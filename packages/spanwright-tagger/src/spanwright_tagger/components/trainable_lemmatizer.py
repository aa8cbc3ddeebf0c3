"""The component trainable_lemmatizer: lemmas by predicted edit trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy

from spanwright.errors import InvalidValueError
from spanwright.language import Language
from spanwright.pipe import check_get_examples
from spanwright.strings import StringStore
from spanwright.tokens import Doc, gather, scatter_texts
from spanwright_tokens.errors import nearest
from spanwright_tokens.io import dump_msgpack, read_msgpack, read_parts, replace_folder, write_bytes

from ..edit_trees import EditTrees
from .tagger import Tagger, _to_numpy

if TYPE_CHECKING:
    from thinc.api import Model
    from thinc.types import Floats2d

    from spanwright.tokens import Example
    from spanwright.vocab import Vocab

DEFAULT_EDIT_TREE_LEMMATIZER_MODEL: dict[str, Any] = {
    "@architectures": "spacy.Tagger.v2",
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 96,
        "depth": 4,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 3,
        "subword_features": True,
    },
}
NONE_APPLIES = -1
BACKOFFS = ("lemma", "lower", "norm", "orth", "prefix", "shape", "suffix", "tag")
# Lemmas that are remembered by tree and form; as many again are forgotten at once.
REMEMBERED = 1 << 16
# Above this, all candidates are sorted at once.
FEW_CANDIDATES = 20


def lemmatizer_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """The accuracy of lemmas, as spacy.lemmatizer_scorer.v1 gives it."""
    from spanwright.registry import get

    return get("scorers", "spacy.lemmatizer_scorer.v1")()(examples, **kwargs)


@Language.factory(
    "trainable_lemmatizer",
    assigns=["token.lemma"],
    default_config={
        "model": DEFAULT_EDIT_TREE_LEMMATIZER_MODEL,
        "backoff": "orth",
        "min_tree_freq": 3,
        "overwrite": False,
        "top_k": 1,
        "scorer": {"@scorers": "spacy.lemmatizer_scorer.v1"},
    },
    default_score_weights={"lemma_acc": 1.0},
)
def make_edit_tree_lemmatizer(
    nlp: Language,
    name: str,
    model: Model,
    backoff: str | None,
    min_tree_freq: int,
    overwrite: bool,
    top_k: int,
    scorer: Callable | None,
) -> EditTreeLemmatizer:
    """trainable_lemmatizer: sets the base form of each token by an edit tree that a network predicts.

    model: Scores trees, such as spacy.Tagger.v2: list of Docs in, list of float32 matrices (tokens, trees) out.
    backoff: The attribute of a token that is its lemma where no tree applies, such as "orth"; null sets none.
    min_tree_freq: How often a tree must occur in the training data to be a label, 1 to 5 as a rule.
    overwrite: Whether to replace lemmas that are set already.
    top_k: How many of the best trees are tried.
    scorer: Scores lemmas.
    """
    return EditTreeLemmatizer(
        nlp.vocab,
        model,
        name,
        backoff=backoff,
        min_tree_freq=min_tree_freq,
        overwrite=overwrite,
        top_k=top_k,
        scorer=scorer,
    )


class EditTreeLemmatizer(Tagger):
    """Sets the base form of each token (`Token.lemma`) by an edit tree that a network predicts.

    The labels are the ids of trees in `trees`.

    vocab: The vocabulary shared with the pipeline.
    model: Scores trees: list of Docs in, list of float32 matrices (tokens, trees) out.
    name: The component's name in its pipeline.
    backoff, min_tree_freq, overwrite, top_k, scorer: See `make_edit_tree_lemmatizer`.
    """

    _label_type = int

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "trainable_lemmatizer",
        *,
        backoff: str | None = "orth",
        min_tree_freq: int = 3,
        overwrite: bool = False,
        top_k: int = 1,
        scorer: Callable | None = lemmatizer_score,
    ) -> None:
        super().__init__(vocab, model, name, overwrite=overwrite, scorer=scorer)
        if backoff is not None and (not isinstance(backoff, str) or backoff.lower() not in BACKOFFS):
            raise InvalidValueError(
                f"Component '{name}': backoff must be a text attribute of tokens, or null; found {backoff!r}."
                f"{nearest(str(backoff).lower(), BACKOFFS)}"
            )
        if isinstance(top_k, bool) or not isinstance(top_k, int) or top_k < 1:
            raise InvalidValueError(f"Component '{name}': top_k must be a number from 1 on, found {top_k!r}.")
        self.backoff = backoff
        self.min_tree_freq = min_tree_freq
        self.overwrite = overwrite
        self.top_k = top_k
        self.cfg = {"labels": []}
        self.trees = EditTrees(vocab.strings)
        self.tree2label: dict[int, int] = {}
        self._applied: dict[tuple[int, str], str | None] = {}

    # Labels

    @property
    def hide_labels(self) -> bool:
        """The labels are numbers that mean nothing without the trees."""
        return True

    @property
    def label_data(self) -> dict[str, Any]:
        """The trees, with texts in place of ids, and the labels; for `initialize(labels=...)`."""
        texts = ("orig", "subst")
        strings = self.vocab.strings
        trees = [
            {name: strings[value] if name in texts else value for name, value in self.trees[tree_id].items()}
            for tree_id in range(len(self.trees))
        ]
        return {"trees": trees, "labels": tuple(self.cfg["labels"])}

    def add_label(self, label: str) -> int:
        """Labels are learnt from examples."""
        raise self._unimplemented("add_label")

    @property
    def is_resizable(self) -> bool:
        """Whether the number of outputs can change: labels are fixed when the component is initialized."""
        return False

    def _pair2label(self, form: str, lemma: str, add_label: bool = False) -> int | None:
        """The label of the tree that turns a form into a lemma; None if there is none and none is to be added."""
        tree_id = self.trees.add(form, lemma)
        if tree_id not in self.tree2label:
            if not add_label:
                return None
            self.tree2label[tree_id] = len(self.cfg["labels"])
            self.cfg["labels"].append(tree_id)
        return self.tree2label[tree_id]

    def _labels_changed(self) -> None:
        self.tree2label = {tree_id: label for label, tree_id in enumerate(self.cfg["labels"])}
        self._applied = {}

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> list[numpy.ndarray]:
        """The best tree that applies to each token, -1 where none of the `top_k` best does: one array per Doc."""
        docs = list(docs)
        if not any(len(doc) for doc in docs):
            return [numpy.zeros((0,), dtype="int64") for _ in docs]
        matrices = [_to_numpy(matrix) for matrix in self.model.predict(docs)]
        words = gather(docs, "ORTH")[:, 0]
        labels = numpy.asarray(self.cfg["labels"], dtype="int64")
        trees = labels[numpy.concatenate([matrix.argmax(axis=1) for matrix in matrices])]
        fits = self._lemmas(docs, words, trees)[1]
        if self.top_k > 1 and not fits.all():
            self._try_others(docs, matrices, numpy.flatnonzero(~fits), trees, fits)
        trees = numpy.where(fits, trees, NONE_APPLIES)
        ends = numpy.cumsum([len(doc) for doc in docs])
        return [trees[end - len(doc) : end] for doc, end in zip(docs, ends.tolist(), strict=True)]

    def _try_others(
        self, docs: Sequence[Doc], matrices: Sequence[Any], rows: Any, trees: numpy.ndarray, fits: numpy.ndarray
    ) -> None:
        """Look for other trees for the tokens whose best tree does not apply."""
        count = min(self.top_k, len(self.labels))
        scores = numpy.concatenate(matrices)[rows]
        if self.top_k > FEW_CANDIDATES:
            candidates = numpy.argsort(scores)[:, : -count - 1 : -1]
        else:
            # Of equal scores the first is taken first.
            candidates = numpy.argsort(-scores, axis=1, kind="stable")[:, :count]
        ends = numpy.cumsum([len(doc) for doc in docs])
        for row, choices in zip(rows.tolist(), candidates.tolist(), strict=True):
            owner = int(numpy.searchsorted(ends, row, "right"))
            form = docs[owner][row - int(ends[owner]) + len(docs[owner])].text
            for label in choices:
                if self._lemma(self.cfg["labels"][label], form) is not None:
                    trees[row], fits[row] = self.cfg["labels"][label], True
                    break

    def _lemma(self, tree_id: int, form: str) -> str | None:
        key = (tree_id, form)
        if key not in self._applied:
            if len(self._applied) >= REMEMBERED:
                self._applied.clear()
            self._applied[key] = self.trees.apply(tree_id, form)
        return self._applied[key]

    def _lemmas(
        self, docs: Sequence[Doc], words: numpy.ndarray, trees: numpy.ndarray
    ) -> tuple[list[str | None], numpy.ndarray, numpy.ndarray]:
        """Lemmas by distinct pair of word and tree, whether a tree applies to each token, and each token's pair."""
        pairs = words ^ (trees.astype("uint64") * numpy.uint64(0x9E3779B97F4A7C15))
        _, firsts, rows = numpy.unique(pairs, return_index=True, return_inverse=True)
        rows = rows.reshape(-1)
        starts = numpy.cumsum([0, *(len(doc) for doc in docs)])
        owners = numpy.searchsorted(starts, firsts, "right") - 1
        lemmas: list[str | None] = []
        for first, owner, word in zip(firsts.tolist(), owners.tolist(), words[firsts].tolist(), strict=True):
            tree_id = int(trees[first])
            lemmas.append(None if tree_id == NONE_APPLIES else self._lemma(tree_id, docs[owner]._text_of(word)))
        return lemmas, numpy.asarray([lemma is not None for lemma in lemmas], dtype=bool)[rows], rows

    def set_annotations(self, docs: Iterable[Doc], batch_tree_ids: Sequence[numpy.ndarray]) -> None:
        """Set the lemmas that the trees which `predict` chose make of the tokens."""
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        chosen = [_to_numpy(ids).reshape(-1).astype("int64") for ids in batch_tree_ids if len(ids)]
        trees = numpy.concatenate(chosen) if chosen else numpy.zeros((0,), dtype="int64")
        if len(trees) != sum(len(doc) for doc in docs):
            raise InvalidValueError(
                f"The Docs have {sum(len(doc) for doc in docs)} tokens, but there are {len(trees)} trees to apply."
            )
        if not len(trees):
            return
        table = gather(docs, ["ORTH", "LEMMA", self.backoff or "ORTH"])
        lemmas, fits, rows = self._lemmas(docs, numpy.ascontiguousarray(table[:, 0]), trees)
        keep = numpy.zeros(len(trees), dtype="uint64") if self.overwrite else table[:, 1].copy()
        if self.backoff is not None:
            keep = numpy.where((keep == 0) & ~fits, table[:, 2], keep)
        elif self.overwrite:
            keep = numpy.where(fits, keep, table[:, 1])
        scatter_texts(docs, "LEMMA", lemmas, rows, keep)

    # Training

    def get_loss(self, examples: Iterable[Example], scores: Sequence[Floats2d]) -> tuple[float, list[Floats2d]]:
        """The loss of the scores against the trees of the gold lemmas, and its gradients.

        Raises NotFiniteError (a ValueError) if the scores are not numbers.
        """
        return super().get_loss(examples, scores)

    def _truths(self, examples: Sequence[Example]) -> list[list[Any]]:
        labels = self.cfg["labels"]
        found: dict[tuple[str, str | None], Any] = {}
        truths = []
        for example in examples:
            row = []
            words = [token.text for token in example.predicted]
            for pair in zip(words, example.get_aligned("LEMMA", as_string=True), strict=True):
                if pair not in found:
                    form, lemma = pair
                    # A tree that is too rare to be a label counts as the first, as in spaCy.
                    label = self.tree2label.get(self.trees.add(form, lemma), 0) if lemma else None
                    found[pair] = None if label is None else labels[label]
                row.append(found[pair])
            truths.append(row)
        return truths

    # Initializing

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        labels: Mapping[str, Any] | None = None,
    ) -> None:
        """Set up the trees and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        labels: Trees and labels, as `label_data` gives them; by default those of the examples that are frequent enough.

        Raises PipelineError or InvalidValueError (both ValueErrors) if there are no trees, or `labels` lacks a part.
        """
        check_get_examples(get_examples, "EditTreeLemmatizer.initialize")
        if labels is None:
            self._labels_from_data(get_examples)
        else:
            self._add_labels(labels)
        for example in self._sample(get_examples):
            for form, lemma in _pairs(example.reference):
                self._pair2label(form, lemma)
        self._require_labels()
        self._initialize_weights(get_examples)

    def _add_labels(self, labels: Mapping[str, Any]) -> None:
        for part in ("labels", "trees"):
            if not isinstance(labels, Mapping) or part not in labels:
                raise InvalidValueError(
                    f"Component '{self.name}': the labels must be a dict with 'trees' and 'labels', as label_data "
                    f"gives them; '{part}' is missing."
                )
        self.trees.from_json(labels["trees"])
        self.cfg["labels"] = [int(label) for label in labels["labels"]]
        _check_trees(self.cfg["labels"], self.trees, f"Component '{self.name}'")
        self._labels_changed()

    def _labels_from_data(self, get_examples: Callable[[], Iterable[Example]]) -> None:
        pairs: Counter[tuple[str, str]] = Counter()
        for example in get_examples():
            pairs.update(_pairs(example.reference))
        # Counted apart, so that rare trees leave nothing behind.
        trees = EditTrees(StringStore())
        counts_by_tree: Counter[int] = Counter()
        shown: dict[int, tuple[str, str]] = {}
        for pair, count in pairs.items():
            tree_id = trees.add(*pair)
            counts_by_tree[tree_id] += count
            shown[tree_id] = pair
        for tree_id, count in counts_by_tree.items():
            if count >= self.min_tree_freq:
                self._pair2label(*shown[tree_id], add_label=True)

    # Files

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude: Fields to leave out: "cfg", "vocab", "model", "trees".
        """
        exclude = tuple(exclude)
        parts = read_msgpack(super().to_bytes(exclude=exclude))
        if "trees" not in exclude:
            parts["trees"] = self.trees.to_bytes()
        return dump_msgpack(parts)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> EditTreeLemmatizer:
        """Load what `to_bytes` gave; the component is unchanged if it does not fit.

        Raises DataFormatError or ModelDataError (both ValueErrors).
        """
        exclude = tuple(exclude)
        where = f"component '{self.name}'"
        parts = read_parts(bytes_data, where=where, names=("cfg", "vocab", "model", "trees"))
        trees = None
        if "trees" in parts and "trees" not in exclude:
            trees = EditTrees(self.vocab.strings).from_bytes(parts["trees"], where=where)
        super().from_bytes(bytes_data, exclude=exclude)
        self._take(trees)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder, whole or not at all.

        exclude: Fields to leave out: "cfg", "vocab", "model", "trees".
        """
        exclude = tuple(exclude)
        with replace_folder(path) as folder:
            super().to_disk(folder, exclude=exclude)
            if "trees" not in exclude:
                write_bytes(folder / "trees", self.trees.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> EditTreeLemmatizer:
        """Load the component from a folder; it is unchanged if the files do not fit.

        Raises MissingFileError (a FileNotFoundError), DataFormatError or ModelDataError (both ValueErrors).
        """
        exclude = tuple(exclude)
        trees = None
        if "trees" not in exclude:
            trees = EditTrees(self.vocab.strings).from_disk(Path(path) / "trees")
        super().from_disk(path, exclude=exclude)
        self._take(trees)
        return self

    def _take(self, trees: EditTrees | None) -> None:
        if trees is not None:
            self.trees = trees
        self._labels_changed()


def _pairs(doc: Doc) -> list[tuple[str, str]]:
    """Form and lemma of each token that has a lemma."""
    table = gather([doc], ["ORTH", "LEMMA"])
    texts = {key: doc._text_of(key) for key in set(table.reshape(-1).tolist())}
    return [(texts[form], texts[lemma]) for form, lemma in table.tolist() if lemma]


def _check_trees(labels: Sequence[int], trees: EditTrees, where: str) -> None:
    wrong = [label for label in labels if not 0 <= label < len(trees)]
    if wrong:
        raise InvalidValueError(f"{where}: the label {wrong[0]} is no edit tree; there are {len(trees)} trees.")
