"""Texts in, Docs out: one by one, in streams, with contexts, with errors, and in several processes."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from spanwright import registry
from spanwright.errors import PipelineError
from spanwright.language import Language, blank
from spanwright.language.processing import ignore_error
from spanwright.language.workers import WorkerError
from spanwright_tokens.tokens import Doc


def test_a_text_goes_through_all_components(stamped: Any) -> None:
    doc = stamped("a b")
    assert doc.user_data == {"stamps": ["stamp"], "shout": doc.text.upper()}
    assert "shout" not in stamped("a b", disable=["shout"]).user_data


def test_a_doc_is_not_tokenized_again(stamped: Any) -> None:
    doc = Doc(stamped.vocab, words=["a b", "c"])
    assert stamped(doc) is doc
    assert [token.text for token in doc] == ["a b", "c"]
    assert [token.text for token in stamped(doc.to_bytes())] == ["a b", "c"]


@pytest.mark.parametrize("batch_size", [1, 2, 1000])
def test_a_stream_keeps_its_order(stamped: Any, batch_size: int) -> None:
    texts = [f"text {number}" for number in range(5)]
    docs = list(stamped.pipe(iter(texts), batch_size=batch_size))
    assert [doc.text.strip() for doc in docs] == texts
    assert all(doc.user_data["stamps"] == ["stamp"] for doc in docs)


def test_contexts_come_back_with_their_docs(stamped: Any) -> None:
    pairs = [(f"text {number}", {"id": number}) for number in range(5)]
    got = [(doc.text.strip(), context) for doc, context in stamped.pipe(pairs, as_tuples=True, batch_size=2)]
    assert got == pairs


def test_streams_are_read_no_further_than_needed(stamped: Any) -> None:
    taken = []

    def texts() -> Any:
        for number in range(100):
            taken.append(number)
            yield "a"

    next(stamped.pipe(texts(), batch_size=10))
    assert len(taken) <= 20


def test_components_get_their_settings(nlp: Any) -> None:
    seen = []

    @Language.component("settable")
    def settable(doc: Doc, volume: int = 1) -> Doc:
        seen.append(volume)
        return doc

    nlp.add_pipe("settable")
    nlp("a", component_cfg={"settable": {"volume": 2}})
    list(nlp.pipe(["a"], component_cfg={"settable": {"volume": 3}}))
    assert seen == [2, 3]
    nlp.remove_pipe("settable")


def test_long_texts_are_refused_with_advice(nlp: Any) -> None:
    with pytest.raises(
        ValueError, match=r"has 1,000,001 characters, more than nlp.max_length = 1,000,000.*nlp.max_length = 1000001"
    ):
        nlp("a" * 1_000_001)
    nlp.max_length = 1_000_001
    assert len(nlp("a" * 1_000_001)) == 1


@pytest.mark.parametrize("wrong", [None, 5, ("a", 1), ["a"]])
def test_other_inputs_are_refused(nlp: Any, wrong: Any) -> None:
    with pytest.raises(ValueError, match="takes a text \\(str\\), a Doc or the bytes of a Doc, not"):
        nlp(wrong)
    with pytest.raises(TypeError):
        list(nlp.pipe([wrong]))


def test_streams_of_pairs_must_hold_pairs(nlp: Any) -> None:
    with pytest.raises(ValueError, match=r"must hold \(text, context\) pairs; found str"):
        list(nlp.pipe(["a"], as_tuples=True))
    with pytest.raises(ValueError, match="as_tuples=True"):
        list(nlp.pipe([("a", 1)]))


@pytest.mark.parametrize("size", [0, -1, 1.5])
def test_batch_sizes_are_checked(nlp: Any, size: Any) -> None:
    with pytest.raises(ValueError, match="batch_size must be a whole number of at least 1"):
        nlp.pipe(["a"], batch_size=size)


def test_a_component_must_return_a_doc(nlp: Any) -> None:
    nlp.add_pipe("forgetful")
    with pytest.raises(ValueError, match="'forgetful' must return a Doc; it returned NoneType.*without `return doc`"):
        nlp("a")
    with pytest.raises(ValueError, match="must return a Doc"):
        list(nlp.pipe(["a"]))


@pytest.mark.parametrize("given", ["words", None, ["words"]])
def test_a_tokenizer_must_return_a_doc(nlp: Any, given: Any) -> None:
    nlp.tokenizer = lambda text: given
    for use in (nlp, lambda text: list(nlp.pipe([text]))):
        with pytest.raises(TypeError, match=f"must return a Doc, but <.*> gave {type(given).__name__}") as caught:
            use("a b")
        assert isinstance(caught.value, PipelineError)


class Reader:
    """A component that looks a Doc's words up in the vocabulary of its pipeline."""

    def __init__(self, nlp: Any, name: str) -> None:
        self.vocab = nlp.vocab

    def __call__(self, doc: Doc) -> Doc:
        for token in doc:
            doc.user_data[token.i] = self.vocab.strings[token.orth]
        return doc


