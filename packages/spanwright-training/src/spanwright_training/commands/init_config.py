"""Write a starting config for training a pipeline of given components.

spanwright init config config.cfg --lang en --pipeline tagger,morphologizer
spanwright init config - --lang de --pipeline tagger --optimize accuracy
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spanwright.config import Config, merge
from spanwright.errors import InvalidValueError, MissingFileError

from . import _recipes

OPTIMIZE = ("efficiency", "accuracy")
UPSTREAMS = ("tok2vec", "transformer")
DEFAULT_PIPELINE = ("tagger", "morphologizer")


class ExistingFileError(InvalidValueError, FileExistsError):
    """A file is there already and would be overwritten."""


def init_config(
    *,
    lang: str = "en",
    pipeline: Sequence[str] = DEFAULT_PIPELINE,
    optimize: str = "efficiency",
    gpu: bool = False,
    silent: bool = True,
) -> Config:
    """A complete config for training a pipeline; the paths of the data are left to give.

    lang: Language code.
    pipeline: Names of the components, in order; the `tok2vec` or `transformer` that they share is put before them.
    optimize: "efficiency" for a small and quick pipeline, "accuracy" for a larger one with word vectors, if those of
        the language are installed.
    gpu: Train on a GPU: with a transformer, if spanwright-transformers is installed.
    silent: Do not tell what was chosen.

    Installed plugins may propose settings of their own (the hook `init_config`).

    Raises InvalidValueError (a ValueError) for an unknown `optimize` or an empty pipeline, and MissingPartsError (a
    ValueError), naming what to install, for components that no installed plugin has.
    """
    from spanwright.language.loading import load_model_from_config

    names = [name for name in pipeline if name not in UPSTREAMS]
    if optimize not in OPTIMIZE:
        raise InvalidValueError(f"optimize must be {' or '.join(OPTIMIZE)}, found '{optimize}'.")
    if not names and not pipeline:
        raise InvalidValueError(
            "The pipeline is empty. Name its components, for instance: --pipeline tagger,morphologizer"
        )
    _check_factories(names, lang)
    blocks, notes = propose(lang, names, optimize, gpu=gpu, alone=[name for name in pipeline if name in UPSTREAMS])
    for proposal in _proposals(lang, names, optimize, gpu):
        blocks = merge(proposal, blocks)
    config: Config = load_model_from_config(Config(blocks, is_interpolated=False), auto_fill=True).config
    if not silent:
        print("\n".join(notes), file=sys.stderr)
    return config


def propose(
    lang: str, names: Sequence[str], optimize: str, *, gpu: bool, alone: Sequence[str] = ()
) -> tuple[dict[str, Any], list[str]]:
    """The settings to start from, not filled yet, and what to tell the user of them.

    alone: `tok2vec` or `transformer`, if that was asked for and no component would bring it.
    """
    from spanwright import registry

    notes = [f"Language: {lang}", f"Components: {', '.join(names)}", f"Optimised for: {optimize}"]
    shared = bool(alone) or _recipes.needs_upstream(names, optimize, gpu=gpu)
    with_transformer = gpu and shared and registry.has("factories", "transformer")
    vectors = None
    blocks: dict[str, Any] = {}
    listener: _recipes.Upstream = _recipes.tok2vec_listener
    if with_transformer:
        blocks["transformer"] = _recipes.transformer(lang)
        listener = _recipes.transformer_listener
        notes.append(f"Transformer: {blocks['transformer']['model']['name']}")
    elif shared:
        vectors = _vectors(lang, notes) if optimize == "accuracy" else None
        blocks["tok2vec"] = _recipes.tok2vec(lang, optimize, static_vectors=vectors is not None)
        if gpu:
            notes.append("No transformer: install one with `pip install spanwright-transformers` and run this again.")
    for name in names:
        blocks[name] = _recipes.component(name, listener, optimize=optimize)
    return {
        "paths": {"train": None, "dev": None, "vectors": vectors},
        "system": {"gpu_allocator": "pytorch" if with_transformer else None},
        "nlp": {"lang": lang, "pipeline": list(blocks), "batch_size": 128 if gpu else 1000},
        "components": blocks,
        "training": _training(with_transformer),
        "initialize": {"vectors": "${paths.vectors}"},
    }, notes


def _training(with_transformer: bool) -> dict[str, Any]:
    if not with_transformer:
        return {"optimizer": {"@optimizers": "Adam.v1"}}
    rate = {"@schedules": "warmup_linear.v1", "warmup_steps": 250, "total_steps": 20000, "initial_rate": 5e-5}
    return {
        "accumulate_gradient": 3,
        "optimizer": {"@optimizers": "Adam.v1", "learn_rate": rate},
        "batcher": {
            "@batchers": "spacy.batch_by_padded.v1",
            "discard_oversize": True,
            "size": 2000,
            "buffer": 256,
            "get_length": None,
        },
    }


def _vectors(lang: str, notes: list[str]) -> str | None:
    """The package with the vectors of a language, if there is one and it is installed."""
    from spanwright.util import is_package

    package = _recipes.VECTOR_PACKAGES.get(lang, "").format(lang)
    if package and is_package(package):
        notes.append(f"Word vectors: {package}")
        return package
    hint = f": install {package} and run this again, or set [paths] vectors" if package else ""
    notes.append(f"No word vectors{hint}.")
    return None


def _check_factories(names: Sequence[str], lang: str) -> None:
    """Raise the registry's own error for a component that nobody has, as it says what to install."""
    from spanwright import registry
    from spanwright.language import Language

    for name in names:
        if not Language.has_factory(name) and not registry.has("factories", f"{lang}.{name}"):
            registry.get("factories", name)


