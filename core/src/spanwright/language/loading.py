"""`load` and `blank`: pipelines by name, folder or archive, without importing the packages they come in."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spanwright_tokens.io import read_json, recover_folder

from ..config import Config, load_config
from ..errors import DataFormatError, MissingFileError, PipelineError, SpanwrightWarning
from .archives import is_archive, unpacked
from .languages import get_lang_class
from .packages import find_package, import_code, installed_pipelines
from .tokenizers import rules_follow

CONFIG_FILE = "config.cfg"
META_FILE = "meta.json"
MOST_TRIES = 10  # to read a folder that somebody saves to at the same time


def load(
    name: str | Path,
    *,
    vocab: Any = True,
    disable: str | Iterable[str] = (),
    enable: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    config: Mapping[str, Any] = {},
) -> Any:
    """Load a pipeline.

    name: An installed package ("en_core_web_sm"), a folder, a wheel or another archive (.zip, .tar.gz) of one; or
        "blank:en" for an empty pipeline. Nothing is installed, and nothing is asked of the network.
    vocab: The vocabulary to use; True makes one.
    disable: Components to load and switch off; nlp.enable_pipe switches them on.
    enable: Components to leave on; all others are switched off.
    exclude: Components (or "vocab", "tokenizer", "vectors", ...) not to load at all.
    config: Changed settings: nested dicts, or values by dotted path ("nlp.batch_size").

    Settings that the folder lacks get their defaults. What only training needs is not looked at.

    Raises MissingFileError (an OSError) if there is no such pipeline, MissingPartsError (a ConfigError) that lists
    all plugins to install, DataFormatError or ModelDataError (ValueErrors) for files that are damaged.
    """
    settings: dict[str, Any] = {
        "vocab": vocab, "disable": disable, "enable": enable, "exclude": exclude, "config": config,
    }  # fmt: skip
    if isinstance(name, str) and name.startswith("blank:"):
        return blank(name.removeprefix("blank:"), vocab=vocab)
    with located(name) as folder:
        nlp = load_model_from_path(folder, **settings)
    if not folder.exists():  # it was unpacked for this
        nlp._path = Path(name)
    return nlp


def read_config(name: str | Path) -> Config:
    """The config of a pipeline that `load` would find, with its references."""
    with located(name) as folder:
        return load_config(folder / CONFIG_FILE)


@contextmanager
def located(name: str | Path) -> Iterator[Path]:
    """The folder of a pipeline; that of an archive is there for the `with` block only. Raises as `load` does."""
    if isinstance(name, str):
        if not name.strip():
            raise MissingFileError(
                f"The name of the pipeline is empty: {name!r}. Give a package, a folder or an archive."
            )
        folder = find_package(name)
        if folder is not None:
            import_code(name)
            yield folder
            return
    elif not hasattr(name, "__fspath__"):
        raise PipelineError(f"spanwright.load takes the name or path of a pipeline, not {type(name).__name__}.")
    path = recover_folder(Path(name))
    if path.is_file() and is_archive(path):
        with unpacked(path) as inside:
            folder = _pipeline_folder(inside, shown=str(path))
            if not (folder / CONFIG_FILE).is_file():
                raise MissingFileError(f"{path} holds no pipeline: there is no {CONFIG_FILE} in it.")
            yield folder
    elif path.is_dir():
        yield _pipeline_folder(path, shown=str(path))
    else:
        raise MissingFileError(_not_found(str(name), path))


def blank(name: str, *, vocab: Any = True, config: Mapping[str, Any] = {}, meta: Mapping[str, Any] = {}) -> Any:
    """An empty pipeline of a language: the tokenizer, and no components.

    name: Language code; one that no installed plugin provides gets neutral rules.
    vocab: The vocabulary; True makes one.
    config: Settings over the default config.
    meta: What meta.json holds.
    """
    from ..util import dot_to_dict

    settings = dot_to_dict(config) if any("." in key for key in config) else config
    return get_lang_class(name).from_config(settings, vocab=vocab, meta=meta)


def load_model_from_path(
    model_path: str | Path,
    *,
    meta: Mapping[str, Any] | None = None,
    vocab: Any = True,
    disable: str | Iterable[str] = (),
    enable: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    config: Mapping[str, Any] = {},
) -> Any:
    """Load a pipeline from its folder (the one with config.cfg). Arguments as for `load`."""
    names = {"vocab": vocab, "disable": disable, "enable": enable, "exclude": _as_list(exclude)}
    for _ in range(MOST_TRIES):
        path = recover_folder(Path(model_path))
        before = _state_of(path)
        try:
            nlp = _load_folder(path, meta, names, dict_to_overrides(config))
        except Exception:
            if _state_of(path) == before:
                raise
            continue
        if _state_of(path) == before:
            return nlp
    raise PipelineError(
        f"{model_path} was saved anew each of the {MOST_TRIES} times it was read, so that its parts did not belong "
        "together. Load it when the saving is over, or save to another folder and rename that."
    )


def _load_folder(path: Path, meta: Mapping[str, Any] | None, names: dict[str, Any], overrides: dict[str, Any]) -> Any:
    found = dict(meta) if meta else get_model_meta(path)
    settings = load_config(path / CONFIG_FILE, overrides=overrides)
    with rules_follow((path / "tokenizer").is_file() and "tokenizer" not in names["exclude"]):
        nlp = load_model_from_config(settings, meta=found, **names)
    return nlp._read_folder(path, exclude=names["exclude"], overrides=overrides, fresh=True)


def _state_of(path: Path) -> tuple[int, ...] | None:
    """What changes when another process saves a pipeline to a folder, which exchanges it as a whole."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_mtime_ns


