"""The same annotation, aligned and scored by ours and by the peer, gives the same numbers."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spanwright.scorer import Scorer, registered
from spanwright_tokens.tokens import Doc, Example, Span
from spanwright_tokens.tokens.iob import biluo_tags_to_spans
from spanwright_tokens.vocab import Vocab


def load_gold_examples() -> Any:
    spec = importlib.util.spec_from_file_location("gold_examples", Path(__file__).parent / "gold_examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def get_scorer(name: str) -> Any:
    return getattr(registered, name.removeprefix("spacy.").replace(".", "_"))


def same(ours: Any, peers: Any) -> bool:
    """Equal, numbers within 1e-9."""
    if isinstance(ours, dict) and isinstance(peers, dict):
        return ours.keys() == peers.keys() and all(same(ours[key], peers[key]) for key in ours)
    if isinstance(ours, (list, tuple)) and isinstance(peers, (list, tuple)):
        return len(ours) == len(peers) and all(map(same, ours, peers))
    if isinstance(ours, float) and isinstance(peers, float):
        return abs(ours - peers) <= 1e-9
    return ours == peers


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_alignment_and_scores(seed: int, run_peer: Callable[..., None], tmp_path: Path) -> None:
    gold_examples = load_gold_examples()
    out = tmp_path / "peer.json"
    run_peer("peer_scores.py", seed, 200, out)
    peers = json.loads(out.read_text(encoding="utf8"))
    specs = gold_examples.specs(seed, 200)
    assert specs == peers["specs"]
    vocab = Vocab()
    examples = [
        Example(
            *(
                gold_examples.make_doc(spec[side], vocab, Doc, Span, biluo_tags_to_spans)
                for side in ("predicted", "gold")
            )
        )
        for spec in specs
    ]
    for i, (example, theirs) in enumerate(zip(examples, peers["aligned"], strict=True)):
        ours = gold_examples.aligned(example)
        assert {key: ours[key] for key in ours if not same(ours[key], theirs[key])} == {}, f"example {i}"
    for ours, theirs in zip(gold_examples.scores(examples, get_scorer, Scorer), peers["scores"], strict=True):
        assert same(ours, theirs)
