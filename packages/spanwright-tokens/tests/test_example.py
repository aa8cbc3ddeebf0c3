"""Example: predicted and reference Doc, and what is known from aligning them."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.errors import SpanwrightError, SpanwrightWarning
from spanwright_tokens.tokens import Doc, Example, Span
from spanwright_tokens.tokens.example import validate_examples, validate_get_examples
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
WORDS = ["New", "York", "is", "big", "."]


def predicted(words=WORDS, spaces=(True, True, True, False, False)):
    return Doc(VOCAB, words=words, spaces=spaces)


def from_dict(annotations, **tokens):
    return Example.from_dict(predicted(**tokens), annotations)


GOLD = {
    "words": ["New York", "is", "b", "ig."],
    "spaces": [True, True, False, False],
    "tags": ["NNP", "VBZ", "JJ", "."],
    "pos": ["PROPN", "AUX", "ADJ", "PUNCT"],
    "morphs": ["Number=Sing", "", "Degree=Pos", ""],
    "lemmas": ["New York", "be", "big", "."],
    "heads": [1, 1, 1, 1],
    "deps": ["nsubj", "ROOT", "acomp", "punct"],
    "entities": [(0, 8, "GPE")],
    "cats": {"travel": 1.0},
    "spans": {"sc": [(0, 11, "CLAUSE"), (0, 8, "PLACE", "Q60")]},
    "links": {(0, 8): {"Q60": 1.0, "Q1384": 0.0}},
}


def test_what_from_dict_reads():
    y = from_dict(GOLD).reference
    assert [token.text for token in y] == GOLD["words"]
    assert y.text == "New York is big."
    assert [token.tag_ for token in y] == GOLD["tags"]
    assert [token.pos_ for token in y] == GOLD["pos"]
    assert [str(token.morph) for token in y] == GOLD["morphs"]
    assert [token.lemma_ for token in y] == GOLD["lemmas"]
    assert [token.head.i for token in y] == GOLD["heads"]
    assert [token.dep_ for token in y] == GOLD["deps"]
    assert [(ent.text, ent.label_, ent.kb_id_) for ent in y.ents] == [("New York", "GPE", "Q60")]
    assert y.cats == {"travel": 1.0}
    assert [(span.text, span.label_, span.kb_id_) for span in y.spans["sc"]] == [
        ("New York is", "CLAUSE", ""),
        ("New York", "PLACE", "Q60"),
    ]
    assert [sent.text for sent in y.sents] == [y.text]


def test_to_dict_is_read_again():
    example = from_dict(GOLD)
    annotations = example.to_dict()
    assert annotations["doc_annotation"]["entities"] == ["U-GPE", "O", "O", "O"]
    assert annotations["doc_annotation"]["links"] == {(0, 8): {"Q60": 1.0}}
    assert annotations["token_annotation"]["SENT_START"] == [1, 0, 0, 0]
    assert Example.from_dict(example.predicted, annotations).to_dict() == annotations
    assert str(example) == repr(example) == str(annotations)


def test_the_dict_is_not_changed():
    annotations = {"token_annotation": {"words": WORDS}, "doc_annotation": {}, "cats": {"a": 1.0}}
    from_dict(annotations)
    assert annotations == {"token_annotation": {"words": WORDS}, "doc_annotation": {}, "cats": {"a": 1.0}}


def test_aligned_values():
    example = from_dict(GOLD)
    assert example.get_aligned("TAG", as_string=True) == ["NNP", "NNP", "VBZ", None, "."]
    assert example.get_aligned("TAG") == [VOCAB.strings[tag] if tag else None for tag in ("NNP", "NNP", "VBZ", "", ".")]
    assert example.get_aligned("ENT_IOB", as_string=True) == [3, 3, 2, 2, 2]
    assert example.get_aligned("MORPH", as_string=True) == ["Number=Sing", "Number=Sing", "_", None, "_"]


def test_aligned_parse():
    heads, deps = from_dict(GOLD).get_aligned_parse()
    assert heads == [2, 2, 2, None, 2]
    assert deps == ["nsubj", "nsubj", "ROOT", None, "punct"]
    example = from_dict(
        {"words": ["a", "b", "c", "d"], "heads": [2, 3, 2, 2], "deps": ["x", "y", "ROOT", "z"]},
        words=["a", "b", "c", "d"],
        spaces=[True] * 4,
    )
    assert example.get_aligned_parse(projectivize=False) == ([2, 3, 2, 2], ["x", "y", "ROOT", "z"])
    assert example.get_aligned_parse(projectivize=True) == ([2, 2, 2, 2], ["x", "y||z", "ROOT", "z"])


def test_aligned_sentence_starts():
    gold = {"words": ["New York", "is", "big", "."], "sent_starts": [1, -1, 1, -1]}
    assert from_dict(gold).get_aligned_sent_starts() == [True, False, False, True, False]
    assert from_dict({"words": WORDS, "sent_starts": [1, 0, True, None, False]}).get_aligned_sent_starts() == [
        True, False, True, False, False,
    ]  # fmt: skip
    assert from_dict({"words": WORDS}).get_aligned_sent_starts() == [None] * 5


def test_sentence_that_starts_with_whitespace():
    example = from_dict(
        {
            "words": ["New", "York", "\n", "is", "big."],
            "sent_starts": [1, -1, 1, -1, -1],
            "spaces": [True, False, False, True, False],
        }
    )
    assert example.get_aligned_sent_starts() == [True, False, True, False, False]


def test_aligned_entities():
    example = from_dict({"words": WORDS, "entities": ["B-GPE", "L-GPE", "O", "-", None]})
    assert example.get_aligned_ner() == ["B-GPE", "L-GPE", "O", None, None]
    ents, tags = from_dict(GOLD).get_aligned_ents_and_ner()
    assert [(ent.text, ent.label_) for ent in ents] == [("New York", "GPE")]
    assert tags == ["B-GPE", "L-GPE", "O", "O", "O"]
    assert from_dict({"words": WORDS}).get_aligned_ner() == [None] * 5
    assert from_dict({"words": WORDS, "entities": []}).get_aligned_ner() == ["O"] * 5
    # An entity that does not fit the predicted tokens is not known there.
    assert from_dict({"words": ["New", "York", "is", "b", "ig."], "entities": [(12, 13, "X")]}).get_aligned_ner() == [
        "O", "O", "O", None, "O",
    ]  # fmt: skip


def test_entities_as_spans_and_as_tags():
    spans = from_dict(GOLD).reference.ents
    assert [ent.label_ for ent in spans] == ["GPE"]
    assert from_dict({"words": GOLD["words"], "ner": ["U-GPE", "O", "O", "O"]}).reference.ents[0].text == "New York"


def test_whitespace_is_outside():
    example = from_dict({"words": ["a", "b"], "entities": ["U-X", "-"]}, words=["a", "\n", "b"], spaces=[False] * 3)
    assert example.get_aligned_ner() == ["U-X", "O", None]


def test_aligned_spans():
    example = from_dict(GOLD)
    x, y = example.x, example.y
    spans = example.get_aligned_spans_y2x(y.spans["sc"], allow_overlap=True)
    assert [(span.text, span.label_, span.doc is x) for span in spans] == [
        ("New York is", "CLAUSE", True),
        ("New York", "PLACE", True),
    ]
    assert len(example.get_aligned_spans_y2x(y.spans["sc"])) == 1
    back = example.get_aligned_spans_x2y([Span(x, 0, 2, "A"), Span(x, 3, 4, "B")])
    assert [(span.text, span.label_) for span in back] == [("New York", "A")]


def test_matching_entities():
    example = from_dict(GOLD)
    example.predicted.ents = [Span(example.predicted, 0, 2, "LOC"), Span(example.predicted, 3, 4, "X")]
    assert example.get_matching_ents() == []
    assert [ent.text for ent in example.get_matching_ents(check_label=False)] == ["New York"]


def test_split_into_sentences():
    example = from_dict({"words": ["New York", "is", "big", "."], "sent_starts": [1, -1, 1, -1], "tags": list("abcd")})
    parts = example.split_sents()
    assert [part.text.strip() for part in parts] == ["New York is", "big."]
    assert [part.get_aligned("TAG", as_string=True) for part in parts] == [["a", "a", "b"], ["c", "d"]]
    unsplit = from_dict({"words": WORDS})
    assert unsplit.split_sents() == [unsplit]


def test_alignment_follows_the_docs():
    example = from_dict({"words": ["New York", "is", "big", "."]})
    first = example.alignment
    assert example.alignment is first
    with example.predicted.retokenize() as retokenizer:
        retokenizer.merge(example.predicted[0:2])
    assert [row.tolist() for row in example.alignment.x2y] == [[0], [1], [2], [3]]
    example.predicted = predicted()
    assert [row.tolist() for row in example.alignment.x2y] == [[0], [0], [1], [2], [3]]
    given = Example(example.x, example.y, alignment=first)
    assert given.alignment is first


def test_copy_pickle_and_length():
    example = from_dict(GOLD)
    assert len(example) == 5
    assert example.text == "New York is big."
    for other in (example.copy(), pickle.loads(pickle.dumps(example))):
        assert other.to_dict() == example.to_dict()
        assert other.x is not example.x


def test_spaces_are_guessed_from_the_text():
    example = from_dict({"words": ["New", "York", "is", "big", "."], "text": "New York is big."})
    assert example.reference.text == "New York is big."
    assert from_dict({"words": WORDS}).reference.has_unknown_spaces


def test_missing_heads_and_labels():
    y = from_dict({"words": WORDS, "heads": [1, None, 1, 1, 1], "deps": ["a", None, "b", None, "c"]}).reference
    assert [token.head.i for token in y] == [1, 1, 1, 3, 1]
    assert [token.dep_ for token in y] == ["a", "", "b", "", "c"]


def test_heads_win_over_sentence_starts():
    y = from_dict({"words": WORDS, "heads": [0, 0, 0, 0, 0], "deps": list("abcde"), "sent_starts": [1] * 5}).reference
    assert len(list(y.sents)) == 1


@given(st.lists(st.sampled_from(["A", "B", ""]), min_size=5, max_size=5))
def test_same_tokens_give_the_values_themselves(tags):
    assert from_dict({"words": WORDS, "tags": tags}).get_aligned("TAG", as_string=True) == tags


@pytest.mark.parametrize(
    ("annotations", "error", "message"),
    [
        ({"wrods": WORDS}, KeyError, "unknown key 'wrods' in the token annotation. Did you mean 'words'"),
        (
            {"doc_annotation": {"cat": {"a": 1}}},
            ValueError,
            "unknown key 'cat' in the doc annotation. Did you mean 'cats'",
        ),
        ({"tags": ["A"]}, ValueError, "TAG must have one value a token, but there are 5 tokens and 1 values"),
        ({"heads": [0]}, ValueError, "HEAD must have one value a token"),
        ({"tags": ["A", None, "B", "C", 3]}, TypeError, "values of TAG must be strings, .* type NoneType, int"),
        ({"deps": [1] * 5}, TypeError, "values of DEP must be strings"),
        ({"entities": "none"}, ValueError, "'entities' must be a list of .* but there is str"),
        ({"entities": [3]}, ValueError, "'entities' must be a list of .* but there is int"),
        ({"entities": ["O"]}, ValueError, "Got 1 BILUO tags for a Doc of 5 tokens"),
        ({"spans": [(0, 3)]}, ValueError, "'spans' must be a dict from the group's name"),
        ({"spans": {"a": [(0,)]}}, ValueError, "a span of the group 'a' must be"),
        (
            {"spans": {"a": [(0, 2, "X")]}},
            ValueError,
            r"span \(0, 2, 'X'\) of the group 'a' \('Ne'\) does not start and",
        ),
        ({"links": {(0, 8): {"A": 1.0, "B": 1.0}}}, ValueError, r"probability 1.0 to \['A', 'B'\]; only"),
        ({"links": {(0, 7): {"A": 1.0}}}, ValueError, r"link at \(0, 7\) does not start and end at token boundaries"),
    ],
)
def test_annotation_that_does_not_fit(annotations, error, message):
    with pytest.raises(error, match=message) as caught:
        from_dict(annotations)
    assert isinstance(caught.value, SpanwrightError)


def test_misaligned_entities_warn():
    with pytest.warns(SpanwrightWarning, match="token boundaries"):
        from_dict({"entities": [(0, 7, "GPE")]})


def test_iob_tags_warn():
    with pytest.warns(SpanwrightWarning, match="look like IOB tags. Their entities are lost: convert them with iob_to"):
        example = from_dict({"entities": ["B-GPE", "I-GPE", "O", "O", "O"]})
    assert example.reference.ents == ()


@pytest.mark.parametrize("arguments", [(None, {}), (Doc(VOCAB), None)])
def test_from_dict_arguments(arguments):
    with pytest.raises(ValueError, match="Example.from_dict: argument . must be a"):
        Example.from_dict(*arguments)


@pytest.mark.parametrize("arguments", [(None, Doc(VOCAB)), (Doc(VOCAB), None), ("a", Doc(VOCAB))])
def test_docs_are_needed(arguments):
    with pytest.raises(TypeError, match="must be a Doc, not"):
        Example(*arguments)


def test_texts_must_agree():
    example = from_dict({"words": ["Old", "York"]})
    with pytest.raises(ValueError, match="differ in more than whitespace and case"):
        example.alignment  # noqa: B018


def test_empty_docs():
    example = Example(Doc(VOCAB), Doc(VOCAB))
    assert example.get_aligned("TAG") == []
    assert example.get_aligned_parse() == ([], [])
    assert example.get_aligned_ner() == []
    assert example.split_sents() in ([], [example])


def test_validate_examples():
    validate_examples([Example(Doc(VOCAB), Doc(VOCAB))], "Tagger.update")
    with pytest.raises(TypeError, match="Tagger.update needs a list of Examples, found int"):
        validate_examples(3, "Tagger.update")
    with pytest.raises(TypeError, match="found tuple among them. Make them with Example.from_dict"):
        validate_examples([("text", {})], "Tagger.update")


def test_validate_get_examples():
    validate_get_examples(lambda: [Example(Doc(VOCAB), Doc(VOCAB))], "Tagger.initialize")
    with pytest.raises(TypeError, match="takes a function get_examples .* but got list. Pass `lambda: examples`"):
        validate_get_examples([], "Tagger.initialize")
    with pytest.raises(TypeError, match=r"but the function returned \[\]. At least one Example"):
        validate_get_examples(list, "Tagger.initialize")
    with pytest.raises(TypeError, match="found str among them"):
        validate_get_examples(lambda: ["a"], "Tagger.initialize")
