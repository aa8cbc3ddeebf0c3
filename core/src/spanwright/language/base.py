"""`Language`: the pipeline object that users call `nlp`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from spanwright_tokens.vocab import Vocab

from .._announced import declare_when_asked
from ..config import Config
from ..errors import PipelineError
from .analysis import Analysis
from .creation import Creation
from .defaults import DEFAULT_CONFIG, BaseDefaults, create_vocab
from .description import Description
from .evaluation import Evaluation
from .factories import Factories, FactoryMeta
from .from_config import FromConfig
from .initialization import Initialization
from .pipeline import Editing
from .processing import ErrorHandler, Processing, raise_error
from .replacing import Replacing
from .serialization import Serialization
from .training import Training

declare_when_asked()


class Language(
    Factories, FromConfig, Description, Editing, Creation, Replacing, Processing, Training, Initialization,
    Evaluation, Analysis, Serialization,
):  # fmt: skip
    """A pipeline: a tokenizer and components that annotate what it makes of texts.

    Loaded once in a process (`spanwright.load`) and handed around; threads may share it for annotating.
    Each group of methods stands in a file of its own beside this one.

    lang: Code of the language; None in this class.
    Defaults: Data of the language.
    default_config: Settings that a pipeline of this language starts from.
    """

    lang: str | None = None
    Defaults: type[BaseDefaults] = BaseDefaults
    default_config: Config = DEFAULT_CONFIG

    def __init__(
        self,
        vocab: Vocab | bool = True,
        *,
        max_length: int = 10**6,
        meta: Mapping[str, Any] = {},
        create_tokenizer: Callable[[Any], Any] | None = None,
        create_vectors: Callable[[Vocab], Any] | None = None,
        batch_size: int = 1000,
        **kwargs: Any,
    ) -> None:
        """Make an empty pipeline.

        vocab: The vocabulary; True makes one of this language.
        max_length: Characters of a text beyond which `make_doc` refuses it.
        meta: What meta.json holds.
        create_tokenizer: Takes this object and returns its tokenizer; by default that of the config.
        create_vectors: Takes the vocabulary and returns its vectors; by default those of the config.
        batch_size: Texts in a batch of `pipe` and `evaluate`, unless the call says otherwise.

        Raises PipelineError (a ValueError) for a vocabulary of another language.
        """
        self._config = DEFAULT_CONFIG.merge(self.default_config)
        self._meta: dict[str, Any] = dict(meta)
        self._path: Path | None = None
        self._optimizer: Any = None
        self._components: list[tuple[str, Any]] = []
        self._disabled: set[str] = set()
        self._pipe_meta: dict[str, FactoryMeta] = {}
        self._pipe_configs: dict[str, Config] = {}
        self._link_later = 0
        self.max_length = max_length
        self.batch_size = batch_size
        self.default_error_handler: ErrorHandler = raise_error
        self.vocab = self._vocab(vocab, create_vectors)
        if self.lang is None:
            self.lang = self.vocab.lang or None
        self.tokenizer = (create_tokenizer or self._from_config("tokenizer"))(self)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.default_config = DEFAULT_CONFIG.merge(cls.Defaults.config).merge({"nlp": {"lang": cls.lang}})

    def _vocab(self, vocab: Vocab | bool, create_vectors: Callable[[Vocab], Any] | None) -> Vocab:
        if vocab is True:
            made = create_vocab(self.lang, self.Defaults, (self._meta.get("vectors") or {}).get("name"))
            made.vectors = (create_vectors or self._from_config("vectors"))(made)
            return made
        if not isinstance(vocab, Vocab):
            raise PipelineError(f"`vocab` must be a Vocab, or True to make one; found {type(vocab).__name__}.")
        if self.lang and vocab.lang and self.lang != vocab.lang:
            raise PipelineError(
                f"The vocabulary is made for the language '{vocab.lang}', and the pipeline for '{self.lang}'. "
                "Leave `vocab` out to make one, or take a pipeline of the same language."
            )
        return vocab

    def _from_config(self, key: str) -> Callable[..., Any]:
        from .resolving import resolve_block

        return resolve_block(self._config, f"nlp.{key}")

    @property
    def path(self) -> Path | None:
        """Where the pipeline was loaded from, if it was."""
        return self._path

    @property
    def factory_names(self) -> list[str]:
        """Names of all factories that are installed or registered. Imports none of them."""
        return list(self.factories)

    def _pipeline_changed(self) -> None:
        if not self._link_later:
            self._link_components()

    def _link_components(self) -> None:
        """Tell the components their names, and bind listeners to their upstream components."""
        for name, component in self._components:
            if getattr(component, "name", name) != name:
                component.name = name
        # Functions and the like cannot listen: then nothing of thinc need be imported.
        if any(hasattr(component, "model") or hasattr(component, "broadcast") for _, component in self._components):
            from ..listener import link

            link(self._components)

    @contextmanager
    def _linking_once(self) -> Iterator[None]:
        """Link after several changes rather than after each."""
        self._link_later += 1
        try:
            yield
        finally:
            self._link_later -= 1
        self._pipeline_changed()

    @contextmanager
    def memory_zone(self, mem: Any = None) -> Iterator[Any]:
        """Free what Docs made in this block leave behind as soon as it ends; they cannot be used after it.

        Memory stays flat without it, too: words met only in text die with their Docs.
        """
        with ExitStack() as stack:
            zone = stack.enter_context(self.vocab.memory_zone(mem))
            parts = [self.tokenizer, *(component for _, component in self._components)]
            for part in parts:
                if hasattr(part, "memory_zone"):
                    stack.enter_context(part.memory_zone(mem))
            yield zone

    def __setstate__(self, state: dict[str, Any]) -> None:
        # Copies and unpickled pipelines: their listeners must read their own upstream.
        self.__dict__.update(state)
        self._link_components()
