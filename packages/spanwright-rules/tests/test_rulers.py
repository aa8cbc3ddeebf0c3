"""entity_ruler, future_entity_ruler and span_ruler set what patterns and phrases find."""

from __future__ import annotations

import pickle

import pytest

from spanwright import blank
from spanwright.errors import SpanwrightError, SpanwrightWarning
from spanwright.pipeline import EntityRuler, SpanRuler
from spanwright.registry import registry
from spanwright.tokens import Doc, Span

PATTERNS = [
    {"label": "ORG", "pattern": "Oban Nets"},
    {"label": "PLACE", "pattern": [{"LOWER": "oban"}], "id": "oban"},
    {"label": "SHIP", "pattern": [{"LOWER": "grey"}, {"LOWER": "ship", "OP": "?"}], "id": "ship"},
]
TEXT = "The Grey Ship left Oban for Oban Nets"
RULERS = ["entity_ruler", "future_entity_ruler", "span_ruler"]


def spans(doc):
    found = doc.spans.get("ruler", doc.ents)
    return [(span.text, span.label_, span.id_) for span in found]


def make(factory, patterns=PATTERNS, **config):
    nlp = blank("xx")
    ruler = nlp.add_pipe(factory, config=config)
    ruler.add_patterns(patterns)
    return nlp, ruler


@pytest.mark.parametrize("factory", RULERS[:2])
def test_entities_are_the_longest_of_what_is_found(factory):
    nlp, ruler = make(factory)
    assert spans(nlp(TEXT)) == [("Grey Ship", "SHIP", "ship"), ("Oban", "PLACE", "oban"), ("Oban Nets", "ORG", "")]
    assert ruler.labels == ("ORG", "PLACE", "SHIP")
    assert len(ruler) == 3
    assert [doc.text for doc in nlp.pipe(["Oban", ""])] == ["Oban", ""]


@pytest.mark.parametrize(
    ("labels", "text", "winner"), [("CA", "in Oban", "C"), ("AC", "in Oban", "C"), ("BA", "Oban", "A")]
)
def test_of_two_labels_for_the_same_tokens_an_entity_gets_the_one_that_spacy_gives(labels, text, winner):
    # Recorded: neither the first nor the last wins, but the first in a set of matches.
    nlp, _ = make("entity_ruler", [{"label": label, "pattern": "Oban"} for label in labels])
    assert [ent.label_ for ent in nlp(text).ents] == [winner]


def test_a_span_ruler_keeps_all_unless_filtered():
    nlp, _ = make("span_ruler")
    assert spans(nlp(TEXT)) == [
        ("Grey", "SHIP", "ship"),
        ("Grey Ship", "SHIP", "ship"),
        ("Oban", "PLACE", "oban"),
        ("Oban", "PLACE", "oban"),
        ("Oban Nets", "ORG", ""),
    ]
    nlp, _ = make("span_ruler", spans_filter={"@misc": "spacy.first_longest_spans_filter.v1"}, annotate_ents=True)
    doc = nlp(TEXT)
    assert spans(doc) == [("Grey Ship", "SHIP", "ship"), ("Oban", "PLACE", "oban"), ("Oban Nets", "ORG", "")]
    assert [ent.text for ent in doc.ents] == ["Grey Ship", "Oban", "Oban Nets"]


@pytest.mark.parametrize("factory", RULERS[:2])
@pytest.mark.parametrize("overwrite", [False, True])
def test_entities_that_are_there_stay_or_give_way(factory, overwrite):
    _, ruler = make(factory, overwrite_ents=overwrite)
    doc = Doc(ruler.nlp.vocab, words=TEXT.split())
    doc.ents = [Span(doc, 2, 4, label="OLD")]
    ruler(doc)
    expected = [("Grey Ship", "SHIP")] if overwrite else [("Ship left", "OLD")]
    if not overwrite:
        # The shorter match does not touch the entity.
        expected = [("Grey", "SHIP"), *expected]
    assert [(ent.text, ent.label_) for ent in doc.ents][: len(expected)] == expected


@pytest.mark.parametrize("factory", RULERS)
def test_a_phrase_without_what_it_is_compared_by_is_named_and_nothing_is_added(factory):
    nlp, ruler = make(factory, PATTERNS[1:2], phrase_matcher_attr="LEMMA")
    wrong = [{"label": "SHIP", "pattern": [{"LOWER": "ship"}]}, {"label": "ORG", "pattern": "Oban Nets"}]
    message = f"Component '{factory}', pattern 1: .* compares by LEMMA, which the phrase 'Oban Nets' lacks"
    with pytest.raises(ValueError, match=message):
        ruler.add_patterns(wrong)
    assert {text for text, *_ in spans(nlp(TEXT))} == {"Oban"}
    assert len(ruler) == 1


