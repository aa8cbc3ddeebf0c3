"""Texts in, annotated Docs out: `nlp(text)` and `nlp.pipe(texts)`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NoReturn

from spanwright_tokens.tokens import Doc

from ..batching import BATCH_WORDS, BatchSize
from ..errors import InvalidTypeError, PipelineError
from ..pipe_checks import explained, of_another_vocabulary

ErrorHandler = Callable[[Any, Any, Any, Exception], Any]


def raise_error(name: str | None, component: Any, docs: list[Doc] | None, error: Exception) -> NoReturn:
    """The default error handler: raise what went wrong."""
    raise explained(str(name), error, mixed=of_another_vocabulary(component, docs))


def ignore_error(name: str | None, component: Any, docs: list[Doc] | None, error: Exception) -> None:
    """An error handler that drops the failing Docs and goes on."""


class Processing:
    """The methods of `Language` that annotate texts."""

    tokenizer: Callable[[str], Doc]
    vocab: Any
    max_length: int
    batch_size: int
    default_error_handler: ErrorHandler
    _config: Any
    _active: Callable[[], list[tuple[str, Any]]]

    def __call__(
        self,
        text: str | Doc,
        *,
        disable: Iterable[str] = (),
        component_cfg: Mapping[str, Mapping[str, Any]] | None = None,
    ) -> Doc:
        """Annotate one text.

        text: The text; or a Doc, which is not tokenized again.
        disable: Names of components to leave out this time.
        component_cfg: Extra arguments for components, by name.

        Raises PipelineError (a ValueError) for a text longer than `max_length`, a component that is not callable or
        does not return a Doc; what a component raises goes to the error handler, which by default raises it.
        """
        doc = self._ensure_doc(text)
        for name, component in self._active():
            if name in disable:
                continue
            kwargs = component_cfg.get(name, {}) if component_cfg else {}
            doc = self._run_one(name, component, doc, kwargs)
        return doc

    def _run_one(self, name: str, component: Any, doc: Doc, kwargs: Mapping[str, Any]) -> Doc:
        if not callable(component):
            raise PipelineError(
                f"The component '{name}' is a {type(component).__name__}, which cannot be called. A component is a "
                "function or an object that takes a Doc and returns it."
            )
        try:
            result = component(doc, **kwargs)
        except Exception as error:
            found = explained(name, error, mixed=of_another_vocabulary(component, [doc]))
            _handler_of(component, self.default_error_handler)(name, component, [doc], found)
            return doc
        return _checked(name, result)

    def make_doc(self, text: str) -> Doc:
        """Tokenize a text. Raises PipelineError (a ValueError) if it is longer than `max_length` characters, and
        WrongInputError (a ValueError and TypeError) if the tokenizer gives no Doc."""
        if len(text) > self.max_length:
            raise PipelineError(
                f"The text has {len(text):,} characters, more than nlp.max_length = {self.max_length:,}. The limit is "
                f"there because memory grows with the text. Cut the text into paragraphs or chapters, or raise the "
                f"limit: nlp.max_length = {len(text)}."
            )
        doc = self.tokenizer(text)
        if not isinstance(doc, Doc):
            raise WrongInputError(f"The tokenizer must return a Doc, but {self.tokenizer!r} gave {type(doc).__name__}.")
        return doc

    def _ensure_doc(self, doc_like: str | Doc | bytes) -> Doc:
        if isinstance(doc_like, str):
            return self.make_doc(doc_like)
        if isinstance(doc_like, Doc):
            return doc_like
        if isinstance(doc_like, bytes):
            return Doc(self.vocab).from_bytes(doc_like)
        hint = " For (text, context) pairs say as_tuples=True." if isinstance(doc_like, tuple) else ""
        raise WrongInputError(
            f"A pipeline takes a text (str), a Doc or the bytes of a Doc, not {type(doc_like).__name__}.{hint}"
        )

    def _ensure_doc_with_context(self, doc_like: str | Doc | bytes, context: Any) -> Doc:
        doc = self._ensure_doc(doc_like)
        doc._context = context
        return doc

    def pipe(
        self,
        texts: Iterable[Any],
        *,
        as_tuples: bool = False,
        batch_size: int | None = None,
        disable: Iterable[str] = (),
        component_cfg: Mapping[str, Mapping[str, Any]] | None = None,
        n_process: int = 1,
        batch_words: int | None = None,
    ) -> Iterator[Any]:
        """Annotate a stream of texts, in order.

        texts: Texts or Docs; with `as_tuples`, (text, context) pairs.
        as_tuples: Yield (Doc, context) pairs.
        batch_size: Texts that a component sees together; by default `nlp.batch_size`. 50 to 1,000 are usual; fewer
            for long texts.
        disable: Names of components to leave out.
        component_cfg: Extra arguments for components, by name; `batch_size` is one.
        n_process: Processes that share the work, and one copy of the weights; -1 for as many as there are processors.
            Annotated Docs travel as bytes, so it pays for long streams and several free processors.
        batch_words: Most words that wait together in a component, and that a model sees at once when all are padded to
            the longest; a longer Doc comes alone. By default [spanwright] batch_words of the config, or 100,000. It
            bounds memory and changes no results. Advised: 10,000 to 1,000,000.

        Yields the Docs. Docs that an error handler dropped are left out. Raises as `nlp(text)` does, and WorkerError
        (a RuntimeError), naming the worker and the texts that it had, if a process ends early.
        """
        size = batch_size if batch_size is not None else self.batch_size or 1000
        if not isinstance(size, int) or size < 1:
            raise PipelineError(f"batch_size must be a whole number of at least 1; found {size!r}.")
        size = BatchSize(size, self._budget(batch_words))
        stages = self._stages(size, disable, component_cfg or {})
        if as_tuples:
            return self._pipe_tuples(texts, stages, size, n_process)
        return self._pipe_docs(((text, None) for text in texts), stages, size, n_process, keep_context=True)

    def _budget(self, batch_words: int | None) -> int:
        """The budget of words: as asked for, else the config's, else the usual one."""
        name = "batch_words"
        if batch_words is None:
            name = "[spanwright] batch_words"
            own = self._config.get("spanwright") or {}
            batch_words = own.get("batch_words", BATCH_WORDS) if isinstance(own, Mapping) else BATCH_WORDS
        if isinstance(batch_words, bool) or not isinstance(batch_words, int) or batch_words < 1:
            raise PipelineError(f"{name} must be a whole number of at least 1; found {batch_words!r}.")
        return batch_words

    def _pipe_tuples(self, pairs: Iterable[Any], stages: list[Stage], size: BatchSize, n_process: int) -> Iterator[Any]:
        for doc in self._pipe_docs(_as_pairs(pairs), stages, size, n_process, keep_context=False):
            context, doc._context = doc._context, None
            yield doc, context

    def _pipe_docs(
        self, pairs: Iterable[Any], stages: list[Stage], size: BatchSize, n_process: int, *, keep_context: bool
    ) -> Iterator[Doc]:
        if n_process == 1:
            docs = self._tokenized(pairs, size, keep_context)
            for stage in stages:
                docs = stage(docs)
            return docs
        from .workers import run_workers

        return run_workers(self, pairs, stages, size, n_process, keep_context)

    def _tokenized(self, pairs: Iterable[Any], size: BatchSize, keep_context: bool) -> Iterator[Doc]:
        """The Docs, made a batch at a time: tokenizing in runs keeps the tables of the tokenizer in the cache."""
        ensure = self._ensure_doc
        for batch in size.pairs(pairs):
            docs = [ensure(text) for text, _ in batch]
            if not keep_context:
                for doc, (_, context) in zip(docs, batch, strict=True):
                    doc._context = context
            del batch
            # From the front, so that no Doc outlives its turn here.
            docs.reverse()
            while docs:
                yield docs.pop()

    def _stages(
        self, size: BatchSize, disable: Iterable[str], component_cfg: Mapping[str, Mapping[str, Any]]
    ) -> list[Stage]:
        left_out = set(disable)
        stages = []
        for name, component in self._active():
            if name in left_out:
                continue
            kwargs = {"batch_size": size, **component_cfg.get(name, {})}
            if isinstance(kwargs["batch_size"], int):
                kwargs["batch_size"] = BatchSize(kwargs["batch_size"], size.words)
            stages.append(Stage(name, component, kwargs, self.default_error_handler))
        return stages

    def set_error_handler(self, error_handler: ErrorHandler) -> None:
        """Let a function deal with what components raise, in every component that takes a handler.

        error_handler: Gets the component's name, the component, the list of failing Docs and the exception. If it
            returns, nlp.pipe drops those Docs and goes on.
        """
        self.default_error_handler = error_handler
        for _, component in self._active():
            if hasattr(component, "set_error_handler"):
                component.set_error_handler(error_handler)


