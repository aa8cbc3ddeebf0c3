"""What was found in the data, as a list that can be printed or asked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

MARKS = {"good": "ok  ", "warn": "WARN", "fail": "FAIL", "info": "    ", "detail": "    "}
MOST_LISTED = 12


@dataclass(frozen=True)
class Finding:
    """One thing that was found.

    section: What part of the data it is about, such as "tagger".
    kind: "info", "detail" (only shown on demand), "good", "warn" (training works, perhaps badly) or "fail" (it will
        not, or learns nonsense).
    text: A sentence or two.
    """

    section: str
    kind: str
    text: str


@dataclass
class Findings:
    """All findings, in order."""

    found: list[Finding] = field(default_factory=list)
    section: str = ""

    def begin(self, section: str) -> None:
        """Begin a section."""
        self.section = section

    def info(self, text: str) -> None:
        self.found.append(Finding(self.section, "info", text))

    def detail(self, text: str) -> None:
        self.found.append(Finding(self.section, "detail", text))

    def good(self, text: str) -> None:
        self.found.append(Finding(self.section, "good", text))

    def warn(self, text: str) -> None:
        self.found.append(Finding(self.section, "warn", text))

    def fail(self, text: str) -> None:
        self.found.append(Finding(self.section, "fail", text))

    def of(self, kind: str) -> list[Finding]:
        """The findings of a kind."""
        return [one for one in self.found if one.kind == kind]

    def render(self, *, verbose: bool = False, ignore_warnings: bool = False) -> str:
        """As text for people.

        verbose: With details. ignore_warnings: Without warnings.
        """
        lines: list[str] = []
        section = None
        for one in self.found:
            if (one.kind == "detail" and not verbose) or (one.kind == "warn" and ignore_warnings):
                continue
            if one.section != section:
                lines.append(f"\n=== {one.section} ===")
                section = one.section
            lines.append(f"{MARKS[one.kind]} {one.text}")
        counts = Counter(one.kind for one in self.found)
        lines.append(
            f"\n=== Summary ===\n{counts['good']} checks passed, {counts['warn']} warnings, {counts['fail']} errors"
        )
        return "\n".join(lines).lstrip()


def listed(labels: Iterable[str] | Mapping[str, int], *, most: int | None = MOST_LISTED) -> str:
    """Labels in a line, with their counts where these are given; all of them if `most` is None."""
    if isinstance(labels, Mapping):
        texts = [f"{label!r} ({count:,})" for label, count in Counter(dict(labels)).most_common()]
    else:
        texts = [repr(label) for label in sorted(labels)]
    rest = 0 if most is None else len(texts) - most
    return ", ".join(texts[:most]) + (f" and {rest} more" if rest > 0 else "")


def share(part: float, whole: float) -> str:
    """A percentage."""
    return f"{100 * part / whole:.1f} %" if whole else "0 %"
