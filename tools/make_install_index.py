"""Write core's index of names -> the distribution to install, from the entry points of the workspace.

    python tools/make_install_index.py            # write it
    python tools/make_install_index.py --check    # exit with 1 if it is out of step

"since" is the first version of a distribution that offered the name: it is kept once written, so that a message can
tell "too old" from "not installed". Names of distributions that the workspace does not hold yet stand in
tools/planned_names.tsv (distribution, registry, name) and are marked "planned"; a row there gives way as soon as the
workspace declares the name.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from workspace import ROOT, distributions

INDEX = ROOT / "core/src/spanwright/registry/install_index.json"
PLANNED = Path(__file__).with_name("planned_names.tsv")
GROUP_PREFIX = "spanwright_"

Rows = dict[str, dict[str, dict[str, Any]]]


def build(previous: Rows) -> Rows:
    """The index for the workspace as it is; `previous` supplies the versions that are already recorded."""
    rows: Rows = {}
    for line in PLANNED.read_text(encoding="utf8").splitlines():
        distribution, registry, name = line.split("\t")
        rows.setdefault(registry, {})[name] = {"distribution": distribution, "planned": True}
    for distribution in distributions().values():
        for group, entries in distribution.entry_points.items():
            if not group.startswith(GROUP_PREFIX):
                continue
            registry = group.removeprefix(GROUP_PREFIX)
            for name in entries:
                known = previous.get(registry, {}).get(name, {})
                same = known.get("distribution") == distribution.name
                since = known.get("since") if same else None
                rows.setdefault(registry, {})[name] = {
                    "distribution": distribution.name,
                    "since": since or distribution.version,
                }
    return {registry: dict(sorted(names.items())) for registry, names in sorted(rows.items())}


def text_of(rows: Rows) -> str:
    """The file's text: one name a line."""
    blocks = []
    for registry, names in rows.items():
        lines = ",\n".join(f"    {json.dumps(name)}: {json.dumps(row)}" for name, row in names.items())
        blocks.append(f"  {json.dumps(registry)}: {{\n{lines}\n  }}")
    return "{\n" + ",\n".join(blocks) + "\n}\n"


def main() -> int:
    """Write the index, or compare it with --check."""
    old = INDEX.read_text(encoding="utf8") if INDEX.exists() else "{}"
    new = text_of(build(json.loads(old)))
    if new == old:
        return 0
    if "--check" in sys.argv[1:]:
        print(f"{INDEX} is out of step with the workspace. Run: python tools/make_install_index.py")
        return 1
    INDEX.write_text(new, encoding="utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
