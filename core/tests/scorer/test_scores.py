"""Scores against answers recorded from spaCy 3.8.18 (scores.json), and what no gold annotation means."""

import json
import math
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from spanwright.scorer import PRFScore, ROCAUCScore, Scorer, UnknownLabelError, get_ner_prf, registered
from spanwright.scorer.prf import area_under_roc
from spanwright.scorer.standard import StandardPipeline
from spanwright_tokens.errors import SpanwrightError
from spanwright_tokens.tokens import Doc, Example, Span
from spanwright_tokens.tokens.iob import biluo_tags_to_spans
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
GOLDEN = json.loads((Path(__file__).parent / "scores.json").read_text(encoding="utf8"))
COLUMNS = ("tags", "pos", "lemmas", "morphs", "heads", "deps", "sent_starts")


def make_doc(spec):
    doc = Doc(VOCAB, words=spec["words"], spaces=spec["spaces"], **{k: spec[k] for k in COLUMNS if k in spec})
    if "entities" in spec:
        spans = biluo_tags_to_spans(doc, spec["entities"])
        ents = [Span(doc, s.start, s.end, label=s.label, kb_id=spec["kb"][s.start]) for s in spans if s.label]
        doc.set_ents(ents, missing=[span for span in spans if not span.label])
    doc.cats.update(spec["cats"])
    for key, group in spec["groups"].items():
        doc.spans[key] = [Span(doc, start, end, label=label) for start, end, label in group]
    return doc


@pytest.fixture(scope="module")
def examples():
    return [Example(make_doc(spec["predicted"]), make_doc(spec["gold"])) for spec in GOLDEN["specs"]]


def maker(name):
    return getattr(registered, name.replace(".", "_"))


def plain_example(words=("a", "b", "c"), predicted=None, gold=None):
    spaces = [True] * len(words)
    x = Doc(VOCAB, words=words, spaces=spaces, **(predicted or {}))
    return Example(x, Doc(VOCAB, words=words, spaces=spaces, **(gold or {})))


def close(ours, golden):
    if isinstance(golden, dict):
        assert ours.keys() == golden.keys()
        for key in golden:
            close(ours[key], golden[key])
    elif isinstance(golden, float):
        assert ours == pytest.approx(golden, abs=1e-9)
    else:
        assert ours == golden


@pytest.mark.parametrize(("name", "settings", "golden"), GOLDEN["scores"], ids=lambda value: str(value)[:40])
def test_registered_scorers(examples, name, settings, golden):
    close(maker(name)()(examples, **settings), golden)


def test_methods(examples):
    golden = GOLDEN["methods"]
    close(Scorer.score_tokenization(examples), golden["tokenization"])
    close(Scorer.score_spans(examples, "ents"), golden["ents"])
    close(Scorer.score_deps(examples, "dep_"), golden["dep_"])
    close(Scorer.score_token_attr(examples, "lower_"), golden["lower_"])
    close(Scorer().score(examples), golden["all"])


def test_labels_stand_in_one_order(examples):
    """Sets of texts come out otherwise in each process, and a saved pipeline holds these scores."""
    scores = Scorer().score(examples)
    for key in ("morph_per_feat", "dep_las_per_type"):
        assert len(scores[key]) > 1
        assert list(scores[key]) == sorted(scores[key])


def test_a_getter_gives_what_the_column_gives(examples):
    def getter(token, attr):
        return getattr(token, attr)

    def morph(token, attr):
        return token.morph.key

    by_column = registered.morphologizer_score(examples)
    assert Scorer.score_token_attr(examples, "tag", getter=getter) == Scorer.score_token_attr(examples, "tag")
    assert Scorer.score_token_attr(examples, "morph", getter=morph) == {"morph_acc": by_column["morph_acc"]}
    per_feat = Scorer.score_token_attr_per_feat(examples, "morph", getter=morph)
    assert per_feat == {key: by_column[key] for key in per_feat}
    by_getter = Scorer.score_deps(examples, "dep", getter=getter, head_getter=getter)
    assert by_getter == Scorer.score_deps(examples, "dep")


