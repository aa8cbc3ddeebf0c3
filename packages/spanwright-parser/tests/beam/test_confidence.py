"""How sure components say they are."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from parser_kit import annotation, trained

from spanwright.errors import InvalidValueError
from spanwright.tokens import Doc, DocBin, Span, Token
from spanwright.vocab import Vocab
from spanwright_parser.confidence import register
from spanwright_parser.layers.scores import probabilities

TEXTS = ["Ada Lovelace lived in London .", "She met Babbage there .", "", "London"]


@pytest.fixture(autouse=True)
def clean() -> Iterator[None]:
    yield
    for owner in (Doc, Span, Token):
        if owner.has_extension("confidence"):
            owner.remove_extension("confidence")


@pytest.fixture(scope="module")
def pipelines() -> dict[str, Any]:
    return {
        "greedy": trained("parser", "ner"),
        "beam": trained("beam_parser", "beam_ner", config={"beam_width": 4, "beam_update_prob": 0.0}),
    }


def switch(nlp: Any, value: bool) -> Any:
    for _, pipe in nlp.pipeline:
        pipe.confidence = value
    return nlp


@pytest.mark.parametrize("kind", ["greedy", "beam"])
def test_it_is_off_and_annotation_is_the_same_when_it_is_on(pipelines: dict[str, Any], kind: str) -> None:
    nlp = switch(pipelines[kind], False)
    off = list(nlp.pipe(TEXTS))
    assert all(not doc.user_data for doc in off)
    on = list(switch(nlp, True).pipe(TEXTS))
    switch(nlp, False)
    assert [annotation(doc) for doc in on] == [annotation(doc) for doc in off]
    for doc in on:
        assert set(doc._.confidence) == set(nlp.pipe_names)
        assert all(0 <= token._.confidence <= 1 + 1e-9 for token in doc)
        assert all(0 <= ent._.confidence <= 1 + 1e-9 for ent in doc.ents)
    assert on[0].ents
    assert on[0].ents[0]._.confidence > 0.3
    assert on[0][0:1]._.confidence is None


def test_it_survives_storage(pipelines: dict[str, Any]) -> None:
    nlp = switch(pipelines["greedy"], True)
    doc = nlp(TEXTS[0])
    switch(nlp, False)
    stored = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (back,) = DocBin(store_user_data=True).from_bytes(stored).get_docs(nlp.vocab)
    again = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    for other in (back, again):
        assert [token._.confidence for token in other] == [token._.confidence for token in doc]
        assert [ent._.confidence for ent in other.ents] == [ent._.confidence for ent in doc.ents]


def test_an_entity_is_as_probable_as_its_tokens_actions_together(pipelines: dict[str, Any]) -> None:
    """The probabilities of all that may begin with the first token add up to 1."""
    nlp = pipelines["greedy"]
    pipe = nlp.get_pipe("ner")
    doc = nlp.make_doc("Ada Lovelace")
    steps = pipe._open_steps([doc], is_train=False)

    def total(states: Any, chance: float) -> dict[tuple[int, ...], float]:
        if states.final[0]:
            return {tuple(states.taken.tolist()): chance}
        found = {}
        chances = probabilities(steps.predict(states), states.valid())[0]
        for move in np.flatnonzero(chances):
            child = states.take([0])
            child.advance([int(move)])
            found |= total(child, chance * float(chances[move]))
        return found

    everything = total(pipe.moves.start([doc]), 1.0)
    assert sum(everything.values()) == pytest.approx(1)
    switch(nlp, True)
    annotated = nlp("Ada Lovelace")
    switch(nlp, False)
    (entity,) = annotated.ents
    assert entity.text == "Ada Lovelace"
    assert entity._.confidence == pytest.approx(max(everything.values()), rel=1e-4)


def test_the_config_switches_it_on() -> None:
    import spanwright

    settings = {"nlp": {"lang": "xx"}, "spanwright": {"components": {"ner": {"confidence": True}}}}
    nlp = spanwright.util.load_model_from_config({**settings, "components": {}}, auto_fill=True)
    nlp.add_pipe("ner")
    assert nlp.get_pipe("ner").confidence
    assert Doc.has_extension("confidence")


def test_tokens_that_were_merged_have_none(pipelines: dict[str, Any]) -> None:
    nlp = switch(pipelines["greedy"], True)
    doc = nlp(TEXTS[0])
    switch(nlp, False)
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    assert doc[0]._.confidence is None


def test_a_tokens_is_looked_up_without_reading_those_of_others() -> None:
    class Counted(list):
        reads = 0

        def __getitem__(self, at: Any) -> Any:
            Counted.reads += 1
            return super().__getitem__(at)

        def __iter__(self) -> Iterator[Any]:
            Counted.reads += len(self)
            return super().__iter__()

    register()
    doc = Doc(Vocab(), words=["a"] * 50)
    doc._.confidence = {"ner": [[0, 1, "A", 0.5]] * 50, "parser": Counted([0.25] * 50)}
    assert [token._.confidence for token in doc] == [0.25] * 50
    assert Counted.reads <= 100


def test_another_attribute_of_the_name_is_left_alone() -> None:
    Token.set_extension("confidence", default=1.0)
    with pytest.raises(InvalidValueError, match=r"Token\._\.confidence is another extension attribute already"):
        register()
    assert not Doc.has_extension("confidence")


def test_a_component_that_arrives_in_another_process_brings_its_attribute(pipelines: dict[str, Any]) -> None:
    data = pickle.dumps(switch(pipelines["greedy"], True))
    switch(pipelines["greedy"], False)
    for owner in (Doc, Span, Token):
        owner.remove_extension("confidence")
    nlp = pickle.loads(data)
    assert nlp.get_pipe("ner").confidence
    assert nlp(TEXTS[0]).ents[0]._.confidence > 0.3


def test_without_possible_moves_nothing_is_probable() -> None:
    assert not probabilities(np.zeros((1, 3), "float32"), np.zeros((1, 3), bool)).any()
