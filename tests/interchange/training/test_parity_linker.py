"""An entity_linker learns here what it learns in the peer, and links alike: losses and weights of 20 steps, then links.

With the peer's thinc and without our kernels, so that all sums are made in the same order (see test_parity.py).
"""

from __future__ import annotations

import json
import random
import sys
import sysconfig
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from parity import arrays, need_same_version, run

LOSSES, WEIGHTS = 1e-3, 1e-4
ROWS = 20 * 4 + 60
WORDS = "we saw how it went and they said that many people in the town knew him well since then".split()
# Words that stand near an entity.
TOPICS = ["poem essay verse", "ball net serve", "ship sail port", "law court judge", "song voice tune"]
NAMES = {"Emerson": [0, 1], "Ada Marsh": [1, 2], "Bo": [2, 3, 4], "Port Hill": [4]}
VARIANTS = ["own vectors", "shared vectors", "given entities", "threshold", "legacy"]


def make_rows() -> dict[str, Any]:
    """Docs of a few sentences, entities with links in some of them; some entities are in no knowledge base."""
    chance = random.Random(0)
    rows = []
    for _ in range(ROWS):
        words: list[str] = []
        starts: list[int] = []
        ents: list[list[Any]] = []
        for _ in range(chance.randint(1, 4)):
            sentence = chance.choices(WORDS, k=chance.randint(3, 8))
            begin = len(words)
            if chance.random() < 0.8:
                name = chance.choice([*NAMES, "Stranger"])
                entity = chance.choice(NAMES.get(name, [0]))
                sentence += [*name.split(), *chance.choices(TOPICS[entity].split(), k=3)]
                start = begin + sentence.index(name.split()[0])
                label = "PLACE" if name == "Port Hill" else "PERSON"
                ents.append([start, start + len(name.split()), label, f"Q{entity}" if name in NAMES else "NIL"])
            words += [*sentence, "."]
            starts += [1] + [-1] * len(sentence)
        rows.append({"words": words, "starts": starts, "ents": ents})
    aliases = [[name, [f"Q{i}" for i in ids], [0.8 / len(ids)] * len(ids)] for name, ids in NAMES.items()]
    return {"rows": rows, "entities": [f"Q{i}" for i in range(len(TOPICS))], "aliases": aliases}


@pytest.mark.parametrize("variant", VARIANTS)
def test_twenty_steps_agree(peer: Path, tmp_path: Path, variant: str) -> None:
    need_same_version(peer)
    rows, folder, worker = tmp_path / "rows.json", tmp_path / "initialized", HERE / "linker_worker.py"
    rows.write_text(json.dumps(make_rows()))
    run(peer, worker, "init", variant, rows, folder, kernels="off")
    run(peer, worker, "steps", "spacy", variant, folder, rows, tmp_path / "theirs.npz", kernels="off")
    packages = sysconfig.get_paths()["purelib"]
    run(peer, worker, "steps", "spanwright", variant, folder, rows, tmp_path / "ours.npz", packages, kernels="off")
    ours, theirs = arrays(tmp_path / "ours.npz"), arrays(tmp_path / "theirs.npz")
    assert theirs["losses"][-1, -1] < 0.9 * theirs["losses"][0, -1]
    assert (abs(ours["losses"] - theirs["losses"]) <= LOSSES * abs(theirs["losses"])).all()
    weights = [key for key in theirs if key.startswith("weights/")]
    assert len(weights) > 10
    assert max(float(abs(ours[key] - theirs[key]).max()) for key in weights if theirs[key].size) <= WEIGHTS
    links = json.loads(str(theirs["links"]))
    assert {name for doc in links for name in doc} >= {"NIL", "Q0", "Q1"}
    assert json.loads(str(ours["links"])) == links
