"""Forked workers end: what PyTorch's OpenMP has left of the parent's threads is never waited for."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest

forks = pytest.mark.skipif(multiprocessing.get_start_method() != "fork", reason="processes are not forked here")

# Rows wide enough for PyTorch to share them out among its threads.
SCRIPT = """
import torch
import spanwright
from spanwright.language import Language

@Language.component("product")
def product(doc):
    doc.user_data["sum"] = float(torch.ones(400, 400).mm(torch.ones(400, 400)).relu().sum())
    return doc

nlp = spanwright.blank("en")
nlp.add_pipe("product")
torch.set_num_threads(4)
nlp("a")
print([doc.user_data["sum"] for doc in nlp.pipe(["a", "b", "c"], n_process=2, batch_size=1)])
"""


@forks
@pytest.mark.parametrize("threads", ["", "4"])
def test_workers_whose_parent_has_used_threads(threads: str, tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("NUM_THREADS")}
    # As on a machine with many processors: each worker may use several.
    (tmp_path / "script.py").write_text("import os\nos.cpu_count = lambda: 8\n" + SCRIPT, encoding="utf8")
    done = subprocess.run(
        [sys.executable, str(tmp_path / "script.py")],
        env=environment | ({"OMP_NUM_THREADS": threads} if threads else {}),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stdout == f"{[400.0**3] * 3}\n", done.stderr
