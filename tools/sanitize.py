"""Runs the tests of the parser's kernels with AddressSanitizer and UndefinedBehaviorSanitizer: `make sanitize`.

The kernels are compiled once more, into a temporary folder, with every check of both sanitizers; the running Python
must have the distribution's dependencies, pytest and hypothesis. Linux and GCC or Clang.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "packages" / "spanwright-parser"
TESTS = ["tests/kernels", "tests/transitions", "tests/beam/test_search.py", "tests/layers/test_steps.py"]


def main(arguments: list[str]) -> int:
    """Build, then test; returns pytest's exit code."""
    compiler = os.environ.get("CC", "gcc")
    runtime = output([compiler, "-print-file-name=libasan.so"])
    # Python is not built with the sanitizers: their runtime comes first, and C++'s own with it, for exceptions.
    preload = [runtime, output([compiler, "-print-file-name=libstdc++.so.6"])]
    with tempfile.TemporaryDirectory() as folder:
        build = [sys.executable, "setup.py", "-q", "build", f"--build-base={folder}/base", f"--build-lib={folder}/lib"]
        subprocess.run(build, cwd=PACKAGE, env={**os.environ, "SPANWRIGHT_SANITIZE": "1"}, check=True)
        environment = {
            **os.environ,
            "LD_PRELOAD": " ".join(preload),
            # CPython keeps much for its own end; what the kernels allocate is held by C++ objects.
            "ASAN_OPTIONS": "detect_leaks=0:abort_on_error=0:exitcode=99:detect_stack_use_after_return=1",
            "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1",
            "PYTHONPATH": f"{folder}/lib",
            "PYTHONMALLOC": "malloc",
            "SPANWRIGHT_EXPECT_KERNELS": f"{folder}/lib",
        }
        tests = [str(PACKAGE / path) for path in TESTS]
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *tests, *arguments]
        return subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode


def output(command: list[str]) -> str:
    """What a command prints, without the line's end."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
