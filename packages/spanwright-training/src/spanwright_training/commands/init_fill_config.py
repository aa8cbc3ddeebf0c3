"""Complete a partial config with defaults.

spanwright init fill-config base.cfg config.cfg --diff
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path

from spanwright.config import Config, load_config

from ._diff import diff_text
from .init_config import require_config, save_config
from .train import import_code


def fill_config(
    output_file: str | Path,
    base_path: str | Path,
    *,
    diff: bool = False,
    silent: bool = True,
    code: str | Path | None = None,
) -> tuple[Config, Config]:
    """Complete a partial config: with the default config, and the defaults of all functions that it names.

    output_file: File to write (overwritten if it is there), or "-" to print.
    base_path: The partial config.
    diff: Print what was added.
    silent: Do not tell whether anything was added.
    code: Python file to import first, with functions that the config names.

    Components with a `source` keep it. Returns the config before and after. Raises ConfigError (a ValueError) with all
    that is wrong in it, MissingFileError (a FileNotFoundError).
    """
    from spanwright.language.loading import load_model_from_config

    require_config(base_path)
    import_code(code)
    config = load_config(base_path)
    filled: Config = load_model_from_config(config, auto_fill=True).config
    for name, block in (config.get("components") or {}).items():
        if isinstance(block, dict) and "source" in block:
            filled["components"][name] = block
    before, after = config.to_str(interpolate=False), filled.to_str(interpolate=False)
    if not silent:
        print("Nothing to fill in: the config is complete." if before == after else "Filled in.", file=sys.stderr)
    if diff and before != after:
        print(diff_text(before, after), file=sys.stderr)
    save_config(filled, output_file, force=True)
    return config, filled


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("base_path", help="the partial config")
    parser.add_argument("output_file", nargs="?", default="-", help="file to write; '-' prints the config")
    parser.add_argument("--diff", "-D", action="store_true", help="show what was added")
    parser.add_argument("--code", "--code-path", "-c", help="Python file to import first")


def run(args: Namespace) -> int:
    """Complete the config."""
    fill_config(args.output_file, args.base_path, diff=args.diff, silent=args.output_file == "-", code=args.code)
    return 0