class WrongInputError(PipelineError, InvalidTypeError):
    """What was to be annotated is neither a text nor a Doc."""


class Stage:
    """One component as a step of a stream: Docs in, Docs out. Can be sent to another process."""

    def __init__(self, name: str, component: Any, kwargs: dict[str, Any], handler: ErrorHandler) -> None:
        self.name = name
        self.component = component
        self.kwargs = kwargs
        self.handler = handler

    def __call__(self, docs: Iterator[Doc]) -> Iterator[Doc]:
        if hasattr(self.component, "pipe"):
            return self._stream(docs)
        return self._each(docs)

    def _stream(self, docs: Iterator[Doc]) -> Iterator[Doc]:
        for doc in self.component.pipe(docs, **self.kwargs):
            yield doc if isinstance(doc, Doc) else _checked(self.name, doc)

    def _each(self, docs: Iterator[Doc]) -> Iterator[Doc]:
        component, name = self.component, self.name
        kwargs = {key: value for key, value in self.kwargs.items() if key != "batch_size"}
        handler = _handler_of(component, self.handler)
        for doc in docs:
            try:
                result = component(doc, **kwargs)
            except Exception as error:
                handler(name, component, [doc], error)
                continue
            result = _checked(name, result)
            if result is not doc:
                result._context = doc._context
            yield result


def _as_pairs(pairs: Iterable[Any]) -> Iterator[tuple[Any, Any]]:
    for pair in pairs:
        if not isinstance(pair, (tuple, list)) or len(pair) != 2:
            raise WrongInputError(
                f"With as_tuples=True the stream must hold (text, context) pairs; found {type(pair).__name__}."
            )
        yield pair[0], pair[1]


def _handler_of(component: Any, default: ErrorHandler) -> ErrorHandler:
    getter = getattr(component, "get_error_handler", None)
    return getter() if getter is not None else default


def _checked(name: str, result: Any) -> Doc:
    if not isinstance(result, Doc):
        hint = " Does it end without `return doc`?" if result is None else ""
        raise PipelineError(f"The component '{name}' must return a Doc; it returned {type(result).__name__}.{hint}")
    return result
