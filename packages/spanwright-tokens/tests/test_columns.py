"""Columns in bulk, against twins in plain Python and NumPy."""

from __future__ import annotations

import gc
import threading

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import InvalidTypeError, InvalidValueError
from spanwright_tokens.tokens import Doc, gather, lengths, scatter
from spanwright_tokens.tokens.attributes import OWN, UnknownAttributeError
from spanwright_tokens.vocab import Vocab

VOCAB = Vocab()
TOKEN_ATTRS = ["NORM", "LEMMA", "TAG", "MORPH", "DEP", "ENT_TYPE", "ENT_KB_ID", "ENT_ID"]
COLUMNS = {
    **dict.fromkeys(TOKEN_ATTRS, "uint64"),
    **dict.fromkeys(["LEX", "IDX", "HEAD", "L_KIDS", "R_KIDS", "L_EDGE", "R_EDGE"], "int32"),
    **dict.fromkeys(["SPACY", "POS", "ENT_IOB"], "uint8"),
    "SENT_START": "int8",
}

docs_strategy = st.lists(
    st.lists(
        st.tuples(st.text("abXY1.,-é", min_size=1, max_size=6), st.booleans(), st.sampled_from(["", "T1", "T2"])),
        max_size=6,
    ),
    max_size=4,
)


def make(rows):
    return Doc(
        VOCAB,
        words=[row[0] for row in rows],
        spaces=[row[1] for row in rows],
        tags=[row[2] for row in rows],
        heads=[0] * len(rows),
        deps=["dep"] * len(rows),
        sent_starts=[None] * len(rows),
    )


def twin(token, attr):
    """One value, through the token's own attributes."""
    if attr.startswith(("IS_", "LIKE_")):
        return int(getattr(token, attr.lower()))
    if attr == "HEAD":
        return (token.head.i - token.i) % 2**64
    if attr == "SPACY":
        return int(bool(token.whitespace_))
    if attr == "LENGTH":
        return len(token)
    if attr == "SENT_START":
        return {None: 0, True: 1, False: 2**64 - 1}[token.is_sent_start]
    if attr == "MORPH":
        return token.morph.key
    if attr == "ID":
        return token.rank
    return getattr(token, attr.lower())


ATTRS = [
    *TOKEN_ATTRS,
    "HEAD",
    "SPACY",
    "POS",
    "ENT_IOB",
    "SENT_START",
    "ORTH",
    "LOWER",
    "SHAPE",
    "PREFIX",
    "SUFFIX",
    "LENGTH",
    "LANG",
    "ID",
    "IDX",
    "IS_ALPHA",
    "IS_DIGIT",
    "IS_PUNCT",
    "IS_SPACE",
    "LIKE_NUM",
    "IS_STOP",
]


@given(docs_strategy, st.lists(st.sampled_from(ATTRS), min_size=1, max_size=4))
@settings(max_examples=150, deadline=None)
def test_gather_gives_what_the_tokens_say(rows, attrs):
    docs = [make(each) for each in rows]
    values = gather(docs, attrs)
    assert values.dtype == numpy.uint64
    assert values.tolist() == [[twin(token, attr) for attr in attrs] for doc in docs for token in doc]
    assert gather(docs, [IDS[attr] for attr in attrs]).tolist() == values.tolist()
    assert lengths(docs).tolist() == [len(doc) for doc in docs]
    assert numpy.array_equal(
        values, numpy.concatenate([doc.to_array(attrs).reshape(-1, len(attrs)) for doc in docs] or [values])
    )


def test_gather_of_one_attribute_has_one_column():
    assert gather([make([("a", True, "")])], "ORTH").shape == (1, 1)
    assert gather([], ["ORTH", "TAG"]).shape == (0, 2)
    assert gather([make([])], []).shape == (0, 0)


def test_gather_reads_the_tokens_norm_before_the_lexemes():
    doc = make([("Ab", True, ""), ("Ab", True, "")])
    doc[1].norm_ = "own"
    assert gather([doc], "NORM").ravel().tolist() == [VOCAB.strings["ab"], doc[1].norm]


def test_flags_without_a_meaning_and_unknown_ids_are_zero():
    doc = make([("a", True, "")])
    assert gather([doc], [60, 72, 82]).tolist() == [[0, 0, 0]]


