"""Compiles the kernels; everything else about the distribution stands in pyproject.toml."""

from __future__ import annotations

import os
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup

SOURCE = Path("src")
# No -march: the kernels choose their instructions when they run. -fno-math-errno lets sqrt be one instruction.
FLAGS = ["/O2"] if os.name == "nt" else ["-O3", "-g0", "-fno-math-errno", "-Wno-unused-function"]


def extension(path: Path) -> Extension:
    """The extension module of one .pyx file."""
    return Extension(
        ".".join(path.relative_to(SOURCE).with_suffix("").parts),
        [str(path)],
        include_dirs=[numpy.get_include(), str(path.parent)],
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")],
        extra_compile_args=FLAGS,
        depends=[str(header) for header in sorted(path.parent.glob("*.h"))],
    )


extensions = [extension(path) for path in sorted(SOURCE.rglob("*.pyx"))]
setup(ext_modules=cythonize(extensions, compiler_directives={"language_level": 3}))
