"""Dependency parsing: arc-eager, with sentence breaks, over pseudo-projective trees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spanwright.errors import InvalidTypeError, InvalidValueError
from spanwright.tokens import gather, scatter
from spanwright_tokens.tokens.example import Example
from spanwright_tokens.tokens.nonproj import decompose, is_decorated

from .._kernels.batch import arc_gold
from .._kernels.unlift import unlift
from .gold import GoldBatch, aligned_sent_starts, column_of, lengths_of
from .states import SUBTOKEN, ArcStates
from .system import TransitionSystem

if TYPE_CHECKING:
    from spanwright.tokens import Doc

    from .states import States

SHIFT, REDUCE, LEFT, RIGHT, BREAK = range(5)
ROOT = "ROOT"
# What stands for labels that are too rare to be learnt.
BACKOFF = "dep"
HEAD_UNKNOWN, GOLD_START, START_UNKNOWN = 1, 2, 4


class ArcEager(TransitionSystem):
    """Moves of a dependency parser: S(hift), D (reduce), L(eft arc), R(ight arc), B(reak: the second word of the buffer
    starts a sentence).

    It is non-monotonic: an arc may replace an earlier one, and a word that is reduced without a head goes back to the
    buffer. Sentence starts that a Doc has are kept; words left without a head are roots.

    Sources: Nivre (2003), "An efficient algorithm for projective dependency parsing"; Goldberg and Nivre (2012), "A
    dynamic oracle for arc-eager dependency parsing"; Honnibal and Johnson (2015), "An improved non-monotonic transition
    system for dependency parsing".
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("S", "D", "L", "R", "B")

    @property
    def action_types(self) -> tuple[int, ...]:
        """Actions that a new label is added to."""
        return (SHIFT, REDUCE, LEFT, RIGHT, BREAK)

    @property
    def builtin_labels(self) -> list[str]:
        """Labels that every parser has."""
        return [ROOT, BACKOFF]

    @classmethod
    def get_actions(
        cls,
        examples: Iterable[Example] = (),
        min_freq: int | None = None,
        learn_tokens: bool = False,
        left_labels: Iterable[str] = (),
        right_labels: Iterable[str] = (),
        **kwargs: Any,
    ) -> dict[int, Counter[str]]:
        """The actions that training data need, with labels and counts.

        examples: their reference Docs are read, lifted to projective trees.
        min_freq: labels of an action that come up less often are left out; they are learnt as "dep". Advised: 1 for
            data of a few thousand sentences, 30 for large ones.
        learn_tokens: whether to have arcs "subtok" too, for tokens that belong together.
        left_labels, right_labels: labels to have in any case.
        """
        actions: dict[int, Counter[str]] = {action: Counter() for action in (SHIFT, REDUCE)}
        actions[SHIFT][""] = actions[REDUCE][""] = 1
        for arc, partner, names in ((LEFT, SHIFT, left_labels), (RIGHT, REDUCE, right_labels)):
            for label in names:
                actions.setdefault(arc, Counter())[label] = 1
                actions[partner][label] = 1
        for example in examples:
            _count_arcs(actions, example.reference)
        if min_freq is not None:
            for action, counts in actions.items():
                for label, count in list(counts.items()):
                    # Without shift and reduce no tree can be built.
                    if count < min_freq and not (action in (SHIFT, REDUCE) and label == ""):
                        del counts[label]
        for action, labels in (
            (BREAK, [ROOT]),
            *((arc, [SUBTOKEN] * learn_tokens + [BACKOFF]) for arc in (RIGHT, LEFT)),
        ):
            for label in labels:
                actions.setdefault(action, Counter()).setdefault(label, 0)
        return actions

    def get_doc_labels(self, doc: Doc) -> set[str]:
        """The labels that a Doc's parse needs."""
        strings = doc.vocab.strings
        return {*self.builtin_labels, *(strings[key] for key in np.unique(doc.column("DEP")).tolist() if key)}

    def start(self, docs: Sequence[Doc]) -> ArcStates:
        """States at the beginnings of Docs, which keep to the sentence starts that the Docs have."""
        special = self.label_number(SUBTOKEN)
        moves = (*self.arrays, -1 if special is None else special)
        return ArcStates.begin(lengths_of(docs), column_of(docs, "SENT_START", "int8"), moves)

    # Gold annotation

    def has_gold(self, example: Example, start: int = 0, end: int | None = None) -> bool:
        """Whether any token of the reference has a label, in a stretch of it."""
        return bool((example.reference.column("DEP")[start:end] != 0).any())

    def gold(self, examples: Sequence[Example], chosen: Sequence[int] | None = None) -> GoldBatch:
        """The gold trees of a batch, in columns; see `TransitionSystem.gold`."""
        docs = [example.predicted for example in examples]
        lengths = lengths_of(docs)
        total = int(lengths.sum())
        head, label = np.zeros(total, dtype="int32"), np.zeros(total, dtype="int32")
        flags = np.full(total, HEAD_UNKNOWN | START_UNKNOWN, dtype="uint8")
        wanted = {i for i, e in enumerate(examples) if self.has_gold(e)} if chosen is None else set(chosen)
        numbers: dict[tuple[int, str], int] = {}
        row = impossible = 0
        for i, example in enumerate(examples):
            if i in wanted and lengths[i]:
                part = slice(row, row + int(lengths[i]))
                impossible += self._read_tree(example, numbers, head[part], label[part], flags[part])
            row += int(lengths[i])
        after = _next_starts(column_of(docs, "SENT_START", "int8"), lengths)
        return GoldBatch(arc_gold(head, label, flags, after, lengths), impossible)

    def _read_tree(
        self, example: Example, numbers: dict[tuple[int, str], int], head: Any, label: Any, flags: Any
    ) -> int:
        """Fill in the columns of one Doc; returns the number of arcs that were lost."""
        heads, labels = example.get_aligned_parse(projectivize=True)
        for i, (parent, name) in enumerate(zip(heads, labels, strict=True)):
            if parent is None:
                continue
            action = LEFT if parent > i else RIGHT if parent < i else BREAK
            key = action, name or ""
            if key not in numbers:
                numbers[key] = self._label_to_learn(*key)
            head[i], label[i] = parent, numbers[key]
        marks = {None: START_UNKNOWN, True: GOLD_START, False: 0}
        flags[:] = [marks[begins] for begins in aligned_sent_starts(example)]
        flags |= np.array([parent is None for parent in heads]) * np.uint8(HEAD_UNKNOWN)
        known = flags & HEAD_UNKNOWN == 0
        lost = max(0, int((example.reference.column("DEP") != 0).sum()) - int(known.sum()))
        return lost + _against_sentences(example.predicted.column("SENT_START"), head, known, flags)

    def _label_to_learn(self, action: int, label: str) -> int:
        if label not in self.labels.get(action, ()):
            label = ROOT if action == BREAK else BACKOFF
        number = self.label_number(label)
        return -2 if number is None else number

    # Annotation

    def set_annotations(self, docs: Sequence[Doc], states: States) -> None:
        """Set heads, labels and sentence starts on Docs; lifted arcs are brought back.

        states: one a Doc, in the same order.
        """
        check_states(docs, states, ArcStates)
        assert isinstance(states, ArcStates)
        if not docs:
            return
        lengths = np.ascontiguousarray(states.lengths)
        starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
        position = (np.arange(len(starts)) - starts).astype("int32")
        heads = in_order(states, states.heads)
        heads = np.where(heads < 0, position, heads).astype("int32")
        names = [*self.label_table, *(name for name in (ROOT,) if self.label_number(name) is None)]
        labels = np.where(heads == position, names.index(ROOT), in_order(states, states.arc_labels)).astype("int32")
        names = _bring_back(docs, heads, labels, lengths, names)
        ids = np.array([self.strings.add(name) for name in names], dtype="uint64")
        values = np.empty((len(heads), 2), dtype="uint64")
        values[:, 0] = (heads.astype("int64") - position).view("uint64")
        values[:, 1] = ids[labels]
        scatter(docs, ["HEAD", "DEP"], values)


