"""What plugins are told and asked, and when.

A distribution that has something to announce declares one light module in the entry-point group `spanwright`:

    [project.entry-points.spanwright]
    tagger = "spanwright_tagger.hooks"

and writes functions there that are named as below and marked with `@hookimpl`. A function may take fewer arguments than
the spec offers. Hooks are loaded when someone asks (the command line, training, saving), never by `import spanwright`,
and all of them at once: the module must import nothing heavy, so code is named as "package.module:function".

A hook never changes what a given config means.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

if TYPE_CHECKING:
    from .language import Language

hookspec = pluggy.HookspecMarker("spanwright")
hookimpl = pluggy.HookimplMarker("spanwright")


@dataclass(frozen=True)
class Command:
    """A command of the command line.

    name: What the user types after `spanwright`; two words make a group ("init config").
    module: Module with `add_arguments(parser)` and `run(args) -> int | None`; imported when the command runs.
    help: One line.
    takes_overrides: Whether `--section.key value` options are collected in `args.overrides`.
    """

    name: str
    module: str
    help: str
    takes_overrides: bool = False


@dataclass(frozen=True)
class Extension:
    """An attribute that a plugin sets under `._`.

    owner: "Doc", "Span" or "Token".
    name: The attribute.
    default: Its value where nothing was set.
    getter, setter, method: "package.module:function", as for `Doc.set_extension`.
    """

    owner: str
    name: str
    default: Any = None
    getter: str | None = None
    setter: str | None = None
    method: str | None = None


@hookspec
def commands() -> Sequence[Command]:
    """Commands to add to the command line. Asked when the command line starts."""
    raise NotImplementedError


@hookspec
def extensions() -> Sequence[Extension]:
    """Attributes that the plugin sets under `._`. Asked when an attribute is first missed; see `declare_extensions`."""
    raise NotImplementedError


@hookspec
def init_config(lang: str, pipeline: Sequence[str], optimize: str, gpu: bool) -> Mapping[str, Any]:
    """Settings that `init config` shall propose, as nested dicts; the user's choices go before them.

    lang: Language code. pipeline: Names of the components asked for. optimize: "efficiency" or "accuracy".
    gpu: Whether training will run on a GPU.
    """
    raise NotImplementedError


@hookspec
def converters() -> Mapping[str, str]:
    """Formats that `convert` shall read: name or file suffix -> "package.module:function" (text in, Docs out)."""
    raise NotImplementedError


@hookspec
def training_started(nlp: Language, config: Mapping[str, Any], output: Path | None) -> None:
    """Notice: the pipeline is initialised, and training begins."""


@hookspec
def training_step(nlp: Language, info: Mapping[str, Any]) -> None:
    """Notice: a step was evaluated. info: epoch, step, score, other_scores, losses."""


@hookspec
def training_finished(nlp: Language, output: Path | None) -> None:
    """Notice: training ended, and the last model has been saved to `output`, if anywhere."""


@hookspec
def before_save(nlp: Language, path: Path) -> None:
    """Notice: the pipeline is about to be written to a folder."""


@hookspec
def after_save(nlp: Language, path: Path) -> None:
    """Notice: the pipeline was written to a folder."""
