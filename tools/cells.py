"""Print the tox cells of a quick run: every distribution on this Python, and the core on the oldest and newest.

The list is tox's own default list, so a new distribution or cell is taken up by itself.
"""

from __future__ import annotations

import re
import subprocess
import sys

OLDEST, NEWEST = "py310", "py313"


def main() -> None:
    """Print the cells, separated by commas."""
    listed = subprocess.check_output([sys.executable, "-m", "tox", "list", "-d", "--no-desc", "-q"], text=True).split()
    here = f"py{sys.version_info[0]}{sys.version_info[1]}"
    cells = []
    for cell in listed:
        python, _, rest = cell.partition("-")
        if (
            not re.fullmatch(r"py3\d+", python)
            or python == here
            or (python in (OLDEST, NEWEST) and rest == "core-latest")
        ):
            cells.append(cell)
    # The longest first: what looks at the whole takes as long as all the others together.
    print(",".join(sorted(cells, key=lambda cell: cell.startswith("py3"))))


if __name__ == "__main__":
    main()