@pytest.mark.parametrize("use", [lambda nlp, doc: nlp(doc), lambda nlp, doc: list(nlp.pipe([doc]))])
def test_docs_of_another_vocabulary_are_explained(nlp: Any, use: Any) -> None:
    Language.factory("reader_of_words", func=Reader)
    nlp.add_pipe("reader_of_words")
    with pytest.raises(KeyError, match="The Doc belongs to another vocabulary than the component.*nlp.make_doc"):
        use(nlp, blank("xx").make_doc("nowhere else"))


def test_a_component_must_be_callable(nlp: Any) -> None:
    Language.factory("thing", func=_make_thing)
    nlp.add_pipe("thing")
    with pytest.raises(ValueError, match="The component 'thing' is a int, which cannot be called"):
        nlp("a")


def _make_thing(nlp: Any, name: str) -> Any:
    return 5


def test_a_key_error_names_the_component(nlp: Any) -> None:
    Language.component("lost", func=_lost)
    nlp.add_pipe("lost")
    with pytest.raises(ValueError, match=r"'lost' failed with a KeyError: 'label'.*nlp.initialize\(\)"):
        nlp("a")


@pytest.mark.parametrize(
    "use",
    [
        lambda nlp, batch: list(nlp.pipe(["a"])),
        lambda nlp, batch: nlp.evaluate(batch),
        lambda nlp, batch: nlp.update(batch, sgd=False),
        lambda nlp, batch: nlp.rehearse(batch, sgd=False),
    ],
)
def test_a_component_without_its_data_is_named_wherever_it_runs(nlp: Any, examples: Any, use: Any) -> None:
    class Lost:
        def __call__(self, doc: Any = None, **settings: Any) -> Any:
            return _lost(doc)

        update = rehearse = __call__

    Language.component("lost_object", func=Lost())
    nlp.add_pipe("lost_object")
    for caught in (ValueError, KeyError):
        with pytest.raises(caught, match="^The component 'lost_object' failed with a KeyError: 'label'"):
            use(nlp, examples(nlp))
    registry.factories.remove("lost_object")


def _lost(doc: Doc) -> Doc:
    raise KeyError("label")


def test_errors_are_raised_unless_a_handler_takes_them(stamped: Any) -> None:
    with pytest.raises(RuntimeError, match="stop at halt"):
        stamped("halt")
    with pytest.raises(RuntimeError, match="stop at halt"):
        list(stamped.pipe(["a", "halt", "b"]))
    seen = []
    stamped.set_error_handler(lambda name, component, docs, error: seen.append((name, len(docs), str(error))))
    assert [doc.text.strip() for doc in stamped.pipe(["a", "halt", "b"])] == ["a", "b"]
    assert seen == [("stamp", 1, "stop at halt")]
    assert "stamps" not in stamped("halt").user_data


def test_dropped_docs_do_not_shift_contexts(stamped: Any) -> None:
    stamped.set_error_handler(ignore_error)
    pairs = [("a", 0), ("halt", 1), ("b", 2)]
    for n_process in (1, 2):
        got = [(d.text.strip(), c) for d, c in stamped.pipe(pairs, as_tuples=True, n_process=n_process)]
        assert got == [("a", 0), ("b", 2)]


def test_threads_share_a_pipeline(stamped: Any) -> None:
    texts = [f"text {number}" for number in range(200)]
    with ThreadPoolExecutor(16) as pool:
        docs = list(pool.map(stamped, texts))
    assert [doc.text.strip() for doc in docs] == texts
    assert all(doc.user_data["stamps"] == ["stamp"] for doc in docs)


