"""A transformer and its tokenizer as bytes, in the layout of spacy-transformers, and back."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

from .data_classes import HFObjects
from .errors import WeightsError
from .loading import _classes, check_keys, quiet, require_torch, vocab_file_contents, written_by_newer

__all__ = ["dump_objects", "load_objects"]

# What draws the values of a parameter, of torch.nn.init and of tensors.
DRAWING = frozenset(
    {"kaiming_normal_", "kaiming_uniform_", "normal_", "trunc_normal_", "uniform_", "xavier_normal_", "xavier_uniform_"}
)
PARTS = ("config", "state", "tokenizer", "_init_tokenizer_config", "_init_transformer_config")


def dump_objects(objects: HFObjects) -> bytes:
    """The configuration, the weights and the files of the tokenizer as one message.

    Objects that have not been loaded yet are saved as the settings that they will be loaded with.
    """
    from spanwright_tokens.io import dump_msgpack

    message: dict[str, Any] = {part: {} for part in PARTS}
    if objects.transformer is None:
        message["_init_tokenizer_config"] = dict(objects._init_tokenizer_config)
        message["_init_transformer_config"] = dict(objects._init_transformer_config)
        return dump_msgpack(message)
    # Keys of JSON are texts: what reads it expects no others.
    message["config"] = json.loads(objects.transformer.config.to_json_string(use_diff=False))
    message["state"] = _dump_weights(objects.transformer)
    message["tokenizer"] = _dump_tokenizer(objects)
    return dump_msgpack(message)


def _dump_weights(transformer: Any) -> bytes:
    import torch

    file = BytesIO()
    torch.save({name: tensor.detach().cpu() for name, tensor in transformer.state_dict().items()}, file)
    return file.getvalue()


def _dump_tokenizer(objects: HFObjects) -> dict[str, Any]:
    tokenizer = objects.tokenizer
    files: dict[str, Any] = {"kwargs": {"use_fast": bool(tokenizer.is_fast)}}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        vocab_name = getattr(tokenizer, "vocab_files_names", {}).get("vocab_file")
        if objects.vocab_file_contents is not None and vocab_name:
            (folder / vocab_name).write_bytes(objects.vocab_file_contents)
            # Some tokenizers copy this file when they are saved, and it may be gone from where they were loaded.
            tokenizer.vocab_file = str(folder / vocab_name)
        tokenizer.save_pretrained(name)
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                files[path.name] = _readable_elsewhere(path.name, path.read_bytes())
    return files


def _readable_elsewhere(name: str, data: bytes) -> bytes:
    """A tokenizer's file as transformers 4 reads it, too, whose general classes have other names."""
    if name != "tokenizer_config.json":
        return data
    settings = json.loads(data)
    if settings.get("tokenizer_class") == "TokenizersBackend":
        settings["tokenizer_class"] = "PreTrainedTokenizerFast"
    if isinstance(settings.get("extra_special_tokens"), list):
        extra = settings.pop("extra_special_tokens")
        if extra:
            settings["additional_special_tokens"] = extra
    return json.dumps(settings, ensure_ascii=False, indent=2).encode("utf8")


def load_objects(
    data: bytes,
    *,
    where: str = "saved transformer",
    config_cls: Any = None,
    model_cls: Any = None,
    tokenizer_cls: Any = None,
) -> HFObjects:
    """Read what `dump_objects` or spacy-transformers wrote.

    where: What is read, for errors. The classes are as for `huggingface_from_pretrained`.

    Raises WeightsError (a ValueError) for a message of another layout, a tokenizer that cannot be made, or weights that
    are missing or do not fit. Nothing is unpickled.
    """
    from spanwright_tokens.io import read_msgpack

    message = read_msgpack(data, where=where)
    if not isinstance(message, Mapping) or not isinstance(message.get("config"), Mapping):
        raise WeightsError(f"{where}: expected a map with the parts {', '.join(PARTS)}.")
    settings = [dict(message.get(part) or {}) for part in PARTS[3:]]
    if not message["config"]:
        return HFObjects(None, None, None, *settings)
    require_torch()
    if not isinstance(message.get("state"), bytes) or not isinstance(message.get("tokenizer"), Mapping):
        raise WeightsError(f"{where}: expected weights (state) and a tokenizer beside the configuration.")
    classes = _classes(config_cls, model_cls, tokenizer_cls)
    with tempfile.TemporaryDirectory() as name, quiet():
        config = _write_files(Path(name), message, where)
        tokenizer = _make_tokenizer(name, message["tokenizer"], classes[2], where)
        vocab = vocab_file_contents(tokenizer)
        transformer = _make_transformer(config, classes, message["state"], where)
    return HFObjects(tokenizer, transformer, vocab)


