"""Filling and reading a knowledge base, and what is refused."""

from __future__ import annotations

import copy
import pickle
import sys
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy
import pytest

from spanwright import blank, registry
from spanwright.errors import InvalidTypeError, InvalidValueError, SpanwrightWarning, UnsupportedError
from spanwright.kb import Candidate, InMemoryLookupKB, KnowledgeBase, get_candidates, get_candidates_batch
from spanwright.vocab import Vocab


@pytest.fixture
def small() -> InMemoryLookupKB:
    kb = InMemoryLookupKB(Vocab(), 2)
    kb.add_entity("Q1", 3, [1, 0.5])
    kb.add_entity("Q2", 0, [0, 1])
    kb.add_alias("Ada", ["Q1", "Q2"], [0.5, 0.25])
    return kb


def test_what_is_added_is_found(small: InMemoryLookupKB) -> None:
    assert len(small) == small.get_size_entities() == 2 and small.get_size_aliases() == 1
    assert small.get_entity_strings() == ["Q1", "Q2"] and small.get_alias_strings() == ["Ada"]
    assert small.contains_entity("Q1") and not small.contains_entity("Ada")
    assert small.contains_alias("Ada") and not small.contains_alias("Q1")
    assert small.get_vector("Q1") == [1.0, 0.5] and small.get_vector("none") == [0.0, 0.0]
    assert list(small.get_vectors(["Q2", "Q1"])) == [[0.0, 1.0], [1.0, 0.5]]
    assert small.get_prior_prob("Q2", "Ada") == 0.25
    assert small.get_prior_prob("Q2", "Bo") == small.get_prior_prob("Q3", "Ada") == 0.0
    assert not small.contains_entity("unheard") and "unheard" not in small.vocab.strings
    assert repr(small) == "<InMemoryLookupKB with 2 entities and 1 aliases, vectors of width 2>"


def test_candidates_say_what_they_are(small: InMemoryLookupKB) -> None:
    first, second = small.get_alias_candidates("Ada")
    assert (first.entity_, first.alias_, first.prior_prob, first.entity_freq) == ("Q1", "Ada", 0.5, 3.0)
    assert first.entity == small.vocab.strings["Q1"] and first.alias == small.vocab.strings["Ada"]
    assert second.entity_vector == [0.0, 1.0] and second.kb is small
    assert repr(first) == "<Candidate 'Q1' for 'Ada', prior probability 0.5>"
    assert small.get_alias_candidates("Bo") == []
    mine = Candidate(small, first.entity, 1.0, [1.0, 2.0], first.alias, 0.1)
    assert mine.entity_vector == [1.0, 2.0] and mine.entity_ == "Q1"


def test_mentions_are_looked_up_by_their_text(small: InMemoryLookupKB) -> None:
    doc = blank("xx")("Ada met ada")
    assert [c.entity_ for c in get_candidates(small, doc[0:1])] == ["Q1", "Q2"]
    assert [len(list(found)) for found in get_candidates_batch(small, [doc[0:1], doc[2:3]])] == [2, 0]
    assert registry.misc.get("spacy.CandidateGenerator.v1")() is get_candidates
    assert registry.misc.get("spacy.CandidateBatchGenerator.v1")() is get_candidates_batch


def test_many_entities_at_once_replace_the_others(small: InMemoryLookupKB) -> None:
    with pytest.warns(SpanwrightWarning, match="1 candidates of aliases are no longer entities, and are dropped"):
        small.set_entities(["Q3", "Q2"], [1, 2], numpy.array([[1, 2], [3, 4]]))
    assert small.get_entity_strings() == ["Q3", "Q2"] and small.get_vector("Q2") == [3.0, 4.0]
    assert [c.entity_ for c in small.get_alias_candidates("Ada")] == ["Q2"]
    small.add_entity("Q4", 1, [5, 6])
    assert small.get_vector("Q4") == [5.0, 6.0] and small.get_vector("Q3") == [1.0, 2.0]
    small.append_alias("Ada", "Q4", 0.1)
    assert [c.entity_ for c in small.get_alias_candidates("Ada")] == ["Q2", "Q4"]


