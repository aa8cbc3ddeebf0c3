"""Small helpers that programs import from here. What is heavy is imported on first use."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import itertools
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from .errors import InvalidValueError, MissingKeyError, MissingPluginError

if TYPE_CHECKING:
    from thinc.api import Optimizer


T = TypeVar("T")
logger = logging.getLogger("spanwright")

# Name -> (module, attribute): what lives elsewhere and is offered here too.
_LAZY = {
    "registry": ("spanwright.registry", "registry"),
    "Config": ("spanwright.config", "Config"),
    "load_config": ("spanwright.config", "load_config"),
    "load_config_from_str": ("spanwright.config", "load_config_from_str"),
    "CONFIG_SECTION_ORDER": ("spanwright.config", "SECTION_ORDER"),
    "SimpleFrozenDict": ("spanwright.language.frozen", "FrozenDict"),
    "SimpleFrozenList": ("spanwright.language.frozen", "FrozenList"),
    "combine_score_weights": ("spanwright.language.description", "combine_score_weights"),
    "get_lang_class": ("spanwright.language.languages", "get_lang_class"),
    "load_model": ("spanwright.language", "load"),
    "load_model_from_config": ("spanwright.language.loading", "load_model_from_config"),
    "load_model_from_path": ("spanwright.language.loading", "load_model_from_path"),
    "load_model_from_package": ("spanwright.language.loading", "load_model_from_package"),
    "load_model_from_init_py": ("spanwright.language.loading", "load_model_from_init_py"),
    "load_meta": ("spanwright.language.loading", "load_meta"),
    "get_model_meta": ("spanwright.language.loading", "get_model_meta"),
    "raise_error": ("spanwright.language.processing", "raise_error"),
    "ignore_error": ("spanwright.language.processing", "ignore_error"),
    "filter_spans": ("spanwright_tokens.matcher", "filter_spans"),
    "get_current_ops": ("thinc.api", "get_current_ops"),
}


def __getattr__(name: str) -> Any:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _LAZY[name]
    value = getattr(importlib.import_module(module), attribute)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_LAZY})


# --- paths, packages, files


def ensure_path(path: Any) -> Any:
    """A Path for a string; anything else as it is."""
    return Path(path) if isinstance(path, str) else path


def is_package(name: str) -> bool:
    """Whether a distribution of this name is installed."""
    import importlib_metadata

    try:
        importlib_metadata.distribution(name)
    except (importlib_metadata.PackageNotFoundError, ValueError):
        return False
    return True


def get_package_version(name: str) -> str | None:
    """Version of an installed distribution, or None."""
    import importlib_metadata

    try:
        return str(importlib_metadata.version(name))
    except importlib_metadata.PackageNotFoundError:
        return None


def get_package_path(name: str) -> Path:
    """Folder of an installed package. Raises MissingPluginError if there is none."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, ValueError):
        spec = None
    if spec is None or spec.origin is None:
        raise MissingPluginError(f"There is no package '{name}'. Install it with: pip install {name}", name=name)
    return Path(spec.origin).parent


def import_file(name: str, path: str | Path) -> Any:
    """Import a Python file as a module of the given name, as `--code` does."""
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise InvalidValueError(f"Can't import {path}: it is no Python file.")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def working_dir(path: str | Path) -> Iterator[Path]:
    """Make a folder the current one inside a `with` block."""
    before = Path.cwd()
    current = Path(path).resolve()
    os.chdir(current)
    try:
        yield current
    finally:
        os.chdir(before)


@contextlib.contextmanager
def make_tempdir() -> Iterator[Path]:
    """A temporary folder that is removed after the `with` block."""
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


# --- batches and numbers


def minibatch(items: Iterable[T], size: int | Iterator[Any] | Callable[..., Any]) -> Iterator[list[T]]:
    """Cut items into lists.

    size: Length of each list, or a series of lengths (a generator, or a schedule of thinc).
    """
    sizes = _lengths(size)
    iterator = iter(items)
    while True:
        batch = list(itertools.islice(iterator, int(next(sizes))))
        if not batch:
            return
        yield batch


def _lengths(size: Any) -> Iterator[Any]:
    if isinstance(size, int):
        if size < 1:
            raise InvalidValueError(f"A batch has at least one item; found the size {size}.")
        return itertools.repeat(size)
    if callable(size) and not hasattr(size, "__next__"):
        return (size(step) for step in itertools.count())  # a schedule of thinc 9
    return iter(size)


def compounding(start: float, stop: float, compound: float, *, t: float = 0.0) -> Iterator[float]:
    """An endless series from `start` to `stop`, each value `compound` times the one before; it remembers its place.

    t: Step to begin with.
    """
    low, high = min(start, stop), max(start, stop)
    value = start * compound**t
    while True:
        value = min(max(value, low), high)
        yield value
        value *= compound


def decaying(base_rate: float, decay: float, *, t: float = 0) -> Iterator[float]:
    """An endless series of base_rate / (1 + decay * step); it remembers its place.

    t: Step to begin with.
    """
    for step in itertools.count(t):
        yield base_rate / (1.0 + decay * step)


