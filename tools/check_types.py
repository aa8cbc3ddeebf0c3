"""Run mypy over the sources of every distribution, one at a time, against what is installed beside it."""

from __future__ import annotations

import subprocess
import sys

from workspace import ROOT, distributions


def main() -> int:
    """Check each distribution; the exit status is 1 if any has a finding."""
    failed = 0
    for dist in distributions().values():
        print(f"mypy {dist.name}", flush=True)
        source = dist.folder / "src"
        packages = [entry.name for entry in source.iterdir() if (entry / "__init__.py").exists()]
        command = [sys.executable, "-m", "mypy", "--config-file", str(ROOT / "pyproject.toml")]
        for package in packages:
            failed |= subprocess.call([*command, str(source / package)], cwd=ROOT)
    return failed


if __name__ == "__main__":
    sys.exit(main())