@given(docs_strategy, st.data())
@settings(max_examples=100, deadline=None)
def test_scatter_sets_what_gather_gives(rows, data):
    docs = [make(each) for each in rows]
    n = sum(map(len, docs))
    keys = [VOCAB.strings.add(label) for label in ("x", "y", "")]
    attr = data.draw(st.sampled_from(["TAG", "LEMMA", "ENT_TYPE", "NORM", "ENT_ID", "ENT_KB_ID", "DEP"]))
    values = numpy.array([data.draw(st.sampled_from(keys)) for _ in range(n)], dtype="uint64")
    scatter(docs, attr, values)
    expected = numpy.where(values == 0, gather(docs, attr).ravel(), values) if attr == "NORM" else values
    assert gather(docs, attr).ravel().tolist() == expected.tolist()


@given(docs_strategy, st.data())
@settings(max_examples=100, deadline=None)
def test_scatter_of_heads_gives_the_tree_of_the_constructor(rows, data):
    docs = [make(each) for each in rows]
    heads = [[data.draw(st.integers(0, i)) for i in range(len(doc))] for doc in docs]
    relative = [head - i for each in heads for i, head in enumerate(each)]
    scatter(docs, "HEAD", numpy.array(relative, dtype="int64"))
    for doc, each in zip(docs, heads, strict=True):
        straight = Doc(VOCAB, words=[token.text for token in doc], heads=each, deps=["dep"] * len(doc))
        for name in ("HEAD", "L_KIDS", "R_KIDS", "L_EDGE", "R_EDGE", "SENT_START"):
            assert doc.column(name).tolist() == straight.column(name).tolist()


@given(docs_strategy, st.data())
@settings(max_examples=100, deadline=None)
def test_scatter_of_a_batch_is_that_of_each_doc(rows, data):
    batch, single = [make(each) for each in rows], [make(each) for each in rows]
    label = VOCAB.strings.add("nsubj")
    for doc, other in zip(batch, single, strict=True):
        # Sentences follow from heads only where there are labels.
        if len(doc) and data.draw(st.booleans()):
            doc[0].dep = other[0].dep = label
    attrs = ["HEAD", *data.draw(st.sampled_from([[], ["DEP"], ["DEP", "ENT_IOB", "POS", "SENT_START"]]))]
    drawn = {
        "HEAD": None, "DEP": st.sampled_from([0, label]), "ENT_IOB": st.integers(0, 3), "POS": st.sampled_from([0, 92]),
        "SENT_START": st.integers(-1, 1),
    }  # fmt: skip
    tables = [
        [
            [data.draw(st.integers(0, i)) - i if attr == "HEAD" else data.draw(drawn[attr]) for attr in attrs]
            for i in range(len(doc))
        ]
        for doc in batch
    ]
    scatter(batch, attrs, numpy.array([row for table in tables for row in table]).reshape((-1, len(attrs))))
    for doc, table in zip(single, tables, strict=True):
        scatter([doc], attrs, numpy.array(table).reshape((-1, len(attrs))))
    for doc, other in zip(batch, single, strict=True):
        for name in COLUMNS:
            assert doc.column(name).tolist() == other.column(name).tolist()


def test_texts_of_other_docs_are_kept_in_each_doc_of_a_batch():
    vocab = Vocab()
    source = Doc(vocab, words=["a", "b"], lemmas=["own lemma", "other lemma"])
    permanent = vocab.strings.add("label")
    words, ids = ["x", "y", "z"], [source[0].lemma, permanent, source[1].lemma]
    Doc(vocab, words=[f"word{i}" for i in range(9000)])  # fills the arena
    docs = [Doc(vocab, words=words) for _ in range(3)]
    assert docs[0].arena is not source.arena
    scatter(docs, "LEMMA", ids * 3)
    scatter([Doc(VOCAB, words=words), *docs], "LEMMA", [0] * 3 + ids * 3)
    del source
    gc.collect()
    assert [[token.lemma_ for token in doc] for doc in docs] == [["own lemma", "label", "other lemma"]] * 3


