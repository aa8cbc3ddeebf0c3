"""Doc: construction, the sequence, text, and what goes wrong."""

from __future__ import annotations

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import InvalidIndexError, InvalidTypeError, InvalidValueError, SpanwrightError
from spanwright_tokens.tokens import Doc, Span, Token
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
WORDS = st.lists(st.text(min_size=1, max_size=5).filter(lambda word: word.isprintable()), max_size=8)


def make(**annotations):
    return Doc(VOCAB, words=["I", "like", "New", "York", "."], spaces=[True, True, True, False, False], **annotations)


def test_an_empty_doc_has_no_tokens_and_no_text():
    for doc in (Doc(VOCAB), Doc(VOCAB, words=[]), Doc(VOCAB, words=[], spaces=[])):
        assert len(doc) == 0
        assert doc.text == ""
        assert list(doc) == list(doc.sents) == list(doc.ents) == []
        assert doc.has_annotation("DEP")
        assert doc.to_array(["ORTH", "TAG"]).shape == (0, 2)


def test_text_is_put_together_from_words_and_spaces():
    doc = make()
    assert doc.text == doc.text_with_ws == str(doc) == repr(doc) == "I like New York."
    assert bytes(doc) == b"I like New York."
    assert [token.idx for token in doc] == [0, 2, 7, 11, 15]
    assert not doc.has_unknown_spaces


def test_spaces_are_unknown_where_only_words_are_given():
    doc = Doc(VOCAB, words=["a", "b"])
    assert doc.text == "a b "
    assert doc.has_unknown_spaces


def test_a_doc_of_whitespace():
    doc = Doc(VOCAB, words=["\n\n", "  ", "\t"], spaces=[False, True, False])
    assert doc.text == "\n\n   \t"
    assert all(token.is_space for token in doc)


def test_a_million_tokens():
    n = 1_000_000
    doc = Doc(VOCAB, words=["ab"] * n, spaces=[True] * n)
    assert len(doc.text) == 3 * n
    assert doc[-1].idx == 3 * (n - 1)
    assert doc.to_array("ORTH").shape == (n,)


def test_words_may_be_ids_of_strings():
    key = VOCAB.strings.add("Käse")
    assert Doc(VOCAB, words=[key, "x"]).text == "Käse x "


def test_words_may_come_from_any_iterable():
    assert Doc(VOCAB, words=(word for word in "ab"), spaces=iter([True, False])).text == "a b"


@given(words=WORDS, data=st.data())
@settings(max_examples=100, deadline=None)
def test_words_and_spaces_rebuild_the_text(words, data):
    spaces = data.draw(st.lists(st.booleans(), min_size=len(words), max_size=len(words)))
    doc = Doc(VOCAB, words=words, spaces=spaces)
    text = "".join(word + " " * space for word, space in zip(words, spaces, strict=True))
    assert doc.text == text
    assert [token.text for token in doc] == words
    assert all(text[token.idx : token.idx + len(token)] == token.text for token in doc)


def test_positions_and_slices():
    doc = make()
    assert doc[0].text == "I"
    assert doc[-1].text == "."
    assert doc[numpy.int64(2)].text == "New"
    assert doc[2:4].text == "New York"
    assert doc[-2:].text == "York."
    assert doc[:100].text == doc.text
    assert len(doc[4:2]) == 0
    assert isinstance(doc[0], Token)
    assert isinstance(doc[0:1], Span)


@pytest.mark.parametrize("i", [5, -6, 1000])
def test_a_position_outside_names_the_length(i):
    with pytest.raises(InvalidIndexError, match=rf"There is no token {i}: the Doc has 5 tokens"):
        make()[i]


def test_slices_have_no_step():
    with pytest.raises(InvalidValueError, match="sliced without a step, but found step 2"):
        make()[0:4:2]


def test_annotations_are_set_from_lists():
    doc = make(
        tags=["PRP", "VBP", "NNP", "NNP", None],
        pos=["PRON", "VERB", "PROPN", "PROPN", ""],
        morphs=["Number=Sing", {"Tense": "Pres"}, "", None, "B=2|A=1"],
        lemmas=["I", "like", "New", "York", None],
        heads=[1, 1, 3, 1, 1],
        deps=["nsubj", "ROOT", "compound", "dobj", "punct"],
        ents=["O", "O", "B-GPE", "I-GPE", ""],
    )
    assert [token.tag_ for token in doc] == ["PRP", "VBP", "NNP", "NNP", ""]
    assert [token.pos_ for token in doc] == ["PRON", "VERB", "PROPN", "PROPN", ""]
    assert [str(token.morph) for token in doc] == ["Number=Sing", "Tense=Pres", "", "", "A=1|B=2"]
    assert [token.has_morph() for token in doc] == [True, True, True, False, True]
    assert [token.lemma_ for token in doc] == ["I", "like", "New", "York", ""]
    assert [token.head.text for token in doc] == ["like", "like", "York", "like", "like"]
    assert [token.dep_ for token in doc] == ["nsubj", "ROOT", "compound", "dobj", "punct"]
    assert [(ent.text, ent.label_) for ent in doc.ents] == [("New York", "GPE")]
    assert [token.ent_iob_ for token in doc] == ["O", "O", "B", "I", ""]
    assert [token.is_sent_start for token in doc] == [True, False, False, False, False]


