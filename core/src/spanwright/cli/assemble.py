"""Make a pipeline from a config without training: its components are initialised, not trained, and saved.

spanwright assemble config.cfg ./pipeline --initialize.vectors ./vectors_en
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import MissingFileError
from ._output import note


def assemble(
    config_path: str | Path,
    output_path: str | Path,
    *,
    overrides: Mapping[str, Any] = {},
    code: str | Path | None = None,
) -> Any:
    """Build a pipeline from a config, initialise what is not sourced from another pipeline, and save it.

    config_path: The config, "-" for standard input.
    output_path: The folder to write.
    overrides: Changed settings by dotted path.
    code: Python file to import first.

    Returns the pipeline. Raises MissingFileError (a FileNotFoundError), ConfigError (a ValueError).
    """
    from ..config import load_config
    from ..language.loading import load_model_from_config
    from ..util import import_file

    if str(config_path) != "-" and not Path(config_path).is_file():
        raise MissingFileError(
            f"There is no config {config_path}. Write one with: spanwright init config {config_path}"
        )
    if code is not None:
        import_file("python_code", code)
    config = load_config(config_path, overrides=overrides)
    nlp = load_model_from_config(config, auto_fill=True)
    sourced = [name for name, block in config.interpolate().get("components", {}).items() if "source" in block]
    with nlp.select_pipes(disable=[name for name in sourced if name in nlp.pipe_names]):
        nlp.initialize()
    nlp.to_disk(output_path)
    return nlp


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("config_path", help="config; - reads standard input")
    parser.add_argument("output_path", help="folder to write")
    parser.add_argument("--code", "-c", help="Python file to import first")
    parser.add_argument("--verbose", "-V", "-VV", action="store_true", help="accepted; there is no more to tell")


def run(args: Namespace) -> int:
    """Make the pipeline."""
    nlp = assemble(args.config_path, args.output_path, overrides=args.overrides, code=args.code)
    note(f"Saved {args.output_path}: {', '.join(nlp.component_names) or 'no components'}.")
    return 0
