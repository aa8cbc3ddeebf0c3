"""What is wrong is said: settings, suggesters, labels, data without gold spans."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from thinc.api import Ragged

from spanwright import blank, registry
from spanwright.errors import SpanwrightError
from spanwright.tokens import Doc, Example, Span
from spanwright_spancat.components.coverage import SuggesterWarning
from spanwright_spancat.components.labelling import UnseenLabelWarning
from spanwright_spancat.components.spancat import SpanCategorizer


@pytest.mark.parametrize(
    ("factory", "settings", "message"),
    [
        ("spancat", {"threshold": 1.1}, r"threshold of component 'spancat' must be from 0 to 1; got 1\.1"),
        ("spancat", {"threshold": -1}, "must be from 0 to 1; got -1"),
        ("spancat", {"max_positive": 0}, "max_positive of component 'spancat' is a number of labels, at least 1"),
        ("spancat_singlelabel", {"negative_weight": -0.5}, r"is a factor, 0 or more; got -0\.5"),
        ("spancat_singlelabel", {"negative_weight": float("nan")}, "is a factor, 0 or more; got nan"),
    ],
)
def test_settings_that_make_no_sense(make_nlp: Any, factory: str, settings: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make_nlp(factory, **settings)


def test_overlap_and_labels_that_exclude_each_other(make_nlp: Any) -> None:
    pipe = make_nlp().get_pipe("spancat")
    with pytest.raises(ValueError, match="allow_overlap is false, so a span has one label, but max_positive is 2"):
        SpanCategorizer(pipe.vocab, pipe.model, pipe.suggester, allow_overlap=False, max_positive=2)


def test_the_memory_that_is_set_reaches_the_network(make_nlp: Any) -> None:
    config = make_nlp().config
    config["spanwright"] = {"components": {"spancat": {"memory": 3}}}
    nlp = blank("xx").from_config(config)
    assert nlp.get_pipe("spancat").model._func.memory == 3
    config["spanwright"]["components"]["spancat"]["memory"] = 0
    with pytest.raises(ValueError, match=r"\[spanwright\.components\.spancat\] memory is a number of MiB, at least 1"):
        blank("xx").from_config(config)


def ragged(*spans: tuple[int, int], counts: tuple[int, ...] = (1,)) -> Ragged:
    return Ragged(np.asarray(spans, dtype="int32").reshape((-1, 2)), np.asarray(counts, dtype="int32"))


@pytest.mark.parametrize(
    ("found", "kind", "message"),
    [
        (ragged((1, 3)), ValueError, r"gave the span \(1, 3\) for Doc 0, which has 2 tokens: it is not within the Doc"),
        (ragged((-1, 1)), ValueError, r"span \(-1, 1\) for Doc 0, which has 2 tokens: it is not within"),
        (ragged((1, 1)), ValueError, r"span \(1, 1\) for Doc 0.*has no token"),
        (ragged((0, 1), counts=(1, 0)), ValueError, "gave 1 candidates with the numbers of 2 Docs.*it got 1 Docs"),
        (ragged((0, 1), counts=(2,)), ValueError, "which add up to 2"),
        (Ragged(np.zeros((1, 2)), np.ones(1, dtype="int32")), ValueError, r"shape \(1, 2\) and type float64"),
        (Ragged(np.zeros((1, 3), dtype="int32"), np.ones(1, dtype="int32")), ValueError, r"of shape \(1, 3\)"),
        (Ragged(np.zeros((1, 2), dtype="int32"), np.ones(1)), ValueError, r"gave the numbers \[1.0\] \(type float64\)"),
        (Ragged(np.zeros((1, 2), dtype="int32"), np.ones((1, 1), dtype="int32")), ValueError, r"the numbers \[\[1\]\]"),
        (ragged((0, 1), counts=(2, -1)), ValueError, r"the numbers \[2, -1\].*0 or more, for each Doc"),
        ([(0, 1)], TypeError, "gave a list; it must give a Ragged"),
    ],
)
def test_suggesters_that_are_wrong(make_nlp: Any, found: Any, kind: type[Exception], message: str) -> None:
    nlp = make_nlp()
    pipe = nlp.get_pipe("spancat")
    pipe.suggester = lambda docs, *, ops=None: found
    doc = nlp.make_doc("two words")
    for call in (pipe.predict, pipe.set_candidates, lambda docs: pipe.update([Example(doc, doc.copy())])):
        with pytest.raises(kind, match=message) as info:
            call([doc])
        assert isinstance(info.value, SpanwrightError)
        assert "suggester of component 'spancat'" in str(info.value)


@pytest.mark.parametrize("kind", ["uint8", "int64", "uint64"])
def test_whole_numbers_of_any_type(make_nlp: Any, make_examples: Any, kind: str) -> None:
    nlp = make_nlp()
    pipe = nlp.get_pipe("spancat")
    examples = make_examples(nlp)[:1]
    expected = pipe.predict([examples[0].x])
    plain, suggest = pipe.suggester, lambda ragged: Ragged(ragged.dataXd.astype(kind), ragged.lengths.astype(kind))
    pipe.suggester = lambda docs, *, ops=None: suggest(plain(docs, ops=ops))
    assert np.array_equal(pipe.predict([examples[0].x])[1], expected[1])
    assert nlp.update(examples)["spancat"] > 0


def test_a_label_that_was_never_seen(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp()
    with pytest.raises(
        KeyError, match=r"under 'sc' have the label 'PLACES', which component 'spancat' does not.*'PLACE'"
    ):
        nlp.update(make_examples(nlp, [("a b", [(0, 1, "PLACES")])]))


def test_labels_that_no_gold_span_has(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp(initialize=False)
    pipe = nlp.get_pipe("spancat")
    with pytest.warns(UnseenLabelWarning, match=r"No gold span under 'sc' has the label 'OTHER', 'X' of component"):
        pipe.initialize(lambda: make_examples(nlp), labels=["PLACE", "OTHER", "PERSON", "X"])
    assert pipe.labels == ("PLACE", "OTHER", "PERSON", "X")
    assert pipe.model.get_dim("nO") == 4
    again = make_nlp(initialize=False).get_pipe("spancat")
    again.initialize(lambda: make_examples(nlp), labels=["PLACE", "PERSON"])
    assert again.label_data == ["PLACE", "PERSON"]


def test_an_empty_training_set(make_nlp: Any) -> None:
    pipe = make_nlp(initialize=False).get_pipe("spancat")
    for wrong in (None, list, lambda: None, lambda: [1], []):
        with pytest.raises(TypeError, match=r"SpanCategorizer\.initialize (takes|needs) a"):
            pipe.initialize(wrong)


def test_a_training_set_without_a_token(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp(initialize=False)
    pipe = nlp.get_pipe("spancat")
    nothing = [Example(nlp.make_doc(""), nlp.make_doc(""))] * 12
    with pytest.warns(UnseenLabelWarning), pytest.raises(ValueError, match="no Doc to train on has a token"):
        pipe.initialize(lambda: nothing, labels=["PERSON", "PLACE"])
    pipe.initialize(lambda: [*nothing, *make_examples(nlp)])
    assert pipe.model.get_dim("nO") == 2


def test_no_gold_spans_under_the_key(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp(initialize=False)
    pipe = nlp.get_pipe("spancat")
    message = r"no Doc to train on has spans under 'sc' \(their groups are 'names'\)"
    with pytest.raises(ValueError, match=rf"'spancat' has no labels: {message}.*Set its spans_key"):
        pipe.initialize(lambda: make_examples(nlp, key="names"))
    with pytest.warns(UnseenLabelWarning, match=rf"'spancat' has nothing to learn: {message}"):
        pipe.initialize(lambda: make_examples(nlp, key="names"), labels=["A"])
    plain = [Example(nlp.make_doc("a"), nlp.make_doc("a"))]
    with pytest.raises(ValueError, match="they have no span groups"):
        make_nlp(initialize=False).get_pipe("spancat").initialize(lambda: plain)


def test_what_the_suggester_misses_is_said_before_training(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp(initialize=False, suggester={"@misc": "spacy.ngram_suggester.v1", "sizes": [1, 2]})
    with pytest.warns(SuggesterWarning) as found:
        nlp.initialize(lambda: make_examples(nlp))
    (message,) = (str(one.message) for one in found)
    # 6 + 5 and 7 + 6 candidates of the two Docs with gold spans, one of which has four tokens.
    assert "suggester of component 'spancat' finds 5 of 6 gold spans under 'sc' (recall 83.3%)" in message
    assert "with 12.0 candidates a Doc (2 Docs seen)" in message
    assert "Tokens in the spans it misses: 4 (1)." in message


def test_gold_spans_that_are_no_whole_tokens(make_nlp: Any) -> None:
    nlp = make_nlp(initialize=False)
    gold = Doc(nlp.vocab, words=["Lon", "don"], spaces=[False, False])
    gold.spans["sc"] = [Span(gold, 0, 1, label="PLACE"), Span(gold, 0, 2, label="PLACE")]
    example = Example(Doc(nlp.vocab, words=["London"], spaces=[False]), gold)
    with pytest.warns(
        SuggesterWarning, match=r"finds 1 of 2 .*\. 1 are no whole tokens as the pipeline's tokenizer cuts"
    ):
        nlp.initialize(lambda: [example])


def test_no_warning_where_nothing_is_missed(make_nlp: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        make_nlp()


def test_suggesters_that_wait_for_others(make_nlp: Any, make_examples: Any) -> None:
    preset = {"@misc": "spacy.preset_spans_suggester.v1", "spans_key": "found"}
    nlp = make_nlp(initialize=False, suggester=preset)
    with pytest.warns(
        SuggesterWarning, match=r"suggests no spans.*list that component in \[training\] annotating_comp"
    ):
        nlp.initialize(lambda: make_examples(nlp))

    @registry.misc("test.nothing_suggester.v1")
    def make() -> Any:
        return lambda docs, *, ops=None: ragged(counts=(0,) * len(list(docs)))

    nlp = make_nlp(initialize=False, suggester={"@misc": "test.nothing_suggester.v1"})
    with pytest.warns(SuggesterWarning, match="suggests no spans for the Docs to train on"):
        nlp.initialize(lambda: make_examples(nlp))


def test_scores_that_do_not_fit(make_nlp: Any) -> None:
    nlp = make_nlp()
    pipe = nlp.get_pipe("spancat")
    doc = nlp.make_doc("two words")
    candidates, scores = pipe.predict([doc])
    with pytest.raises(
        ValueError, match="There are 2 Docs and 3 candidates, but 3 scores for the candidates of 1 Docs"
    ):
        pipe.set_annotations([doc, doc], (candidates, scores))
    with pytest.raises(ValueError, match="3 candidates, but 2 scores"):
        pipe.set_annotations([doc], (candidates, scores[:2]))


def test_scores_that_are_not_numbers(make_nlp: Any, make_examples: Any) -> None:
    nlp = make_nlp()
    layer = next(node for node in nlp.get_pipe("spancat").model.get_ref("scorer").walk() if node.param_names)
    layer.set_param("W", layer.get_param("W") * np.nan)
    with pytest.raises(ValueError, match=r"scores of component 'spancat' are not numbers \(NaN\)"):
        nlp.update(make_examples(nlp))
