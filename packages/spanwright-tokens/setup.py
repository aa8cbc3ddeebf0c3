"""Compiles every .pyx below src; everything else about the distribution stands in pyproject.toml.

SPANWRIGHT_DEV=1: a module that does not compile is reported and left out, so that the others can still be used.
"""

from __future__ import annotations

import os
from pathlib import Path

import cymem
import murmurhash
import numpy
import preshed
from Cython.Build import cythonize
from Cython.Compiler.Errors import CompileError
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

DEV = os.environ.get("SPANWRIGHT_DEV") == "1"
SOURCE = Path("src")
DIRECTIVES = {"language_level": 3, "binding": True, "embedsignature": False}
MACROS = [("NPY_NO_DEPRECATED_API", "NPY_1_7_API_VERSION")]
FLAGS = [] if os.name == "nt" else ["-O2", "-Wno-unused-function", "-Wno-unreachable-code"]


class BuildExt(build_ext):
    """In development a module that the C compiler refuses does not stop the others."""

    def build_extension(self, ext: Extension) -> None:
        try:
            super().build_extension(ext)
        except Exception as error:
            if not DEV:
                raise
            print(f"SPANWRIGHT_DEV: left out {ext.name}: {error}")

    def copy_extensions_to_source(self) -> None:
        everything = self.extensions
        if DEV:
            self.extensions = [
                ext for ext in everything if Path(self.build_lib, self.get_ext_filename(ext.name)).exists()
            ]
        try:
            super().copy_extensions_to_source()
        finally:
            self.extensions = everything


def extension(path: Path) -> Extension:
    """The extension module of one .pyx file."""
    name = ".".join(path.relative_to(SOURCE).with_suffix("").parts)
    # preshed and cymem have no headers of their own so far: what Cython needs of them are their .pxd files.
    include = [numpy.get_include(), *(str(Path(m.__file__).parent / "include") for m in (murmurhash, preshed, cymem))]
    return Extension(
        name,
        [str(path)],
        include_dirs=[folder for folder in include if Path(folder).exists()],
        define_macros=MACROS,
        extra_compile_args=FLAGS,
        language="c++",
    )


def extensions() -> list[Extension]:
    """Every module that Cython accepts."""
    wanted = [extension(path) for path in sorted(SOURCE.rglob("*.pyx"))]
    if not DEV:
        return cythonize(wanted, compiler_directives=DIRECTIVES, include_path=["src"], nthreads=os.cpu_count() or 1)
    accepted: list[Extension] = []
    for one in wanted:
        try:
            accepted += cythonize([one], compiler_directives=DIRECTIVES, include_path=["src"])
        except CompileError as error:
            print(f"SPANWRIGHT_DEV: left out {one.name}: {error}")
    return accepted


setup(
    ext_modules=extensions(),
    cmdclass={"build_ext": BuildExt},
    options={"build_ext": {"parallel": os.cpu_count() or 1}},
)
