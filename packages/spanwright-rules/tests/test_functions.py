"""sentencizer, and the components that merge, split and clean."""

from __future__ import annotations

import pickle

import pytest

from spanwright import blank
from spanwright.errors import SpanwrightWarning
from spanwright.pipeline import Sentencizer, merge_entities, merge_noun_chunks, merge_subtokens
from spanwright.pipeline.functions import DocCleaner, TokenSplitter
from spanwright.testing import check_component, check_distribution
from spanwright.tokens import Doc, Span
from spanwright.vocab import Vocab


@pytest.mark.parametrize("factory", ["attribute_ruler", "sentencizer", "merge_entities", "doc_cleaner"])
def test_components(factory):
    check_component(factory)


def test_distribution():
    check_distribution("spanwright-rules")


def starts(words, **settings):
    doc = Sentencizer(**settings)(Doc(Vocab(), words=words))
    return "".join({True: "S", False: "-", None: "?"}[token.is_sent_start] for token in doc)


def test_sentences_start_after_final_marks_and_what_follows_them():
    assert starts('A b . C d ! " E'.split()) == "S--S---S"
    assert starts("! . a . . b".split()) == "S-S--S"
    assert starts("क ख । ग".split()) == "S--S"
    assert starts("a ; b . c".split(), punct_chars=[";"]) == "S-S--"
    assert starts(["a", "."]) == "S-"
    assert len(Sentencizer.default_punct_chars) == 128


@pytest.mark.parametrize("overwrite", [False, True])
def test_sentence_starts_that_are_set_stay_unless_overwritten(overwrite):
    doc = Doc(Vocab(), words=["a", ".", "b"], sent_starts=[True, True, False])
    Sentencizer(overwrite=overwrite)(doc)
    assert [token.is_sent_start for token in doc] == ([True, False, True] if overwrite else [True, True, False])


def test_a_sentencizer_is_saved_as_one_file(tmp_path):
    sentencizer = Sentencizer(punct_chars=["|"], overwrite=True)
    sentencizer.to_disk(tmp_path / "sentencizer")
    assert (tmp_path / "sentencizer.json").is_file()
    for other in (Sentencizer().from_disk(tmp_path / "sentencizer"), Sentencizer().from_bytes(sentencizer.to_bytes())):
        assert (other.punct_chars, other.overwrite) == ({"|"}, True)
    (tmp_path / "sentencizer.json").write_text('{"punct_chars": 3}')
    with pytest.raises(ValueError, match="punct_chars must be a list of texts, found 3"):
        Sentencizer().from_disk(tmp_path / "sentencizer")
    (tmp_path / "sentencizer.json").write_text("[]")
    with pytest.raises(ValueError, match="a dict of settings is needed, found list"):
        Sentencizer().from_disk(tmp_path / "sentencizer")
    assert Sentencizer().pipe([]) is not None


@pytest.fixture
def doc():
    words = "the grey ship left Fort William early".split()
    heads, deps = [2, 2, 3, 3, 5, 3, 3], "det amod nsubj ROOT compound dobj advmod".split()
    pos = "DET ADJ NOUN VERB PROPN PROPN ADV".split()
    doc = Doc(Vocab(), words=words, heads=heads, deps=deps, pos=pos, tags=pos)
    doc.ents = [Span(doc, 4, 6, label="PLACE")]
    doc.noun_chunks_iterator = lambda doc: [(0, 3, doc.vocab.strings.add("NP"))]
    return doc


def test_entities_and_noun_chunks_become_tokens(doc):
    merge_entities(doc)
    assert [token.text for token in doc] == ["the", "grey", "ship", "left", "Fort William", "early"]
    assert (doc[4].ent_type_, doc[4].dep_, doc[4].tag_) == ("PLACE", "dobj", "PROPN")
    merge_noun_chunks(doc)
    assert [token.text for token in doc] == ["the grey ship", "left", "Fort William", "early"]
    assert doc[0].dep_ == "nsubj"
    bare = Doc(doc.vocab, words=["a"])
    assert merge_noun_chunks(bare) is bare


def test_subtokens_become_tokens_with_the_one_after_them():
    doc = Doc(Vocab(), words="a b c d".split(), heads=[1, 2, 2, 2], deps=["subtok", "subtok", "ROOT", "obj"])
    assert [token.text for token in merge_subtokens(doc)] == ["a b c", "d"]
    # A run at the end has no token after it; labels are the user's.
    doc = Doc(Vocab(), words="a b c d".split(), heads=[1, 1, 3, 3], deps=["part", "ROOT", "part", "part"])
    assert [token.text for token in merge_subtokens(doc, label="part")] == ["a b", "c d"]
    assert merge_subtokens(Doc(Vocab())).text == ""
    with pytest.raises(ValueError, match="merge_subtokens: no token has a dependency label; add a parser"):
        merge_subtokens(Doc(Vocab(), words=["a"]))


def test_long_tokens_are_split(tmp_path):
    splitter = TokenSplitter(min_length=5, split_length=3)
    doc = splitter(Doc(Vocab(), words=["abcdefgh", "abcd"]))
    assert [token.text for token in doc] == ["abc", "def", "gh", "abcd"]
    splitter.to_disk(tmp_path / "splitter")
    for other in (TokenSplitter().from_disk(tmp_path / "splitter"), TokenSplitter().from_bytes(splitter.to_bytes())):
        assert (other.min_length, other.split_length) == (5, 3)
    assert pickle.loads(pickle.dumps(splitter)).split_length == 3
    assert len(TokenSplitter()(doc)) == 4
    assert blank("xx").add_pipe("token_splitter").min_length == 25
    (tmp_path / "splitter" / "cfg").write_text("3")
    with pytest.raises(ValueError, match="a dict of settings is needed, found int"):
        splitter.from_disk(tmp_path / "splitter")


def test_docs_are_cleaned(tmp_path):
    doc = Doc(Vocab(), words=["a"])
    doc.tensor = doc.to_array("ORTH")
    cleaner = DocCleaner({"tensor": None, "_.nobodys": None}, silent=True)
    assert cleaner(doc).tensor is None
    with pytest.warns(SpanwrightWarning, match="a Doc has no attribute '_.nobodys' to be set"):
        DocCleaner({"_.nobodys": None}, silent=False)(doc)
    with pytest.warns(SpanwrightWarning, match="a Doc has no attribute 'nothing.more'"):
        DocCleaner({"nothing.more": None}, silent=False)(doc)
    with pytest.raises(AttributeError, match="doc_cleaner cannot set the attribute 'text' of a Doc"):
        DocCleaner({"text": None})(doc)
    cleaner.to_disk(tmp_path / "cleaner")
    assert DocCleaner({}).from_disk(tmp_path / "cleaner").cfg == cleaner.cfg
    assert DocCleaner({}).from_bytes(cleaner.to_bytes()).cfg == cleaner.cfg
    with pytest.raises(ValueError, match="attrs must be a dict of attributes and values, found 3"):
        DocCleaner(3)
