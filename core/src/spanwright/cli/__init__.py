"""The `spanwright` command. Each command is a module here (or in a plugin) that is imported when it runs.

    spanwright COMMAND [options]        python -m spanwright COMMAND [options]

A command's module has `add_arguments(parser)` and `run(args)`, and beside them the command as a documented function.
"""

from __future__ import annotations

from ._main import main

__all__ = ["main"]