def test_missing_values(examples):
    with_empty = Scorer.score_token_attr(examples, "tag", missing_values=set())
    without_nouns = Scorer.score_token_attr(examples, "tag", missing_values={VOCAB.strings["NN"], None, 0})
    assert (
        len({with_empty["tag_acc"], without_nouns["tag_acc"], Scorer.score_token_attr(examples, "tag")["tag_acc"]}) == 3
    )
    as_getter = Scorer.score_token_attr(examples, "tag_", missing_values={"NN", None, ""})
    assert as_getter == {"tag__acc": without_nouns["tag_acc"]}


def test_without_gold_annotation_scores_are_none():
    scores = Scorer().score([plain_example(predicted={"tags": ["A", "B", "C"]})])
    kept = {key: value for key, value in scores.items() if not key.startswith(("token_", "cats_"))}
    assert len(kept) == 17
    assert set(kept.values()) == {None}
    assert scores["token_acc"] == scores["token_f"] == 1.0
    assert (scores["cats_score"], scores["cats_score_desc"]) == (0.0, "macro F")


def test_unknown_spaces_do_not_count():
    x, y = Doc(VOCAB, words=["a"], spaces=[False]), Doc(VOCAB, words=["a"])
    assert set(Scorer.score_tokenization([Example(x, y)]).values()) == {None}


def test_partial_gold_annotation():
    example = plain_example(predicted={"tags": ["A", "B", "C"]}, gold={"tags": ["A", "", "X"]})
    assert Scorer.score_token_attr([example], "tag") == {"tag_acc": 0.5}


def test_per_component():
    scores = Scorer().score([plain_example()], per_component=True)
    assert list(scores) == ["tokenizer", "senter", "tagger", "morphologizer", "parser", "ner", "textcat"]
    assert scores["tagger"] == {"tag_acc": None}
    assert Scorer(default_pipeline=["ner"]).nlp.pipe_names == ["ner"]


def test_a_pipeline_scores_itself():
    class Component:
        def score(self, examples, **settings):
            return {"n": len(examples), **settings}

    pipeline = StandardPipeline("xx", [])
    pipeline.pipeline = [("mine", Component()), ("silent", object())]
    assert Scorer(pipeline, beam=2).score(iter([plain_example()]), per_component=True) == {
        "tokenizer": {"token_acc": 1.0, "token_p": 1.0, "token_r": 1.0, "token_f": 1.0},
        "mine": {"n": 1, "beam": 2},
    }


def test_cats_when_only_one_side_has_them():
    def scored(pred, gold):
        example = plain_example()
        example.predicted.cats, example.reference.cats = pred, gold
        return Scorer.score_cats([example], "cats", labels=["long", "b"], multi_label=False)["cats_f_per_type"]

    assert scored({}, {"long": 1.0})["long"] == {"p": 0.0, "r": 0.0, "f": 0.0}
    assert scored({"b": 1.0}, {"b": 1.0})["b"] == {"p": 1.0, "r": 1.0, "f": 1.0}


def test_other_components_labels_do_not_count():
    example = plain_example()
    example.predicted.cats, example.reference.cats = {"A": 0.9, "OTHER": 1.0}, {"A": 1.0, "B": 0.0}
    scores = registered.textcat_scorer_v2()([example], labels=["A", "B"])
    assert scores["cats_micro_f"] == pytest.approx(1.0)
    with pytest.raises(
        UnknownLabelError, match=r"categories \['OTHER'\] that are not among .* Use spacy.textcat_scorer.v2"
    ):
        registered.textcat_scorer_v1()([example], labels=["A", "B"])


def test_positive_label():
    example = plain_example()
    example.predicted.cats, example.reference.cats = {"A": 0.9, "B": 0.1}, {"A": 1.0, "B": 0.0}
    scores = Scorer.score_cats([example], "cats", labels=["A", "B"], multi_label=False, positive_label="A")
    assert (scores["cats_score"], scores["cats_score_desc"]) == (pytest.approx(1.0), "F (A)")
    with pytest.raises(KeyError, match="positive_label is 'C', but the labels to score are"):
        Scorer.score_cats([example], "cats", labels=["A", "B"], multi_label=False, positive_label="C")