def test_what_is_there_stays_with_a_warning(small: InMemoryLookupKB) -> None:
    with pytest.warns(SpanwrightWarning, match="The entity 'Q1' is in the knowledge base already, and stays"):
        assert small.add_entity("Q1", 9, [9, 9]) is None
    with pytest.warns(SpanwrightWarning, match="The alias 'Ada' is in the knowledge base already.*append_alias adds"):
        assert small.add_alias("Ada", ["Q2"], [0.1]) is None
    with pytest.warns(SpanwrightWarning, match="The alias 'Ada' has the entity 'Q2' already"):
        small.append_alias("Ada", "Q2", 0.1)
    small.append_alias("Ada", "Q2", 0.1, ignore_warnings=True)
    with pytest.warns(SpanwrightWarning, match="1 of the names come again and are passed over, such as 'a'"):
        small.set_entities(["Q1", "a", "Q2", "a"], [1, 2, 3, 4], [[1, 1], [2, 2], [3, 3], [4, 4]])
    assert small.get_entity_strings() == ["Q1", "a", "Q2"] and small.get_vector("Q2") == [3.0, 3.0]
    assert small.get_prior_prob("Q1", "Ada") == 0.5


def test_an_alias_without_entities_is_warned_of(small: InMemoryLookupKB) -> None:
    with pytest.warns(SpanwrightWarning, match="The alias 'Bo' has no entities: its mentions will have no candidates"):
        small.add_alias("Bo", [], [])
    small.append_alias("Bo", "Q1", 1.0)
    assert small.get_prior_prob("Q1", "Bo") == 1.0 and small.get_prior_prob("Q2", "Ada") == 0.25


def test_a_negative_frequency_is_warned_of(small: InMemoryLookupKB) -> None:
    with pytest.warns(SpanwrightWarning, match="The entity 'Q3' has the frequency -2; a frequency is 0 or more"):
        small.add_entity("Q3", -2, [1, 1])
    assert small.contains_entity("Q3")


REFUSED: list[tuple[str, tuple[Any, ...], str]] = [
    ("add_entity", ("Q3", 1, [1, 2, 3]), "The vector of the entity 'Q3' has 3 values, and .* width 2 .entity_vector_l"),
    ("add_entity", ("Q3", 1, []), "The vector of the entity 'Q3' has 0 values"),
    ("add_entity", ("Q3", 1, None), "The vector of the entity 'Q3' must be a list of 2 numbers"),
    ("add_entity", ("Q3", 1, ["a", 2]), "The vector of the entity 'Q3' must be a list of 2 numbers"),
    ("add_entity", ("Q3", 1, [float("nan"), 2]), "The vector of the entity 'Q3' has values that are no numbers"),
    ("add_entity", ("Q3", float("inf"), [1, 2]), "The frequency of the entity 'Q3' is inf, which is no number"),
    ("add_entity", ("Q3", 10**400, [1, 2]), "A frequency of entities is no number"),
    ("add_entity", ("Q3", [1, 2], [1, 2]), "A frequency of entities is no number"),
    ("add_entity", ("Q3", 1, [10**400, 2]), "The vector of the entity 'Q3' must be a list of 2 numbers"),
    ("add_entity", ("Q3", 1, [1e39, 2]), "The vector of the entity 'Q3' has values that are no numbers"),
    ("add_entity", ("Q3", 1, numpy.ones(2) * 1j), "The vector of the entity 'Q3' must be a list of 2 numbers"),
    ("add_entity", ("", 1, [1, 2]), "An entity must have a name"),
    ("set_entities", (["a", ""], [1, 2], [[1, 2], [1, 2]]), "An entity must have a name"),
    ("add_alias", ("Bo", ["Q1"], [10**400]), "The alias 'Bo' has the prior probability 1000"),
    ("append_alias", ("Ada", "Q1", None), "The alias 'Ada' has the prior probability None"),
    ("add_entity", ("Q3", "often", [1, 2]), "A frequency of entities is no number; the first entity is 'Q3'"),
    ("set_entities", (["a", "b"], [1], [[1, 2]]), "as many names as frequencies and vectors, and got 2, 1 and 1"),
    ("set_entities", (["a", "b"], [1, 2], [[1, 2], [1]]), "The vector of the entity 'b' has 1 values"),
    ("add_alias", ("", ["Q1"], [1.0]), "An alias must be a text that is not empty"),
    ("add_alias", ("Bo", ["Q1"], [0.5, 0.5]), "The alias 'Bo' has 1 entities and 2 prior probabilities"),
    ("add_alias", ("Bo", ["Q1", "Q2"], [0.9, 0.2]), "probabilities of the alias 'Bo' sum to 1.10000, and must not"),
    ("add_alias", ("Bo", ["Q1"], [-0.5]), "The alias 'Bo' has the prior probability -0.5; each must be a number"),
    ("add_alias", ("Bo", ["Q1"], ["much"]), "The alias 'Bo' has the prior probability 'much'"),
    ("add_alias", ("Bo", ["Q12"], [1.0]), "The alias 'Bo' names the entity 'Q12', which is not .*Did you mean 'Q"),
    ("append_alias", ("Adda", "Q1", 0.1), "The alias 'Adda' is not in the knowledge base: .*Did you mean 'Ada'"),
    ("append_alias", ("Ada", "Q9", 0.1), "The alias 'Ada' names the entity 'Q9', which is not in the knowledge base"),
    ("append_alias", ("Ada", "Q1", 0.6), "probabilities of the alias 'Ada' sum to 1.35000"),
]


