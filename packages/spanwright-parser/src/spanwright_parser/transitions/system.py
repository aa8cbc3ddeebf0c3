"""What the two transition systems have in common: their lists of moves, labels with counts, files, and oracles."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import numpy as np

from spanwright.errors import InvalidValueError
from spanwright_tokens.io import read_bytes, write_bytes

from .message import read_moves, write_moves

if TYPE_CHECKING:
    from spanwright.tokens import Doc, Example
    from spanwright_tokens.vocab import StringStore

    from ..beam import Beam
    from .gold import GoldBatch
    from .states import States

Self = TypeVar("Self", bound="TransitionSystem")


class TransitionSystem:
    """A list of moves, each an action with a label, and what they do to states.

    strings: the vocabulary's strings; labels are added to them.
    labels_by_action: labels with their counts, by action; see `initialize_actions`.
    min_freq: accepted for compatibility; rare labels are left out by `get_actions`.
    incorrect_spans_key: name of the reference Docs' span group with spans that are known to be no entities.

    `labels` holds the labels with their counts, by action. The position of a move in the list is the row of the
    model's output that scores it.
    """

    ACTIONS: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        strings: StringStore,
        labels_by_action: Mapping[Any, Mapping[str, int]] | None = None,
        min_freq: int | None = None,
        incorrect_spans_key: str | None = None,
    ) -> None:
        self.strings = strings
        self.cfg: dict[str, Any] = {"neg_key": incorrect_spans_key}
        self.labels: dict[int, Counter[str]] = {}
        self._clear()
        if labels_by_action:
            self.initialize_actions(labels_by_action, min_freq=min_freq)

    def _clear(self) -> None:
        self.labels = {}
        self.moves: list[tuple[int, str]] = []
        self._positions: dict[tuple[int, str], int] = {}
        # Labels have small numbers in states; 0 is the empty one.
        self.label_table: list[str] = [""]
        self._label_numbers: dict[str, int] = {"": 0}
        self._arrays: tuple[np.ndarray, np.ndarray] | None = None
        # The label that came last, and the least count so far, if there are negative ones.
        self._latest: str | None = None
        self._least = 0

    def __reduce__(self) -> Any:
        return _rebuild, (type(self), self.strings, self._state())

    def _state(self) -> dict[str, Any]:
        return {
            "moves": list(self.moves),
            "labels": self.labels,
            "cfg": dict(self.cfg),
            "latest": self._latest,
            "least": self._least,
        }

    def copy(self: Self) -> Self:
        """Another system of the same moves."""
        return _rebuild(type(self), self.strings, self._state())

    @property
    def n_moves(self) -> int:
        """Number of moves."""
        return len(self.moves)

    @property
    def neg_key(self) -> str | None:
        """Name of the span group with spans that are known to be no entities."""
        return self.cfg.get("neg_key")

    @property
    def action_types(self) -> tuple[int, ...]:
        """Actions that a new label is added to."""
        raise NotImplementedError

    @property
    def move_names(self) -> list[str]:
        """Names of the moves, as `B-PER`, in the order of the model's outputs."""
        return [self.move_name(action, label) for action, label in self.moves]

    def get_class_name(self, move: int) -> str:
        """The name of the move at a position."""
        return self.move_name(*self.moves[move])

    def move_name(self, action: int, label: str | int) -> str:
        """The name of an action with a label (or the id of one)."""
        text = label if isinstance(label, str) else self.strings[label]
        return f"{self.ACTIONS[action]}-{text}" if text else self.ACTIONS[action]

    def position(self, action: int, label: str) -> int | None:
        """The position of a move; None if there is no such move."""
        return self._positions.get((action, label))

    def label_number(self, label: str) -> int | None:
        """The number that stands for a label in states; None for one that no move has."""
        return self._label_numbers.get(label)

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """The moves' actions and label numbers, int32."""
        if self._arrays is None:
            actions = np.array([action for action, _ in self.moves], dtype="int32")
            labels = np.array([self._label_numbers[label] for _, label in self.moves], dtype="int32")
            self._arrays = actions, labels
        return self._arrays

    # The list of moves

    def add_action(self, action: int, label_name: str | int) -> int | None:
        """Add a move; it comes last.

        action: its number.
        label_name: the label, or its id.

        Returns 1 if it was added, 0 if it was there, None if the system has no such move.
        """
        self._check_action(action)
        label = label_name if isinstance(label_name, str) else self.strings[label_name]
        if not self._takes(action, label):
            return None
        if (action, label) in self._positions:
            return 0
        self.strings.add(label)
        self._positions[action, label] = len(self.moves)
        self.moves.append((action, label))
        self._arrays = None
        if label not in self._label_numbers:
            self._label_numbers[label] = len(self.label_table)
            self.label_table.append(label)
        self._count_as_latest(action, label)
        return 1

    def _count_as_latest(self, action: int, label: str) -> None:
        """Give a move a count below all others: by counts, files keep the order of labels that came later.

        One count for all actions of a label, also where the label before it had some of its actions already: otherwise
        the two would change places in a file.
        """
        counts = self.labels.setdefault(action, Counter())
        if label != self._latest:
            self._latest, self._least = label, (self._least or (0 if counts else self._first_count + 1)) - 1
        counts[label] = self._least

    _first_count: ClassVar[int] = -2

    def _check_action(self, action: int) -> None:
        if not 0 <= action < len(self.ACTIONS):
            raise InvalidValueError(
                f"{type(self).__name__} has no action {action}; there are 0 to {len(self.ACTIONS) - 1}: "
                f"{', '.join(self.ACTIONS)}."
            )

    def _takes(self, action: int, label: str) -> bool:
        return True

    def initialize_actions(
        self, labels_by_action: Mapping[Any, Mapping[str, int]], min_freq: int | None = None
    ) -> None:
        """Replace all moves.

        labels_by_action: for each action its labels with their counts. Moves come by action, then from the most
            frequent label to the rarest; labels with negative counts, which were added later, come after all others.
        min_freq: accepted for compatibility, without effect.

        Raises InvalidValueError (a ValueError) for an action that does not exist.
        """
        table: dict[int, dict[str, int]] = {}
        for key, given in labels_by_action.items():
            self._check_action(int(key))
            # Files have their actions as strings.
            table[int(key)] = {**given, **table.get(int(key), {})}
        self._clear()
        later: list[tuple[int, str]] = []
        actions_of: dict[str, list[int]] = {}
        for action, counts in sorted(table.items()):
            self.labels[action] = Counter()
            for count, label in sorted(((count, label) for label, count in counts.items()), reverse=True):
                if count < 0:
                    later.append((count, label))
                    actions_of.setdefault(label, []).append(action)
                else:
                    self.add_action(action, label)
                    self.labels[action][label] = count
        for count, label in sorted(later, reverse=True):
            for action in actions_of[label]:
                self.add_action(action, label)
                self.labels[action][label] = count
        self._latest, self._least = None, min((count for count, _ in later), default=0)

    def get_actions(
        self, examples: Iterable[Example] = (), min_freq: int | None = None, **kwargs: Any
    ) -> dict[int, Counter[str]]:
        """The actions that training data need, with labels and counts; see the systems."""
        raise NotImplementedError

    def get_doc_labels(self, doc: Doc) -> set[str]:
        """The labels that a Doc's annotation needs."""
        raise NotImplementedError

    # States and gold annotation

    def start(self, docs: Sequence[Doc]) -> States:
        """States at the beginnings of Docs, which keep to what the Docs say already."""
        raise NotImplementedError

    def init_batch(self, docs: Sequence[Doc]) -> States:
        """The same as `start`."""
        return self.start(docs)

    def set_annotations(self, docs: Sequence[Doc], states: States) -> None:
        """Set on Docs what their states say."""
        raise NotImplementedError

    def get_beam_parses(self, beam: Beam) -> list[tuple[float, list[tuple]]]:
        """The probability of each candidate that a beam has at its end, and what it says; see `Beam.parses`."""
        return beam.parses()

    def has_gold(self, example: Example, start: int = 0, end: int | None = None) -> bool:
        """Whether an Example's reference has annotation to learn from, in a stretch of it."""
        raise NotImplementedError

    def gold(self, examples: Sequence[Example], chosen: Sequence[int] | None = None) -> GoldBatch:
        """The gold annotation of a batch, in columns.

        examples: the whole batch.
        chosen: those whose annotation is read; by default all that have any. The others count as missing.
        """
        raise NotImplementedError

    def oracle(self, examples: Sequence[Example]) -> list[np.ndarray]:
        """The moves that lead from the beginning of each Example to its gold annotation, or as near as it goes."""
        from .oracle import sequences

        return sequences(self, examples)

    def get_oracle_sequence(self, example: Example) -> list[int]:
        """The moves that lead to an Example's gold annotation; none if it has no annotation."""
        return self.oracle([example])[0].tolist()

    def cut(self, examples: Sequence[Example], max_length: int = 0) -> tuple[States, GoldBatch]:
        """States to learn from, and their gold annotation; see `oracle.cut`."""
        from .oracle import cut

        return cut(self, examples, max_length)

    # Files

    def to_bytes(self, exclude: Sequence[str] = ()) -> bytes:
        """The `moves` message. exclude: leave out "strings", which pipelines keep elsewhere."""
        return write_moves(self.labels, self.cfg, None if "strings" in exclude else self.strings.to_bytes())

    def from_bytes(self: Self, bytes_data: bytes, exclude: Sequence[str] = (), *, where: str = "moves") -> Self:
        """Read the `moves` message; returns the system itself.

        exclude: leave "moves", "strings" or "cfg" as they are.
        where: names the source in errors.

        Raises DataFormatError (a ValueError) if the bytes are no such message; the system is as it was then.
        """
        labels, strings, cfg = read_moves(bytes_data, n_actions=len(self.ACTIONS), where=where)
        if strings is not None and "strings" not in exclude:
            self.strings.from_bytes(strings)
        if "cfg" not in exclude:
            self.cfg.update(cfg)
        if "moves" not in exclude:
            self.initialize_actions(labels)
        return self

    def to_disk(self, path: str | Path, exclude: Sequence[str] = ()) -> None:
        """Write the `moves` file."""
        write_bytes(path, self.to_bytes(exclude=exclude))

    def from_disk(self: Self, path: str | Path, exclude: Sequence[str] = ()) -> Self:
        """Read the `moves` file; see `from_bytes`. Raises MissingFileError (a FileNotFoundError)."""
        return self.from_bytes(read_bytes(path), exclude=exclude, where=str(path))


def _rebuild(cls: type[Self], strings: StringStore, state: dict[str, Any]) -> Self:
    system = cls(strings)
    system.cfg.update(state["cfg"])
    for action, label in state["moves"]:
        system.add_action(action, label)
    system.labels = {action: Counter(counts) for action, counts in state["labels"].items()}
    system._latest, system._least = state["latest"], state["least"]
    return system
