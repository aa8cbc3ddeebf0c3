"""A published name never changes its meaning: target, arguments and distribution are pinned in pinned.tsv."""

from __future__ import annotations

import csv
import inspect
import sys
from pathlib import Path

import pytest

import spanwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from name_table import arguments, declared, pinned, target
from workspace import distributions

ASKED = ROOT.parent / "shared" / "names.tsv"


def test_what_is_declared_is_pinned_and_what_is_pinned_is_declared():
    assert sorted(declared()) == sorted(row[:4] for row in pinned())


@pytest.mark.parametrize("row", pinned(), ids=lambda row: f"{row.registry}:{row.name}")
def test_a_name_resolves_to_its_pinned_target_with_its_pinned_arguments(row):
    found = getattr(spanwright.registry, row.registry).get(row.name)
    assert found is target(row)
    if row.registry not in ("factories", "languages"):
        assert arguments(found) == row.arguments
        assert inspect.getdoc(found), "no docstring"
        assert row.name in inspect.getdoc(found).splitlines()[0], "the docstring opens with the registered name"
        stem, _, version = row.name.removeprefix("srsly.").rpartition(".")
        assert found.__name__ == f"{stem.rpartition('.')[2]}_{version}"


@pytest.mark.skipif(not ASKED.exists(), reason="the list of names to be registered lies beside the repository")
def test_the_names_that_were_asked_for_have_the_arguments_that_were_asked_for():
    rows = {(row.registry, row.name): row for row in pinned()}
    folders = {str(dist.folder.relative_to(ROOT)): dist.name for dist in distributions().values()}
    with ASKED.open(encoding="utf8", newline="") as file:
        for asked in csv.DictReader(file, delimiter="\t"):
            row = rows.get((asked["registry"], asked["name"]))
            if row is not None:
                assert folders[asked["distribution"]] == row.distribution, asked["name"]
                if asked["registry"] != "factories":
                    assert row.arguments == (asked["arguments"] or ""), asked["name"]


def test_no_group_of_ours_belongs_to_spacy():
    """A name of ours in a spacy_* group would take the name over from a real spaCy in the same environment."""
    groups = [group for dist in distributions().values() for group in dist.entry_points]
    assert all(group.startswith("spanwright") for group in groups)
