"""How long words live, and what threads see of them."""

from __future__ import annotations

import gc
import sys
import threading
import time
import weakref
from collections.abc import Iterator
from typing import Any

import pytest

from spanwright_tokens.attrs import IDS
from spanwright_tokens.errors import UnknownStringError
from spanwright_tokens.vocab import LEX_ATTRS, Arena, Lexeme, Vocab, create_vocab


class Holder:
    """Stands in for a Doc: it holds the arena that its words went to."""

    def __init__(self, vocab: Vocab, *words: str) -> None:
        self.arena: Arena = vocab._current_arena()
        self.words: list[Lexeme] = [vocab._word_of_text(self.arena, word) for word in words]


def fill(vocab: Vocab, n: int, name: str = "word") -> Iterator[Holder]:
    for i in range(n):
        yield Holder(vocab, f"{name}{i}")


def drain(vocab: Vocab, n: int, name: str = "word") -> None:
    for _ in fill(vocab, n, name):
        pass


def test_an_arena_dies_with_its_last_doc() -> None:
    vocab = create_vocab("xx")
    doc = Holder(vocab, "Transient")
    arena = weakref.ref(doc.arena)
    key = doc.words[0].orth
    drain(vocab, 20_000)
    assert vocab.strings[key] == "Transient"
    assert key in vocab.strings
    assert "Transient" in vocab
    del doc
    gc.collect()
    assert arena() is None
    assert "Transient" not in vocab
    with pytest.raises(UnknownStringError, match="live as long as a Doc that holds them: keep the Doc"):
        vocab.strings[key]
    with pytest.raises(KeyError):
        vocab[key]


def test_a_kept_doc_stays_readable() -> None:
    vocab = create_vocab("xx")
    doc = Holder(vocab, "Kept", "words")
    drain(vocab, 30_000)
    word = doc.words[0]
    assert (word.text, word.lower_, word.norm_, word.shape_, word.prefix_, word.suffix_) == (
        "Kept", "kept", "kept", "Xxxx", "K", "ept",
    )  # fmt: skip
    assert word.is_title
    assert vocab[word.orth].text == "Kept"


def test_words_of_text_do_not_pile_up() -> None:
    vocab = create_vocab("xx")
    drain(vocab, 50_000)
    gc.collect()
    assert len(vocab) < 10_000
    assert len(vocab.strings) < 10
    drain(vocab, 50_000, "other")
    gc.collect()
    assert len(vocab) < 10_000


def test_permanent_strings_and_lexemes_stay() -> None:
    vocab = create_vocab("xx")
    vocab.strings.add("label")
    vocab["Given"]
    drain(vocab, 20_000)
    gc.collect()
    for word in ("label", "Given", "given", "Xxxxx"):
        assert vocab.strings[vocab.strings[word]] == word
        assert word in list(vocab.strings)
    assert "Given" in vocab


def test_words_known_for_good_do_not_go_to_an_arena() -> None:
    vocab = create_vocab("xx")
    vocab.strings.add("Known")
    doc = Holder(vocab, "Known", "New")
    assert doc.words[0].arena is None
    assert doc.words[1].arena is doc.arena
    assert "known" in list(vocab.strings), "what a permanent lexeme refers to is permanent"
    assert "new" not in list(vocab.strings)


def test_a_word_added_later_is_read_from_either_place() -> None:
    vocab = create_vocab("xx")
    doc = Holder(vocab, "Later")
    assert vocab["Later"] == doc.words[0]
    assert vocab["Later"].arena is None
    assert doc.words[0].shape_ == "Xxxxx"


def test_setting_an_attribute_reaches_docs_and_stays() -> None:
    vocab = create_vocab("xx")
    doc, other = Holder(vocab, "word"), Holder(vocab, "word")
    doc.words[0].is_stop = True
    doc.words[0].norm_ = "norm"
    assert other.words[0].is_stop
    assert other.words[0].norm_ == "norm"
    del doc, other
    drain(vocab, 20_000)
    gc.collect()
    assert vocab["word"].is_stop
    assert vocab["word"].norm_ == "norm"
    assert vocab["word"].shape_ == "xxxx"


def test_a_zone_ends_an_arena() -> None:
    vocab = create_vocab("xx")
    outside = Holder(vocab, "outside")
    with vocab.memory_zone():
        assert vocab.in_memory_zone
        inside = Holder(vocab, "inside")
        key = vocab["looked up"].orth
        added = vocab.strings.add("added")
        assert vocab.strings[added] == "added"
        assert vocab[key].text == "looked up"
    assert not vocab.in_memory_zone
    assert inside.words[0].shape_ == "xxxx"
    assert vocab.strings[added] == "added", "the kept Doc holds the whole arena"
    del inside
    gc.collect()
    for lost in (key, added):
        with pytest.raises(KeyError):
            vocab.strings[lost]
    assert Holder(vocab, "more").arena is outside.arena


def test_zones_may_be_nested_and_end_when_an_error_passes() -> None:
    vocab = create_vocab("xx")
    with pytest.raises(RuntimeError, match="stop"), vocab.memory_zone(), vocab.memory_zone():
        raise RuntimeError("stop")
    assert not vocab.in_memory_zone
    assert vocab.strings.add("kept") in [vocab.strings[word] for word in list(vocab.strings)]


@pytest.fixture
def eager_threads() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def run_threads(n: int, work: Any) -> list[Any]:
    results: list[Any] = [None] * n
    start = threading.Barrier(n)

    def one(i: int) -> None:
        start.wait()
        try:
            results[i] = work(i)
        except BaseException as error:
            results[i] = error

    threads = [threading.Thread(target=one, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    errors = [result for result in results if isinstance(result, BaseException)]
    assert not errors, errors
    return results


@pytest.mark.usefixtures("eager_threads")
def test_threads_that_meet_the_same_words_see_one_lexeme_each() -> None:
    def slow(text: str) -> str:
        time.sleep(0)  # another thread may run while the row is being made
        return text.upper()

    vocab = Vocab({**LEX_ATTRS, IDS["NORM"]: slow})
    words = [f"Word{i}" for i in range(300)]
    holders = run_threads(8, lambda _: Holder(vocab, *words))
    for holder in holders:
        assert [word.text for word in holder.words] == words
        assert [word.norm_ for word in holder.words] == [word.upper() for word in words]
    assert len(vocab) == len({word.text for word in vocab}) == 300


@pytest.mark.usefixtures("eager_threads")
def test_threads_may_add_strings_and_words() -> None:
    vocab = create_vocab("xx")

    def work(i: int) -> list[str]:
        keys = [vocab.strings.add(f"s{i % 2}-{n}") for n in range(500)]
        for n in range(500):
            assert vocab[f"w{n}"].shape_.startswith("w") is False
        return [vocab.strings[key] for key in keys]

    for i, texts in enumerate(run_threads(8, work)):
        assert texts == [f"s{i % 2}-{n}" for n in range(500)]
    assert len(list(vocab.strings)) == len(set(vocab.strings))
