"""What is wrong with a file: gathered, so that one run shows it all, and nothing is left out in silence."""

from __future__ import annotations

from spanwright.errors import DataFormatError

MOST_SHOWN = 20


class ConversionError(DataFormatError):
    """A file cannot be converted.

    problems: Line number -> what is wrong there, for each problem in order.
    """

    def __init__(self, source: str, problems: list[tuple[int, str]]) -> None:
        self.problems = problems
        shown = "\n".join(f"  {source}:{line}: {text}" for line, text in problems[:MOST_SHOWN])
        rest = len(problems) - MOST_SHOWN
        more = f"\n  ... and {rest} more" if rest > 0 else ""
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        super().__init__(f"{source} can't be converted, it has {count}:\n{shown}{more}")


class Problems:
    """The problems of one file.

    source: What to call the file in error texts.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self.found: list[tuple[int, str]] = []

    def add(self, line: int, text: str) -> None:
        """Note what is wrong in a line (counted from 1)."""
        self.found.append((line, text))

    def check(self) -> None:
        """Raise ConversionError (a ValueError) if there was a problem."""
        if self.found:
            raise ConversionError(self.source, sorted(self.found))