@pytest.mark.parametrize(("method", "arguments", "message"), REFUSED)
def test_what_is_refused(small: InMemoryLookupKB, method: str, arguments: Any, message: str) -> None:
    before = small.to_bytes()
    with pytest.raises(ValueError, match=message) as caught:
        getattr(small, method)(*arguments)
    assert isinstance(caught.value, InvalidValueError)
    assert small.to_bytes() == before


@pytest.mark.parametrize("freq", ["3", [3], numpy.float64(3), numpy.array([3.0])])
def test_a_frequency_is_taken_as_the_number_it_is(small: InMemoryLookupKB, freq: Any) -> None:
    """What can be read as a number must not leave half an entity behind."""
    small.add_entity("Q3", freq, [1, 2])
    small.add_entity("Q4", 4, [3, 4])
    assert small.get_vector("Q3") == [1.0, 2.0] and small.get_vector("Q4") == [3.0, 4.0]
    small.add_alias("Cy", ["Q3", "Q4"], [0.5, 0.5])
    assert [c.entity_freq for c in small.get_alias_candidates("Cy")] == [3.0, 4.0]


@pytest.mark.parametrize(
    "vector",
    [(1, 2), range(1, 3), numpy.array([1, 2]), numpy.array([1, 2], dtype="f2"), numpy.array([1, 2, 2])[:2], ["1", "2"]],
)
def test_vectors_of_many_kinds(small: InMemoryLookupKB, vector: Any) -> None:
    small.add_entity("Q3", 1, vector)
    assert small.get_vector("Q3") == [1.0, 2.0]


def test_vectors_of_another_device(small: InMemoryLookupKB, monkeypatch: Any) -> None:
    """CuPy refuses to become a NumPy array without being asked, alone and in lists."""

    def refuse(self: Any, *args: Any, **kwargs: Any) -> Any:
        raise TypeError("Implicit conversion to a NumPy array is not allowed")

    array: Any = type("ndarray", (), {"__module__": "cupy", "get": lambda self: self.data, "__array__": refuse})
    monkeypatch.setitem(sys.modules, "cupy", array)
    one, both = array(), array()
    one.data, both.data = numpy.array([1.0, 2.0]), numpy.array([[1.0, 2.0], [3.0, 4.0]])
    small.add_entity("Q3", 1, one)
    assert small.get_vector("Q3") == [1.0, 2.0]
    small.set_entities(["Q1", "Q2"], [1, 2], [one, [3, 4]])
    assert small.get_vector("Q1") == [1.0, 2.0] and small.get_vector("Q2") == [3.0, 4.0]
    array.__len__ = lambda self: 2
    small.set_entities(["Q1", "Q2"], [1, 2], both)
    assert small.get_vector("Q2") == [3.0, 4.0]


@pytest.mark.parametrize("prior", [True, Decimal("0.5"), numpy.array(0.5), numpy.float32(0.5), 0, -0.0])
def test_prior_probabilities_of_many_kinds(small: InMemoryLookupKB, prior: Any) -> None:
    small.add_alias("Bo", ["Q1"], [prior])
    assert small.get_prior_prob("Q1", "Bo") == float(prior)


def test_names_are_texts(small: InMemoryLookupKB) -> None:
    before = small.to_bytes()
    calls: list[Callable[[Any], Any]] = [
        lambda name: small.add_entity(name, 1, [1, 2]),
        lambda name: small.set_entities(["Q7", name], [1, 2], [[1, 2], [3, 4]]),
        lambda name: small.add_alias(name, ["Q1"], [1.0]),
        lambda name: small.add_alias("Bo", [name], [1.0]),
        lambda name: small.append_alias(name, "Q1", 0.1),
        small.contains_entity,
        small.contains_alias,
        small.get_vector,
        small.get_alias_candidates,
        lambda name: small.get_prior_prob(name, "Ada"),
    ]
    for call in calls:
        for name in (5, b"Q1", ["Q1"], small.vocab.strings["Q1"]):
            with pytest.raises(InvalidTypeError, match=r"(An entity's name|An alias) must be a text, found .* of type"):
                call(name)
    with pytest.raises(TypeError, match="The alias 'Bo' needs a list of entities, found the text 'Q1'"):
        small.add_alias("Bo", "Q1", [0.1, 0.1])
    with pytest.raises(TypeError, match="get_candidates takes a mention, a Span, found str. get_alias_candidates"):
        small.get_candidates("Ada")  # type: ignore[arg-type]
    assert small.to_bytes() == before