def _against_sentences(preset: Any, head: Any, known: Any, flags: Any) -> int:
    """How many gold arcs and sentence starts the starts that a Doc has, on or off, rule out."""
    if not preset.any():
        return 0
    before = np.cumsum(preset == 1)
    # An arc that spans a start has another number of starts before either end.
    crossing = known & (before[head] != before)
    denied = ((flags & GOLD_START) != 0) & (preset == -1)
    return int(crossing.sum()) + int(denied[1:].sum())


def _bring_back(docs: Sequence[Doc], heads: Any, labels: Any, lengths: Any, names: list[str]) -> list[str]:
    """Hang lifted arcs where their labels say, in place; returns the names of the labels, without decoration."""
    lifted = np.array([is_decorated(name) for name in names])
    if not len(labels) or not lifted[labels].any():
        return names
    parts = [decompose(name) for name in names]
    all_names = list(dict.fromkeys([*names, *(part for pair in parts for part in pair)]))
    numbers = {name: i for i, name in enumerate(all_names)}
    own, above = (np.full(len(all_names), -1, dtype="int32") for _ in range(2))
    for i in np.flatnonzero(lifted):
        own[i], above[i] = (numbers[part] for part in parts[i])
    unlift(heads, labels, lengths, gather(docs, ["IS_SPACE"])[:, 0].astype("uint8"), own, above)
    return all_names


