"""CoNLL-U as sentences: columns checked, every fault reported with its line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from .blocks import Line, blocks
from .problems import Problems

COLUMNS = ("ID", "FORM", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC")
WORD_ID = re.compile(r"[0-9]+\Z")
RANGE_ID = re.compile(r"([0-9]+)-([0-9]+)\Z")
EMPTY_ID = re.compile(r"[0-9]+\.[0-9]+\Z")
NO_SPACE = "SpaceAfter=No"


@dataclass
class Word:
    """A word (syntactic token) as its line says, "_" where a column is empty; `head` counts from 0, roots have None."""

    line: int
    form: str
    lemma: str
    upos: str
    xpos: str
    feats: str
    head: int | None
    deprel: str
    misc: str

    @property
    def space_after(self) -> bool:
        return NO_SPACE not in self.misc


@dataclass
class Range:
    """A surface token of several words: `words[first:stop]`."""

    first: int
    stop: int
    form: str
    space_after: bool


@dataclass
class Sentence:
    """The words of a sentence and its ranges; empty nodes (1.1) are left out, as they are no part of the basic tree."""

    words: list[Word] = field(default_factory=list)
    ranges: list[Range] = field(default_factory=list)
    starts_doc: bool = False
    has_tree: bool = False  # whether HEAD is given at all


def read_sentences(text: str, problems: Problems) -> Iterator[Sentence]:
    """The sentences of a text in CoNLL-U. Those with problems are left out, after the problems were noted."""
    starts_doc = False
    for block in blocks(text):
        starts_doc |= any(line.startswith("# newdoc") for _, line in block)
        lines = [(number, line) for number, line in block if not line.startswith("#")]
        if not lines:
            continue
        known = len(problems.found)
        sentence = _sentence(lines, problems)
        if len(problems.found) == known:
            _check_tree(sentence, problems)
        if len(problems.found) == known:
            sentence.starts_doc = starts_doc
            starts_doc = False
            yield sentence


def _sentence(lines: list[Line], problems: Problems) -> Sentence:
    sentence = Sentence()
    for number, line in lines:
        columns = line.split("\t")
        if len(columns) != len(COLUMNS):
            hint = ""
            if len(columns) == 1:
                hint = " Blanks do not separate columns." if len(line.split()) > 1 else " Empty lines end sentences."
            problems.add(
                number, f"expected 10 columns ({', '.join(COLUMNS)}) with tabs between, found {len(columns)}.{hint}"
            )
            continue
        mark = columns[0]
        if WORD_ID.match(mark):
            _add_word(sentence, number, columns, problems)
        elif found := RANGE_ID.match(mark):
            _add_range(sentence, number, columns, int(found[1]), int(found[2]), problems)
        elif not EMPTY_ID.match(mark):
            problems.add(number, f"ID must be a number (3), a range (3-4) or an empty node (3.1), found '{mark}'.")
    if sentence.ranges and sentence.ranges[-1].stop > len(sentence.words):
        problems.add(
            lines[-1][0],
            f"a range ends with word {sentence.ranges[-1].stop}, and the sentence has {len(sentence.words)} words.",
        )
    return sentence


def _add_word(sentence: Sentence, number: int, columns: list[str], problems: Problems) -> None:
    mark, form, lemma, upos, xpos, feats, head, deprel, _, misc = columns
    if int(mark) != len(sentence.words) + 1:
        problems.add(number, f"ID must be {len(sentence.words) + 1}, as words are counted from 1, found {mark}.")
    if not form:
        problems.add(number, "FORM is empty. Expected the word.")
    if feats != "_" and not all("=" in feature for feature in feats.split("|")):
        problems.add(number, f"FEATS must be Name=Value with | between, or _, found '{feats}'.")
    place: int | None = None
    sentence.has_tree |= head != "_"
    if head not in ("0", "_"):
        if WORD_ID.match(head):
            place = int(head) - 1
        else:
            problems.add(number, f"HEAD must be the ID of a word, 0 for the root, or _, found '{head}'.")
    sentence.words.append(Word(number, form, lemma, upos, xpos, feats, place, deprel, misc))


def _add_range(sentence: Sentence, number: int, columns: list[str], first: int, last: int, problems: Problems) -> None:
    end_of_previous = sentence.ranges[-1].stop if sentence.ranges else 0
    if first != len(sentence.words) + 1 or last < first or first <= end_of_previous:
        problems.add(
            number,
            f"the range {first}-{last} must stand before word {first}, and not overlap with another; the next word "
            f"here is {len(sentence.words) + 1}.",
        )
        return
    sentence.ranges.append(Range(first - 1, last, columns[1], NO_SPACE not in columns[9]))


def _check_tree(sentence: Sentence, problems: Problems) -> None:
    """Note heads beyond the sentence, and cycles."""
    words = sentence.words
    outside = [word for word in words if word.head is not None and word.head >= len(words)]
    for word in outside:
        problems.add(word.line, f"HEAD is {(word.head or 0) + 1}, and the sentence has {len(words)} words.")
    if outside:
        return
    done = [False] * len(words)
    for start in range(len(words)):
        path: list[int] = []
        at: int | None = start
        while at is not None and not done[at]:
            done[at] = True
            path.append(at)
            at = words[at].head
        if at is not None and at in path:
            cycle = path[path.index(at) :]
            members = " -> ".join(f"{i + 1} '{words[i].form}'" for i in [*cycle, at])
            problems.add(words[at].line, f"the heads form a cycle: {members}. Each word must lead to a root (HEAD 0).")
