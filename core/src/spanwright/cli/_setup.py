"""What commands that run a pipeline have in common."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any


def add_pipeline_arguments(parser: ArgumentParser) -> None:
    """Options `--code` and `--gpu-id`."""
    parser.add_argument("--code", "-c", help="Python file to import first, with functions that the pipeline names")
    parser.add_argument("--gpu-id", "-g", type=int, default=-1, help="GPU to use; -1 (the default) uses the CPU")


def load_pipeline(model: str | Path, *, code: str | Path | None = None, gpu_id: int = -1) -> Any:
    """Load a pipeline (name or folder) after importing `code` and choosing the device."""
    from ..util import import_file

    if code is not None:
        import_file("python_code", code)
    if gpu_id >= 0:
        from thinc.api import require_gpu

        require_gpu(gpu_id)
    from ..language import load

    return load(model)
