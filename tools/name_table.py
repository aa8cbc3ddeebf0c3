"""The table of registered names, tests/names/pinned.tsv: reading it, and adding what is new.

    python tools/name_table.py

adds the names that are new in the workspace; a line that is there is never changed.
"""

from __future__ import annotations

import csv
import importlib
import inspect
from typing import NamedTuple

from workspace import ROOT, distributions

PINNED = ROOT / "tests" / "names" / "pinned.tsv"


class Row(NamedTuple):
    """One registered name."""

    distribution: str
    registry: str
    name: str
    target: str
    arguments: str


def pinned() -> list[Row]:
    """The rows of pinned.tsv."""
    if not PINNED.exists():
        return []
    with PINNED.open(encoding="utf8", newline="") as file:
        return [Row(**row) for row in csv.DictReader(file, delimiter="\t")]


def declared() -> list[tuple[str, str, str, str]]:
    """What the pyprojects of the workspace declare: distribution, registry, name, target."""
    prefix = "spanwright_"
    return [
        (dist.name, group.removeprefix(prefix), name, target)
        for dist in distributions().values()
        for group, names in dist.entry_points.items()
        if group.startswith(prefix)
        for name, target in names.items()
    ]


def arguments(function: object) -> str:
    """The parameters of a function as the list of names writes them: no annotations, defaults as literals."""
    shown, keyword_only = [], False
    for parameter in inspect.signature(function).parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            shown.append("*")
            keyword_only = True
        value = parameter.default
        # A function as default stands by its name: it is the registered initializer of that name.
        default = "" if value is parameter.empty else f"={getattr(value, '__name__', value)!r}"
        shown.append(f"{parameter.name}{default}")
    return ", ".join(shown)


def target(row: Row) -> object:
    """The object that a row names."""
    module, _, qualname = row.target.partition(":")
    found: object = importlib.import_module(module)
    for part in qualname.split("."):
        found = getattr(found, part)
    return found


def main() -> None:
    """Write the table, sorted by distribution, registry and name."""
    rows = {row[:4]: row for row in pinned()}
    for found in declared():
        if found not in rows:
            row = Row(*found, "")
            plain = row.registry in ("factories", "languages")
            rows[found] = row if plain else row._replace(arguments=arguments(target(row)))
    with PINNED.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, delimiter="\t", lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(sorted(rows.values()))


if __name__ == "__main__":
    main()
