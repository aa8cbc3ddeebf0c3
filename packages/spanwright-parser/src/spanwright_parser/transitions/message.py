"""The `moves` file of a parser: the labels of each action with their counts, in the order of the model's outputs."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from spanwright.errors import DataFormatError
from spanwright_tokens.io import dump_msgpack, read_msgpack

LabelCounts = dict[int, dict[str, int]]


def write_moves(labels: Mapping[int, Mapping[str, int]], cfg: Mapping[str, Any], strings: bytes | None) -> bytes:
    """The message; `strings` only where it is asked for."""
    message: dict[str, Any] = {"moves": json.dumps({str(a): dict(c) for a, c in labels.items()}, separators=(",", ":"))}
    if strings is not None:
        message["strings"] = strings
    message["cfg"] = dict(cfg)
    return dump_msgpack(message)


def read_moves(data: bytes, *, n_actions: int, where: str) -> tuple[LabelCounts, bytes | None, dict[str, Any]]:
    """Labels by action, strings if there are any, and settings.

    n_actions: how many actions the transition system knows.
    where: names the source in errors.

    Raises DataFormatError (a ValueError) for whatever else the bytes are.
    """
    message = read_msgpack(data, where=where)
    if not isinstance(message, dict) or "moves" not in message:
        raise DataFormatError(f"{where}: expected a message with the entry 'moves', but found {_kind(message)}.")
    strings, cfg = message.get("strings"), message.get("cfg") or {}
    if not isinstance(cfg, dict) or not all(isinstance(key, str) for key in cfg):
        raise DataFormatError(f"{where}: 'cfg' must be a table of settings, but is {_kind(cfg)}.")
    key = cfg.get("neg_key")
    if key is not None and not isinstance(key, str):
        raise DataFormatError(f"{where}: the setting 'neg_key' must be a string or null, but is {_kind(key)}.")
    if strings is not None and not isinstance(strings, bytes):
        raise DataFormatError(f"{where}: 'strings' must be bytes, but is {_kind(strings)}.")
    return _read_labels(message["moves"], n_actions, where), strings, cfg


def _read_labels(text: Any, n_actions: int, where: str) -> LabelCounts:
    if not isinstance(text, str | bytes):
        raise DataFormatError(f"{where}: 'moves' must be JSON, but is {_kind(text)}.")
    try:
        table = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DataFormatError(f"{where}: 'moves' is no JSON ({error}).") from None
    if not isinstance(table, dict):
        raise DataFormatError(f"{where}: 'moves' must be a table of actions, but is {_kind(table)}.")
    labels: LabelCounts = {}
    for action, counts in table.items():
        if not (action.isascii() and action.isdigit() and int(action) < n_actions):
            raise DataFormatError(f"{where}: there is no action {action!r}; actions are 0 to {n_actions - 1}.")
        if not isinstance(counts, dict):
            raise DataFormatError(f"{where}: action {action} must have a table of labels, but has {_kind(counts)}.")
        for label, count in counts.items():
            if isinstance(count, bool) or not isinstance(count, int):
                raise DataFormatError(f"{where}: action {action}, label {label!r}: {_kind(count)} is no count.")
            if any("\ud800" <= char <= "\udfff" for char in label):
                raise DataFormatError(f"{where}: action {action}, label {label!r} is no text.")
        if int(action) in labels:
            raise DataFormatError(f"{where}: action {action} comes twice.")
        labels[int(action)] = counts
    return labels


def _kind(value: Any) -> str:
    return f"{type(value).__name__} {str(value)[:40]!r}"