def test_links():
    example = plain_example()
    example.predicted.ents = [
        Span(example.predicted, 0, 1, "P", kb_id="Q1"),
        Span(example.predicted, 2, 3, "P", kb_id="NIL"),
    ]
    example.reference.ents = [
        Span(example.reference, 0, 1, "P", kb_id="Q1"),
        Span(example.reference, 2, 3, "P", kb_id="Q2"),
    ]
    scores = Scorer.score_links([example], negative_labels=["NIL"])
    assert (scores["nel_micro_p"], scores["nel_micro_r"], scores["nel_score_desc"]) == (1.0, 0.5, "micro F")


def test_entities_over_missing_gold_do_not_count():
    example = plain_example()
    example.predicted.ents = [Span(example.predicted, 0, 1, "P"), Span(example.predicted, 2, 3, "P")]
    example.reference.set_ents([Span(example.reference, 0, 1, "P")], missing=[Span(example.reference, 2, 3)])
    assert get_ner_prf([example])["ents_p"] == 1.0


def test_prf():
    score = PRFScore(tp=1, fp=1, fn=3)
    assert (score.precision, score.recall, score.fscore) == (0.5, 0.25, pytest.approx(1 / 3))
    assert score.to_dict() == {"p": 0.5, "r": 0.25, "f": score.fscore}
    assert len(score) == 5
    added = score + PRFScore(tp=1)
    score += PRFScore(fn=1)
    assert (repr(added), repr(score)) == ("PRFScore(tp=2, fp=1, fn=3)", "PRFScore(tp=1, fp=1, fn=4)")
    empty = PRFScore()
    empty.score_set({1, 2}, {2, 3, 4})
    assert (empty.tp, empty.fp, empty.fn) == (1, 1, 2)
    assert PRFScore().fscore == 0.0


def test_roc_auc():
    score = ROCAUCScore()
    for cand, gold in ((0.1, 0.0), (0.4, 0.0), (0.35, 1.0), (0.8, 1.0)):
        score.score_set(cand, gold)
    assert score.is_binary()
    assert score.score == pytest.approx(0.75)
    score.score_set(0.8, 0.0)
    assert score.score == pytest.approx(0.5 + 1 / 12)
    single = ROCAUCScore()
    single.score_set(0.5, 1.0)
    with pytest.raises(ValueError, match=r"needs gold items of both classes .* seen are \[1.0\]"):
        single.score  # noqa: B018


def test_area_of_one_class_is_not_defined():
    import numpy as np

    assert math.isnan(area_under_roc(np.asarray([False, False]), np.asarray([0.1, 0.2])))


def test_every_declared_scorer_loads():
    declared = {point.name: point for point in entry_points(group="spanwright_scorers")}
    names = [name for name in declared if name.startswith("spacy.")]
    assert len(names) == 16
    for name in names:
        make = declared[name].load()
        assert make.__name__ == name.removeprefix("spacy.").replace(".", "_")
        assert make.__doc__.startswith(f"{name}:")
        assert callable(make())


def test_errors_are_ours():
    assert issubclass(UnknownLabelError, SpanwrightError)
    with pytest.raises(TypeError, match="spans_key"):
        registered.spancat_scorer_v1()([])


def test_single_labels_can_have_thresholds_of_their_own():
    example = plain_example()
    example.predicted.cats.update({"A": 0.3, "B": 0.3})
    example.reference.cats.update({"A": 1.0, "B": 1.0})
    scores = Scorer.score_cats([example], "cats", labels=["A", "B"], threshold=0.5, thresholds={"B": 0.2})
    assert scores["cats_f_per_type"]["A"]["r"] == 0.0
    assert scores["cats_f_per_type"]["B"]["r"] == 1.0
