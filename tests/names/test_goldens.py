"""A published name keeps its graph and its numbers: every network, scorer and component against its stored golden.

goldens/ was recorded by tools/record_goldens.py; each file names its source. All numbers are spaCy 3.8.18's (with
spacy-legacy 3.0.12, thinc 8.3.14 and, for TorchBiLSTMEncoder.v1, torch 2.13.0).
"""

from __future__ import annotations

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from measure import library, measure_factory, measure_network, measure_scorer
from samples import FACTORIES, NETWORKS, SCORERS

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
from name_table import pinned

GOLDENS = Path(__file__).parent / "goldens"
# Sums of float32, relative to the sum of the absolute values.
TOLERANCE = 1e-5
LIB = library("spanwright")


def golden(kind: str, name: str) -> Any:
    return json.loads((GOLDENS / kind / f"{name}.json").read_text(encoding="utf8"))["found"]


def check(found: Any, expected: Any, where: str) -> None:
    """Compare measurements; summaries of floats by the tolerance, all else exactly."""
    if isinstance(expected, dict) and "sums" in expected:
        assert found["shape"] == expected["shape"], where
        scale = max(1.0, expected["sums"][1])
        assert np.allclose(found["sums"], expected["sums"], rtol=0, atol=TOLERANCE * scale), (where, found, expected)
        # A single value may be the small difference of large ones: the mean of the array is its scale at least.
        floor = TOLERANCE * max(1.0, expected["sums"][1] / max(1, np.prod(expected["shape"])))
        assert np.allclose(found["first"], expected["first"], rtol=TOLERANCE, atol=floor), (where, found, expected)
    elif isinstance(expected, dict):
        assert isinstance(found, dict), where
        assert found.keys() == expected.keys(), where
        for key in expected:
            check(found[key], expected[key], f"{where}, {key}")
    elif isinstance(expected, list):
        assert len(found) == len(expected), where
        for place, (one, other) in enumerate(zip(found, expected, strict=True)):
            check(one, other, f"{where}, {place}")
    elif isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-8), where
    else:
        assert found == expected, where


# Its networks need torch, which is not here: their graphs, arguments and defaults are held by its own test_graphs.py.
OWN_TESTS = "spanwright-transformers"


def names(kind: str) -> set[str]:
    return {row.name for row in pinned() if row.registry == kind and row.distribution != OWN_TESTS}


def test_every_registered_name_has_a_golden() -> None:
    networks = {(case["kind"], case["name"]) for case in NETWORKS.values()}
    for kind in ("architectures", "layers"):
        assert names(kind) == {name for found, name in networks if found == kind}
    assert names("scorers") == set(SCORERS)
    assert names("factories") == set(FACTORIES)
    stored = {path.relative_to(GOLDENS).with_suffix("").as_posix() for path in GOLDENS.rglob("*.json")}
    assert stored == {
        *(f"networks/{case}" for case in NETWORKS),
        *(f"scorers/{name}" for name in SCORERS),
        *(f"factories/{name}" for name in FACTORIES),
    }


@pytest.mark.parametrize("case", NETWORKS)
def test_a_network_has_its_graph_and_numbers(case: str) -> None:
    if "Torch" in case and find_spec("torch") is None:
        pytest.skip("needs the extra `torch` of spanwright-encoders")
    check(json.loads(json.dumps(measure_network(NETWORKS[case], LIB))), golden("networks", case), case)


@pytest.mark.parametrize("name", SCORERS)
def test_a_scorer_gives_its_scores(name: str) -> None:
    check(json.loads(json.dumps(measure_scorer(name, LIB))), golden("scorers", name), name)


@pytest.mark.parametrize("name", FACTORIES)
def test_a_component_keeps_its_default_config_and_facts(name: str) -> None:
    check(json.loads(json.dumps(measure_factory(name, LIB))), golden("factories", name), name)
