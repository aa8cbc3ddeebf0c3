"""Compiles the kernels; everything else about the distribution stands in pyproject.toml.

SPANWRIGHT_SANITIZE=1 builds them with AddressSanitizer and UndefinedBehaviorSanitizer (`make sanitize`).
SPANWRIGHT_DEV=1: a module that does not compile is reported and left out, so that the others can still be used.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy
from Cython.Build import cythonize
from Cython.Compiler.Errors import CompileError
from setuptools import Extension, setup

SOURCE = Path("src")
DIRECTIVES = {"language_level": 3, "binding": True, "embedsignature": False}
SANITIZE = os.environ.get("SPANWRIGHT_SANITIZE") == "1"
# -fno-math-errno lets sqrt be one instruction; products are written so that -O3 makes vector code of them.
FLAGS = ["/O2"] if os.name == "nt" else ["-O3", "-g0", "-fno-math-errno", "-Wno-unused-function"]
THREADS = [] if os.name == "nt" else ["-pthread"]
if SANITIZE:
    CHECKS = ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined", "-fno-omit-frame-pointer"]
    FLAGS, THREADS = ["-O1", "-g", "-Wno-unused-function", *CHECKS], [*THREADS, *CHECKS]


def extension(path: Path) -> Extension:
    """The extension module of one .pyx file."""
    return Extension(
        ".".join(path.relative_to(SOURCE).with_suffix("").parts),
        [str(path)],
        include_dirs=[numpy.get_include(), str(path.parent)],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        extra_compile_args=[*FLAGS, *([] if os.name == "nt" else ["-std=c++17"])],
        extra_link_args=THREADS,
        depends=[str(header) for header in sorted(path.parent.glob("*.hh"))],
        language="c++",
    )


def extensions() -> list[Extension]:
    """Every module that Cython accepts."""
    accepted: list[Extension] = []
    for path in sorted(SOURCE.rglob("*.pyx")):
        try:
            accepted += cythonize([extension(path)], compiler_directives=DIRECTIVES, include_path=["src"])
        except CompileError as error:
            if os.environ.get("SPANWRIGHT_DEV") != "1":
                raise
            print(f"SPANWRIGHT_DEV: left out {path}: {error}")
    return accepted


setup(ext_modules=extensions())