def test_iob1_tags_become_iob2():
    doc = make(ents=["I-A", "I-A", "I-B", "B-B", "I-A"])
    assert [token.ent_iob_ for token in doc] == ["B", "I", "B", "B", "B"]
    assert [ent.label_ for ent in doc.ents] == ["A", "B", "B", "A"]


def test_sent_starts_take_booleans_and_numbers():
    doc = make(sent_starts=[None, False, True, 1, -1])
    assert [token.is_sent_start for token in doc] == [None, False, True, True, False]


def test_labels_without_heads_make_every_token_a_root():
    doc = make(deps=["dep"] * 5)
    assert [token.head.i for token in doc] == [0, 1, 2, 3, 4]
    assert len(list(doc.sents)) == 5


def test_labels_are_permanent_and_lemmas_are_not():
    vocab = Vocab()
    doc = Doc(vocab, words=["zyx"], tags=["Tag1"], lemmas=["lemma1"], ents=["B-Type1"])
    assert {"Tag1", "Type1"} <= set(vocab.strings)
    assert not {"zyx", "lemma1"} & set(vocab.strings)
    assert doc[0].lemma_ == "lemma1"


@pytest.mark.parametrize("name", ["tags", "pos", "morphs", "lemmas", "heads", "deps", "sent_starts", "ents"])
def test_a_list_of_another_length_is_named_with_both_lengths(name):
    with pytest.raises(InvalidValueError, match=rf"`{name}` must have one value per word: expected 5, found 2"):
        make(**{name: [None, None]})


def test_spaces_of_another_length():
    with pytest.raises(InvalidValueError, match="`spaces` must have one boolean per word: expected 2, found 1"):
        Doc(VOCAB, words=["a", "b"], spaces=[True])


def test_spaces_need_words():
    with pytest.raises(InvalidValueError, match="`spaces` only together with `words`"):
        Doc(VOCAB, spaces=[True])


def test_an_empty_word():
    with pytest.raises(InvalidValueError, match="Word 1 is an empty string"):
        Doc(VOCAB, words=["a", ""])


def test_words_as_bytes():
    with pytest.raises(InvalidValueError, match=r"word 0 is bytes: b'a'"):
        Doc(VOCAB, words=[b"a"])


def test_words_of_another_type():
    with pytest.raises(InvalidTypeError, match=r"word 1 is 1\.5 \(float\)"):
        Doc(VOCAB, words=["a", 1.5])


def test_words_as_unknown_ids():
    with pytest.raises(KeyError, match="12345678901"):
        Doc(VOCAB, words=[12345678901])


def test_a_vocab_is_needed():
    with pytest.raises(TypeError):
        Doc(None, words=["a"])


def test_heads_need_labels():
    with pytest.raises(InvalidValueError, match="`heads` only together with `deps`"):
        make(heads=[0, 1, 2, 3, 4])


@pytest.mark.parametrize("head", [-1, 5])
def test_a_head_outside(head):
    with pytest.raises(InvalidValueError, match=rf"head of word 2 .* from 0 to 4, but found {head}"):
        make(heads=[0, 0, head, 0, 0], deps=["dep"] * 5)


def test_heads_in_a_cycle():
    with pytest.raises(InvalidValueError, match="The heads have a cycle: token [012] would be its own ancestor"):
        make(heads=[1, 2, 0, 3, 3], deps=["dep"] * 5)


def test_an_unknown_part_of_speech_names_the_nearest():
    with pytest.raises(InvalidValueError, match=r"'NOUNS', which is not a universal part of speech.*'NOUN'"):
        make(pos=["NOUNS", "", "", "", ""])


@pytest.mark.parametrize("tag", ["GPE", "B-", "X-GPE", "-GPE", 3])
def test_an_ill_formed_iob_tag(tag):
    with pytest.raises(InvalidValueError, match="`ents` must hold tags such as 'B-ORG'"):
        make(ents=["O", tag, "O", "O", "O"])


