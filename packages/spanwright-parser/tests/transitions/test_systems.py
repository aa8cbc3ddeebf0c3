"""Transition systems on Docs and Examples: what data need, what Docs say already, gold annotation, cuts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from spanwright.errors import InvalidValueError, MissingKeyError
from spanwright.tokens import Doc, Example, Span
from spanwright.vocab import Vocab
from spanwright_parser.transitions import ArcEager, Biluo

VOCAB = Vocab()
WORDS = "I like green eggs . She does too .".split()
HEADS = [1, 1, 3, 1, 1, 6, 6, 6, 6]
DEPS = ["nsubj", "ROOT", "amod", "obj", "punct", "nsubj", "ROOT", "advmod", "punct"]


def doc(words: Sequence[str] = WORDS, **annotation: Any) -> Doc:
    return Doc(VOCAB, words=list(words), **annotation)


def parsed() -> Doc:
    return doc(heads=HEADS, deps=DEPS)


def with_entities(*tags: str, words: Sequence[str] | None = None) -> Doc:
    return doc(words or [f"w{i}" for i in range(len(tags))], ents=list(tags))


def parser_for(*docs: Doc, min_freq: int = 1, **settings: Any) -> ArcEager:
    system = ArcEager(VOCAB.strings)
    examples = [Example(doc([token.text for token in gold]), gold) for gold in docs]
    system.initialize_actions(system.get_actions(examples=examples, min_freq=min_freq, **settings))
    return system


def recogniser(**settings: Any) -> Biluo:
    system = Biluo(VOCAB.strings, **settings)
    system.initialize_actions(system.get_actions(entity_types=["A", "B"]))
    return system


# What data need


def test_actions_of_a_parser() -> None:
    actions = ArcEager.get_actions(examples=[Example(doc(), parsed())], min_freq=1)
    assert {action: dict(counts) for action, counts in actions.items()} == {
        0: {"": 4},
        1: {"": 5},
        2: {"nsubj": 2, "amod": 1, "dep": 0},
        3: {"obj": 1, "punct": 2, "advmod": 1, "dep": 0},
        4: {"ROOT": 2},
    }


def test_rare_labels_are_learnt_as_dep() -> None:
    system = parser_for(parsed(), min_freq=2)
    assert system.move_names == ["S", "D", "L-nsubj", "L-dep", "R-punct", "R-dep", "B-ROOT"]
    states = system.start([doc()])
    states.replay(system.oracle([Example(doc(), parsed())]))
    target = doc()
    system.set_annotations([target], states)
    assert [token.dep_ for token in target] == ["nsubj", "ROOT", "dep", "dep", "punct", "nsubj", "ROOT", "dep", "punct"]
    assert [token.head.i for token in target] == HEADS


def test_shift_and_reduce_are_never_too_rare() -> None:
    assert parser_for(parsed(), min_freq=30).move_names == ["S", "D", "L-dep", "R-dep", "B-ROOT"]


def test_labels_can_be_asked_for() -> None:
    actions = ArcEager.get_actions(left_labels=["x"], right_labels=["y"], learn_tokens=True)
    assert dict(actions[2]) == {"x": 1, "subtok": 0, "dep": 0}
    assert dict(actions[3]) == {"y": 1, "subtok": 0, "dep": 0}
    assert (dict(actions[0]), dict(actions[1])) == ({"": 1, "x": 1}, {"": 1, "y": 1})


def test_crossing_arcs_have_labels_of_their_own() -> None:
    crossing = doc("a b c d".split(), heads=[2, 3, 2, 2], deps=["x", "y", "ROOT", "z"])
    system = parser_for(crossing)
    assert "L-y||z" in system.move_names
    target = doc("a b c d".split())
    states = system.start([target])
    states.replay(system.oracle([Example(doc("a b c d".split()), crossing)]))
    system.set_annotations([target], states)
    assert [token.head.i for token in target] == [2, 3, 2, 2]
    assert [token.dep_ for token in target] == ["x", "y", "ROOT", "z"]


def test_actions_of_a_recogniser() -> None:
    gold = with_entities("B-B", "I-B", "B-A", "O")
    actions = Biluo.get_actions(examples=[Example(gold, gold)], min_freq=30)
    counts = {"B": 2, "A": 1}
    assert {a: dict(c) for a, c in actions.items()} == {
        0: {}, 1: counts, 2: counts, 3: counts, 4: {"": 1, **counts}, 5: {"": 1},
    }  # fmt: skip
    assert recogniser().get_doc_labels(gold) == {"A", "B"}
    assert parser_for(parsed()).get_doc_labels(parsed()) == {"ROOT", "dep", *DEPS}


# What Docs say already


def random_parse(system: Any, docs: list[Doc], seed: int = 0) -> None:
    rng = np.random.default_rng(seed)
    states = system.start(docs)
    while len(states.active):
        rows = states.active
        states.follow(rng.random((len(rows), system.n_moves)), rows)
    system.set_annotations(docs, states)


@pytest.mark.parametrize("seed", range(5))
def test_sentence_starts_that_a_doc_has_are_kept(seed: int) -> None:
    given = [True, False, False, None, None, True, None, False, None]
    target = doc(sent_starts=given)
    random_parse(parser_for(parsed()), [target], seed)
    for token, starts in zip(target, given, strict=True):
        # What is no start cannot be broken at; left arcs may still make it one, as in published parsers.
        if starts:
            assert token.is_sent_start
    for sent in target.sents:
        assert all(sent.start <= token.head.i < sent.end for token in sent)


def test_words_left_without_a_head_are_roots() -> None:
    system = parser_for(parsed())
    target = doc()
    states = system.start([target])
    states.finish()
    system.set_annotations([target], states)
    assert [token.dep_ for token in target] == ["ROOT"] * 9
    assert len(list(target.sents)) == 9


@pytest.mark.parametrize("seed", range(10))
def test_entities_that_a_doc_has_are_kept(seed: int) -> None:
    target = doc("a b c d e f g h".split())
    target.set_ents([Span(target, 2, 4, label="A")], blocked=[target[5:6]], outside=[target[6:7]], default="missing")
    random_parse(recogniser(), [target], seed)
    assert (2, 4, "A") in [(ent.start, ent.end, ent.label_) for ent in target.ents]
    assert target[5].ent_iob_ == "B" and target[5].ent_type_ == ""
    assert all(token.ent_iob_ in "IOB" and token.ent_iob_ for token in target)
    for ent in target.ents:
        assert 5 not in range(ent.start, ent.end)


def test_an_entity_of_an_unknown_label_does_not_stop_the_rest() -> None:
    target = doc("a b c".split())
    target.ents = [Span(target, 1, 2, label="UNKNOWN")]
    random_parse(recogniser(), [target])
    assert len(target) == 3


def test_links_of_entities_stay() -> None:
    target = doc("a b c".split())
    target.ents = [Span(target, 0, 2, label="A", kb_id="Q1")]
    random_parse(recogniser(), [target, doc(["x"])])
    assert next((ent.label_, ent.kb_id_) for ent in target.ents) == ("A", "Q1")
    assert target[1].ent_kb_id_ == "Q1"


def test_states_of_other_docs_are_refused() -> None:
    for system in (parser_for(parsed()), recogniser()):
        with pytest.raises(
            InvalidValueError, match=r"states are of 1 Docs of \[9\] tokens, but there are 1 Docs of \[2\]"
        ):
            system.set_annotations([doc(["a", "b"])], system.start([doc()]))
        system.set_annotations([], system.start([]))
        empty = doc([])
        system.set_annotations([empty], system.start([empty]))


# Gold annotation


def test_what_gold_annotation_is() -> None:
    parser, ner = parser_for(parsed()), recogniser(incorrect_spans_key="wrong")
    bare = doc()
    assert parser.has_gold(Example(doc(), parsed()))
    assert not parser.has_gold(Example(doc(), bare))
    assert not ner.has_gold(Example(doc(), bare))
    bare.spans["wrong"] = [bare[0:2]]
    assert ner.has_gold(Example(doc(), bare))
    gold = with_entities("O", "O", "O")
    gold.set_ents([], missing=[gold[0:2]], outside=[gold[2:3]])
    example = Example(doc([token.text for token in gold]), gold)
    assert ner.has_gold(example) and ner.has_gold(example, 1, 3) and not ner.has_gold(example, 0, 2)


def test_missing_arcs_cost_nothing() -> None:
    partial = doc(heads=[1, 1, 2, 3, 4, 5, 6, 7, 8], deps=["nsubj", *[""] * 8])
    system = parser_for(parsed())
    example = Example(doc(), partial)
    states, gold = system.cut([example])
    states.advance([0])
    costs = dict(zip(system.move_names, states.costs(gold)[0].tolist(), strict=True))
    assert costs["L-nsubj"] == 0 and costs["L-amod"] == 1 and costs["R-obj"] == 1
    assert gold.impossible == 0


def test_arcs_between_tokens_that_do_not_fit_are_counted() -> None:
    merged = doc(
        ["I", "like", "greeneggs", ".", "She", "does", "too", "."],
        spaces=[True, True, True, True, True, True, True, False],
    )
    gold = Doc(VOCAB, words=WORDS, spaces=[True, True, False, *[True] * 5, False], heads=HEADS, deps=DEPS)
    system = parser_for(gold)
    batch = system.gold([Example(merged, gold)])
    assert batch.impossible == 2
    sequence = system.get_oracle_sequence(Example(merged, gold))
    states = system.start([merged])
    states.replay([np.array(sequence)])
    system.set_annotations([merged], states)
    assert merged[0].head.i == 1 and merged[6].head.i == 5


def test_entities_that_do_not_fit_the_tokens_are_counted() -> None:
    gold = Doc(VOCAB, words=["a", "b", "c"], spaces=[True, False, False], ents=["B-A", "B-B", "O"])
    predicted = Doc(VOCAB, words=["a", "bc"], spaces=[True, False])
    batch = recogniser().gold([Example(predicted, gold)])
    assert batch.impossible == 1
    assert recogniser().get_oracle_sequence(Example(predicted, gold))


def test_gold_that_contradicts_the_doc_ends_the_oracle_without_a_crash() -> None:
    predicted, gold = doc(["a", "b", "c"]), with_entities("B-A", "I-A", "O", words=["a", "b", "c"])
    predicted.ents = [Span(predicted, 0, 1, label="B")]
    system = recogniser()
    states, columns = system.cut([Example(predicted, gold)])
    found, failed = states.oracle(columns)
    assert failed == 1 and len(found[0]) < 3
    states, columns = system.cut([Example(predicted, gold)])
    gradient, seen, impossible = states.gradient(columns, np.zeros((1, system.n_moves)))
    assert impossible == 1 and not seen.any() and np.isfinite(gradient).all()


def test_spans_known_to_be_no_entities_cost_something() -> None:
    gold = doc(["a", "b", "c"])
    gold.spans["wrong"] = [Span(gold, 0, 1, label="A"), Span(gold, 1, 3, label="B")]
    system = recogniser(incorrect_spans_key="wrong")
    states, columns = system.cut([Example(doc(["a", "b", "c"]), gold)])

    def cost(name: str) -> float:
        return float(states.costs(columns)[0, system.move_names.index(name)])

    assert (cost("U-A"), cost("U-B"), cost("B-A"), cost("O")) == (1, 0, 0, 0)
    states.advance([system.move_names.index("O")])
    # Only the last token is left, so that the entity is as good as complete.
    assert (cost("B-A"), cost("B-B")) == (0, 1)
    states.advance([system.move_names.index("B-B")])
    assert cost("L-B") == 1


def test_a_span_cannot_be_an_entity_and_none() -> None:
    gold = with_entities("B-A", "O")
    gold.spans["wrong"] = [Span(gold, 0, 1, label="A")]
    with pytest.raises(
        InvalidValueError, match=r"'w0' .* is an entity of the reference Doc, and also in its spans\['wrong'\]"
    ):
        recogniser(incorrect_spans_key="wrong").gold([Example(doc(["w0", "w1"]), gold)])


def test_labels_that_no_move_has() -> None:
    gold = with_entities("B-NEW", "O")
    with pytest.raises(MissingKeyError, match=r"has the entity tag 'U-NEW', but .* add_label\('NEW'\)"):
        recogniser().gold([Example(doc(["w0", "w1"]), gold)])
    gold = with_entities("B-!A", "O")
    with pytest.raises(InvalidValueError, match="'!A' of an earlier version says what an entity is not"):
        recogniser().gold([Example(doc(["w0", "w1"]), gold)])


# States to learn from


@pytest.mark.parametrize("max_length", [0, 1, 5, 100])
def test_cuts_are_stretches_of_the_oracle(max_length: int) -> None:
    examples = [
        Example(doc(), parsed()),
        Example(doc(), doc()),
        Example(doc(["a"]), doc(["a"], heads=[0], deps=["ROOT"])),
    ]
    system = parser_for(parsed())
    moves = system.oracle(examples)
    assert len(moves[1]) == 0
    states, gold = system.cut(examples, max_length)
    long = [i for i in (0, 2) if 0 < max_length <= len(examples[i].predicted)]
    whole = [i for i in (0, 2) if i not in long]
    assert [int(n) for n in states.lengths[: len(whole)]] == [len(examples[i].predicted) for i in whole]
    at = len(whole)
    for i in long:
        for start in range(0, len(moves[i]), max_length):
            expected = system.start([example.predicted for example in examples]).take([i])
            expected.replay([moves[i][:start]])
            end = expected.take(None)
            end.replay([moves[i][start : start + max_length]])
            first, last = expected.first_buffered()[0], end.first_buffered()[0]
            if not system.has_gold(examples[i], int(first), int(last)):
                continue
            assert states.stack(at).tolist() == expected.stack(0).tolist()
            assert states.buffer(at).tolist() == expected.buffer(0).tolist()
            assert (states.costs(gold, [at]) <= 0).any()
            at += 1
    assert at == states.n


def test_examples_without_tokens_or_annotation_give_no_state() -> None:
    for system in (parser_for(parsed()), recogniser()):
        for size in (0, 5):
            states, gold = system.cut([Example(doc([]), doc([])), Example(doc(), doc())], size)
            assert states.n == 0 and gold.impossible == 0
        assert system.oracle([]) == []
        states, _ = system.cut([], 3)
        assert states.n == 0


def test_gold_of_other_docs_is_refused() -> None:
    system = parser_for(parsed())
    _, gold = system.cut([Example(doc(), parsed())])
    with pytest.raises(ValueError, match="gold annotation is of 9 tokens, but the batch of 2"):
        system.start([doc(["a", "b"])]).costs(gold)
