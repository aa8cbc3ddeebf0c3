"""How a config differs from the one that `init config` proposes, or from another config.

spanwright debug diff-config config.cfg
spanwright debug diff-config config.cfg other.cfg --markdown
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from spanwright.config import load_config

from ._diff import diff_text
from .init_config import OPTIMIZE, init_config, require_config


def debug_diff(
    config_path: str | Path,
    compare_to: str | Path | None = None,
    *,
    optimize: str = "efficiency",
    gpu: bool = False,
    markdown: bool = False,
) -> str:
    """What a config has otherwise than another: lines with "-" are the other's, lines with "+" its own.

    config_path: The config.
    compare_to: The other; None compares with what `init_config` proposes for the same language and components.
    optimize, gpu: As for `init_config`; only used without `compare_to`.
    markdown: Put it in a Markdown code block, for reports.

    Returns an empty text for equal configs. Raises ConfigError, MissingFileError.
    """
    require_config(config_path)
    config = load_config(config_path)
    if compare_to is not None:
        require_config(compare_to)
        other = load_config(compare_to)
    else:
        nlp = config.interpolate()["nlp"]
        other = init_config(lang=nlp["lang"], pipeline=nlp["pipeline"], optimize=optimize, gpu=gpu)
    theirs, ours = other.to_str(interpolate=False), config.to_str(interpolate=False)
    if theirs == ours:
        return ""
    text = diff_text(theirs, ours, colour=False if markdown else None)
    return f"```diff\n{text}\n```" if markdown else text


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("config_path", help="the config")
    parser.add_argument("compare_to", nargs="?", help="another config; by default what `init config` proposes")
    parser.add_argument(
        "--optimize", "-o", default="efficiency", choices=OPTIMIZE, help="what to propose, as for init config"
    )
    parser.add_argument("--gpu", "-G", action="store_true", help="propose a config for a GPU")
    parser.add_argument("--markdown", "-md", action="store_true", help="print a Markdown code block")


def run(args: Namespace) -> int:
    """Print the difference."""
    text = debug_diff(args.config_path, args.compare_to, optimize=args.optimize, gpu=args.gpu, markdown=args.markdown)
    print(text or "No difference: the configs are equal.")
    return 0
