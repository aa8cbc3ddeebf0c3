"""Finding the command that the user asked for, and running it."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING

from .. import __version__
from ..errors import SpanwrightError, SpanwrightWarning

if TYPE_CHECKING:
    from ..hookspecs import Command

OWN = (
    ("info", "spanwright.cli.info", "Versions, place and installed pipelines; or what a pipeline is made of."),
    ("plugins list", "spanwright.cli.plugins_list", "Installed plugins: version, life-cycle, number of names."),
    ("plugins show", "spanwright.cli.plugins_show", "What one plugin registers, and where the code is."),
    ("plugins check", "spanwright.cli.plugins_check", "Load everything that plugins register, and report faults."),
    ("plugins where", "spanwright.cli.where", "Who provides a registered name, and where its code is."),
    ("where", "spanwright.cli.where", "Who provides a registered name, and where its code is."),
    ("apply", "spanwright.cli.apply", "Annotate texts with a pipeline, and write a .spacy file."),
    ("evaluate", "spanwright.cli.evaluate", "Score a pipeline on annotated data."),
    ("benchmark accuracy", "spanwright.cli.evaluate", "Score a pipeline on annotated data."),
    ("benchmark speed", "spanwright.cli.benchmark_speed", "Measure a pipeline's words a second."),
    ("find-threshold", "spanwright.cli.find_threshold", "Try thresholds of a component, and name the best."),
    ("assemble", "spanwright.cli.assemble", "Make a pipeline from a config without training."),
    ("package", "spanwright.cli.package", "Make an installable package of a pipeline."),
    ("render", "spanwright.cli.render", "Draw the annotation of a text as SVG or HTML."),
)
OVERRIDES = frozenset({"assemble"})  # those of ours that take --section.key value
EPILOG = "Any setting of the config can be overridden by its path: --training.max_steps 100 --paths.train FILE"
TRACEBACK_VARIABLE = "SPANWRIGHT_TRACEBACK"


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status.

    args: The words after `spanwright`; by default those of this process.
    """
    words = list(sys.argv[1:] if args is None else args)
    if words[:1] in (["--version"], ["-V"]):
        print(f"spanwright {__version__}")
        return 0
    plain_format = warnings.formatwarning
    warnings.formatwarning = _format_warning
    try:
        found = _find(words)
        if found is None:
            return _help(words)
        command, rest = found
        return _run(command, rest)
    except BrokenPipeError:  # the reader of our output, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (SpanwrightError, OSError) as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        print(f"{type(error).__name__}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        warnings.formatwarning = plain_format


def _format_warning(
    message: Warning | str, category: type[Warning], filename: str, lineno: int, line: str | None = None
) -> str:
    # Ours are sentences for the user; where they come from in the code is of no use on the command line.
    if issubclass(category, SpanwrightWarning):
        return f"Warning: {message}\n"
    return f"{filename}:{lineno}: {category.__name__}: {message}\n"


def commands() -> dict[str, Command]:
    """All commands by name: ours and those that plugins announce. Ours cannot be replaced."""
    from ..hookspecs import Command
    from ..plugins import get_plugins

    known = {name: Command(name, module, text, name in OVERRIDES) for name, module, text in OWN}
    for group in get_plugins().hook.commands():
        for command in group:
            known.setdefault(command.name, command)
    return known


def _find(words: list[str]) -> tuple[Command, list[str]] | None:
    """The command that the first words name, with the words left over. Plugins are asked only if it is none of ours."""
    from ..hookspecs import Command

    own = {name: (module, text) for name, module, text in OWN}
    for count in (2, 1):
        name = " ".join(words[:count])
        if name in own and len(words) >= count:
            return Command(name, *own[name], name in OVERRIDES), words[count:]
    if not words or words[0].startswith("-"):
        return None
    known = commands()
    for count in (2, 1):
        name = " ".join(words[:count])
        if name in known and len(words) >= count:
            return known[name], words[count:]
    return None


def _run(command: Command, words: list[str]) -> int:
    module = import_module(command.module)
    text = (module.__doc__ or command.help).strip()
    parser = argparse.ArgumentParser(
        prog=f"spanwright {command.name}",
        description=text,
        epilog=EPILOG if command.takes_overrides else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    module.add_arguments(parser)
    try:
        if command.takes_overrides:
            args, rest = parser.parse_known_args(words)
            from ..config import parse_overrides

            args.overrides = parse_overrides(rest)
        else:
            args = parser.parse_args(words)
    except SystemExit as stop:  # argparse has printed its message
        return int(stop.code or 0)
    return int(module.run(args) or 0)


def _help(words: list[str]) -> int:
    known = commands()
    asked = [word for word in words if not word.startswith("-")]
    group = {name: command for name, command in known.items() if asked and name.split(" ")[0] == asked[0]}
    if asked and not group:
        from ..registry import nearest

        close = nearest(" ".join(asked), known, limit=1) or nearest(asked[0], known, limit=1)
        hint = f" Did you mean '{close[0]}'?" if close else ""
        print(f"There is no command '{asked[0]}'.{hint} See: spanwright --help", file=sys.stderr)
        return 2
    shown = group or known
    width = max(len(name) for name in shown)
    print("Usage: spanwright COMMAND [options]        spanwright COMMAND --help\n")
    print("\n".join(f"  {name:<{width}}  {shown[name].help}" for name in sorted(shown)))
    # A group without its second word is a mistake; so is nothing at all.
    return 0 if "--help" in words or "-h" in words else 2
