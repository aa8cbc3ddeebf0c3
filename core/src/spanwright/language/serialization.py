"""Pipelines as folders and as bytes: saved whole or not at all, loaded whole or not at all."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePath
from typing import Any

from spanwright_tokens.io import (
    dump_msgpack,
    read_json,
    read_json_bytes,
    read_msgpack,
    recover_folder,
    replace_folder,
    write_bytes,
)

from ..config import Config, load_config
from ..errors import DataFormatError, MissingFileError, PipelineError, SpanwrightWarning
from .evaluation import _plain_numbers
from .loading import CONFIG_FILE, META_FILE
from .provenance import providers, readers_of, unreadable
from .snapshot import Snapshot

WITHOUT_VOCAB = ["vocab"]


class UnsavedTokenizerError(PipelineError, AttributeError):
    """The tokenizer that was given to a pipeline cannot be saved."""


class InterchangeWarning(SpanwrightWarning):
    """What is saved uses a name that spaCy 3.8 does not have."""


class Serialization:
    """The methods of `Language` that save and load its data."""

    lang: str | None
    vocab: Any
    tokenizer: Any
    meta: dict[str, Any]
    config: Config
    _meta: dict[str, Any]
    _config: Config
    _path: Path | None
    _components: list[tuple[str, Any]]
    _link_components: Callable[[], None]

    def _check_tokenizer(self) -> None:
        named = self._config["nlp"].get("tokenizer") or {}
        if not hasattr(self.tokenizer, "to_disk") and named.get("@tokenizers") == "spacy.Tokenizer.v1":
            raise UnsavedTokenizerError(
                f"The tokenizer {self.tokenizer!r} has no to_disk, and the config names spacy.Tokenizer.v1, so that "
                "what is saved could not be loaded. Register a function that makes it (spanwright.registry.tokenizers) "
                'and name that under [nlp.tokenizer], or leave it out: exclude=["tokenizer"].'
            )

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the pipeline to a folder that spaCy 3.8 can load too.

        The folder is written beside its place and then put there: a full disk or a kill leaves the earlier one whole.
        Files in it that are not the pipeline's are carried over. Only a folder that cannot be exchanged (the working
        directory or one around it, a mounted volume) gets its files one by one, when all of them are written: after a
        kill meanwhile, the next load finishes that.

        path: The folder; it is made if it does not exist.
        exclude: Names of components, or "tokenizer", "vocab", "strings", "vectors", "lookups", "meta", "config".

        Warns (InterchangeWarning) if the pipeline uses a name that spaCy 3.8 lacks. Raises UnsavedTokenizerError (a
        ValueError and AttributeError) if the tokenizer cannot be saved and the config names another.
        """
        left_out = set(exclude)
        if "tokenizer" not in left_out:
            self._check_tokenizer()
        from ..plugins import get_plugins

        hooks = get_plugins().hook
        hooks.before_save(nlp=self, path=Path(path))
        config = self.config
        _warn_of_unreadable(config)
        with replace_folder(path) as folder:
            if "tokenizer" not in left_out and hasattr(self.tokenizer, "to_disk"):
                self.tokenizer.to_disk(folder / "tokenizer", exclude=WITHOUT_VOCAB)
            if "meta" not in left_out:
                write_bytes(folder / META_FILE, _meta_json(self._saved_meta(config)))
            if "config" not in left_out:
                config.to_disk(folder / CONFIG_FILE, interpolate=False)
            for name, component in self._components:
                if name not in left_out and hasattr(component, "to_disk"):
                    component.to_disk(_place(folder, name), exclude=WITHOUT_VOCAB)
            if "vocab" not in left_out:
                self.vocab.to_disk(folder / "vocab", exclude=list(left_out))
        hooks.after_save(nlp=self, path=Path(path))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = (), overrides: Mapping[str, Any] = {}) -> Any:
        """Load the data of a pipeline with the same components from a folder. A load that fails changes nothing.

        path: The folder.
        exclude: Names of components, or "tokenizer", "vocab", "strings", "vectors", "lookups".
        overrides: Changed settings by dotted path.

        Returns the pipeline itself. Raises MissingFileError (an OSError), DataFormatError or ModelDataError
        (ValueErrors).
        """
        folder = recover_folder(Path(path))
        return self._read_folder(folder, exclude=list(exclude), overrides=overrides)

    def _read_folder(self, path: Path, *, exclude: list[str], overrides: Mapping[str, Any], fresh: bool = False) -> Any:
        """fresh: The pipeline has just been made from the folder's config, and nobody else has it yet."""
        if not path.is_dir():
            raise MissingFileError(f"There is no folder {path} to load a pipeline from.")
        config = None
        if not fresh and "config" not in exclude and (path / CONFIG_FILE).is_file():
            config = load_config(path / CONFIG_FILE, overrides=overrides)
        meta = _checked_meta(read_json(path / META_FILE), path) if (path / META_FILE).is_file() else {}
        with self._unchanged_on_failure(parts=not fresh):
            if "vocab" not in exclude and (path / "vocab").is_dir():
                self.vocab.from_disk(path / "vocab", exclude=exclude)
            if "tokenizer" not in exclude and hasattr(self.tokenizer, "from_disk"):
                self.tokenizer.from_disk(path / "tokenizer", exclude=WITHOUT_VOCAB)
            for name, component in self._components:
                if name not in exclude and hasattr(component, "from_disk"):
                    component.from_disk(_place(path, name), exclude=WITHOUT_VOCAB)
        self._adopt(config, {} if "meta" in exclude else meta)
        self._path = path
        self._link_components()
        return self

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The pipeline's data as bytes. `exclude` as for `to_disk`."""
        left_out = set(exclude)
        config = self.config
        parts: dict[str, Callable[[], bytes]] = {
            "vocab": lambda: self.vocab.to_bytes(exclude=list(left_out)),
            "meta.json": lambda: _meta_json(self._saved_meta(config)),
            "config.cfg": lambda: config.to_bytes(interpolate=False),
        }
        if hasattr(self.tokenizer, "to_bytes"):
            parts["tokenizer"] = lambda: self.tokenizer.to_bytes(exclude=WITHOUT_VOCAB)
        for name, component in self._components:
            if hasattr(component, "to_bytes"):
                parts[name] = lambda component=component: component.to_bytes(exclude=WITHOUT_VOCAB)  # type: ignore[misc]
        return dump_msgpack({name: make() for name, make in parts.items() if name.partition(".")[0] not in left_out})

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Any:
        """Load what `to_bytes` gave. A load that fails changes nothing.

        Returns the pipeline itself. Raises DataFormatError or ModelDataError (ValueErrors).
        """
        left_out = set(exclude)
        message = read_msgpack(bytes_data, where="pipeline")
        if not isinstance(message, dict) or not all(isinstance(part, (bytes, str)) for part in message.values()):
            raise DataFormatError("pipeline: this message is none that nlp.to_bytes gives: a map from parts to bytes.")
        config, meta = None, {}
        if "config.cfg" in message and "config" not in left_out:
            config = Config().from_bytes(_as_bytes(message["config.cfg"]), interpolate=False)
        if "meta.json" in message and "meta" not in left_out:
            meta = _checked_meta(
                read_json_bytes(_as_bytes(message["meta.json"]), where="pipeline, meta.json"), "pipeline"
            )
        wanted = {name: part for name, part in message.items() if name not in left_out}
        with self._unchanged_on_failure():
            if "vocab" in wanted:
                self.vocab.from_bytes(wanted["vocab"], exclude=list(left_out))
            if "tokenizer" in wanted and hasattr(self.tokenizer, "from_bytes"):
                self.tokenizer.from_bytes(wanted["tokenizer"], exclude=WITHOUT_VOCAB)
            for name, component in self._components:
                if name in wanted and hasattr(component, "from_bytes"):
                    component.from_bytes(wanted[name], exclude=WITHOUT_VOCAB)
        self._adopt(config, meta)
        self._link_components()
        return self

    @contextmanager
    def _unchanged_on_failure(self, *, parts: bool = True) -> Iterator[None]:
        before = Snapshot(self, parts=parts)
        try:
            yield
        except BaseException:
            before.restore()
            raise

    def _adopt(self, config: Config | None, meta: Mapping[str, Any]) -> None:
        if config is not None:
            config.setdefault("nlp", {})
            config.setdefault("training", {})
            config.setdefault("initialize", {}).setdefault("components", {})
            self._config = config
        self._meta.update(meta)
        if meta:
            self.vocab.vectors.name = (meta.get("vectors") or {}).get("name")

    def _saved_meta(self, config: Config) -> dict[str, Any]:
        """What is true of the pipeline, what can read it, and who provided its parts."""
        meta = dict(self.meta)
        meta["spacy_version"] = readers_of(meta.get("spacy_version"))
        meta["spanwright"] = {**(meta.get("spanwright") or {}), **providers(config, self.lang)}
        return meta


