"""Write the labels of the training data, so that training need not collect them.

spanwright init labels config.cfg labels --paths.train train.spacy

Then read them in the config:

[initialize.components.tagger.labels]
@readers = "spacy.read_labels.v1"
path = "labels/tagger.json"
"""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spanwright.config import load_config

from .init_config import require_config
from .train import check_overrides, import_code


def init_labels(
    config_path: str | Path,
    output_path: str | Path,
    *,
    overrides: Mapping[str, Any] = {},
    code: str | Path | None = None,
    use_gpu: int = -1,
    silent: bool = True,
) -> dict[str, Path]:
    """Initialize a pipeline from its training data, and write the labels of each component to FOLDER/NAME.json.

    config_path: The config.
    output_path: The folder, which is made if need be.
    overrides: Changed settings by dotted path.
    code: Python file to import first, with functions that the config names.
    use_gpu: Number of the GPU; -1 uses the CPU.
    silent: Do not tell what was written.

    Returns the file of each component that has labels. Raises ConfigError (a ValueError), MissingFileError (a
    FileNotFoundError), EmptyCorpusError (a ValueError).
    """
    from spanwright_tokens.io import write_json

    from ..initialize import init_nlp

    require_config(config_path)
    import_code(code)
    config = load_config(config_path, overrides=overrides)
    check_overrides(config_path, config, overrides)
    nlp = init_nlp(config, use_gpu=use_gpu)
    folder = Path(output_path)
    folder.mkdir(parents=True, exist_ok=True)
    written = {}
    for name, component in nlp.pipeline:
        labels = getattr(component, "label_data", None)
        if labels is not None:
            written[name] = folder / f"{name}.json"
            write_json(written[name], labels)
        if not silent:
            known = len(getattr(component, "labels", labels) or ())
            text = f"{name}: {known} labels, in {written[name]}" if labels is not None else f"{name}: no labels"
            print(text, file=sys.stderr)
    return written


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("config_path", help="the config")
    parser.add_argument("output_path", help="folder to write to")
    parser.add_argument("--code", "--code-path", "-c", help="Python file to import first")
    parser.add_argument("--gpu-id", "-g", type=int, default=-1, help="GPU to use; -1 (the default) uses the CPU")
    parser.add_argument("--verbose", "-V", "-VV", action="store_true", help="say more of what is done")


def run(args: Namespace) -> int:
    """Write the labels."""
    if args.verbose:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    init_labels(
        args.config_path, args.output_path, overrides=args.overrides, code=args.code, use_gpu=args.gpu_id, silent=False
    )
    return 0