def test_the_error_names_what_is_wrong_in_its_own_doc():
    docs = [Doc(VOCAB, words=["a", "b", "c"]), Doc(VOCAB, words=[]), Doc(VOCAB, words=["d", "e"])]
    with pytest.raises(InvalidValueError, match="head of token 1 lies outside of the Doc: 1 places away"):
        scatter(docs, "HEAD", [1, 1, 0, 0, 1])
    with pytest.raises(InvalidValueError, match="-9223372036854775808 places away"):
        scatter(docs, "HEAD", [0, 0, 0, -(2**63), 0])
    with pytest.raises(InvalidValueError, match="cycle: token 0 would"):
        scatter(docs, "HEAD", [1, 1, 0, 1, -1])
    assert not any(doc.column("HEAD").any() for doc in docs)


def test_scatter_of_several_attributes():
    docs = [Doc(VOCAB, words=["a", "b"]), Doc(VOCAB, words=["c"])]
    key = VOCAB.strings.add("nsubj")
    scatter(docs, ["HEAD", "DEP"], numpy.array([[1, key], [0, key], [0, key]]))
    assert [token.head.i for token in docs[0]] == [1, 1]
    assert [token.is_sent_start for token in docs[0]] == [True, False]
    scatter(docs, "SENT_START", [1, -1, 0])
    assert [token.is_sent_start for doc in docs for token in doc] == [True, False, None]


def test_setting_spaces_moves_the_tokens():
    doc = Doc(VOCAB, words=["a", "b"], spaces=[False, False])
    scatter([doc], "SPACY", [1, 1])
    assert doc.text == "a b "
    assert doc[1].idx == 2


@pytest.mark.parametrize("name", sorted(COLUMNS))
def test_a_column_is_a_read_only_view_that_shows_changes(name):
    doc = make([("a", True, "T1"), ("b", True, "T2")])
    view = doc.column(name)
    assert view.dtype == COLUMNS[name]
    assert view.shape == (2,)
    assert not view.flags.writeable
    assert not view.flags.owndata
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 1
    assert doc.column(name.lower()).tolist() == view.tolist()


def test_a_column_shows_later_values():
    doc = make([("a", True, "T1"), ("b", True, "T2")])
    view = doc.column("TAG")
    doc[0].tag_ = "T3"
    assert view[0] == VOCAB.strings["T3"]


def test_a_column_outlives_its_doc_and_another_structure():
    doc = Doc(VOCAB, words=["a", "b", "c"], tags=["T1", "T2", "T3"])
    view = doc.column("TAG")
    expected = view.tolist()
    with doc.retokenize() as retokenizer:
        retokenizer.merge(doc[0:2])
    del doc
    gc.collect()
    junk = [Doc(VOCAB, words=["x"] * 3, tags=["J"] * 3) for _ in range(100)]
    assert view.tolist() == expected
    assert len(junk) == 100


def test_an_unknown_column():
    doc = make([("a", True, "")])
    with pytest.raises(InvalidValueError, match=r"A Doc has no column 'LEMA'.*'LEMMA'"):
        doc.column("LEMA")
    with pytest.raises(InvalidValueError, match="no column 'ORTH'.*`doc.to_array` and `gather` collect them"):
        doc.column("ORTH")


def test_the_array_of_a_doc():
    doc = make([("Ab", True, "T1"), ("c", False, "T2")])
    assert doc.to_array("TAG").shape == doc.to_array(IDS["TAG"]).shape == doc.to_array(["tag"]).shape == (2,)
    assert doc.to_array(["ORTH", "TAG"]).tolist() == [[token.orth, token.tag] for token in doc]
    with pytest.raises(KeyError, match="There is no token attribute 'LEMA'.*'LEMMA'"):
        doc.to_array(["LEMA"])
    with pytest.raises(UnknownAttributeError, match=r"given as a name or an id, but found 1\.5 \(float\)"):
        doc.to_array([1.5])


@given(docs_strategy)
@settings(max_examples=50, deadline=None)
def test_an_array_goes_round(rows):
    for each in rows:
        doc = make(each)
        attrs = [*TOKEN_ATTRS, "HEAD", "POS", "ENT_IOB", "SENT_START", "SPACY"]
        other = Doc(VOCAB, words=[token.text for token in doc])
        assert other.from_array(attrs, doc.to_array(attrs)) is other
        assert other.to_array(attrs).tolist() == doc.to_array(attrs).tolist()
        assert other.text == doc.text


