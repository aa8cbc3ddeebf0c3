"""The console loggers under the names that old configs use."""

from __future__ import annotations

from pathlib import Path

from .console import ConsoleLogger_v3, SetUp


def ConsoleLogger_v1(progress_bar: bool = False) -> SetUp:  # noqa: N802
    """spacy-legacy.ConsoleLogger.v1: print losses and scores as a table.

    progress_bar: Show a bar of the steps until the next evaluation.
    """
    return ConsoleLogger_v3("eval" if progress_bar else None)


def ConsoleLogger_v2(  # noqa: N802
    progress_bar: bool = False, console_output: bool = True, output_file: str | Path | None = None
) -> SetUp:
    """spacy-legacy.ConsoleLogger.v2: the same as spacy.ConsoleLogger.v2.

    progress_bar: Show a bar of the steps until the next evaluation.
    console_output: Print the table.
    output_file: File to write; one that exists is left as it is, and nothing is written.
    """
    return ConsoleLogger_v3("eval" if progress_bar else None, console_output, output_file)