def _place(folder: Path, name: str) -> Path:
    """Where a component's files are. A name from a stranger's config must not lead elsewhere."""
    parts = PurePath(name).parts
    if not parts or PurePath(name).is_absolute() or ".." in parts or name in (META_FILE, CONFIG_FILE, "tokenizer"):
        raise PipelineError(
            f"The component name {name!r} cannot be that of a folder in the pipeline's own. Rename the component: "
            f"nlp.rename_pipe({name!r}, ...)."
        )
    return folder / name


def _meta_json(meta: Mapping[str, Any]) -> bytes:
    return json.dumps(_plain_numbers(dict(meta)), indent=2, ensure_ascii=False).encode("utf8")


def _as_bytes(part: bytes | str) -> bytes:
    return part.encode("utf8") if isinstance(part, str) else part


def _checked_meta(meta: Any, where: Any) -> dict[str, Any]:
    if not isinstance(meta, dict) or not isinstance(meta.get("vectors") or {}, Mapping):
        raise DataFormatError(
            f"{where}: {META_FILE} is not that of a pipeline: expected an object with lang, name, ..."
        )
    return meta


def _warn_of_unreadable(config: Mapping[str, Any]) -> None:
    for section, kind, name in unreadable(config):
        warnings.warn(
            f"The saved pipeline cannot be loaded by spaCy 3.8, which has no '{name}' among its {kind} ([{section}]). "
            "Spanwright loads it.",
            InterchangeWarning,
            stacklevel=4,
        )
