"""The component: what it learns, how it decides, what it asks, and its files."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spanwright
from spanwright import blank, registry
from spanwright.errors import (
    DataFormatError,
    InvalidTypeError,
    InvalidValueError,
    MissingFileError,
    ModelDataError,
    PipelineError,
    SpanwrightWarning,
    UnsupportedError,
)
from spanwright.kb import Candidate, InMemoryLookupKB
from spanwright.pipeline import EntityLinker
from spanwright.tokens import Doc, Example, Span
from spanwright.vocab import Vocab
from spanwright_entity_linker.components.whole_docs import EntityLinker_v1

VARIANTS: list[dict[str, Any]] = [{}, {"shared": True}, {"legacy": True}, {"candidates_batch_size": 2, "n_sents": 1}]


def ids(doc: Doc) -> list[str]:
    return [ent.kb_id_ for ent in doc.ents]


@pytest.mark.parametrize("variant", VARIANTS, ids=str)
def test_it_learns_and_comes_back(
    make_nlp: Any, make_examples: Any, train: Any, links: Any, variant: Any, tmp_path: Any
):  # type: ignore[no-untyped-def]
    nlp = make_nlp(**variant)
    assert train(nlp)["entity_linker"] < 0.1
    texts = ["Emerson wrote an essay .", "Then Emerson hit the ball .", "Waldo and Nobody met ."]
    expected = [["Q1"], ["Q2"], ["Q1", "NIL"]]
    assert [links(nlp, text) for text in texts] == expected
    assert nlp.evaluate(make_examples(nlp))["nel_micro_f"] == 1.0
    nlp.to_disk(tmp_path / "model")
    loaded = spanwright.load(tmp_path / "model")
    from_bytes = blank("xx").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert [links(loaded, text) for text in texts] == [links(from_bytes, text) for text in texts] == expected
    docs = [Doc(nlp.vocab, words=text.split()) for text in [*texts, ""]]
    assert [ids(doc) for doc in nlp.pipe(docs, batch_size=3)] == [*expected, []]


def test_what_the_factory_makes(make_nlp: Any) -> None:
    assert type(make_nlp(initialize=False).get_pipe("entity_linker")) is EntityLinker
    assert type(make_nlp(initialize=False, legacy=True).get_pipe("entity_linker")) is EntityLinker_v1
    linker = blank("xx").add_pipe("entity_linker")
    assert isinstance(linker, EntityLinker) and linker.labels == () and linker.cfg == {"overwrite": True}
    assert linker.kb.entity_vector_length == 64 and linker.NIL == "NIL"


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"threshold": 1.5}, "'entity_linker': the threshold must lie between 0 and 1, found 1.5"),
        ({"threshold": -0.1}, "the threshold must lie between 0 and 1, found -0.1"),
        ({"n_sents": -1}, "n_sents must be 0 or more sentences, found -1"),
        ({"candidates_batch_size": 0}, "candidates_batch_size must be 1 or more, found 0"),
        ({"threshold": float("nan")}, "the threshold must lie between 0 and 1, found nan"),
        ({"n_sent": 1}, "'entity_linker' has no argument 'n_sent'. Did you mean 'n_sents'"),
    ],
)
def test_settings_that_cannot_be(settings: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        blank("xx").add_pipe("entity_linker", config=settings)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"labels_discard": "PERSON"}, "'entity_linker': labels_discard must be a list of labels, found 'PERSON'"),
        ({"labels_discard": [1]}, r"labels_discard must be a list of labels, found \[1\]"),
        ({"get_candidates": None}, "'entity_linker': get_candidates must be a function, found None.*@misc"),
        ({"get_candidates_batch": None}, "get_candidates_batch must be a function, found None"),
        ({"generate_empty_kb": None}, "generate_empty_kb must be a function, found None"),
        (
            {"generate_empty_kb": {"@misc": "spacy.EmptyKB.v1", "entity_vector_length": 4}},
            "Name spacy.EmptyKB.v2 in gen",
        ),
    ],
)
def test_settings_of_the_wrong_type(settings: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        blank("xx").add_pipe("entity_linker", config=settings)


# Deciding


def test_scores_decide(make_nlp: Any, links: Any) -> None:
    text = "Emerson met Nobody and Waldo ."
    assert links(make_nlp(incl_prior=True, incl_context=False), text) == ["Q1", "NIL", "Q1"]
    # Prior probabilities of 0.5 and 0.3; without a threshold the only candidate wins.
    assert links(make_nlp(incl_prior=True, incl_context=False, threshold=0.6), text) == ["NIL", "NIL", "Q1"]
    assert links(make_nlp(incl_prior=True, incl_context=False, threshold=0.5), text) == ["Q1", "NIL", "Q1"]
    assert links(make_nlp(labels_discard=["PERSON"]), text) == ["NIL", "NIL", "NIL"]


def test_equal_scores_give_the_first_candidate(make_nlp: Any, links: Any) -> None:
    nlp = make_nlp(incl_prior=False, incl_context=False)
    assert {tuple(links(nlp, "Emerson met dogs .")) for _ in range(20)} == {("Q1", "Q1")}


def test_a_vector_of_zeros_is_like_nothing(make_nlp: Any, links: Any) -> None:
    nlp = make_nlp()
    kb = nlp.get_pipe("entity_linker").kb
    kb.add_entity("Q0", 1, [0] * 4)
    kb.add_alias("Nobody", ["Q0", "Q1"], [0.1, 0.1])
    assert links(nlp, "Nobody wrote .")[0] in ("Q0", "Q1")


def test_ids_that_are_set_stay_without_overwrite(make_nlp: Any) -> None:
    for overwrite, expected in ((True, "Q1"), (False, "Q7")):
        nlp = make_nlp(incl_context=False, incl_prior=True, overwrite=overwrite)
        doc = Doc(nlp.vocab, words=["Waldo"])
        doc.ents = [Span(doc, 0, 1, label="PERSON", kb_id="Q7")]
        assert ids(nlp.get_pipe("entity_linker")(doc)) == [expected]


def test_windows_reach_as_far_as_n_sents(make_nlp: Any) -> None:
    nlp = make_nlp(n_sents=1)
    linker = nlp.get_pipe("entity_linker")
    words = "It was . Emerson sat . Then it was . And it went .".split()
    doc = Doc(nlp.vocab, words=words, sent_starts=[1 if i in (0, 3, 6, 10) else -1 for i in range(len(words))])
    doc.ents = [Span(doc, 3, 4, label="PERSON")]
    context = linker._context(0, doc, [3], doc.ents[0], [0, 3, 6, 10])
    assert (context.start, context.end, context.first, context.last) == (0, 10, 3, 6)
    linker.n_sents = 0
    context = linker._context(0, doc, [3], doc.ents[0], [0, 3, 6, 10])
    assert (context.start, context.end) == (3, 6)


@pytest.mark.parametrize("shared", [False, True])
def test_contexts_in_batches_are_those_one_by_one(make_nlp: Any, shared: bool) -> None:
    nlp = make_nlp(shared=shared, n_sents=1)
    linker = nlp.get_pipe("entity_linker")
    words = ("Emerson saw dogs . " * 6).split()
    doc = nlp.get_pipe("mark_known")(Doc(nlp.vocab, words=words))
    starts = [sentence.start for sentence in doc.sents]
    contexts = [linker._context(0, doc, [other.start for other in doc.ents], ent, starts) for ent in doc.ents]
    together = linker._encode([doc], contexts)
    assert len(together) == 6
    for context in contexts:
        window = doc[context.start : context.end].as_doc()
        if shared:
            (vectors,) = nlp.get_pipe("tok2vec").broadcast.collect([doc])
            nlp.get_pipe("tok2vec").broadcast.publish([window], [vectors[context.start : context.end]])
        # The row of the window's first entity, from the network itself.
        assert numpy.allclose(together[context], linker.model.predict([window])[0], atol=1e-5)


def test_another_network_gives_a_row_for_each_entity(make_nlp: Any, links: Any) -> None:
    """A network that is not of the published graph is asked for all rows, and its own sentences hold."""
    from thinc.api import Model, chain

    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    before = links(nlp, "It was . Emerson met dogs . Then Emerson wrote .")
    wrapped: Model = chain(linker.model, Model("same", lambda model, rows, is_train: (rows, lambda gradient: gradient)))
    linker.model = wrapped
    assert links(nlp, "It was . Emerson met dogs . Then Emerson wrote .") == before


# What it asks


def test_one_question_for_a_doc(make_nlp: Any, train: Any, make_examples: Any, monkeypatch: Any) -> None:
    asked: list[int] = []
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    original = InMemoryLookupKB.get_candidates_batch
    monkeypatch.setattr(InMemoryLookupKB, "get_candidates_batch", lambda kb, m: asked.append(len(m)) or original(kb, m))
    doc = nlp.get_pipe("mark_known")(Doc(nlp.vocab, words="Emerson met Waldo and Emerson . Nobody met dogs .".split()))
    linker.predict([doc, Doc(nlp.vocab, words=["none"]), doc])
    assert asked == [5, 5]
    asked.clear()
    linker.update(make_examples(nlp))
    assert len(asked) <= 4


def test_both_callbacks_of_version_3_are_asked(make_nlp: Any, links: Any) -> None:
    asked: list[Any] = []

    def one(kb: Any, mention: Span) -> Any:
        asked.append(mention.text)
        return kb.get_alias_candidates("Waldo")

    def several(kb: Any, mentions: Any) -> Any:
        asked.append([mention.text for mention in mentions])
        return (iter(kb.get_alias_candidates("Waldo")) for _ in mentions)

    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    linker.get_candidates, linker.get_candidates_batch = one, several
    assert links(nlp, "Emerson met Nobody .") == ["Q1", "Q1"] and asked == ["Emerson", "Nobody"]
    asked.clear()
    linker.candidates_batch_size = 2
    assert links(nlp, "Emerson met Nobody and dogs .") == ["Q1"] * 3 and asked == [["Emerson", "Nobody", "dogs"]]
    linker.get_candidates_batch = lambda kb, mentions: [[]]
    with pytest.raises(InvalidValueError, match="asked for the candidates of 2 mentions, and got 1 lists"):
        links(nlp, "Emerson met Nobody .")


class OneByOne:
    """What spaCy asks of a knowledge base where `candidates_batch_size` is 1, and nothing else."""

    entity_vector_length = 4

    def __init__(self, kb: InMemoryLookupKB) -> None:
        self.kb = kb

    def get_candidates(self, mention: Span) -> Any:
        return (candidate for candidate in self.kb.get_alias_candidates(mention.text))

    def get_vector(self, entity: str) -> Any:
        return numpy.asarray(self.kb.get_vector(entity))


def test_a_knowledge_base_that_offers_little(make_nlp: Any, make_examples: Any, links: Any) -> None:
    nlp = make_nlp(incl_context=False, incl_prior=True)
    linker = nlp.get_pipe("entity_linker")
    losses = linker.update(make_examples(nlp))
    linker.set_kb(lambda vocab: OneByOne(InMemoryLookupKB(vocab, 4).from_bytes(linker.kb.to_bytes())))
    assert links(nlp, "Emerson met dogs .") == ["Q1", "Q2"]
    assert linker.update(make_examples(nlp)) == losses
    linker.initialize(lambda: make_examples(nlp))


class Mine(Candidate):
    """A candidate that keeps nothing of what its base class keeps."""

    def __init__(self, name: str, vector: Any, prior_prob: float = 0.3) -> None:
        self.name, self.vector, self.prior_prob = name, vector, prior_prob

    @property
    def entity_(self) -> str:
        return self.name

    @property
    def entity_vector(self) -> Any:
        return self.vector


def test_candidates_of_another_class(make_nlp: Any, links: Any) -> None:
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    offered: Any = []
    linker.get_candidates = lambda kb, mention: offered
    doc = nlp.get_pipe("mark_known")(Doc(nlp.vocab, words=["Emerson", "sat"]))
    (row,) = linker._encode([doc], [linker._context(0, doc, [0], doc.ents[0], [0])]).values()
    offered = (Mine("far", -row), Mine("near", row.tolist()))
    assert links(nlp, "Emerson sat") == ["near"]
    offered = [Mine("A", [1, 0, 0, 0]), Mine("B", [1, 0, 0])]
    with pytest.raises(PipelineError, match="gives vectors of width 4, and the knowledge base has vectors of width 3"):
        links(nlp, "Emerson sat")
    offered = [Mine("far", -row), Mine("damaged", [numpy.nan] * 4)]
    assert links(nlp, "Emerson sat") == ["far"]
    offered = [Mine("A", [numpy.nan] * 4), Mine("B", [numpy.nan] * 4)]
    linker.threshold = 0.5
    assert links(nlp, "Emerson sat") == ["NIL"]
    offered = None
    with pytest.raises(
        InvalidTypeError, match="'entity_linker' asked for candidates, and got NoneType. A mention with"
    ):
        links(nlp, "Emerson sat")


# Sentences and tokens


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_entities_may_cross_sentences(make_nlp_once: Any, data: Any) -> None:
    nlp = make_nlp_once
    linker = nlp.get_pipe("entity_linker")
    words = data.draw(st.lists(st.sampled_from(["Emerson", "dogs", "saw", "."]), min_size=1, max_size=12))
    doc = Doc(nlp.vocab, words=words, sent_starts=[1, *(data.draw(st.sampled_from([1, -1])) for _ in words[1:])])
    cuts = sorted(data.draw(st.sets(st.integers(0, len(words)))))
    doc.ents = [Span(doc, start, end, label="PERSON") for start, end in zip(cuts[::2], cuts[1::2], strict=False)]
    linker.n_sents = data.draw(st.integers(0, 2))
    kb_ids = linker.predict([doc])
    assert len(kb_ids) == len(doc.ents)
    assert kb_ids == linker.predict([Doc(nlp.vocab, words=["x"]), doc])
    gold = doc.copy()
    gold.ents = [Span(gold, ent.start, ent.end, label="PERSON", kb_id="Q1") for ent in gold.ents]
    losses = linker.update([Example(doc, gold)])
    assert numpy.isfinite(losses["entity_linker"])


@pytest.fixture(scope="module")
def make_nlp_once() -> Any:
    nlp = blank("xx")
    model = {
        "@architectures": "spacy.EntityLinker.v2",
        "tok2vec": {
            "@architectures": "spacy.HashEmbedCNN.v2", "width": 8, "depth": 1, "embed_size": 50, "window_size": 1,
            "maxout_pieces": 2, "subword_features": False, "pretrained_vectors": None,
        },
    }  # fmt: skip
    kb = {"@misc": "test.TwoEmersons.v1"}
    nlp.add_pipe("entity_linker", config={"model": model, "generate_empty_kb": kb, "entity_vector_length": 4})
    doc = Doc(nlp.vocab, words=["a"])
    nlp.initialize(lambda: [Example(doc, doc.copy())])
    return nlp


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from(["Emerson", "Emersons", "dogs", "saw"]), min_size=1, max_size=6), st.data())
def test_other_tokenisations(make_nlp_once: Any, words: list[str], data: Any) -> None:
    """Predicted tokens may be parts of gold tokens, or several of them."""
    nlp = make_nlp_once
    linker = nlp.get_pipe("entity_linker")
    text = "".join(words)
    cuts = sorted({0, len(text), *data.draw(st.sets(st.integers(1, len(text)), max_size=4))})
    pieces = [text[a:b] for a, b in pairwise(cuts)]
    predicted = Doc(nlp.vocab, words=pieces, spaces=[False] * len(pieces))
    gold = Doc(nlp.vocab, words=words, spaces=[False] * len(words))
    gold.ents = [Span(gold, i, i + 1, label="PERSON", kb_id="Q1") for i, word in enumerate(words) if word != "saw"]
    before = ids(predicted)
    losses = linker.update([Example(predicted, gold)])
    assert numpy.isfinite(losses["entity_linker"])
    assert ids(predicted) == before and not predicted.ents


def test_a_gold_entity_of_several_tokens_in_one(make_nlp: Any) -> None:
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    predicted = Doc(nlp.vocab, words=["Waldo-dogs", "sat"])
    gold = Doc(nlp.vocab, words=["Waldo", "-", "dogs", "sat"], spaces=[False, False, True, False])
    gold.ents = [Span(gold, 0, 3, label="PERSON", kb_id="Q2")]
    linker.kb.add_alias("Waldo-dogs", ["Q2"], [1.0])
    assert linker.update([Example(predicted, gold)])["entity_linker"] > 0.0


def test_rows_of_other_entities_learn_nothing(make_nlp: Any) -> None:
    """Predicted entities that the gold annotation lacks stand between those that are learnt from."""
    nlp = make_nlp(use_gold_ents=False)
    linker = nlp.get_pipe("entity_linker")
    words = "dogs met Emerson .".split()
    predicted, gold = Doc(nlp.vocab, words=words), Doc(nlp.vocab, words=words)
    predicted.ents = [Span(predicted, i, i + 1, label="PERSON") for i in (0, 2)]
    gold.ents = [Span(gold, 2, 3, label="PERSON", kb_id="Q2")]
    rows = numpy.asarray([[1, 1, 0, 0], [1, 0.5, 0, 0]], dtype="float32")
    loss, gradient = linker.get_loss([Example(predicted, gold)], rows)
    assert not gradient[0].any() and gradient[1].any() and loss > 0
    with pytest.raises(InvalidValueError, match="'entity_linker' got 1 vectors for 2 entities"):
        linker.get_loss([Example(predicted, gold)], rows[:1])


def test_docs_without_sentences(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    doc = Doc(nlp.vocab, words="Emerson wrote".split())
    assert linker.predict([doc]) == []
    doc.ents = [Span(doc, 0, 1, label="PERSON")]
    with pytest.raises(
        PipelineError, match=r"'entity_linker' reads the sentences.*no sentence boundaries.*sentencizer"
    ):
        linker.predict([doc])
    linker.incl_context = False
    assert linker.predict([doc]) == ["Q1"]
    # In training such a Doc is one sentence, and stays without boundaries.
    gold = doc.copy()
    gold.ents = [Span(gold, 0, 1, label="PERSON", kb_id="Q1")]
    assert linker.update([Example(doc, gold)])["entity_linker"] > 0
    assert not doc.has_annotation("SENT_START")


# Training


def test_gold_entities_are_only_lent(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp()
    examples = make_examples(nlp)
    first = examples[0].predicted
    first.ents = [Span(first, 2, 3, label="OTHER", kb_id="Q9")]
    nlp.get_pipe("entity_linker").update(examples)
    assert [(ent.text, ent.label_, ent.kb_id_) for ent in first.ents] == [("a", "OTHER", "Q9")]
    assert not examples[1].predicted.ents and not examples[1].predicted.has_annotation("ENT_IOB")


def test_batches_with_nothing_to_learn(make_nlp: Any) -> None:
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    before = linker.model.to_bytes()
    doc = Doc(nlp.vocab, words=["Nobody", "came"])
    gold = Doc(nlp.vocab, words=["Nobody", "came"])
    gold.ents = [Span(gold, 0, 1, label="PERSON", kb_id="Q1")]
    optimizer = nlp.create_optimizer()
    for examples in ([], [Example(doc, gold)], [Example(doc, doc.copy())]):
        assert linker.update(examples, sgd=optimizer) == {"entity_linker": 0.0}
    assert linker.model.to_bytes() == before
    # Candidates, but no link.
    linker.kb.add_alias("Nobody", ["Q1"], [0.1])
    gold.ents = [Span(gold, 0, 1, label="PERSON")]
    assert linker.update([Example(doc, gold)]) == {"entity_linker": 0.0}
    with pytest.raises(TypeError, match="EntityLinker.update"):
        linker.update([doc])


def test_rehearsal_and_distillation(make_nlp: Any, make_examples: Any, train: Any) -> None:
    teacher, student = make_nlp(), make_nlp()
    train(teacher)
    linker, learner = teacher.get_pipe("entity_linker"), student.get_pipe("entity_linker")
    assert linker.rehearse(make_examples(teacher)) == {"entity_linker": 0.0}
    optimizer = teacher.resume_training()
    assert linker.rehearse(make_examples(teacher), sgd=optimizer)["entity_linker"] == pytest.approx(0.0, abs=1e-5)
    linker.model.get_ref("output_layer").get_param("W")[:] += 0.3
    losses = [linker.rehearse(make_examples(teacher), sgd=optimizer)["entity_linker"] for _ in range(20)]
    assert losses[0] > 2 * losses[-1] > 0
    losses = [learner.distill(linker, make_examples(student), sgd=optimizer)["entity_linker"] for _ in range(20)]
    assert losses[0] > 2 * losses[-1] > 0
    nothing = Doc(student.vocab, words=["none"])
    assert learner.distill(linker, [Example(nothing, nothing.copy())]) == {"entity_linker": 0.0}
    wide = make_nlp(entity_vector_length=6).get_pipe("entity_linker")
    with pytest.raises(InvalidValueError, match="gives vectors of width 6, and the teacher of width 4"):
        wide.distill(linker, make_examples(student))


def test_an_early_network_learns_from_linked_entities_alone(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp(legacy=True)
    linker = nlp.get_pipe("entity_linker")
    doc = Doc(nlp.vocab, words=["Emerson", "sat"], sent_starts=[1, -1])
    with pytest.warns(SpanwrightWarning, match="finds nothing to learn in this batch: no gold entity has a knowl"):
        assert linker.update([Example(doc, doc.copy())]) == {"entity_linker": 0.0}
    assert linker.update([]) == {"entity_linker": 0.0}
    assert linker.rehearse(make_examples(nlp)) == {} and linker.rehearse([], losses={"x": 1.0}) == {"x": 1.0}
    with pytest.raises(InvalidValueError, match="got 3 vectors for 4 linked entities"):
        linker.get_loss(make_examples(nlp), numpy.zeros((3, 4), dtype="float32"))
    gold = Doc(nlp.vocab, words=["Emerson", "sat"])
    gold.ents = [Span(gold, 0, 1, label="PERSON", kb_id="Q1")]
    with pytest.raises(PipelineError, match="no sentence boundaries"):
        linker.update([Example(doc, gold)])


# The knowledge base


def test_no_knowledge_base(make_nlp: Any, make_examples: Any) -> None:
    nlp = blank("xx")
    linker: Any = nlp.add_pipe("entity_linker")
    message = r"'entity_linker' has an empty knowledge base.*KBFromFile.*`spanwright init kb` builds one"
    calls: list[Callable[[], Any]] = [
        lambda: nlp.initialize(lambda: make_examples(nlp)),
        lambda: linker.update(make_examples(nlp)),
        lambda: linker.predict([]),
    ]
    for call in calls:
        with pytest.raises(PipelineError, match=message):
            call()
    linker.kb = None
    with pytest.raises(PipelineError, match="'entity_linker' has no knowledge base"):
        linker.validate_kb()
    for wrong, text in ((3, "takes a function that makes a knowledge base for a Vocab, but got int"),
                        (lambda vocab: 3, "must give a knowledge base, but gave int")):  # fmt: skip
        with pytest.raises(ValueError, match=text):
            linker.set_kb(wrong)
    with pytest.raises(UnsupportedError, match="has no labels: it links to the entities of its knowledge base"):
        linker.add_label("PERSON")


def test_an_empty_training_set(make_nlp: Any) -> None:
    nlp = make_nlp(initialize=False)
    with pytest.raises((TypeError, ValueError), match="get_examples"):
        nlp.get_pipe("entity_linker").initialize(list)


def test_initializing_without_a_token(make_nlp: Any) -> None:
    nlp = make_nlp(initialize=False)
    example = Example(Doc(nlp.vocab, words=[]), Doc(nlp.vocab, words=[]))
    with pytest.raises(
        PipelineError, match="cannot be initialized with empty Docs: none of the first 2 Examples has a"
    ):
        nlp.initialize(lambda: [example, example])


def test_initializing_without_entities(make_nlp: Any) -> None:
    nlp = make_nlp(initialize=False)
    doc = Doc(nlp.vocab, words=["no", "one"])
    nlp.initialize(lambda: [Example(Doc(nlp.vocab, words=[]), Doc(nlp.vocab, words=[])), Example(doc, doc.copy())])
    assert nlp.get_pipe("entity_linker").model.get_dim("nO") == 4 and not doc.ents


def test_widths_that_do_not_fit(make_nlp: Any, make_examples: Any, links: Any) -> None:
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    from_test = registry.misc.get("test.TwoEmersons.v1")()
    linker.set_kb(lambda vocab: from_test(vocab, 5))
    message = "gives vectors of width 4.*vectors of width 5"
    with pytest.raises(PipelineError, match=message):
        linker.update(make_examples(nlp))
    with pytest.raises(PipelineError, match=message):
        links(nlp, "Emerson sat .")
    with pytest.raises(PipelineError, match=r"of width 4 \(nO\), and the knowledge base has vectors of width 5"):
        linker.initialize(lambda: make_examples(nlp))


def test_names_of_another_vocabulary_are_saved(make_nlp: Any, links: Any) -> None:
    """`set_kb(lambda vocab: kb)` brings a knowledge base whose names only its own vocabulary knows."""
    empty = {"@misc": "spacy.EmptyKB.v2"}
    nlp = make_nlp(initialize=False, generate_empty_kb=empty, incl_context=False, incl_prior=True)
    kb = InMemoryLookupKB(Vocab(), 4)
    kb.add_entity("Q77", 1, [1, 0, 0, 0])
    kb.add_alias("Emerson", ["Q77"], [1.0])
    nlp.get_pipe("entity_linker").set_kb(lambda vocab: kb)
    loaded = blank("xx").from_config(nlp.config).from_bytes(nlp.to_bytes())
    assert links(loaded, "Emerson sat .") == ["Q77"]


class OtherKB(InMemoryLookupKB):
    """A class of its own."""


def test_another_class_is_told_apart(make_nlp: Any, tmp_path: Any) -> None:
    nlp = make_nlp()
    linker = nlp.get_pipe("entity_linker")
    linker.to_disk(tmp_path / "plain")
    assert not (tmp_path / "plain" / "kb_class.json").exists()
    linker.set_kb(lambda vocab: OtherKB(vocab, 4))
    linker.kb.add_entity("Q1", 1, [1, 0, 0, 0])
    with pytest.warns(
        SpanwrightWarning, match=r"class .*OtherKB, and its config makes a .*InMemoryLookupKB: .*generate_"
    ):
        linker.to_disk(tmp_path / "other")
    assert json.loads((tmp_path / "other" / "kb_class.json").read_text())["class"].endswith(".OtherKB")
    linker.from_disk(tmp_path / "other")
    with pytest.raises(PipelineError, match=r"kb_class.json: .* was saved as .*OtherKB, and component 'entity_linker'"):
        make_nlp().get_pipe("entity_linker").from_disk(tmp_path / "other")


# Files


def test_a_load_that_fails_changes_nothing(make_nlp: Any, train: Any, tmp_path: Any) -> None:
    nlp, other = make_nlp(), make_nlp()
    train(nlp, steps=2)
    linker, loading = nlp.get_pipe("entity_linker"), other.get_pipe("entity_linker")
    before = loading.to_bytes(exclude=["vocab"])
    linker.to_disk(tmp_path / "linker", exclude=["vocab"])
    contents = tmp_path / "linker" / "kb" / "contents"
    whole = contents.read_bytes()
    contents.write_bytes(whole[:-5])
    with pytest.raises(DataFormatError, match="cut short"):
        loading.from_disk(tmp_path / "linker", exclude=["vocab"])
    contents.write_bytes(whole)
    (tmp_path / "linker" / "model").write_bytes(b"\x80")
    linker.kb.add_entity("Q5", 1, [1, 1, 1, 1])
    with pytest.raises(ModelDataError):
        loading.from_disk(tmp_path / "linker", exclude=["vocab"])
    with pytest.raises(MissingFileError, match="there is no knowledge base here"):
        loading.from_disk(tmp_path / "nowhere", exclude=["vocab", "cfg"])
    assert loading.to_bytes(exclude=["vocab"]) == before
    loading.kb, kb = None, loading.kb
    for load in (lambda: loading.from_disk(tmp_path / "linker"), lambda: loading.from_bytes(linker.to_bytes())):
        with pytest.raises(PipelineError, match="'entity_linker' has no knowledge base to load one into. Set"):
            load()
    loading.kb = kb
    loading.from_bytes(linker.to_bytes(exclude=["vocab"]), exclude=["vocab", "kb"])
    assert loading.model.to_bytes() == linker.model.to_bytes() and not loading.kb.contains_entity("Q5")
    assert loading.from_bytes(linker.to_bytes()).kb.contains_entity("Q5")
