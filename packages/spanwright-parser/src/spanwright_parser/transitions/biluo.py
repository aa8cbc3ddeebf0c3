"""Entity recognition: one BILUO tag a token, and only tags that make up entities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from spanwright.errors import InvalidValueError, MissingKeyError
from spanwright.tokens import gather, scatter

from .._kernels.batch import biluo_gold
from .arc_eager import check_states, in_order
from .gold import GoldBatch, column_of, lengths_of
from .states import BiluoStates
from .system import TransitionSystem

if TYPE_CHECKING:
    from spanwright.tokens import Doc, Example, Span

    from .states import States

MISSING, BEGIN, IN, LAST, UNIT, OUT = range(6)
IOB_MISSING, IOB_IN, IOB_OUT, IOB_BEGIN = range(4)
UNKNOWN = -2


class Biluo(TransitionSystem):
    """Moves of an entity recogniser: B(egin), I(n), L(ast), U(nit) and O(ut).

    Entities that a Doc has are kept, and so are tokens that are blocked (in no entity by decree); the move "U-" stands
    for the latter. No entity starts with a space or goes beyond a sentence that is known.

    incorrect_spans_key: name of the reference Docs' span group with spans that are known to be no entities; moves that
        complete one cost something.

    Source: Lample et al. (2016), "Neural architectures for named entity recognition", for tagging by transitions.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ("M", "B", "I", "L", "U", "O")
    _first_count: ClassVar[int] = -1

    @property
    def action_types(self) -> tuple[int, ...]:
        """Actions that a new label is added to."""
        return (BEGIN, IN, LAST, UNIT, OUT)

    def _takes(self, action: int, label: str) -> bool:
        return action != MISSING and (action != OUT or label == "")

    def move_name(self, action: int, label: str | int) -> str:
        """The name of an action with a label (or the id of one); "U-" for tokens that are blocked."""
        if action in (OUT, MISSING):
            return self.ACTIONS[action]
        return f"{self.ACTIONS[action]}-{label if isinstance(label, str) else self.strings[label]}"

    @classmethod
    def get_actions(
        cls,
        examples: Iterable[Example] = (),
        min_freq: int | None = None,
        entity_types: Iterable[str] = (),
        **kwargs: Any,
    ) -> dict[int, Counter[str]]:
        """The actions that training data need, with labels and counts.

        examples: the entities of their reference Docs are counted by token.
        min_freq: accepted for compatibility, without effect.
        entity_types: labels to have in any case.
        """
        actions: dict[int, Counter[str]] = {action: Counter() for action in range(6)}
        # The empty unit stands for a token that is blocked.
        actions[OUT][""] = actions[UNIT][""] = 1
        for label in entity_types:
            for action in (BEGIN, IN, LAST, UNIT):
                actions[action][label] = 1
        for example in examples:
            strings = example.reference.vocab.strings
            types = example.reference.column("ENT_TYPE")
            keys, first, counts = np.unique(types, return_index=True, return_counts=True)
            for i in np.argsort(first).tolist():
                if keys[i]:
                    for action in (BEGIN, IN, LAST, UNIT):
                        actions[action][strings[int(keys[i])]] += int(counts[i])
        return actions

    def get_doc_labels(self, doc: Doc) -> set[str]:
        """The labels of a Doc's entities."""
        strings = doc.vocab.strings
        return {strings[key] for key in np.unique(doc.column("ENT_TYPE")).tolist() if key}

    def start(self, docs: Sequence[Doc]) -> BiluoStates:
        """States at the beginnings of Docs, which keep to the entities and sentence starts that the Docs have."""
        types = column_of(docs, "ENT_TYPE", "uint64")
        numbers = np.zeros(len(types), dtype="int32")
        if types.any():
            keys, where = np.unique(types, return_inverse=True)
            numbers = np.array([self._number_of(docs, int(key)) for key in keys], dtype="int32")[where.reshape(-1)]
        space = gather(docs, ["IS_SPACE"])[:, 0].astype("uint8")
        given = (column_of(docs, "ENT_IOB", "uint8"), numbers, column_of(docs, "SENT_START", "int8"), space)
        return BiluoStates.begin(lengths_of(docs), given, self.arrays)

    def _number_of(self, docs: Sequence[Doc], key: int) -> int:
        number = self.label_number(docs[0].vocab.strings[key]) if key else 0
        return UNKNOWN if number is None else number

    # Gold annotation

    def has_gold(self, example: Example, start: int = 0, end: int | None = None) -> bool:
        """Whether the reference says anything of entities, in a stretch that matches one of the predicted Doc."""
        y = example.reference
        first, last = 0, len(y)
        if (start, end) != (0, None):
            spans = example.get_aligned_spans_x2y([example.predicted[start:end]])
            if spans:
                first, last = spans[0].start, spans[0].end
        if any(first <= span.start and span.end <= last for span in self._wrong_spans(y)):
            return True
        return bool((y.column("ENT_IOB")[first:last] != IOB_MISSING).any())

    def _wrong_spans(self, doc: Doc) -> list[Span]:
        return [] if self.neg_key is None else list(doc.spans.get(self.neg_key, []))

    def gold(self, examples: Sequence[Example], chosen: Sequence[int] | None = None) -> GoldBatch:
        """The gold entities of a batch, in columns; see `TransitionSystem.gold`.

        Raises InvalidValueError (a ValueError) for a span that is an entity and known to be none, and MissingKeyError
        (a KeyError) for a label that no move has.
        """
        lengths = lengths_of([example.predicted for example in examples])
        total = int(lengths.sum())
        action, label = np.zeros(total, dtype="int32"), np.zeros(total, dtype="int32")
        wrong: list[tuple[int, int, int]] = []
        wanted = {i for i, e in enumerate(examples) if self.has_gold(e)} if chosen is None else set(chosen)
        row = impossible = 0
        for i, example in enumerate(examples):
            if i in wanted and lengths[i]:
                ents, tags = example.get_aligned_ents_and_ner()
                impossible += max(0, len(example.reference.ents) - len(ents))
                impossible += sum(not _can_be_reached(example.predicted, ent) for ent in ents)
                for j, tag in enumerate(tags):
                    if tag not in (None, "", "-"):
                        action[row + j], label[row + j] = self._read_tag(str(tag))
                wrong += [(row + s, last, number) for s, last, number in self._aligned_wrong(example, ents)]
            row += int(lengths[i])
        wrong.sort()
        wrong_at = np.searchsorted([first for first, *_ in wrong], np.arange(total + 1)).astype("int32")
        spans = np.array([rest for _, *rest in wrong], dtype="int32").reshape((-1, 2))
        return GoldBatch(biluo_gold(action, label, wrong_at, spans), impossible)

    def _read_tag(self, tag: str) -> tuple[int, int]:
        prefix, _, label = tag.partition("-")
        if label.startswith("!"):
            raise InvalidValueError(
                f"The entity label {label!r} of an earlier version says what an entity is not. Put such spans into the "
                "reference Doc's spans instead, and name their key in the component's setting 'incorrect_spans_key'."
            )
        action = self.ACTIONS.index(prefix)
        number = self.label_number(label)
        if number is None or self.position(action, label) is None:
            raise MissingKeyError(
                f"The training data has the entity tag {tag!r}, but the component has no such move. Add the label with "
                f"add_label({label!r}), or initialise the component with data that has it."
            )
        return action, number

    def _aligned_wrong(self, example: Example, ents: Sequence[Span]) -> list[tuple[int, int, int]]:
        spans = self._wrong_spans(example.reference)
        if not spans:
            return []
        found = []
        given = {(ent.start, ent.end, ent.label_) for ent in ents}
        for span in example.get_aligned_spans_y2x(spans, allow_overlap=True):
            if (span.start, span.end, span.label_) in given:
                raise InvalidValueError(
                    f"The span {span.text!r} ({span.start_char} to {span.end_char}, {span.label_}) is an entity of "
                    f"the reference Doc, and also in its spans[{self.neg_key!r}], which are known to be no entities. "
                    "Remove one of the two."
                )
            number = self.label_number(span.label_)
            found.append((span.start, span.end - 1, UNKNOWN if number is None else number))
        return found

    # Annotation

    def set_annotations(self, docs: Sequence[Doc], states: States) -> None:
        """Set entities on Docs; tokens of which nothing was known are outside then.

        states: one a Doc, in the same order.
        """
        check_states(docs, states, BiluoStates)
        assert isinstance(states, BiluoStates)
        if not docs:
            return
        start, end, number = self._entities(states)
        iob, types = column_of(docs, "ENT_IOB", "uint8"), column_of(docs, "ENT_TYPE", "uint64")
        kb_ids = column_of(docs, "ENT_KB_ID", "uint64")
        if len(start):
            ids = np.array([self.strings.add(label) for label in self.label_table], dtype="uint64")
            inside = np.repeat(np.arange(len(start)), end - start)
            tokens = np.arange(len(inside)) - np.repeat(np.cumsum(end - start) - end, end - start)
            iob[tokens] = IOB_IN
            iob[start] = IOB_BEGIN
            types[tokens] = ids[number][inside]
            if kb_ids.any():
                # The first token's link is the entity's.
                kb_ids[tokens] = kb_ids[start][inside]
                scatter(docs, "ENT_KB_ID", kb_ids)
        _mend(iob, types, states.lengths)
        iob[iob == IOB_MISSING] = IOB_OUT
        scatter(docs, ["ENT_IOB", "ENT_TYPE"], np.stack([iob.astype("uint64"), types], axis=1))

    def _entities(self, states: BiluoStates) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """First token, the one after the last, and label number of each entity with a label, by row of the batch."""
        actions, labels = self.arrays
        taken = in_order(states, states.taken)
        # One more for tokens that no move took.
        action, label = np.append(actions, OUT)[taken], np.append(labels, 0)[taken]
        begins = (action == BEGIN) | (action == UNIT)
        began = np.maximum.accumulate(np.where(begins, np.arange(len(taken)), -1)) if len(taken) else taken
        last = np.flatnonzero((action == UNIT) | (action == LAST))
        start = began[last]
        whole = (start >= 0) & ((action[last] == UNIT) | (action[start] == BEGIN)) & (label[start] != 0)
        return start[whole], last[whole] + 1, label[start[whole]]

    def entities(self, states: States) -> list[list[tuple[int, int, str]]]:
        """The entities of each state so far: first token, the one after the last, label."""
        assert isinstance(states, BiluoStates)
        found: list[list[tuple[int, int, str]]] = [[] for _ in range(states.n)]
        ends = np.cumsum(states.lengths)
        for start, end, number in zip(*(part.tolist() for part in self._entities(states)), strict=True):
            state = int(np.searchsorted(ends, start, side="right"))
            offset = int(ends[state] - states.lengths[state])
            found[state].append((start - offset, end - offset, self.label_table[number]))
        return found


