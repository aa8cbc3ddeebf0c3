"""Labels that `init labels` wrote."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

from spanwright.errors import MissingFileError, SpanwrightWarning


def read_labels_v1(path: Path | None, *, require: bool = False) -> Any:
    """spacy.read_labels.v1: the labels of a component, from a JSON file that `spanwright init labels` wrote.

    path: The file.
    require: Whether it must be there. Otherwise (the default) labels are collected from the data where it is absent,
        with a warning; and silently where the path is null.

    Returns what the file holds, or None. Raises MissingFileError (a FileNotFoundError) if the file must be there and
    is not, DataFormatError (a ValueError) if it is no JSON.
    """
    from spanwright_tokens.io import read_json

    if path is not None and Path(path).exists():
        return read_json(path)
    if require:
        raise MissingFileError(
            f"There is no labels file {path}, and require = true. Write it with: spanwright init labels CONFIG FOLDER"
        )
    if path is not None:
        warnings.warn(
            f"There is no labels file {path}: labels are collected from the data. require = true makes this an error.",
            SpanwrightWarning,
            stacklevel=2,
        )
    return None
