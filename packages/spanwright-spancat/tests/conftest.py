"""Small pipelines that label spans, and what they learn from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from thinc.api import Adam
from thinc.util import fix_random_seed

from spanwright import blank
from spanwright.tokens import Example, Span

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
LOGISTIC = {"@layers": "spacy.LinearLogistic.v1"}
SOFTMAX = {"@layers": "Softmax.v2"}
# Texts and their spans (start, end, label), some of which overlap.
DATA = [
    ("Ada Lovelace lived in old London", [(0, 2, "PERSON"), (4, 6, "PLACE"), (5, 6, "PLACE")]),
    ("the house of Ada is in Paris", [(0, 4, "PLACE"), (3, 4, "PERSON"), (6, 7, "PLACE")]),
    ("nobody lived there", []),
]


def model_of(factory: str, tok2vec: dict[str, Any]) -> dict[str, Any]:
    """The block [model] of a component."""
    if factory == "span_finder":
        return {"@architectures": "spacy.SpanFinder.v1", "tok2vec": tok2vec, "scorer": {**LOGISTIC, "nO": 2}}
    return {
        "@architectures": "spacy.SpanCategorizer.v1",
        "tok2vec": tok2vec,
        "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 16},
        "scorer": SOFTMAX if factory == "spancat_singlelabel" else LOGISTIC,
    }


@pytest.fixture
def data() -> Any:
    """Texts and their spans."""
    return DATA


@pytest.fixture
def make_examples() -> Callable[..., list[Any]]:
    """Examples of the data for a pipeline."""

    def make(nlp: Any, data: Any = DATA, key: str = "sc") -> list[Any]:
        examples = []
        for text, spans in data:
            gold = nlp.make_doc(text)
            gold.spans[key] = [Span(gold, start, end, label=label) for start, end, label in spans]
            examples.append(Example(nlp.make_doc(text), gold))
        return examples

    return make


@pytest.fixture
def make_nlp(make_examples: Any) -> Callable[..., Any]:
    """A pipeline with one component on small vectors, shared or its own, initialized on the data."""

    def make(factory: str = "spancat", *, shared: bool = False, initialize: bool = True, **config: Any) -> Any:
        fix_random_seed(0)
        nlp = blank("xx")
        if shared:
            nlp.add_pipe("tok2vec", config={"model": TOK2VEC})
        if factory != "span_finder":
            config.setdefault("suggester", {"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2, 3, 4]})
        nlp.add_pipe(factory, config={"model": model_of(factory, LISTENER if shared else TOK2VEC), **config})
        if initialize:
            nlp.initialize(lambda: make_examples(nlp, key=config.get("spans_key", "sc")))
        return nlp

    return make


@pytest.fixture
def train(make_examples: Any) -> Callable[..., dict[str, float]]:
    """Train a pipeline on the data until it knows it; gives the last losses."""

    def run(nlp: Any, steps: int = 60, data: Any = DATA, **settings: Any) -> dict[str, float]:
        optimizer = Adam(0.02)
        losses: dict[str, float] = {}
        for _ in range(steps):
            losses = {}
            nlp.update(make_examples(nlp, data, **settings), sgd=optimizer, losses=losses)
        return losses

    return run
