"""`nlp.initialize`: vocabulary, tokenizer and components made ready for training."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from spanwright_tokens.tokens import Doc, Example

from ..config import SCHEMAS, Config, resolve
from ..errors import ConfigError, DataFormatError, InvalidTypeError, MissingFileError, Problem
from .creation import warn_of_vectors
from .resolving import check_arguments
from .sourcing import vectors_hash


class Initialization:
    """The method of `Language` that prepares it for training."""

    vocab: Any
    tokenizer: Any
    config: Config
    _meta: dict[str, Any]
    _optimizer: Any
    _active: Callable[[], list[tuple[str, Any]]]
    _link_components: Callable[[], None]
    _vectors_to_device: Callable[[], None]
    _chosen_optimizer: Callable[[Any], Any]

    def initialize(self, get_examples: Callable[[], Iterable[Example]] | None = None, *, sgd: Any = None) -> Any:
        """Get the active components ready for training: labels, shapes and weights, from examples and [initialize].

        get_examples: Gives the examples each time it is called; by default one dummy example.
        sgd: The optimizer; by default that of [training.optimizer].

        Returns the optimizer. Raises ConfigError (a ValueError) for wrong settings in [initialize], MissingFileError
        (an OSError) for vectors that cannot be found.
        """
        if get_examples is None:
            get_examples = self._dummy_examples
        if not callable(get_examples):
            raise InvalidTypeError(
                "nlp.initialize takes a function that returns Example objects, not "
                f"{type(get_examples).__name__}: nlp.initialize(lambda: examples)."
            )
        config = self.config.interpolate()
        settings = dict.fromkeys(("vocab_data", "lookups", "vectors", "init_tok2vec", "before_init", "after_init"))
        settings.update(resolve(config, section="initialize", schema=SCHEMAS["initialize"]))
        if settings["before_init"] is not None:
            settings["before_init"](self)
        self._initialize_vocab(settings)
        self._initialize_parts(get_examples, settings)
        if config.get("pretraining") and settings["init_tok2vec"]:
            load_pretrained(self, config["pretraining"], Path(settings["init_tok2vec"]))
        self._link_components()
        self._optimizer = sgd if sgd is not None else self._chosen_optimizer(None)
        if settings["after_init"] is not None:
            settings["after_init"](self)
        return self._optimizer

    def _dummy_examples(self) -> list[Example]:
        return [Example.from_dict(Doc(self.vocab, words=["x", "y", "z"]), {})]

    def _initialize_parts(self, get_examples: Callable[[], Iterable[Example]], settings: Mapping[str, Any]) -> None:
        if hasattr(self.tokenizer, "initialize"):
            own = _checked(self.tokenizer, settings.get("tokenizer"), "initialize.tokenizer")
            self.tokenizer.initialize(get_examples, nlp=self, **own)
        components = settings.get("components") or {}
        for name, component in self._active():
            if hasattr(component, "initialize"):
                own = _checked(component, components.get(name), f"initialize.components.{name}")
                component.initialize(get_examples, nlp=self, **own)

    def _initialize_vocab(self, settings: Mapping[str, Any]) -> None:
        if settings["lookups"]:
            self.vocab.lookups = settings["lookups"]
        if settings["vocab_data"]:
            read_lexemes(self.vocab, Path(settings["vocab_data"]))
        if settings["vectors"]:
            load_vectors_into_model(self, settings["vectors"])
        sourced = self._meta.pop("_sourced_vectors_hashes", {})
        if sourced:
            own = vectors_hash(self.vocab.vectors)
            for name, other in sourced.items():
                if other != own:
                    warn_of_vectors(name)
        self._vectors_to_device()


def _checked(part: Any, settings: Any, section: str) -> dict[str, Any]:
    own = dict(settings or {})
    check_arguments(part.initialize, own, section, given=("get_examples", "nlp"))
    return own


def load_vectors_into_model(nlp: Any, name: str | Path, *, add_strings: bool = True) -> None:
    """Give a pipeline the vectors of another one.

    name: The other pipeline: an installed package, or a folder such as `init vectors` writes.
    add_strings: Add its strings too.
    """
    from .loading import load, read_config

    exclude = ["lookups", "tokenizer", *(() if add_strings else ("strings",))]
    try:
        components = read_config(name)["nlp"].get("pipeline") or []
        other = load(name, vocab=nlp.vocab, exclude=[*exclude, *components])
    except MissingFileError as error:
        raise MissingFileError(f"[initialize] vectors = {str(name)!r} cannot be loaded. {error}") from error
    vectors = other.vocab.vectors
    if not vectors.shape[0]:
        warnings.warn(f"The pipeline '{name}' of [initialize] vectors has no vectors.", UserWarning, stacklevel=4)


def read_lexemes(vocab: Any, path: Path) -> None:
    """Add the words of a file of JSON lines, each with the attributes of one word, to a vocabulary."""
    import json

    if not path.is_file():
        raise MissingFileError(f"There is no file {path}, which [initialize] vocab_data names.")
    lowest = 0.0
    with path.open(encoding="utf8") as lines:
        for number, line in enumerate(lines, 1):
            try:
                attrs = json.loads(line)
            except ValueError as error:
                raise DataFormatError(f"{path}:{number}: this is no JSON: {error}") from None
            if not attrs or "settings" in attrs:
                continue
            if "orth" not in attrs:
                raise DataFormatError(f"{path}:{number}: the word lacks its text, 'orth'.")
            lexeme = vocab[attrs.pop("orth")]
            lexeme.set_attrs(**attrs)
            for name in ("prob", "cluster", "sentiment"):  # kept in tables, not with the word
                if name in attrs:
                    setattr(lexeme, name, attrs[name])
            lowest = min(lowest, attrs.get("prob", 0.0))
    if lowest:
        vocab.cfg["oov_prob"] = lowest - 1


def load_pretrained(nlp: Any, pretraining: Mapping[str, Any], path: Path) -> None:
    """Load weights that `pretrain` wrote into the layer that [pretraining] names."""
    from ..pipe import load_model_bytes

    if not path.is_file():
        problem = Problem("initialize", "init_tok2vec", f"there is no file {path}.", kind="missing", found=str(path))
        raise ConfigError([problem])
    layer = nlp.get_pipe(pretraining["component"]).model
    if pretraining.get("layer"):
        layer = layer.get_ref(pretraining["layer"])
    load_model_bytes(layer, path.read_bytes(), where=str(path))