def test_what_is_no_vocabulary() -> None:
    with pytest.raises(InvalidTypeError, match="needs a Vocab, such as nlp.vocab, found Language_xx"):
        InMemoryLookupKB(blank("xx"), 2)  # type: ignore[arg-type]
    with pytest.raises(InvalidTypeError, match="found NoneType"):
        InMemoryLookupKB(None, 2)  # type: ignore[arg-type]


def test_copies_go_their_own_way(small: InMemoryLookupKB) -> None:
    for twin in (copy.copy(small), copy.deepcopy(small)):
        twin.add_entity("Q3", 1, [1, 1])
        twin.append_alias("Ada", "Q3", 0.1)
        assert len(small) == 2 and [c.entity_ for c in small.get_alias_candidates("Ada")] == ["Q1", "Q2"]
        assert [c.entity_ for c in twin.get_alias_candidates("Ada")] == ["Q1", "Q2", "Q3"]


def test_widths_that_cannot_be() -> None:
    with pytest.raises(InvalidValueError, match=f"entity_vector_length must be 16777216 or less, found {1 << 40}"):
        InMemoryLookupKB(Vocab(), 1 << 40)
    with pytest.raises(InvalidValueError, match="entity_vector_length must not be negative, found -1"):
        InMemoryLookupKB(Vocab(), -1)
    with pytest.raises(InvalidTypeError, match="entity_vector_length must be a whole number, found 1.5"):
        InMemoryLookupKB(Vocab(), 1.5)  # type: ignore[arg-type]
    without = InMemoryLookupKB(Vocab(), 0)
    without.add_entity("Q1", 1, [])
    without.add_alias("Ada", ["Q1"], [1.0])
    assert without.get_vector("Q1") == [] and without.get_alias_candidates("Ada")[0].entity_vector == []


def test_the_base_class_says_what_is_left_to_do() -> None:
    with pytest.raises(TypeError, match="Make an InMemoryLookupKB, or a subclass"):
        KnowledgeBase(Vocab(), 2)

    class Mine(KnowledgeBase):
        pass

    kb = Mine(Vocab(), 2)
    calls: list[Any] = [
        lambda: kb.get_candidates_batch([blank("xx")("a")[0:1]]),
        lambda: kb.get_vectors(["a"]),
        kb.to_bytes,
        lambda: kb.from_bytes(b""),
        lambda: kb.to_disk("x"),
        lambda: kb.from_disk("x"),
    ]
    for call in calls:
        with pytest.raises(UnsupportedError, match="class Mine does not define `.*`, which KnowledgeBase leaves"):
            call()


def test_registered_makers(small: InMemoryLookupKB, tmp_path: Any) -> None:
    assert registry.misc.get("spacy.EmptyKB.v1")(entity_vector_length=7)(Vocab()).entity_vector_length == 7
    with pytest.raises(InvalidTypeError, match=r"EmptyKB.v1 has a width of its own.*Name spacy.EmptyKB.v2"):
        registry.misc.get("spacy.EmptyKB.v1")(entity_vector_length=7)(Vocab(), 5)
    assert registry.misc.get("spacy.EmptyKB.v2")()(Vocab(), 5).entity_vector_length == 5
    small.to_disk(tmp_path / "kb")
    loaded = registry.misc.get("spacy.KBFromFile.v1")(tmp_path / "kb")(Vocab())
    assert loaded.to_bytes() == small.to_bytes() and loaded.get_entity_strings() == ["Q1", "Q2"]


def test_it_can_be_pickled(small: InMemoryLookupKB) -> None:
    small.append_alias("Ada", small.get_entity_strings()[0], 0.1, ignore_warnings=True)
    small.add_alias("Bo", ["Q2"], [0.5])
    twin = pickle.loads(pickle.dumps(small))
    assert twin.to_bytes() == small.to_bytes() and twin.get_alias_strings() == ["Ada", "Bo"]
    twin.add_entity("Q3", 1, [1, 1])
    assert twin.get_vector("Q3") == [1.0, 1.0] and not small.contains_entity("Q3")
