"""Build the wheels of the workspace for one Python, each only when its sources have changed.

    python tools/wheels.py --python python3.11 [DISTRIBUTION ...]

Wheels go to `.cache/wheels/cp3NN/`; the last line printed is that folder.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from workspace import ROOT, Distribution, closure, distributions

BUILD_REQUIREMENTS = [
    "setuptools>=77",
    "wheel",
    "Cython>=3.1",
    "numpy>=2.0",
    "murmurhash",
    "cymem",
    "preshed",
]
SOURCES = (".py", ".pyx", ".pxd", ".pyi", ".toml", ".md", ".cfg", ".json", ".h", ".hh", ".cpp", ".c")


def python_tag(python: str) -> str:
    """`cp311` for a Python 3.11."""
    code = "import sys; print('cp%d%d' % sys.version_info[:2])"
    return subprocess.check_output([python, "-c", code], text=True).strip()


def fingerprint(dist: Distribution) -> str:
    """A digest of the files that go into a distribution's wheel; generated C files do not count."""
    digest = hashlib.sha256()
    files = [
        dist.folder / "pyproject.toml",
        dist.folder / "setup.py",
        *sorted((dist.folder / "src").rglob("*")),
    ]
    for path in files:
        generated = path.suffix in (".c", ".cpp") and path.with_suffix(".pyx").exists()
        if path.is_file() and path.suffix in SOURCES and not generated and "egg-info" not in str(path):
            digest.update(str(path.relative_to(dist.folder)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()


def builder(python: str, tag: str) -> Path:
    """The Python of a virtual environment that holds everything the builds need."""
    folder = ROOT / ".cache" / f"build-{tag}"
    executable = folder / "bin" / "python"
    if not (folder / "ready").exists():
        subprocess.check_call([python, "-m", "venv", "--clear", str(folder)])
        subprocess.check_call([str(executable), "-m", "pip", "install", "-q", *BUILD_REQUIREMENTS])
        (folder / "ready").touch()
    return executable


def build(dist: Distribution, executable: Path, wheels: Path) -> None:
    """Build one wheel unless the one there was built from the same sources."""
    stamp = wheels / f"{dist.name}.stamp"
    digest = fingerprint(dist)
    if stamp.exists() and stamp.read_text() == digest:
        return
    for old in wheels.glob(f"{dist.name.replace('-', '_')}-*.whl"):
        old.unlink()
    print(f"building {dist.name}", file=sys.stderr, flush=True)
    # A fresh tree, so that objects compiled in place for another Python cannot slip into the wheel.
    tree = wheels / "tree" / dist.name
    subprocess.check_call(["rm", "-rf", str(tree)])
    tree.parent.mkdir(parents=True, exist_ok=True)
    ignore = ["--exclude=*.so", "--exclude=build", "--exclude=*.egg-info", "--exclude=__pycache__"]
    with subprocess.Popen(
        ["tar", "-C", str(dist.folder.parent), *ignore, "-cf", "-", dist.folder.name], stdout=subprocess.PIPE
    ) as pack:
        tree.mkdir()
        subprocess.check_call(["tar", "-C", str(tree), "--strip-components=1", "-xf", "-"], stdin=pack.stdout)
    command = [str(executable), "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation"]
    subprocess.check_call([*command, "-w", str(wheels), str(tree)])
    stamp.write_text(digest)


def build_all(python: str, names: list[str]) -> Path:
    """Build what is named and what it needs; return the folder of the wheels."""
    tag = python_tag(python)
    wheels = ROOT / ".cache" / "wheels" / tag
    wheels.mkdir(parents=True, exist_ok=True)
    wanted: dict[str, Distribution] = {}
    for name in names or list(distributions()):
        wanted.update({dist.name: dist for dist in closure(name)})
    with (wheels / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        executable = builder(python, tag)
        for dist in wanted.values():
            build(dist, executable, wheels)
    return wheels


def main() -> None:
    """The command line of this tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="DISTRIBUTION")
    parser.add_argument("--python", default=sys.executable)
    options = parser.parse_args()
    os.environ.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    print(build_all(options.python, options.names))


if __name__ == "__main__":
    main()
