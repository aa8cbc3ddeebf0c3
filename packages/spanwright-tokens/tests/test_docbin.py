"""DocBin: Docs to .spacy files and back."""

import gc
import pickle
import zlib
from pathlib import Path

import pytest
import srsly
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import DataFormatError, SpanwrightError
from spanwright_tokens.tokens import Doc, DocBin, Span
from spanwright_tokens.tokens.docbin import merge_bins
from spanwright_tokens.vocab import Vocab

WORD = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=6)
LABEL = st.sampled_from(["A", "B-C", "Ünï", ""])


@st.composite
def docs(draw, vocab=None):
    """A Doc with all kinds of annotation."""
    words = draw(st.lists(WORD, max_size=6))
    n = len(words)
    column = st.lists(LABEL, min_size=n, max_size=n)
    doc = Doc(
        vocab or Vocab(),
        words=words,
        spaces=draw(st.none() | st.lists(st.booleans(), min_size=n, max_size=n)),
        tags=draw(column),
        lemmas=draw(column),
        pos=draw(st.lists(st.sampled_from(["NOUN", "X", ""]), min_size=n, max_size=n)),
        morphs=draw(st.lists(st.sampled_from(["", "Case=Nom|Number=Sing", "Case=Acc"]), min_size=n, max_size=n)),
        heads=[draw(st.integers(0, i)) for i in range(n)],
        deps=["dep"] * n,
    )
    bounds = st.tuples(st.integers(0, n), st.integers(0, n)).map(sorted)
    if n:
        start, end = draw(bounds)
        if start < end:
            doc.ents = [Span(doc, start, end, label="ENT", kb_id=draw(LABEL), span_id=draw(LABEL))]
        for key in draw(st.sets(st.sampled_from(["sc", "other"]))):
            spans = [
                Span(doc, i, j, label=draw(LABEL), kb_id=draw(LABEL)) for i, j in draw(st.lists(bounds, max_size=3))
            ]
            doc.spans[key] = spans
    doc.cats = draw(st.dictionaries(LABEL, st.floats(0, 1)))
    doc.user_data["key"] = draw(st.none() | st.integers(-(2**31), 2**31) | LABEL)
    return doc


def contents(doc):
    tokens = [
        (
            token.text, token.whitespace_, token.tag_, token.lemma_, token.pos_, str(token.morph), token.norm_,
            token.head.i, token.dep_, token.ent_iob_, token.ent_type_, token.ent_kb_id_, token.ent_id_,
            token.is_sent_start,
        )
        for token in doc
    ]  # fmt: skip
    groups = {
        key: (group.name, group.attrs, [(s.start, s.end, s.label_, s.kb_id_, s.id_) for s in group])
        for key, group in doc.spans.items()
    }
    return doc.text, tokens, groups, doc.cats, doc.has_unknown_spaces, doc.user_data


def unpacked(data):
    return srsly.msgpack_loads(zlib.decompress(data))


def packed(**changes):
    """The bytes of a DocBin whose message was changed."""
    message = unpacked(DocBin(docs=[Doc(Vocab(), words=["a", "b"])]).to_bytes())
    message.update(changes)
    return zlib.compress(srsly.msgpack_dumps({k: v for k, v in message.items() if v is not None}))


@given(st.lists(docs(), max_size=3))
def test_round_trip(given_docs):
    data = DocBin(docs=given_docs, store_user_data=True).to_bytes()
    loaded = list(DocBin().from_bytes(data).get_docs(Vocab()))
    assert [contents(doc) for doc in loaded] == [contents(doc) for doc in given_docs]
    assert DocBin(docs=loaded, store_user_data=True).to_bytes() == data