def test_labels_of_another_type():
    with pytest.raises(InvalidTypeError, match=r"`tags` must hold strings \(or None\), but found 3 \(int\)"):
        make(tags=[3, "a", "a", "a", "a"])


def test_errors_are_the_projects_and_built_in():
    assert issubclass(InvalidValueError, SpanwrightError)
    assert issubclass(InvalidValueError, ValueError)


def test_has_annotation():
    doc = make(tags=["A", "", "", "", ""], deps=["x"] * 5)
    assert doc.has_annotation("TAG")
    assert doc.has_annotation(IDS["TAG"])
    assert doc.has_annotation("tag")
    assert not doc.has_annotation("TAG", require_complete=True)
    assert doc.has_annotation("DEP", require_complete=True)
    assert doc.has_annotation("HEAD")
    assert not doc.has_annotation("LEMMA")
    assert doc.has_annotation("IS_SENT_START")
    assert not make().has_annotation("SENT_START")
    assert Doc(VOCAB, words=["one"]).has_annotation("SENT_START")
    with pytest.raises(ValueError, match="no token attribute 'TAAG'.*'TAG'"):
        doc.has_annotation("TAAG")


@pytest.mark.parametrize(
    ("name", "attr"),
    [("is_tagged", "TAG"), ("is_parsed", "DEP"), ("is_nered", "ENT_IOB"), ("is_sentenced", "SENT_START")],
)
def test_old_flags_warn(name, attr):
    with pytest.warns(DeprecationWarning, match=rf"`Doc.{name}` is deprecated: use `Doc.has_annotation\('{attr}'\)`"):
        assert getattr(make(), name) is False


def test_sentences():
    doc = make(sent_starts=[True, False, True, False, True])
    assert [sent.text for sent in doc.sents] == ["I like", "New York", "."]
    doc.user_hooks["sents"] = lambda doc: iter([doc[0:5]])
    assert [sent.text for sent in doc.sents] == ["I like New York."]


def test_sentences_that_are_not_set():
    with pytest.raises(InvalidValueError, match="sentence boundaries of this Doc are not set.*sentencizer"):
        list(make().sents)


def test_noun_chunks_come_from_the_vocabulary():
    vocab = Vocab(get_noun_chunks=lambda doc: [(2, 4, doc.vocab.strings.add("NP"))])
    doc = Doc(vocab, words=["I", "like", "New", "York"])
    assert [(chunk.text, chunk.label_) for chunk in doc.noun_chunks] == [("New York", "NP")]
    with pytest.raises(NotImplementedError, match="no noun chunks for the language.*spanwright-languages"):
        list(make().noun_chunks)


def test_char_span():
    doc = make()
    assert doc.char_span(7, 15).text == "New York"
    assert doc.char_span(7, 14) is None
    assert doc.char_span(8, 16, alignment_mode="contract").text == "York."
    assert doc.char_span(8, 13, alignment_mode="expand").text == "New York"
    assert doc.char_span(8, 9, alignment_mode="contract") is None
    assert doc.char_span(100, 110, alignment_mode="expand") is None
    span = doc.char_span(7, 15, label="GPE", kb_id="Q60", span_id="7")
    assert (span.label_, span.kb_id_, span.id_) == ("GPE", "Q60", "7")
    with pytest.raises(InvalidValueError, match="`alignment_mode` must be .* but found 'loose'"):
        doc.char_span(0, 1, alignment_mode="loose")


def test_count_by():
    doc = Doc(VOCAB, words=["a", "b", "a"])
    a, b = VOCAB.strings["a"], VOCAB.strings["b"]
    assert doc.count_by(IDS["ORTH"]) == {a: 2, b: 1}
    assert doc.count_by("ORTH", exclude=lambda token: token.i == 0) == {a: 1, b: 1}
    counts = {a: 5}
    assert doc.count_by("ORTH", counts=counts) is None
    assert counts == {a: 7, b: 1}


def test_bytes_of_words_from_both_ends():
    array = Doc(VOCAB, words=["abcd", "x"]).to_utf8_array()
    assert array.tolist() == [[97, 100, 98, 99], [120, 255, 255, 255]]
    assert Doc(VOCAB, words=["abcd"]).to_utf8_array(2).tolist() == [[97, 100]]


def test_language_and_user_data():
    doc = Doc(VOCAB, words=["a"], user_data={"k": 1})
    assert doc.lang_ == VOCAB.lang
    assert doc.user_data == {"k": 1}
    assert doc.doc is doc


def test_structure_counts_what_changes_the_tokens():
    doc = make()
    before = doc.structure
    doc[0].tag_ = "X"
    assert doc.structure == before
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[2:4])
    assert doc.structure > before
