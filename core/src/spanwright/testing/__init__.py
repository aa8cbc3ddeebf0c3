"""The conformance kit: what every registered architecture, component and distribution must hold, ours or a stranger's.

    from spanwright.testing import check_architecture, check_component, check_distribution, conformance

    check_architecture("my.Net.v1", width=16)        # raises ConformanceError with what was expected and found
    check_component("my_tagger", config={...})
    check_distribution("my-plugin")

    # In a pytest module: one test for each name and check.
    test_architectures = conformance({"my.Net.v1": {"width": 16}})

The checks use a CPU and need no data. pytest is imported by `conformance` only.
"""

from __future__ import annotations

from ._architecture import ARCHITECTURE_CHECKS, check_architecture
from ._component import check_component
from ._distribution import check_distribution
from ._numbers import ConformanceError
from ._pytest import conformance
from ._samples import sample_docs, sample_examples, sample_floats

__all__ = [
    "ARCHITECTURE_CHECKS",
    "ConformanceError",
    "check_architecture",
    "check_component",
    "check_distribution",
    "conformance",
    "sample_docs",
    "sample_examples",
    "sample_floats",
]