def check_states(docs: Sequence[Doc], states: Any, kind: type) -> None:
    """Raise InvalidTypeError unless the states are of a kind, InvalidValueError unless there is one for each Doc."""
    if not isinstance(states, kind):
        raise InvalidTypeError(
            f"{kind.__name__} are needed, which predict gives, but got {type(states).__name__}: of another component?"
        )
    wanted, found = [len(doc) for doc in docs], states.lengths.tolist()  # type: ignore[attr-defined]
    if found != wanted:
        raise InvalidValueError(
            f"The states are of {len(found)} Docs of {found[:5]} tokens, but there are {len(wanted)} Docs of "
            f"{wanted[:5]} tokens."
        )


def in_order(states: States, column: np.ndarray) -> np.ndarray:
    """A column, state after state."""
    starts = states.cursors[:, 2]
    if (starts == np.cumsum(states.lengths) - states.lengths).all():
        return column
    return np.concatenate([column[s : s + n] for s, n in zip(starts.tolist(), states.lengths.tolist(), strict=True)])


def _next_starts(preset: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """For each token the position of the next one, or of itself, that the Doc says starts a sentence."""
    found = np.zeros(len(preset), dtype="int32")
    row = 0
    for length in lengths.tolist():
        starts = np.where(preset[row : row + length] == 1, np.arange(length), length)
        found[row : row + length] = np.minimum.accumulate(starts[::-1])[::-1]
        row += length
    return found


def _count_arcs(actions: dict[int, Counter[str]], reference: Doc) -> None:
    # Of the reference itself, whatever the predicted tokens are.
    parse = zip(*Example(reference, reference).get_aligned_parse(projectivize=True), strict=True)
    for child, (head, label) in enumerate(parse):
        if label is None or head is None:
            continue
        kind = BREAK if head == child else RIGHT if head < child else LEFT
        # Treebanks write the root's label in either case.
        actions.setdefault(kind, Counter())[ROOT if label.upper() == ROOT else label] += 1
        if kind != BREAK:
            actions[REDUCE if kind == RIGHT else SHIFT][""] += 1
