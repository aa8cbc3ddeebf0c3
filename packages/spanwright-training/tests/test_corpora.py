"""Corpora: which examples come of which files, and what is said of files that are missing, empty or broken."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright import blank, registry
from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError, SpanwrightWarning
from spanwright.tokens import Doc, DocBin
from spanwright_training.errors import EmptyCorpusError
from spanwright_training.readers.corpus import Corpus, shuffle_stream
from spanwright_training.readers.files import NoPathError
from spanwright_training.readers.jsonl_corpus import JsonlCorpus
from spanwright_training.readers.labels import read_labels_v1
from spanwright_training.readers.plain_text_corpus import PlainTextCorpus
from spanwright_training.readers.shuffled_corpus import ShuffledCorpus_v1


@pytest.fixture(scope="module")
def nlp() -> Any:
    nlp = blank("xx")
    nlp.tokenizer.add_special_case("Don't", [{"ORTH": "Do"}, {"ORTH": "n't"}])
    return nlp


def make_doc(nlp: Any, number: int = 0) -> Doc:
    """Two sentences, of 4 and 3 tokens; cut as the tokenizer would not."""
    words = ["Don't", "go", f"away{number}", ".", "Stay", "here", "."]
    spaces = [True, True, False, True, True, False, False]
    return Doc(nlp.vocab, words, spaces, tags=list("ABCDABC"), sent_starts=[1, 0, 0, 0, 1, 0, 0])


def save(path: Path, docs: list[Doc]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    DocBin(docs=docs).to_disk(path)
    return path


def texts(examples: Any) -> list[str]:
    return [example.reference.text for example in examples]


def test_predicted_tokens_are_the_tokenizers(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [make_doc(nlp)])
    (example,) = Corpus(path)(nlp)
    assert [token.text for token in example.predicted][:3] == ["Do", "n't", "go"]
    assert [token.text for token in example.reference][:2] == ["Don't", "go"]
    assert not example.predicted.has_annotation("TAG")


def test_gold_preproc_gives_sentences_with_gold_tokens(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [make_doc(nlp)])
    examples = list(Corpus(path, gold_preproc=True)(nlp))
    assert [text.strip() for text in texts(examples)] == ["Don't go away0.", "Stay here."]
    assert [[token.text for token in e.predicted] for e in examples] == [
        ["Don't", "go", "away0", "."],
        ["Stay", "here", "."],
    ]


def test_gold_tokens_where_spaces_are_not_known(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [Doc(nlp.vocab, words=["don't", "go"])])
    (example,) = Corpus(path)(nlp)
    assert [token.text for token in example.predicted] == ["don't", "go"]


def test_long_docs_are_cut_and_what_is_left_out_is_told(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [make_doc(nlp), Doc(nlp.vocab, ["x"] * 9)])
    with pytest.warns(SpanwrightWarning, match=r"2 sentences, or Docs without sentence starts, have max_length \(4\)"):
        assert [len(e.reference) for e in Corpus(path, max_length=4)(nlp)] == [3]
    with pytest.warns(SpanwrightWarning, match="1 sentences"):
        assert [len(e.reference) for e in Corpus(path, max_length=7)(nlp)] == [4, 3]
    assert [len(e.reference) for e in Corpus(path, max_length=10)(nlp)] == [7, 9]


def test_folders_are_read_in_order_and_limit_holds_for_all(nlp: Any, tmp_path: Path) -> None:
    for name, numbers in (("b/two.spacy", [3, 4]), ("a.spacy", [1, 2]), (".hidden.spacy", [9])):
        save(tmp_path / name, [make_doc(nlp, n) for n in numbers])
    (tmp_path / "notes.txt").write_text("x")
    read = [example.reference[2].text for example in Corpus(tmp_path)(nlp)]
    assert read == ["away1", "away2", "away3", "away4"]
    assert [e.reference[2].text for e in Corpus(tmp_path, limit=3)(nlp)] == ["away1", "away2", "away3"]


def test_reading_again_gives_new_objects(nlp: Any, tmp_path: Path) -> None:
    corpus = Corpus(save(tmp_path / "a.spacy", [make_doc(nlp)]))
    assert next(iter(corpus(nlp))) is not next(iter(corpus(nlp)))


def test_an_augmenter_makes_several_examples_of_one(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [make_doc(nlp)])
    assert len(list(Corpus(path, augmenter=lambda nlp, example: [example, example])(nlp))) == 2


def test_the_registered_reader(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [make_doc(nlp)])
    block = {"@readers": "spacy.Corpus.v1", "path": str(path), "gold_preproc": True}
    assert len(list(registry.resolve({"corpus": block})["corpus"](nlp))) == 2
    with pytest.raises(NoPathError, match=r"(?s)the corpus needs a path, and it is null.*--paths.train FILE"):
        registry.resolve({"corpus": {**block, "path": None}})


@pytest.mark.parametrize("path, found", [(None, "null"), ("", "''")])
@pytest.mark.parametrize("reader", ["spacy.Corpus.v1", "spacy.JsonlCorpus.v1", "spacy.PlainTextCorpus.v1"])
def test_no_path(reader: str, path: Any, found: str) -> None:
    settings = {"gold_preproc": False} if reader == "spacy.Corpus.v1" else {}
    with pytest.raises(NoPathError, match=f"{reader}: the corpus needs a path, and it is {found}"):
        registry.readers.get(reader)(path, **settings)


def test_missing_and_empty_corpora(nlp: Any, tmp_path: Path) -> None:
    save(tmp_path / "train.spacy", [make_doc(nlp)])
    with pytest.raises(MissingFileError, match=r"no corpus .*trian.spacy.*, but there is .*train.spacy\."):
        list(Corpus(tmp_path / "trian.spacy")(nlp))
    with pytest.raises(MissingFileError, match="there is not even the folder"):
        list(Corpus(tmp_path / "no" / "x.spacy")(nlp))
    (tmp_path / "other").mkdir()
    with pytest.raises(EmptyCorpusError, match=r"has no \.spacy files; it is empty"):
        list(Corpus(tmp_path / "other")(nlp))
    (tmp_path / "other" / "a.conllu").write_text("x")
    with pytest.raises(EmptyCorpusError, match=r"has no \.spacy files; its files end in \.conllu"):
        list(Corpus(tmp_path / "other")(nlp))
    with pytest.raises(EmptyCorpusError, match=r"a\.conllu is no \.spacy file.*spanwright convert"):
        list(Corpus(tmp_path / "other" / "a.conllu")(nlp))
    save(tmp_path / "empty.spacy", [Doc(nlp.vocab)])
    with pytest.raises(EmptyCorpusError, match=r"empty\.spacy is empty: there is no Doc with tokens in it"):
        list(Corpus(tmp_path / "empty.spacy")(nlp))
    (tmp_path / "bad.spacy").write_bytes(b"garbage")
    with pytest.raises(DataFormatError, match=r"bad\.spacy: expected a DocBin"):
        list(Corpus(tmp_path / "bad.spacy")(nlp))


# --- random order with bounded memory


@given(st.integers(0, 80), st.integers(1, 30), st.integers(0, 99))
def test_shuffling_a_stream_keeps_the_items_within_bounds(number: int, buffer: int, seed: int) -> None:
    drawn = 0

    def stream() -> Any:
        nonlocal drawn
        for item in range(number):
            drawn += 1
            yield item

    order = []
    for item in shuffle_stream(stream(), buffer, random.Random(seed)):
        order.append(item)
        assert drawn <= len(order) + buffer  # no more than the buffer is held
    assert sorted(order) == list(range(number))
    assert order == list(shuffle_stream(range(number), buffer, random.Random(seed)))
    assert all(item <= place + buffer for place, item in enumerate(order))


def test_a_shuffled_corpus_follows_the_seed_and_differs_from_epoch_to_epoch(nlp: Any, tmp_path: Path) -> None:
    for shard in range(4):
        save(tmp_path / f"{shard}.spacy", [make_doc(nlp, 10 * shard + n) for n in range(8)])
    corpus = ShuffledCorpus_v1(tmp_path, gold_preproc=False, buffer=5)

    def epoch() -> list[str]:
        return [example.reference[2].text for example in corpus(nlp)]

    random.seed(3)
    first, second = epoch(), epoch()
    random.seed(3)
    assert epoch() == first != second
    assert sorted(first) == sorted(second) == sorted(f"away{10 * s + n}" for s in range(4) for n in range(8))
    with pytest.raises(InvalidValueError, match="the buffer holds at least one Doc, found 0"):
        ShuffledCorpus_v1(tmp_path, gold_preproc=False, buffer=0)


def test_shuffling_in_memory(nlp: Any, tmp_path: Path) -> None:
    path = save(tmp_path / "a.spacy", [make_doc(nlp, n) for n in range(9)])
    random.seed(0)
    read = [example.reference[2].text for example in Corpus(path, shuffle=True)(nlp)]
    assert sorted(read) == [f"away{n}" for n in range(9)] != read


# --- raw texts


def test_jsonl_texts(nlp: Any, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    lines = ["one", "two words", "three words here", ""]
    path.write_text("\n".join(json.dumps({"text": line}) for line in lines[:3]) + "\n\n", encoding="utf8")
    assert texts(JsonlCorpus(path)(nlp)) == lines[:3]
    assert texts(JsonlCorpus(path, min_length=2)(nlp)) == lines[1:3]
    assert texts(JsonlCorpus(path, max_length=3)(nlp)) == lines[:2]
    assert texts(JsonlCorpus(tmp_path, limit=1)(nlp)) == lines[:1]
    with pytest.raises(EmptyCorpusError, match="it has no text within min_length 9 and max_length 0"):
        list(JsonlCorpus(path, min_length=9)(nlp))


@pytest.mark.parametrize(
    "line, message",
    [
        (b'{"text": ', r"a\.jsonl:2: this line is no JSON"),
        (b'{"txt": "x"}', r"a\.jsonl:2: expected an object with a \"text\", found \['txt'\]"),
        (b"[1]", r"a\.jsonl:2: expected an object with a \"text\", found list"),
        (b'{"text": "caf\xe9"}', r"a\.jsonl:2: byte 14 of this line \(0xe9\) is not UTF-8.*iconv"),
    ],
)
def test_broken_lines_of_jsonl(nlp: Any, tmp_path: Path, line: bytes, message: str) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"text": "fine"}\n' + line + b"\n")
    with pytest.raises(DataFormatError, match=message):
        list(JsonlCorpus(path)(nlp))


def test_plain_texts(nlp: Any, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("\ufeffone\r\n\r\ntwo words\nthree words here".encode())
    assert texts(PlainTextCorpus(tmp_path)(nlp)) == ["one", "two words", "three words here"]
    assert texts(PlainTextCorpus(tmp_path, min_length=2, max_length=2)(nlp)) == ["two words"]
    with pytest.raises(EmptyCorpusError, match="it has no line within min_length 9"):
        list(PlainTextCorpus(tmp_path, min_length=9)(nlp))


# --- labels


def test_labels(tmp_path: Path) -> None:
    path = tmp_path / "tagger.json"
    path.write_text('["A", "B"]')
    assert read_labels_v1(path) == ["A", "B"]
    assert read_labels_v1(None) is None
    with pytest.warns(SpanwrightWarning, match=r"no labels file .*x\.json: labels are collected from the data"):
        assert read_labels_v1(tmp_path / "x.json") is None
    with pytest.raises(MissingFileError, match=r"no labels file .*x\.json, and require = true.*init labels"):
        read_labels_v1(tmp_path / "x.json", require=True)