def test_spans_that_are_there_stay_or_give_way():
    for overwrite in (False, True):
        _, ruler = make("span_ruler", patterns=PATTERNS[:1], overwrite=overwrite)
        doc = Doc(ruler.nlp.vocab, words=TEXT.split())
        doc.spans["ruler"] = [doc[0:1]]
        assert [span.text for span in ruler(doc).spans["ruler"]] == (
            ["Oban Nets"] if overwrite else ["The", "Oban Nets"]
        )


def test_filters_by_priority():
    nlp = blank("xx")
    doc = nlp.make_doc("a b c d e f")
    ents, found = [doc[0:2], doc[4:5]], [doc[1:3], doc[1:2], doc[3:4], doc[4:6]]
    new = registry.misc.get("spacy.prioritize_new_ents_filter.v1")()
    old = registry.misc.get("spacy.prioritize_existing_ents_filter.v1")()
    longest = registry.misc.get("spacy.first_longest_spans_filter.v1")()
    assert [(s.start, s.end) for s in new(ents, found)] == [(1, 3), (4, 6), (3, 4)]
    assert [(s.start, s.end) for s in old(ents, found)] == [(0, 2), (4, 5), (3, 4)]
    assert [(s.start, s.end) for s in longest(ents, found)] == [(0, 2), (3, 4), (4, 6)]


@pytest.mark.parametrize("factory", RULERS)
def test_phrases_compare_by_an_attribute_and_fuzzily(factory):
    patterns = [{"label": "ORG", "pattern": "oban nets"}, {"label": "X", "pattern": [{"LOWER": {"FUZZY": "lleft"}}]}]
    nlp, _ = make(factory, patterns, phrase_matcher_attr="LOWER")
    assert [text for text, *_ in spans(nlp(TEXT))] == ["left", "Oban Nets"]


@pytest.mark.parametrize("factory", RULERS)
def test_files_and_bytes(factory, tmp_path):
    nlp, ruler = make(factory)
    nlp.to_disk(tmp_path / "nlp")
    expected = spans(nlp(TEXT))
    import spanwright

    assert spans(spanwright.load(tmp_path / "nlp")(TEXT)) == expected
    other = blank("xx")
    fresh = other.add_pipe(factory).from_bytes(ruler.to_bytes())
    assert fresh.patterns == ruler.patterns
    assert spans(other(TEXT)) == expected
    assert spans(pickle.loads(pickle.dumps(nlp))(TEXT)) == expected
    ruler.clear()
    assert ruler.patterns == []
    with pytest.warns(SpanwrightWarning, match="has no patterns: it finds nothing"):
        nlp("a")


def test_an_entity_ruler_reads_lines_of_patterns(tmp_path):
    file = tmp_path / "patterns.jsonl"
    file.write_text('{"label": "ORG", "pattern": "Oban Nets"}\n\n{"label": "X", "pattern": [{"LOWER": "the"}]}\n')
    ruler = EntityRuler(blank("xx")).from_disk(file)
    assert [pattern["label"] for pattern in ruler.patterns] == ["X", "ORG"]
    ruler.to_disk(tmp_path / "again.jsonl")
    assert EntityRuler(blank("xx")).from_disk(tmp_path / "again").patterns == ruler.patterns
    file.write_text('{"label": "ORG", "pattern": "Oban Nets"}\n{"label"')
    with pytest.raises(ValueError, match="patterns.jsonl, line 2: this is no complete JSON"):
        ruler.from_disk(file)
    assert len(ruler) == 2
    with pytest.raises(FileNotFoundError, match="neither a folder .*nowhere nor a file .*nowhere.jsonl"):
        ruler.from_disk(tmp_path / "nowhere")


@pytest.mark.parametrize("factory", RULERS)
def test_patterns_are_removed_by_label_and_id(factory):
    nlp, ruler = make(factory)
    remove = ruler.remove if factory == "entity_ruler" else ruler.remove_by_id
    remove("ship")
    assert {label for _, label, _ in spans(nlp(TEXT))} == {"PLACE", "ORG"}
    with pytest.raises(ValueError, match="has no pattern with the id 'obann'.*'oban'"):
        remove("obann")
    if factory != "entity_ruler":
        ruler.remove("ORG")
        assert {label for _, label, _ in spans(nlp(TEXT))} == {"PLACE"}
        with pytest.raises(ValueError, match="no pattern with the label 'PLACES'.*'PLACE'"):
            ruler.remove("PLACES")
        assert "PLACE" in ruler


