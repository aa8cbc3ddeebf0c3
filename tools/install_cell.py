"""Install built wheels of the workspace, with nothing but what they declare, into this environment.

    python tools/install_cell.py [DISTRIBUTION ...] [--resolution latest|oldest] [--extra NAME]

Without a name it installs all of them, but not PyTorch and transformers, which one of them needs.

`oldest` takes the lowest version that each declared bound admits, so that floors are tested and not believed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys

from wheels import build_all
from workspace import closure, distributions, requirement_name

# Gigabytes on most machines. What looks at the whole does without: our modules import it only when it is needed.
HEAVY = frozenset({"torch", "transformers"})


def requirements(names: list[str], extras: list[str]) -> tuple[list[str], list[str]]:
    """The siblings to install and everything else that they declare."""
    siblings: dict[str, None] = {}
    others: dict[str, None] = {}
    known = distributions()
    for name in names:
        for dist in closure(name):
            siblings[dist.name] = None
            for requirement in dist.requirements:
                if requirement_name(requirement) not in known:
                    others[requirement] = None
        for extra in extras:
            others.update(dict.fromkeys(known[name].extra(extra)))
    return list(siblings), list(others)


def main() -> None:
    """The command line of this tool."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="DISTRIBUTION")
    parser.add_argument("--resolution", choices=["latest", "oldest"], default="latest")
    parser.add_argument("--extra", action="append", default=[])
    options = parser.parse_args()
    names = options.names or list(distributions())
    wheels = build_all(sys.executable, names)
    siblings, others = requirements(names, options.extra)
    if not options.names:
        others = [requirement for requirement in others if requirement_name(requirement) not in HEAVY]
    if options.resolution == "oldest":
        command = [sys.executable, "-m", "uv", "pip", "install", "-q", "--python", sys.executable]
        # Wheels only: a floor that no longer builds on today's tools is still a floor that people have installed.
        subprocess.check_call([*command, "--resolution", "lowest-direct", "--only-binary", ":all:", *others])
    else:
        subprocess.check_call([sys.executable, "-m", "pip", "install", "-q", *others])
    # The wheels of the workspace alone: no index is asked, nothing outside is taken for one of them.
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--force-reinstall"]
    subprocess.check_call([*command, "--find-links", str(wheels), *siblings])
    check([] if options.names else sorted(HEAVY))


def check(left_out: list[str]) -> None:
    """Have pip check that every requirement is met, but for those that were left out."""
    done = subprocess.run([sys.executable, "-m", "pip", "check"], capture_output=True, text=True, check=False)
    wrong = [
        line
        for line in done.stdout.splitlines()
        if done.returncode and not any(f" requires {name}," in line for name in left_out)
    ]
    if wrong:
        sys.exit("\n".join(wrong))


if __name__ == "__main__":
    main()