def test_lexeme_attributes_are_passed_over_by_from_array():
    doc, other = make([("a", True, "T1")]), make([("b", True, "T2")])
    other.from_array(["ORTH", "TAG", "LENGTH"], doc.to_array(["ORTH", "TAG", "LENGTH"]))
    assert (other[0].text, other[0].tag_) == ("b", "T1")


BAD = [
    ("TAG", [1], InvalidValueError, "one row of values per token: .* 2 tokens, but found 1 rows"),
    (["TAG", "DEP"], [[1], [2]], InvalidValueError, r"2 attributes must have the shape \(2, 2\), but found \(2, 1\)"),
    ("TAG", [1.5, 2.5], InvalidTypeError, "must be integers, but found an array of float64"),
    ("HEAD", [5, 0], InvalidValueError, "head of token 0 lies outside of the Doc: 5 places away would be token 5"),
    ("HEAD", [0, -2], InvalidValueError, "head of token 1 lies outside of the Doc: -2 places away"),
    ("HEAD", [1, -1], InvalidValueError, "heads have a cycle"),
    ("ENT_IOB", [0, 4], InvalidValueError, "ENT_IOB must be from 0 to 3, .* but found 4"),
    ("POS", [0, 7], InvalidValueError, "POS must be the id of a universal part of speech, but found 7"),
    ("SENT_START", [2, 0], InvalidValueError, "SENT_START must be 1, 0 or -1, but found 2"),
]


@pytest.mark.parametrize(("attr", "values", "error", "message"), BAD)
def test_values_that_cannot_be_change_nothing(attr, values, error, message):
    doc = Doc(VOCAB, words=["a", "b"], heads=[0, 0], deps=["x", "y"], tags=["T1", "T2"])
    before = doc.to_bytes()
    with pytest.raises(error, match=message):
        doc.from_array(attr, numpy.array(values))
    with pytest.raises(error, match=message):
        scatter([doc], attr, values)
    assert doc.to_bytes() == before


def test_a_batch_is_checked_whole_before_it_is_changed():
    docs = [Doc(VOCAB, words=["a"]), Doc(VOCAB, words=["b"])]
    with pytest.raises(InvalidValueError, match="outside of the Doc"):
        scatter(docs, ["TAG", "HEAD"], [[VOCAB.strings.add("T"), 0], [0, 1]])
    assert docs[0][0].tag == 0


def test_attributes_of_lexemes_cannot_be_scattered():
    with pytest.raises(InvalidValueError, match="ORTH is not an attribute of tokens that can be set; these are: DEP"):
        scatter([make([("a", True, "")])], "ORTH", [1])
    assert IDS["ORTH"] not in OWN


def test_a_batch_holds_docs():
    for use in (lambda: gather([None], "TAG"), lambda: scatter(["x"], "TAG", [1])):
        with pytest.raises(InvalidTypeError, match="Item 0 of the batch must be a Doc, but found"):
            use()


def test_no_attribute_at_all():
    with pytest.raises(InvalidValueError, match="`attrs` is empty"):
        make([]).from_array([], numpy.zeros((0, 0), dtype="uint64"))


def test_threads_gather_the_serial_answer():
    docs = [Doc(VOCAB, words=[f"word{i}_{j}" for j in range(50)]) for i in range(40)]
    expected = gather(docs, ["ORTH", "SHAPE", "NORM"])
    wrong = []

    def work():
        for _ in range(50):
            if not numpy.array_equal(gather(docs, ["ORTH", "SHAPE", "NORM"]), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


@given(st.data())
def test_ids_may_be_given_as_a_list_of_python_integers(data: st.DataObject) -> None:
    doc = Doc(VOCAB, words=["one", "two", "three"])
    ids = data.draw(st.lists(st.integers(0, 2**64 - 1), min_size=3, max_size=3))
    scatter([doc], "LEMMA", ids)
    assert doc.column("LEMMA").tolist() == ids
    scatter([doc], ["LEMMA", "TAG"], [[number, 1] for number in ids])
    assert doc.column("LEMMA").tolist() == ids