def fix_random_seed(seed: int = 0) -> None:
    """Seed the random numbers of Python, NumPy and, where they are loaded, CuPy and torch."""
    import thinc.api

    thinc.api.fix_random_seed(seed)


def create_default_optimizer() -> Optimizer:
    """The optimizer of pipelines whose config names none: Adam as thinc sets it by default."""
    from thinc.api import Adam

    return Adam()


def to_ternary_int(value: Any) -> int:
    """1 for True or 1, 0 for None or 0, -1 for False and all else, as SENT_START is stored."""
    if value is None or (value == 0 and value is not False):
        return 0
    return 1 if value == 1 else -1


def normalize_slice(length: int, start: int | None, stop: int | None, step: int | None = None) -> tuple[int, int]:
    """Start and end of a slice, within 0 and `length`. Raises InvalidValueError for a step."""
    if step not in (None, 1):
        raise InvalidValueError(f"Slices of Docs and Spans take no step; found {step}.")
    begin, end, _ = slice(start, stop).indices(length)
    return begin, max(begin, end)


# --- words and spans


def filter_chain_spans(*spans: Iterable[Any]) -> list[Any]:
    """`filter_spans` over several groups of spans."""
    from spanwright_tokens.matcher import filter_spans

    return list(filter_spans(itertools.chain(*spans)))


def get_words_and_spaces(words: Iterable[str], text: str) -> tuple[list[str], list[bool]]:
    """Words and spaces for a Doc, from words whose spacing was lost and the text they came from.

    Raises InvalidValueError if the words are not the text, whitespace apart.
    """
    tokens: list[tuple[str, bool]] = []
    position = 0
    for word in (word for word in words if not word.isspace()):
        start = text.find(word, position)
        if start < 0 or text[position:start].strip():
            raise InvalidValueError(_no_match(text, word, position))
        if start > position:
            tokens.append((text[position:start], False))
        position = start + len(word)
        spaced = text.startswith(" ", position)
        tokens.append((word, spaced))
        position += spaced
    rest = text[position:]
    if rest.strip():
        raise InvalidValueError(_no_match(text, rest.strip(), position))
    if rest:
        tokens.append((rest, False))
    return [word for word, _ in tokens], [space for _, space in tokens]


def _no_match(text: str, word: str, position: int) -> str:
    return (
        f"The words are not those of the text: '{word[:40]}' does not match what the text has from character "
        f"{position} on ('{text[position : position + 40]}'). Expected the same characters, whitespace apart."
    )


# --- tokenizer rules


def compile_prefix_regex(entries: Iterable[str]) -> re.Pattern[str]:
    """One expression from those of prefixes, each anchored at the start."""
    return re.compile("|".join(f"^{entry}" for entry in entries if entry.strip()))


def compile_suffix_regex(entries: Iterable[str]) -> re.Pattern[str]:
    """One expression from those of suffixes, each anchored at the end."""
    return re.compile("|".join(f"{entry}$" for entry in entries if entry.strip()))


def compile_infix_regex(entries: Iterable[str]) -> re.Pattern[str]:
    """One expression from those of infixes."""
    return re.compile("|".join(entry for entry in entries if entry.strip()))


def update_exc(base: Mapping[str, Any], *additions: Mapping[str, Sequence[Mapping[Any, Any]]]) -> dict[str, Any]:
    """Tokenizer exceptions with more put over them, each also with a typographic apostrophe.

    base: String -> list of token attributes.
    additions: More of the same kind; later ones win.

    Raises InvalidValueError if the texts (ORTH) of an exception's tokens do not add up to its string.
    """
    from spanwright_tokens.attrs import IDS

    orth = IDS["ORTH"]
    exceptions = dict(base)
    for addition in additions:
        for string, tokens in addition.items():
            texts = [token.get(orth, token.get("ORTH")) for token in tokens]
            if not all(isinstance(text, str) for text in texts) or "".join(texts) != string:
                raise InvalidValueError(
                    f"The tokens of the exception '{string}' have the texts {texts}. Expected texts (ORTH) that add up "
                    "to the string."
                )
        exceptions.update(addition)
    return {**exceptions, **_with_apostrophe(exceptions, orth)}


def _with_apostrophe(exceptions: Mapping[str, Any], orth: int) -> dict[str, Any]:
    def changed(token: Mapping[Any, Any]) -> dict[Any, Any]:
        return {key: value.replace("'", "\u2019") if key in (orth, "ORTH") else value for key, value in token.items()}

    return {
        string.replace("'", "\u2019"): [changed(token) for token in tokens]
        for string, tokens in exceptions.items()
        if "'" in string
    }


# --- nested dicts


def walk_dict(node: Mapping[str, Any], parent: Sequence[str] = ()) -> Iterator[tuple[list[str], Any]]:
    """Each value of nested dicts with the path of keys that leads to it."""
    for key, value in node.items():
        path = [*parent, key]
        if isinstance(value, Mapping):
            yield from walk_dict(value, path)
        else:
            yield path, value


