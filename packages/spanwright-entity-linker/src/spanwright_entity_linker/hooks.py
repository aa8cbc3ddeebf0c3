"""What this distribution announces: its command. Light: imports no code that links."""

from __future__ import annotations

from collections.abc import Sequence

from spanwright.hookspecs import Command, hookimpl


@hookimpl
def commands() -> Sequence[Command]:
    """The command around knowledge bases."""
    help_text = "Build a knowledge base from CSV or JSONL."
    return (Command("init kb", "spanwright_entity_linker.commands.init_kb", help_text),)
