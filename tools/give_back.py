"""Delete a tox cell that has run, where nobody will use it again.

    python tools/give_back.py FOLDER

A whole run makes 10 GiB of environments, most of it copies of the same wheels. On a developer's machine they make the
next run quick; where `CI` is set, which tox passes on as `GIVE_BACK`, each goes as soon as its tests have ended, and no
more than two at a time need room.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path


def main() -> None:
    """The command line of this tool."""
    if os.environ.get("GIVE_BACK", "") not in ("", "0", "false"):
        shutil.rmtree(Path(sys.argv[1]), ignore_errors=True)


if __name__ == "__main__":
    main()
