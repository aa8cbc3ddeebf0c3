"""Small pipelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from thinc.api import Adam
from thinc.util import fix_random_seed

from spanwright import blank
from spanwright.tokens import Example

TOK2VEC = {
    "@architectures": "spacy.HashEmbedCNN.v2",
    "pretrained_vectors": None,
    "width": 16,
    "depth": 1,
    "embed_size": 200,
    "window_size": 1,
    "maxout_pieces": 2,
    "subword_features": True,
}
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}
DATA = [
    (
        "I like green eggs",
        {
            "tags": ["PRON", "VERB", "ADJ", "NOUN"],
            "pos": ["PRON", "VERB", "ADJ", "NOUN"],
            "morphs": ["Number=Sing", "Tense=Pres", "", "Number=Plur"],
            "sent_starts": [1, -1, -1, -1],
        },
    ),
    (
        "Eat blue ham you eat",
        {
            "tags": ["VERB", "ADJ", "NOUN", "PRON", "VERB"],
            "pos": ["VERB", "ADJ", "NOUN", "PRON", "VERB"],
            "morphs": ["Mood=Imp", "", "Number=Sing", "Number=Sing", "Tense=Pres"],
            "sent_starts": [1, -1, -1, 1, -1],
        },
    ),
]


@pytest.fixture
def data() -> Any:
    """Texts and their annotation."""
    return DATA


@pytest.fixture
def make_examples() -> Callable[..., list[Any]]:
    """Examples of the data for a pipeline."""
    return lambda nlp, data=DATA: [Example.from_dict(nlp.make_doc(text), gold) for text, gold in data]


@pytest.fixture
def make_nlp(make_examples: Any) -> Callable[..., Any]:
    """A pipeline with one component on small vectors, shared or its own, initialized on the data."""

    def make(factory: str, *, shared: bool = False, initialize: bool = True, **config: Any) -> Any:
        fix_random_seed(0)
        nlp = blank("xx")
        if shared:
            nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
        model = {"@architectures": "spacy.Tagger.v2", "tok2vec": LISTENER if shared else TOK2VEC}
        nlp.add_pipe(factory, config={"model": model, **config})
        if initialize:
            nlp.initialize(lambda: make_examples(nlp))
        return nlp

    return make


@pytest.fixture
def train(make_examples: Any) -> Callable[..., dict[str, float]]:
    """Train a pipeline on the data until it knows it; gives the last losses."""

    def run(nlp: Any, steps: int = 60, data: Any = DATA) -> dict[str, float]:
        optimizer = Adam(0.02)
        losses: dict[str, float] = {}
        for _ in range(steps):
            losses = {}
            nlp.update(make_examples(nlp, data), sgd=optimizer, losses=losses)
        return losses

    return run