def _can_be_reached(doc: Doc, ent: Span) -> bool:
    """Whether moves can make an entity, with the entities, blocked tokens and sentence starts that the Doc has."""
    first, last = ent.start, ent.end
    iob = doc.column("ENT_IOB")[first : last + 1]
    if iob[0] == IOB_BEGIN:
        # What is there already is kept as it is.
        inside = iob[1:] == IOB_IN
        return bool(
            inside[: last - first - 1].all()
            and not inside[last - first - 1 :].any()
            and doc.column("ENT_TYPE")[first] == ent.label
        )
    taken = np.isin(iob[: last - first], (IOB_BEGIN, IOB_IN)).any() or (iob[last - first :] == IOB_IN).any()
    return not (taken or (doc.column("SENT_START")[first + 1 : last] == 1).any() or doc[first].is_space)


def _mend(iob: np.ndarray, types: np.ndarray, lengths: np.ndarray) -> None:
    """An I that follows no entity, or one of another type, begins one."""
    if len(iob) < 2:
        return
    bad = (iob[1:] == IOB_IN) & ((iob[:-1] == IOB_MISSING) | (iob[:-1] == IOB_OUT) | (types[:-1] != types[1:]))
    # The first token of a Doc follows none.
    first = np.cumsum(lengths)[:-1]
    bad[first[(first > 0) & (first < len(iob))] - 1] = False
    iob[1:][bad] = IOB_BEGIN
