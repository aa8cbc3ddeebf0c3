"""What callers give to transition-based components, checked where it comes in."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Mapping
from typing import Any

from spanwright.errors import InvalidTypeError, InvalidValueError
from spanwright.tokens import Doc

_ANY = sys.maxsize
# Types, limits, and the two in words.
_SETTINGS: dict[str, tuple[Any, int, int, str]] = {
    "update_with_oracle_cut_size": (int, -_ANY, _ANY, "a whole number"),
    "min_action_freq": (int, -_ANY, _ANY, "a whole number"),
    "beam_width": (int, 1, _ANY, "a whole number of at least 1"),
    "beam_density": ((int, float), 0, 1, "a number from 0 to 1"),
    "beam_update_prob": ((int, float), -_ANY, _ANY, "a number"),
}


def as_docs(docs: Doc | Iterable[Doc], where: str) -> list[Doc]:
    """One Doc or several as a list; raises InvalidTypeError (a TypeError) for anything else.

    where: The method that got them.
    """
    found = [docs] if isinstance(docs, Doc) else list(docs)
    for doc in found:
        if not isinstance(doc, Doc):
            raise InvalidTypeError(
                f"{where} takes Docs, but got {type(doc).__name__} ({str(doc)[:40]!r}). nlp(text) runs the whole "
                f"pipeline on a text; nlp.make_doc(text) only makes the Doc."
            )
    return found


def checked_system(moves: Any, expected: Any, name: str) -> Any:
    """A transition system that a caller has given; raises InvalidTypeError (a TypeError) for another kind."""
    if not isinstance(moves, expected):
        raise InvalidTypeError(
            f"Component '{name}': moves must be a transition system ({expected.__name__}), but is "
            f"{type(moves).__name__}. Leave it out (null) for a new one."
        )
    return moves


def check_settings(cfg: Mapping[str, Any], where: str, kind: type[Exception] = InvalidValueError) -> None:
    """Raise an error, by default InvalidValueError (a ValueError), for settings that no component could work with.

    cfg: Settings, some or all; those that are unknown are left alone.
    where: The component, or the file that they were read from.
    """
    for key, (kinds, least, most, meaning) in _SETTINGS.items():
        value = cfg.get(key, least)
        if isinstance(value, bool) or not isinstance(value, kinds) or not least <= value <= most:
            raise kind(f"{where}: {key} must be {meaning}, but is {value!r}.")


def checked_teacher(teacher: Any, expected: type, name: str) -> None:
    """Raise InvalidTypeError (a TypeError) unless a teacher is a component of this kind."""
    if not isinstance(teacher, expected):
        raise InvalidTypeError(
            f"Component '{name}' needs a {expected.__name__} as its teacher, but got {type(teacher).__name__}: "
            f"pass other_nlp.get_pipe('{name}')."
        )


def checked_threads(value: Any, name: str) -> int:
    """A number of threads; raises InvalidValueError (a ValueError) unless it is a whole number above 0."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise InvalidValueError(
            f"Component '{name}': n_threads must be a whole number from 1 to the number of cores, but is {value!r} "
            f"([spanwright.components.{name}] n_threads)."
        )
    return value


def labels_by_action(labels: Any, name: str) -> dict[int, dict[str, int]]:
    """Labels and their counts by action, as `label_data` has them; from JSON, the actions are strings.

    Raises InvalidTypeError (a TypeError) for anything else, such as a list of labels.
    """
    if isinstance(labels, Mapping) and all(_is_entry(action, counts) for action, counts in labels.items()):
        return {int(action): dict(counts) for action, counts in labels.items()}
    raise InvalidTypeError(
        f"Component '{name}': labels must be a table of the labels of each action with their counts, such as "
        f"{{1: {{'PER': 12}}}}: what label_data gives and `spanwright init labels` writes. Found "
        f"{type(labels).__name__}: {str(labels)[:60]}. Single labels are added by add_label."
    )


def _is_entry(action: Any, counts: Any) -> bool:
    return (
        str(action).isdecimal()
        and isinstance(counts, Mapping)
        and all(isinstance(label, str) and isinstance(count, int) for label, count in counts.items())
    )
