"""The conformance kit on every name of this distribution. Networks: see architectures/ and layers/."""

from __future__ import annotations

from typing import Any

import pytest
from parser_kit import CNN, LISTENER, network

from spanwright.testing import check_component, check_distribution


@pytest.mark.parametrize("factory", ["parser", "ner", "beam_parser", "beam_ner"])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.filterwarnings("ignore:The saved pipeline cannot be loaded by spaCy")
def test_components(factory: str, shared: bool, version: str) -> None:
    before: Any = [("tok2vec", {"model": CNN})] if shared else []
    model = network(factory.removeprefix("beam_"), version, LISTENER if shared else CNN)
    check_component(factory, config={"model": model}, before=before)


def test_distribution() -> None:
    check_distribution("spanwright-parser")