def test_the_message():
    vocab = Vocab()
    doc = Doc(vocab, words=["Hi", "you"], spaces=[True, False], tags=["UH", "PRP"])
    doc.cats["x"] = 1.0
    message = unpacked(DocBin(["TAG"], docs=[doc, Doc(vocab)]).to_bytes())
    assert list(message) == [
        "version", "attrs", "tokens", "spaces", "lengths", "strings", "cats", "flags", "span_groups",
    ]  # fmt: skip
    assert message["version"] == "0.1"
    assert message["attrs"] == [IDS["ORTH"], IDS["TAG"]]
    assert message["spaces"] == b"\x01\x00"
    assert message["lengths"] == b"\x02\0\0\0\0\0\0\0"
    assert len(message["tokens"]) == 2 * 2 * 8
    assert message["cats"] == [{"x": 1.0}, {}]
    assert message["flags"] == [{"has_unknown_spaces": False}, {"has_unknown_spaces": False}]
    assert message["span_groups"] == [b"\x90", b"\x90"]
    assert {"Hi", "you", "UH", "PRP"} <= set(message["strings"])


def test_attributes():
    doc = Doc(Vocab(), words=["a"], tags=["T"], lemmas=["L"])
    doc_bin = DocBin(["LEMMA", "ORTH", "spacy"], docs=[doc])
    assert doc_bin.attrs == [IDS["ORTH"], IDS["LEMMA"]]
    loaded = next(doc_bin.get_docs(Vocab()))
    assert (loaded[0].lemma_, loaded[0].tag_) == ("L", "")
    assert DocBin([IDS["TAG"]]).attrs == [IDS["ORTH"], IDS["TAG"]]
    assert DocBin().attrs[0] == IDS["ORTH"]


@pytest.mark.parametrize("attr", ["TAGS", 999999])
def test_unknown_attribute(attr):
    with pytest.raises(KeyError, match=f"DocBin: there is no token attribute {attr!r}"):
        DocBin([attr])


def test_files(tmp_path):
    doc_bin = DocBin(docs=[Doc(Vocab(), words=["a", "b"], spaces=[False, False])])
    for path in (tmp_path / "a.spacy", str(tmp_path / "b.spacy")):
        doc_bin.to_disk(path)
        loaded = DocBin().from_disk(path)
        assert len(loaded) == 1
        assert [doc.text for doc in loaded.get_docs(Vocab())] == ["ab"]


def test_empty():
    assert list(DocBin().from_bytes(DocBin().to_bytes()).get_docs(Vocab())) == []
    assert merge_bins([]) == merge_bins([None]) == b""


def test_merge():
    first = DocBin(docs=[Doc(Vocab(), words=["a"], tags=["T"])])
    first.merge(DocBin(docs=[Doc(Vocab(), words=["b"])]))
    assert [doc.text for doc in first.get_docs(Vocab())] == ["a ", "b "] or len(first) == 2
    with pytest.raises(ValueError, match="only be merged if they have the same 'attrs', .* 'TAG'"):
        first.merge(DocBin(["TAG"]))
    with pytest.raises(ValueError, match="only be merged if they have the same 'store_user_data'"):
        first.merge(DocBin(store_user_data=True))
    both = merge_bins([None, first.to_bytes(), DocBin(docs=[Doc(Vocab(), words=["c"])]).to_bytes()])
    assert len(DocBin().from_bytes(both)) == 3


def test_pickle():
    doc = Doc(Vocab(), words=["a"])
    doc.user_data["x"] = 1
    loaded = pickle.loads(pickle.dumps(DocBin(docs=[doc], store_user_data=True)))
    assert loaded.store_user_data
    assert [doc.user_data for doc in loaded.get_docs(Vocab())] == [{"x": 1}]


def test_what_was_added_stays():
    doc = Doc(Vocab(), words=["a", "b"], spaces=[False, False])
    doc.cats["x"] = 1.0
    doc_bin = DocBin(docs=[doc])
    doc.cats["x"] = 0.5
    first, second = (next(doc_bin.get_docs(Vocab())) for _ in range(2))
    first.cats["x"] = 0.1
    assert second.cats == {"x": 1.0}


