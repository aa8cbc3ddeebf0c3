"""Configs: reading, interpolating, overriding, filling, checking and resolving.

    config = load_config("config.cfg", overrides={"paths.train": "train.spacy"})   # references ${a.b} are kept
    config = load_config("config.cfg", interpolate=True)                           # or replaced
    config.to_disk("copy.cfg"); config.interpolate(); config.merge(other); config.where("nlp.lang")

    resolve(config, section="components.tagger.model")   # one block -> the object that it stands for
    resolve({"cfg": block})["cfg"]                       # the same for any nested dicts (objects may be values)
    resolve(config, section="nlp", schema=SCHEMAS["nlp"])
    fill(config)                                         # a Config with the defaults of all named functions
    providers(config)                                    # dotted path -> Provider, importing nothing
    preferences(config)                                  # what [spanwright.prefer.*] chooses, for registry.preferring

    check({"components.a": block}, lines=config.lines, registry=registry)  # all problems of several blocks

`resolve` and `fill` follow references in the whole config, but look up nothing outside `section`. They raise one
`ConfigError` with all problems (`error.problems`), before any function is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ._check import Schema, check
from ._config import Config
from ._interpolate import exists, find
from ._merge import merge, promise_key
from ._overrides import parse_overrides
from ._resolve import Resolved, fill, preferences, providers, resolve
from ._schemas import SCHEMAS
from ._signature import Signature, read_signature
from ._text import SECTION_ORDER, Line
from ._types import PROMISED, describe, fits

__all__ = [
    "PROMISED",
    "SCHEMAS",
    "SECTION_ORDER",
    "Config",
    "Line",
    "Resolved",
    "Schema",
    "Signature",
    "check",
    "describe",
    "exists",
    "fill",
    "find",
    "fits",
    "load_config",
    "load_config_from_str",
    "merge",
    "parse_overrides",
    "preferences",
    "promise_key",
    "providers",
    "read_signature",
    "resolve",
]  # fmt: skip


def load_config(path: str | Path, overrides: Mapping[str, Any] | None = None, interpolate: bool = False) -> Config:
    """Read a config file.

    path: The file; "-" reads standard input.
    overrides: Dotted path -> value.
    interpolate: Replace references `${a.b}` by values; otherwise they are kept, and followed when needed.

    Raises ConfigError with all problems of the text, MissingFileError if there is no such file.
    """
    if str(path) == "-":
        import sys

        return load_config_from_str(sys.stdin.read(), overrides, interpolate)
    return Config().from_disk(path, interpolate=interpolate, overrides=overrides)


def load_config_from_str(text: str, overrides: Mapping[str, Any] | None = None, interpolate: bool = False) -> Config:
    """Read a config from a string; see `load_config`."""
    return Config().from_str(text, interpolate=interpolate, overrides=overrides)