def load_model_from_config(
    config: Mapping[str, Any],
    *,
    meta: Mapping[str, Any] = {},
    vocab: Any = True,
    disable: str | Iterable[str] = (),
    enable: str | Iterable[str] = (),
    exclude: str | Iterable[str] = (),
    auto_fill: bool = False,
    validate: bool = True,
) -> Any:
    """Make a pipeline from a config, of the language it names. Arguments as for `Language.from_config`."""
    nlp_block = config.get("nlp") or {}
    if not isinstance(nlp_block, Mapping) or nlp_block.get("lang") is None:
        what = "no section [nlp]" if "nlp" not in config else "no language ([nlp] lang)"
        raise PipelineError(
            f"The config has {what}, which a pipeline needs. Its sections are: {', '.join(config) or 'none'}."
        )
    given = config if isinstance(config, Config) else Config(config, is_interpolated=False)
    from .resolving import interpolated_section

    cls = get_lang_class(interpolated_section(given, "nlp")["lang"])
    return cls.from_config(
        given, vocab=vocab, disable=disable, enable=enable, exclude=exclude, meta=meta, auto_fill=auto_fill,
        validate=validate,
    )  # fmt: skip


def load_model_from_package(name: str, **settings: Any) -> Any:
    """Load a pipeline from an installed package. Arguments as for `load`."""
    folder = find_package(name)
    if folder is None:
        raise MissingFileError(_not_found(name, Path(name)))
    import_code(name)
    return load_model_from_path(folder, **settings)


def load_model_from_init_py(init_file: str | Path, **settings: Any) -> Any:
    """Load the pipeline of the package whose `__init__.py` this is. Arguments as for `load`."""
    return load_model_from_path(_pipeline_folder(Path(init_file).parent, shown=str(init_file)), **settings)


def get_model_meta(path: str | Path) -> dict[str, Any]:
    """The meta.json of a pipeline's folder. Raises MissingFileError, DataFormatError."""
    path = Path(path)
    if not path.is_dir():
        raise MissingFileError(f"There is no folder {path}.")
    return load_meta(path / META_FILE)


def load_meta(path: str | Path) -> dict[str, Any]:
    """A meta.json. Raises MissingFileError, DataFormatError (a ValueError) if it lacks language, name or version.

    Warns if the pipeline was made for a later spaCy than 3.8.
    """
    path = Path(path)
    meta = read_json(path)
    if not isinstance(meta, dict):
        raise DataFormatError(f"{path}: expected an object with lang, name and version; found {type(meta).__name__}.")
    for key in ("lang", "name", "version"):
        if not isinstance(meta.get(key), str) or not meta[key]:
            raise DataFormatError(f"{path}: the setting '{key}' is missing or no text; found {meta.get(key)!r}.")
    if not isinstance(meta.get("vectors") or {}, Mapping):
        raise DataFormatError(f"{path}: the setting 'vectors' must be an object, found {meta['vectors']!r}.")
    version = str(meta.get("spacy_version") or "")
    if _begins_after_38(version):
        warnings.warn(
            f"The pipeline {meta['lang']}_{meta['name']} was made for spaCy {version}. Formats of 3.x are read here; "
            "what "
            "is new since may be missing.",
            SpanwrightWarning,
            stacklevel=4,
        )
    return meta


def _begins_after_38(versions: str) -> bool:
    """Whether a range of versions, such as ">=3.9.0,<3.10.0", admits none up to 3.8."""
    found = re.search(r"(?:^|,)\s*(?:>=?|==|~=|)\s*(\d+)(?:\.(\d+))?", versions)
    return found is not None and (int(found[1]), int(found[2] or 0)) > (3, 8)


def dict_to_overrides(config: Mapping[str, Any]) -> dict[str, Any]:
    """Changed settings by dotted path, from nested dicts or dotted paths. A block that names a function stays whole."""
    flat: dict[str, Any] = {}
    for key, value in config.items():
        whole = isinstance(value, Mapping) and (not value or any(str(inner).startswith("@") for inner in value))
        if isinstance(value, Mapping) and not whole:
            flat.update({f"{key}.{inner}": deep for inner, deep in dict_to_overrides(value).items()})
        else:
            flat[key] = dict(value) if isinstance(value, Mapping) else value
    return flat


def _as_list(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _pipeline_folder(path: Path, *, shown: str) -> Path:
    """The folder with config.cfg: this one, or one inside that a package or archive of pipelines has."""
    if (path / CONFIG_FILE).is_file() or not path.is_dir():
        return path
    found = sorted(path.glob(f"*/{CONFIG_FILE}")) or sorted(path.glob(f"*/*/{CONFIG_FILE}"))
    found = found or sorted(path.glob(f"*/*/*/{CONFIG_FILE}"))
    if len(found) == 1:
        return found[0].parent
    if not found:
        # A folder whose first save was interrupted may still be put right.
        return path
    names = ", ".join(str(file.parent.relative_to(path)) for file in found)
    raise PipelineError(f"{shown} holds several pipelines: {names}. Give the folder of one of them.")


def _not_found(name: str, path: Path) -> str:
    from ..registry import nearest

    text = f"There is no pipeline '{name}': no installed package, folder or archive is called that."
    if path.is_file():
        text = f"{path} is a file, and no archive of a pipeline (.whl, .zip, .tar.gz)."
    known = installed_pipelines()
    close = nearest(name, known, limit=1)
    if close:
        return f"{text} Did you mean '{close[0]}'?"
    shown = f" Installed pipelines: {', '.join(known)}." if known else " No pipeline is installed as a package."
    return f"{text}{shown} A published one can be installed with pip, or loaded from its wheel."