def test_user_data_that_cannot_be_kept_changes_nothing():
    doc = Doc(Vocab(), words=["a"])
    doc.user_data["x"] = object()
    doc_bin = DocBin(store_user_data=True)
    with pytest.raises(SpanwrightError, match="cannot be written as a message"):
        doc_bin.add(doc)
    assert len(doc_bin) == len(doc_bin.strings) == len(doc_bin.user_data) == 0


def test_extension_attributes():
    Doc.set_extension("docbin_test", default=None, force=True)
    try:
        doc = Doc(Vocab(), words=["a"])
        doc._.docbin_test = {"a": [1, 2]}
        data = DocBin(docs=[doc], store_user_data=True).to_bytes()
        loaded = next(DocBin().from_bytes(data).get_docs(Vocab()))
        # Sequences come back as tuples.
        assert loaded._.docbin_test == {"a": (1, 2)}
    finally:
        Doc.remove_extension("docbin_test")


def test_words_live_as_long_as_a_doc_of_the_file():
    data = DocBin(docs=[Doc(Vocab(), words=["zyzzyva"], lemmas=["quux"], tags=["LABEL"]) for _ in range(3)]).to_bytes()
    vocab = Vocab()
    loaded = list(DocBin().from_bytes(data).get_docs(vocab))
    assert loaded[0].arena is loaded[2].arena
    key = loaded[0][0].orth
    kept = loaded.pop()
    del loaded
    gc.collect()
    assert (kept[0].text, kept[0].lemma_, vocab.strings[key]) == ("zyzzyva", "quux", "zyzzyva")
    del kept
    gc.collect()
    assert "zyzzyva" not in vocab.strings
    assert "quux" not in vocab.strings
    assert "LABEL" in vocab.strings
    # Nothing of it became permanent but the label.
    assert "zyzzyva" not in list(vocab.strings)


def test_span_labels_are_permanent():
    doc = Doc(Vocab(), words=["a", "b"])
    doc.spans["x"] = [Span(doc, 0, 1, label="SPANLABEL")]
    vocab = Vocab()
    next(DocBin().from_bytes(DocBin(docs=[doc]).to_bytes()).get_docs(vocab))
    assert "SPANLABEL" in list(vocab.strings)


@given(st.binary(max_size=60))
def test_garbage_is_refused(data):
    doc_bin = DocBin(docs=[Doc(Vocab(), words=["a"])])
    with pytest.raises(DataFormatError, match=r"DocBin: expected a DocBin \(.spacy\)"):
        doc_bin.from_bytes(data)
    assert len(doc_bin) == 1


@given(st.data())
def test_a_truncated_file_is_refused(data):
    whole = DocBin(docs=[Doc(Vocab(), words=["a", "b", "c"], tags=["X", "Y", "Z"])]).to_bytes()
    with pytest.raises(ValueError, match="zlib-compressed message, but the data is of another kind or cut off"):
        DocBin().from_bytes(whole[: data.draw(st.integers(0, len(whole) - 1))])
    inner = zlib.decompress(whole)
    with pytest.raises(DataFormatError, match="expected a DocBin"):
        DocBin().from_bytes(zlib.compress(inner[: data.draw(st.integers(0, len(inner) - 1))]))


