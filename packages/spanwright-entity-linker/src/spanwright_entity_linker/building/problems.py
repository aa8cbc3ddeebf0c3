"""What is wrong with the files of a knowledge base: gathered, so that one run shows it all."""

from __future__ import annotations

from spanwright.errors import DataFormatError

MOST_SHOWN = 20


class KBFilesError(DataFormatError):
    """No knowledge base can be built from these files.

    problems: (file, line, what is wrong there), in order.
    """

    def __init__(self, problems: list[tuple[str, int, str]]) -> None:
        self.problems = problems
        shown = "\n".join(f"  {file}:{line}: {text}" for file, line, text in problems[:MOST_SHOWN])
        rest = len(problems) - MOST_SHOWN
        more = f"\n  ... and {rest} more" if rest > 0 else ""
        count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
        super().__init__(f"No knowledge base can be built, its files have {count}:\n{shown}{more}")


class Problems:
    """The problems of one file.

    file: What to call it. found: Where they are added; may be shared with other files.
    """

    def __init__(self, file: str, found: list[tuple[str, int, str]]) -> None:
        self.file = file
        self.found = found

    def add(self, line: int, text: str) -> None:
        """Note what is wrong in a line (counted from 1)."""
        self.found.append((self.file, line, text))