def _proposals(lang: str, names: Sequence[str], optimize: str, gpu: bool) -> list[Any]:
    from spanwright.plugins import get_plugins

    return [
        proposal
        for proposal in get_plugins().hook.init_config(lang=lang, pipeline=list(names), optimize=optimize, gpu=gpu)
        if proposal
    ]


def save_config(config: Config, output: str | Path, *, force: bool = False, silent: bool = True) -> None:
    """Write a config to a file (its folder is made if need be), or print it for "-".

    force: Overwrite a file.
    silent: Do not tell where it was written and how to go on.

    Raises ExistingFileError (a FileExistsError) if the file is there and `force` is not given.
    """
    if str(output) == "-":
        print(config.to_str(interpolate=False))
        return
    path = Path(output)
    if path.exists() and not force:
        raise ExistingFileError(f"The file {path} exists already. Overwrite it with --force, or name another.")
    path.parent.mkdir(parents=True, exist_ok=True)
    config.to_disk(path, interpolate=False)
    if not silent:
        print(
            f"Saved {path}. Now train with it:\n"
            f"spanwright train {path} --output output --paths.train train.spacy --paths.dev dev.spacy",
            file=sys.stderr,
        )


def require_config(path: str | Path) -> None:
    """Raise MissingFileError (a FileNotFoundError) if there is no such config."""
    if str(path) != "-" and not Path(path).is_file():
        raise MissingFileError(f"There is no config {path}. Write one with: spanwright init config {path}")


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("output_file", help="file to write; '-' prints the config")
    parser.add_argument("--lang", "-l", default="en", help="language code (en)")
    parser.add_argument("--pipeline", "-p", default=",".join(DEFAULT_PIPELINE), help="components, with commas between")
    parser.add_argument("--optimize", "-o", default="efficiency", choices=OPTIMIZE, help="small and quick, or large")
    parser.add_argument("--gpu", "-G", action="store_true", help="train on a GPU, with a transformer if there is one")
    parser.add_argument("--force", "-F", action="store_true", help="overwrite the file")


def run(args: Namespace) -> int:
    """Write the config."""
    if args.output_file != "-" and Path(args.output_file).exists() and not args.force:
        save_config(Config(), args.output_file)
    names = [name.strip() for name in args.pipeline.split(",") if name.strip()]
    silent = args.output_file == "-"
    config = init_config(lang=args.lang, pipeline=names, optimize=args.optimize, gpu=args.gpu, silent=silent)
    save_config(config, args.output_file, force=args.force, silent=silent)
    return 0