def test_the_error_names_the_file_and_how_to_mend_it(tmp_path):
    path = tmp_path / "train.spacy"
    path.write_text('[{"id": 0, "paragraphs": []}]')
    with pytest.raises(ValueError, match=r"train\.spacy: expected a DocBin .* written by DocBin.to_disk; .* convert"):
        DocBin().from_disk(path)
    with pytest.raises(FileNotFoundError, match=r"nothing\.spacy"):
        DocBin().from_disk(tmp_path / "nothing.spacy")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"attrs": None}, "its part 'attrs' must be of type list, and there is nothing"),
        ({"tokens": "x"}, "its part 'tokens' must be of type bytes, and there is str"),
        ({"attrs": [1, 2]}, "known ids with that of ORTH"),
        ({"attrs": [IDS["ORTH"], 99999]}, "known ids with that of ORTH"),
        ({"attrs": [[IDS["ORTH"]]]}, "known ids with that of ORTH"),
        ({"strings": [1]}, "'strings' holds something else than strings"),
        ({"tokens": b"123"}, "its arrays are cut off"),
        ({"lengths": b"\x01\0\0\0"}, "add up to 1 tokens, and there are 2 rows of annotation and 2 spaces"),
        ({"lengths": b"\xff\xff\xff\xff\x03\0\0\0"}, "add up to 2 tokens"),
        ({"spaces": b"\0"}, "2 rows of annotation and 1 spaces"),
        ({"cats": []}, "its part 'cats' does not have one entry of the right type for each of 1 Docs"),
        ({"cats": [3]}, "its part 'cats' does not have one entry of the right type"),
        ({"flags": [None]}, "its part 'flags' does not"),
        ({"span_groups": [3]}, "its part 'span_groups' does not"),
        ({"user_data": [3]}, "its part 'user_data' does not"),
        ({"user_data": 3}, "its part 'user_data' does not"),
    ],
)
def test_parts_that_do_not_fit(changes, message):
    with pytest.raises(DataFormatError, match=message):
        DocBin().from_bytes(packed(**changes))


def test_another_message():
    with pytest.raises(DataFormatError, match="whose message is a table, but found list"):
        DocBin().from_bytes(zlib.compress(srsly.msgpack_dumps([1, 2])))


def test_older_messages_without_flags_and_groups():
    doc_bin = DocBin().from_bytes(packed(flags=None, span_groups=None))
    assert [len(doc) for doc in doc_bin.get_docs(Vocab())] == [2]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"strings": []}, "Doc 0 has an annotation without its string. No string with the id"),
        ({"span_groups": [b"xx"]}, "Doc 0 cannot be made of its annotations"),
        ({"span_groups": [srsly.msgpack_dumps({b"x": 3})]}, "Doc 0 .* expected the names of a group, found 3"),
        ({"user_data": [b"\x91\x01"]}, "user data of Doc 0 must be a table, found tuple"),
    ],
)
def test_docs_that_cannot_be_made(changes, message):
    with pytest.raises(DataFormatError, match=message):
        list(DocBin().from_bytes(packed(**changes)).get_docs(Vocab()))


@pytest.mark.parametrize(("attr", "value"), [("HEAD", 5), ("ENT_IOB", 9), ("POS", 3), ("SENT_START", 7)])
def test_values_that_cannot_be(attr, value):
    doc_bin = DocBin([attr], docs=[Doc(Vocab(), words=["a", "b"])])
    doc_bin.tokens[0] = doc_bin.tokens[0].copy()
    doc_bin.tokens[0][1, 1] = value
    with pytest.raises(DataFormatError, match=f"Doc 0 cannot be made of its annotations.*{attr}|Doc 0 .*[Hh]ead"):
        list(doc_bin.get_docs(Vocab()))


def test_too_large(monkeypatch):
    monkeypatch.setattr("spanwright_tokens.tokens.docbin.MOST_BYTES", 10)
    with pytest.raises(ValueError, match="The DocBin is too large: .* Split the Docs into several DocBins"):
        DocBin(docs=[Doc(Vocab(), words=["a", "b"])]).to_bytes()


def test_a_failed_write_leaves_the_earlier_file(tmp_path, monkeypatch):
    path = tmp_path / "a.spacy"
    DocBin().to_disk(path)
    before = path.read_bytes()
    monkeypatch.setattr("spanwright_tokens.tokens.docbin.MOST_BYTES", 10)
    with pytest.raises(ValueError, match="too large"):
        DocBin(docs=[Doc(Vocab(), words=["a", "b"])]).to_disk(path)
    assert Path(path).read_bytes() == before