def _write_files(folder: Path, message: Mapping[str, Any], where: str) -> Path:
    config = folder / "config.json"
    config.write_text(json.dumps(message["config"]), encoding="utf8")
    for name, data in message["tokenizer"].items():
        if name == "kwargs":
            continue
        if not isinstance(data, bytes) or Path(name).name != name or name in ("config.json", "..", "."):
            raise WeightsError(f"{where}: the saved tokenizer has a file of the name {name!r}, which is not allowed.")
        (folder / name).write_bytes(data)
    return config


def _make_tokenizer(folder: str, files: Mapping[str, Any], tokenizer_cls: Any, where: str) -> Any:
    kwargs = files.get("kwargs") or {}
    settings = {"use_fast": bool(kwargs["use_fast"])} if "use_fast" in kwargs else {}
    try:
        return tokenizer_cls.from_pretrained(folder, trust_remote_code=False, **settings)
    except Exception as error:
        if newer := written_by_newer(error):
            raise WeightsError(f"{where}: the saved tokenizer cannot be made. {newer}") from error
        raise WeightsError(
            f"{where}: the saved tokenizer cannot be made ({type(error).__name__}: {error}). It has the files "
            f"{', '.join(sorted(set(files) - {'kwargs'})) or '(none)'}. If it is one of SentencePiece: "
            '`pip install "spanwright-transformers[sentencepiece]"`.'
        ) from error


def _make_transformer(config_file: Path, classes: tuple[Any, Any, Any], state: bytes, where: str) -> Any:
    import torch
    from thinc.api import get_torch_default_device

    config_cls, model_cls, _ = classes
    try:
        config = config_cls.from_pretrained(str(config_file), trust_remote_code=False)
        # Saved configurations do not say how attention is computed; only this way gives the attentions themselves.
        options = {"attn_implementation": "eager"} if getattr(config, "output_attentions", False) else {}
        with undrawn():
            transformer = model_cls.from_config(config, **options)
        weights = torch.load(BytesIO(state), map_location="cpu", weights_only=True)
        if not isinstance(weights, Mapping) or not all(hasattr(tensor, "shape") for tensor in weights.values()):
            raise TypeError("expected a map of tensors as weights")
        if set(transformer.state_dict()) - set(weights):  # it may lack some: draw these
            transformer = model_cls.from_config(config, **options)
    except Exception as error:
        raise WeightsError(
            f"{where}: the saved transformer cannot be read ({type(error).__name__}: {str(error)[:300]}). The file is "
            "damaged, or its kind of model is not in the installed transformers."
        ) from error
    own = transformer.state_dict()
    wrong = [name for name, tensor in weights.items() if name in own and tensor.shape != own[name].shape]
    check_keys(where, set(own) - set(weights), set(weights) - set(own), wrong)
    # In the precision that they were saved in: half, if their settings ask for that.
    precisions = {tensor.dtype for tensor in weights.values() if tensor.is_floating_point()}
    transformer.to(precisions.pop() if len(precisions) == 1 else torch.float32)
    transformer.load_state_dict(weights, strict=False)
    return transformer.to(get_torch_default_device())


@contextmanager
def undrawn() -> Iterator[None]:
    """Make models of PyTorch without drawing weights, which takes longer than to load those that replace them."""
    import torch
    from torch.overrides import TorchFunctionMode

    class Undrawn(TorchFunctionMode):
        def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
            kwargs = kwargs or {}
            target = args[0] if args else kwargs.get("tensor")
            # Buffers may be drawn, too, and not be saved.
            if getattr(func, "__name__", "") in DRAWING and isinstance(target, torch.nn.Parameter):
                return target
            return func(*args, **kwargs)

    with Undrawn():
        yield