def dot_to_dict(values: Mapping[str, Any]) -> dict[str, Any]:
    """Nested dicts from dotted paths: {"a.b": 1} -> {"a": {"b": 1}}."""
    result: dict[str, Any] = {}
    for path, value in values.items():
        *parents, key = path.split(".")
        node = result
        for part in parents:
            node = node.setdefault(part, {})
        node[key] = value
    return result


def dict_to_dot(obj: Mapping[str, Any]) -> dict[str, Any]:
    """Dotted paths from nested dicts: {"a": {"b": 1}} -> {"a.b": 1}."""
    return {".".join(path): value for path, value in walk_dict(obj)}


def dot_to_object(config: Mapping[str, Any], section: str) -> Any:
    """What stands at a dotted path. Raises MissingKeyError, naming the part that is missing."""
    node: Any = config
    for index, part in enumerate(section.split(".")):
        if not isinstance(node, Mapping) or part not in node:
            place = ".".join(section.split(".")[:index])
            from .registry import nearest

            close = nearest(part, [str(key) for key in node], limit=1) if isinstance(node, Mapping) else []
            hint = f" Did you mean '{close[0]}'?" if close else ""
            raise MissingKeyError(f"There is no '{part}' in [{place}] of the config (asked for '{section}').{hint}")
        node = node[part]
    return node


def set_dot_to_object(config: dict[str, Any], section: str, value: Any) -> None:
    """Set what stands at a dotted path whose parents exist."""
    parent, _, key = section.rpartition(".")
    (dot_to_object(config, parent) if parent else config)[key] = value


def resolve_dot_names(config: Mapping[str, Any], dot_names: Sequence[str | None]) -> tuple[Any, ...]:
    """Resolve the blocks at dotted paths ("corpora.train", "training.optimizer"), each of them once.

    None stays None. See `spanwright.config.resolve`.
    """
    from .config import find, promise_key, resolve

    resolved: dict[str, Any] = {}
    for name in dot_names:
        if name is None or name in resolved:
            continue
        value = find(config, name)
        is_block = isinstance(value, Mapping)
        resolved[name] = (
            resolve(config, section=name) if is_block or promise_key(value) else dot_to_object(config, name)
        )
    return tuple(None if name is None else resolved[name] for name in dot_names)


def get_object_name(obj: Any) -> str:
    """The `name` of a component, else the name of the function or class."""
    name = getattr(obj, "name", None)
    return str(name if name is not None else getattr(obj, "__name__", type(obj).__name__))


def get_arg_names(func: Callable[..., Any]) -> list[str]:
    """The names of a function's arguments, `*args` and `**kwargs` apart."""
    from .config import read_signature

    return list(read_signature(func).parameters)


# --- saving and loading parts


def to_bytes(getters: Mapping[str, Callable[[], bytes]], exclude: Iterable[str] = ()) -> bytes:
    """One message from parts: each getter returns the bytes of its part. See `to_dict`."""
    from spanwright_tokens.io import dump_msgpack

    return bytes(dump_msgpack(to_dict(getters, exclude)))


def from_bytes(data: bytes, setters: Mapping[str, Callable[[Any], Any]], exclude: Iterable[str] = ()) -> dict[str, Any]:
    """Hand the parts of a message to setters by name, and return the message."""
    from spanwright_tokens.io import read_msgpack

    return from_dict(read_msgpack(data), setters, exclude)


def to_dict(getters: Mapping[str, Callable[[], Any]], exclude: Iterable[str] = ()) -> dict[str, Any]:
    """What each getter returns, by name; `exclude` drops names (`vocab` drops `vocab.x` too)."""
    exclude = list(exclude)
    return {key: getter() for key, getter in getters.items() if key.split(".")[0] not in exclude}


def from_dict(
    message: Mapping[str, Any], setters: Mapping[str, Callable[[Any], Any]], exclude: Iterable[str] = ()
) -> dict[str, Any]:
    """Hand values to setters by name, and return the message."""
    exclude = list(exclude)
    for key, setter in setters.items():
        if key.split(".")[0] not in exclude and key in message:
            setter(message[key])
    return dict(message)


def to_disk(path: str | Path, writers: Mapping[str, Callable[[Path], Any]], exclude: Iterable[str] = ()) -> Path:
    """Call each writer with its file in a folder, which is made if need be."""
    folder, exclude = Path(path), list(exclude)
    folder.mkdir(parents=True, exist_ok=True)
    for key, writer in writers.items():
        if key.split(".")[0] not in exclude:
            writer(folder / key)
    return folder


def from_disk(path: str | Path, readers: Mapping[str, Callable[[Path], Any]], exclude: Iterable[str] = ()) -> Path:
    """Call each reader with its file in a folder."""
    folder, exclude = Path(path), list(exclude)
    for key, reader in readers.items():
        if key.split(".")[0] not in exclude:
            reader(folder / key)
    return folder


# --- HTML


def escape_html(text: str) -> str:
    """Text with `&`, `<`, `>` and `"` written as entities."""
    for char, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(char, entity)
    return text


def minify_html(html: str) -> str:
    """HTML without line breaks and the blanks around them."""
    return re.sub(r"\s*\n\s*", "", html.strip())