@pytest.mark.parametrize("batch_size", [1, 3, 100])
def test_processes_give_what_one_gives(stamped: Any, batch_size: int) -> None:
    texts = [f"text {number}" for number in range(10)]
    docs = list(stamped.pipe(texts, n_process=2, batch_size=batch_size))
    assert [doc.text.strip() for doc in docs] == texts
    assert [doc.user_data["shout"].strip() for doc in docs] == [text.upper() for text in texts]
    assert all(doc.vocab is stamped.vocab for doc in docs)


def test_processes_take_docs_and_keep_contexts(stamped: Any) -> None:
    docs = [stamped.make_doc(f"text {number}") for number in range(4)]
    got = list(stamped.pipe(zip(docs, "abcd", strict=True), as_tuples=True, n_process=2, batch_size=1))
    assert [context for _, context in got] == list("abcd")


def test_an_error_in_a_process_comes_back_with_its_traceback(stamped: Any) -> None:
    with pytest.raises(ValueError, match=r"(?s)failed in worker 1 of nlp.pipe:.*RuntimeError: stop at halt"):
        list(stamped.pipe(["halt"], n_process=2))


def test_a_killed_process_ends_with_an_error_that_names_it(nlp: Any) -> None:
    Language.component("killer", func=_killer)
    nlp.add_pipe("killer")
    with pytest.raises(WorkerError, match=r"Worker 2 of nlp.pipe \(process \d+\) was killed by signal 9"):
        list(nlp.pipe(["a", "die", "b", "c"] * 3, n_process=2, batch_size=1))


def _killer(doc: Doc) -> Doc:
    if "die" in doc.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return doc


def test_a_process_that_exits_is_named(nlp: Any) -> None:
    Language.component("leaver", func=_leaver)
    nlp.add_pipe("leaver")
    with pytest.raises(RuntimeError, match=r"Worker 1 of nlp.pipe \(process \d+\) ended with exit code 3"):
        list(nlp.pipe(["a"], n_process=2))


def _leaver(doc: Doc) -> Doc:
    os._exit(3)


@pytest.fixture
def spawning() -> Any:
    """New processes import what they need instead of being forked."""
    before = mp.get_start_method()
    mp.set_start_method("spawn", force=True)
    yield
    mp.set_start_method(before, force=True)


def test_spawned_processes_give_what_one_gives(spawning: Any) -> None:
    nlp = blank("xx")
    texts = [f"text {number}" for number in range(6)]
    assert [doc.text for doc in nlp.pipe(texts, n_process=2, batch_size=2)] == texts


def test_what_cannot_be_sent_to_processes_is_named(spawning: Any, nlp: Any) -> None:
    Language.component("local", func=lambda doc: doc)
    nlp.add_pipe("local")
    with pytest.raises(PipelineError, match="cannot be sent to other processes.*at the top level of a module"):
        list(nlp.pipe(["a"], n_process=2))


UNGUARDED = """
import multiprocessing, spanwright
multiprocessing.set_start_method("spawn", force=True)
list(spanwright.blank("xx").pipe(["a"], n_process=2))
"""


def test_processes_that_cannot_start_end_with_an_error(tmp_path: Any) -> None:
    (tmp_path / "program.py").write_text(UNGUARDED)
    done = subprocess.run([sys.executable, tmp_path / "program.py"], capture_output=True, text=True, timeout=60)
    assert "WorkerError: Worker 1 of nlp.pipe" in done.stderr
    assert "must stand under `if __name__ == '__main__':`" in done.stderr


def test_a_stream_may_be_left_early(stamped: Any) -> None:
    docs = stamped.pipe((f"text {number}" for number in range(10**9)), n_process=2, batch_size=2)
    assert next(docs).text.strip() == "text 0"
    docs.close()


@pytest.mark.parametrize("number", [0, -2, 1.5])
def test_numbers_of_processes_are_checked(nlp: Any, number: Any) -> None:
    with pytest.raises(PipelineError, match="n_process must be 1 or more, or -1"):
        nlp.pipe(["a"], n_process=number)


def test_large_batches_do_not_block_the_pipes(stamped: Any) -> None:
    text = "word " * 20_000
    docs = list(stamped.pipe([text] * 24, n_process=2, batch_size=2))
    assert len(docs) == 24


def test_a_zone_ends(stamped: Any) -> None:
    with stamped.memory_zone():
        assert len(list(stamped.pipe(["one two", "three"]))) == 2
    assert stamped("four").text.strip() == "four"
