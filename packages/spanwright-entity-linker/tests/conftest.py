"""A knowledge base of two Emersons, a component that marks them, and small pipelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy
import pytest
from thinc.api import Adam
from thinc.util import fix_random_seed

from spanwright import blank, registry
from spanwright.language import Language
from spanwright.tokens import Doc, Example, Span
from spanwright_entity_linker.knowledge_base import InMemoryLookupKB

WIDTH = 4
CNN = {
    "@architectures": "spacy.HashEmbedCNN.v2", "width": 16, "depth": 1, "embed_size": 200, "window_size": 1,
    "maxout_pieces": 2, "subword_features": True, "pretrained_vectors": None,
}  # fmt: skip
LISTENER = {"@architectures": "spacy.Tok2VecListener.v1", "width": 16, "upstream": "*"}
ENTITIES = {"Q1": "poet", "Q2": "player"}
DATA = [
    ("Emerson wrote a poem . It was long .", "Q1"),
    ("Emerson hit the ball . It was far .", "Q2"),
    ("We read that Emerson wrote an essay .", "Q1"),
    ("We saw how Emerson hit the net .", "Q2"),
]


@registry.misc("test.TwoEmersons.v1")
def TwoEmersons_v1() -> Callable[[Any, int], InMemoryLookupKB]:  # noqa: N802
    """Makes a knowledge base of two entities and their aliases."""
    return two_emersons


def two_emersons(vocab: Any, width: int = WIDTH) -> InMemoryLookupKB:
    """Two entities with one alias, one of them with another."""
    kb = InMemoryLookupKB(vocab, width)
    kb.set_entities(list(ENTITIES), [10, 20], numpy.eye(len(ENTITIES), width))
    kb.add_alias("Emerson", ["Q1", "Q2"], [0.5, 0.3])
    kb.add_alias("Waldo", ["Q1"], [1.0])
    for word in ("Fox", "dogs"):
        kb.add_alias(word, ["Q1", "Q2"], [0.2, 0.3])
    return kb


@Language.component("mark_known", assigns=["doc.ents", "doc.sents"])
def mark_known(doc: Doc) -> Doc:
    """Sentences end with a full stop; known names are entities."""
    for token in doc:
        token.is_sent_start = token.i == 0 or doc[token.i - 1].text == "."
    names = ("Emerson", "Waldo", "Nobody", "Fox", "dogs")
    doc.ents = [Span(doc, token.i, token.i + 1, label="PERSON") for token in doc if token.text in names]
    return doc


@pytest.fixture
def kb() -> InMemoryLookupKB:
    """The knowledge base of two Emersons."""
    return two_emersons(blank("xx").vocab)


@pytest.fixture
def make_examples() -> Callable[..., list[Any]]:
    """Examples of the data for a pipeline; the predicted Docs have sentences, as annotating components give them."""

    def make(nlp: Any, data: Any = DATA) -> list[Any]:
        examples = []
        for text, name in data:
            words = text.split()
            predicted, gold = Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words)
            mark_known(gold)
            gold.ents = [Span(gold, ent.start, ent.end, label="PERSON", kb_id=name) for ent in gold.ents]
            for token in predicted:
                token.is_sent_start = gold[token.i].is_sent_start
            examples.append(Example(predicted, gold))
        return examples

    return make


@pytest.fixture
def make_nlp(make_examples: Any) -> Callable[..., Any]:
    """A pipeline that marks and links, with vectors of its own or shared, initialized on the data."""

    def make(*, shared: bool = False, initialize: bool = True, legacy: bool = False, **config: Any) -> Any:
        fix_random_seed(0)
        nlp = blank("xx")
        if shared:
            nlp.add_pipe("tok2vec", config={"model": CNN})
        nlp.add_pipe("mark_known")
        name = "spacy-legacy.EntityLinker.v1" if legacy else "spacy.EntityLinker.v2"
        model = {"@architectures": name, "tok2vec": LISTENER if shared else CNN}
        settings = {"incl_prior": False, "generate_empty_kb": {"@misc": "test.TwoEmersons.v1"}, **config}
        linker = nlp.add_pipe("entity_linker", config={"model": model, "entity_vector_length": WIDTH, **settings})
        if legacy:
            linker.kb = two_emersons(nlp.vocab)
        if initialize:
            nlp.initialize(lambda: make_examples(nlp))
        return nlp

    return make


@pytest.fixture
def train(make_examples: Any) -> Callable[..., dict[str, float]]:
    """Train a pipeline on the data until it knows it; gives the last losses."""

    def run(nlp: Any, steps: int = 40, data: Any = DATA) -> dict[str, float]:
        optimizer = Adam(0.02)
        losses: dict[str, float] = {}
        for _ in range(steps):
            losses = {}
            nlp.update(make_examples(nlp, data), sgd=optimizer, losses=losses)
        return losses

    return run


@pytest.fixture
def links() -> Callable[..., list[str]]:
    """The ids that a pipeline sets on a text of words."""
    return lambda nlp, text: [ent.kb_id_ for ent in nlp(Doc(nlp.vocab, words=text.split())).ents]