@pytest.mark.parametrize("factory", RULERS)
@pytest.mark.parametrize(
    ("pattern", "message"),
    [
        ({"label": "X"}, "pattern 1: the key 'pattern' is missing. Found: .'label'"),
        ({"label": "X", "patern": "a"}, "pattern 1: the key 'pattern' is missing. Found 'patern' instead"),
        ({"label": 3, "pattern": "a"}, "pattern 1: the label must be a text, found 3"),
        ({"label": "X", "pattern": 3}, "pattern 1: a pattern is a phrase .* found 3"),
        ({"label": "X", "pattern": "a", "id": ["y"]}, r"pattern 1: the id must be a text, found \['y'\]"),
        ("x", "pattern 1: expected a dict with label, pattern, id, found 'x'"),
        (
            {"label": "X", "pattern": [{"LOWRE": "a"}]},
            r"_ruler', pattern 1: invalid token patterns for 'X':\n.*token 0: unknown attribute 'LOWRE'.*'LOWER'",
        ),
        ({"label": "X", "pattern": [{"LOWER": "a", "OP": "~"}]}, "unknown operator '~' for OP"),
    ],
)
@pytest.mark.parametrize("validate", [True, False])
def test_wrong_patterns_are_refused(factory, pattern, message, validate):
    ruler = blank("xx").add_pipe(factory, config={"validate": validate})
    with pytest.raises(ValueError, match=message) as caught:
        ruler.add_patterns([PATTERNS[0], pattern])
    assert isinstance(caught.value, SpanwrightError)
    with pytest.raises(TypeError, match="expected a list of patterns, found dict"):
        ruler.add_patterns(PATTERNS[0])
    with pytest.raises(TypeError, match="expected a list of patterns, found NoneType"):
        ruler.add_patterns(None)


@pytest.mark.parametrize("factory", RULERS)
def test_of_patterns_with_a_wrong_one_none_is_added(factory):
    nlp, ruler = make(factory)
    before, found = ruler.patterns, spans(nlp(TEXT))
    words = [{"label": "P", "pattern": [{"TEXT": nlp(TEXT)[place].text}]} for place in (0, 3)]
    with pytest.raises(ValueError, match=f"pattern {len(words) + 2}: .*\n.*unknown attribute 'LOWRE'"):
        ruler.add_patterns([*words, *PATTERNS[:2], {"label": "X", "pattern": [{"LOWRE": "a"}]}])
    assert ruler.patterns == before
    assert spans(nlp(TEXT)) == found
    ruler.add_patterns(words)
    assert [label for _, label, _ in spans(nlp(TEXT))].count("P") == 2


@pytest.mark.parametrize("factory", RULERS)
def test_a_wrong_pattern_in_a_file_is_named_with_its_line(factory, tmp_path):
    ruler = blank("xx").add_pipe(factory)
    ruler.add_patterns(PATTERNS)
    before = ruler.patterns
    ruler.to_disk(tmp_path / "ruler")
    file = next(path for path in (tmp_path / "ruler").iterdir() if path.name.startswith("patterns"))
    lines = file.read_text(encoding="utf8")
    for wrong, message in [
        ('{"label": "X", "pattern": [{"LOWRE": "a"}]}', "invalid token patterns for 'X':\n.*unknown attribute 'LOWRE'"),
        ('{"label": "X", "pattern": [{"OP": "~"}]}', "invalid token patterns for 'X':\n.*unknown operator '~'"),
        ('{"lable": "X", "pattern": "a"}', "the key 'label' is missing. Found 'lable' instead"),
    ]:
        file.write_text(f"{lines}\n{wrong}\n", encoding="utf8")
        with pytest.raises(ValueError, match=rf"patterns(\.jsonl)?, line {len(PATTERNS) + 2}: {message}"):
            ruler.from_disk(tmp_path / "ruler")
        assert ruler.patterns == before


def test_a_filter_that_leaves_overlaps_is_named():
    ruler = SpanRuler(blank("xx"), annotate_ents=True, ents_filter=lambda ents, found: [*ents, *found])
    ruler.add_patterns(PATTERNS)
    with pytest.raises(ValueError, match="cannot set the entities that its ents_filter leaves"):
        ruler(ruler.nlp.make_doc(TEXT))


def test_patterns_from_the_config_of_initialization():
    nlp = blank("xx")
    nlp.add_pipe("entity_ruler")
    nlp.config["initialize"]["components"] = {"entity_ruler": {"patterns": PATTERNS}}
    nlp.initialize()
    assert len(nlp.get_pipe("entity_ruler")) == 3


@pytest.mark.parametrize("factory", RULERS)
def test_a_file_of_patterns_that_is_missing_is_named(factory, tmp_path):
    nlp = blank("xx")
    nlp.add_pipe(factory)
    reader = {"@readers": "srsly.read_jsonl.v1", "path": str(tmp_path / "gone.jsonl")}
    nlp.config["initialize"]["components"] = {factory: {"patterns": reader}}
    with pytest.raises(ValueError, match=f"Component '{factory}': its patterns cannot be read.*gone.jsonl") as caught:
        nlp.initialize()
    assert isinstance(caught.value, SpanwrightError)
