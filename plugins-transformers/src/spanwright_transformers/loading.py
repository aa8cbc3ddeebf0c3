"""Loading models and tokenizers of transformers, from a name, a folder or saved bytes."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from difflib import get_close_matches
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .data_classes import HFObjects
from .errors import MissingTorchError, ModelNotFoundError, TransformerSettingWarning, WeightsError

__all__ = ["huggingface_from_pretrained", "require_torch"]

logger = logging.getLogger("spanwright_transformers")

# Weights that a saved model may lack: the pooler, which many models were trained without, and which no listener reads.
OPTIONAL = ("pooler.",)
# Settings of a configuration that say how it is loaded, or by what its weights are.
FOR_LOADING = frozenset(
    {
        "attn_implementation", "cache_dir", "code_revision", "dtype", "force_download", "local_files_only", "proxies",
        "resume_download", "return_dict", "revision", "subfolder", "token", "torch_dtype", "trust_remote_code",
        "use_auth_token",
    }
)  # fmt: skip
# Buffers that earlier versions saved, and that are computed today.
OBSOLETE = ("position_ids", "token_type_ids", "relative_position_index", "masked_bias", "attn.bias", "inv_freq")


def require_torch() -> None:
    """Raise MissingTorchError (an ImportError) if PyTorch or transformers is not installed."""
    for name in ("torch", "transformers"):
        if find_spec(name) is None:
            raise MissingTorchError(
                f"Transformers need the package {name}, which is not installed: pip install {name} "
                "(or reinstall spanwright-transformers with its dependencies)."
            )


def huggingface_from_pretrained(
    source: str | Path,
    tok_config: Mapping[str, Any] | None = None,
    trf_config: Mapping[str, Any] | None = None,
    config_cls: Any = None,
    model_cls: Any = None,
    tokenizer_cls: Any = None,
) -> HFObjects:
    """Load a transformer and its tokenizer.

    source: A folder, or a name that transformers knows; what is in its cache, it finds offline.
    tok_config: Settings for `AutoTokenizer.from_pretrained`.
    trf_config: Settings for `AutoConfig.from_pretrained`.
    config_cls, model_cls, tokenizer_cls: What to load with; by default AutoConfig, AutoModel and AutoTokenizer.

    Raises ModelNotFoundError (an OSError) if there is no such model or its files cannot be read, and WeightsError (a
    ValueError) if weights are missing or of another shape. Nothing is unpickled: weights are read from safetensors, or
    from .bin files that hold tensors only.
    """
    require_torch()
    from thinc.api import get_torch_default_device

    config_cls, model_cls, tokenizer_cls = _classes(config_cls, model_cls, tokenizer_cls)
    name = str(Path(source).absolute()) if isinstance(source, Path) else source
    if not name.strip():
        raise ModelNotFoundError("The `name` of the model is empty. Give a folder, or a name that transformers knows.")
    if Path(name).is_file():
        raise ModelNotFoundError(f"'{name}' is a file. Give the folder that it is in, with all files of the model.")
    with quiet():
        config = _load_config(name, dict(trf_config or {}), config_cls)
        tokenizer = _load_tokenizer(name, dict(tok_config or {}), tokenizer_cls)
        transformer = _load_weights(name, config, model_cls, trf_config or {})
    transformer.to(device=get_torch_default_device(), dtype=_dtype_asked(trf_config))
    return HFObjects(tokenizer, transformer, vocab_file_contents(tokenizer), tok_config, trf_config)  # type: ignore[arg-type]


def _classes(config_cls: Any, model_cls: Any, tokenizer_cls: Any) -> tuple[Any, Any, Any]:
    from transformers import AutoConfig, AutoModel, AutoTokenizer

    return config_cls or AutoConfig, model_cls or AutoModel, tokenizer_cls or AutoTokenizer


def _dtype_asked(config: Mapping[str, Any] | None) -> Any:
    """The precision of weights that the settings ask for: full, unless they say so. Versions of transformers differ."""
    import torch

    asked = (config or {}).get("dtype", (config or {}).get("torch_dtype"))
    found = getattr(torch, asked.removeprefix("torch."), None) if isinstance(asked, str) else asked
    return found if isinstance(found, torch.dtype) else torch.float32


def _load_config(name: str, settings: dict[str, Any], config_cls: Any) -> Any:
    # Without the setting, transformers asks at the keyboard whether to run the code of a model, and waits.
    try:
        config = config_cls.from_pretrained(name, **{"trust_remote_code": False, **settings, "return_dict": True})
    except Exception as error:
        raise _not_found(name, error, settings) from error
    _warn_unknown(name, settings, config)
    return config


def _warn_unknown(name: str, settings: Mapping[str, Any], config: Any) -> None:
    """Warn of settings that the configuration of a model takes no notice of."""
    for key in settings:
        if key in FOR_LOADING or key.startswith("_") or hasattr(config, key):
            continue
        near = get_close_matches(key, list(config.to_dict()) if hasattr(config, "to_dict") else [], 1)
        warnings.warn(
            f"The configuration of '{name}' has no setting '{key}' (transformer_config): it changes nothing."
            + (f" Did you mean '{near[0]}'?" if near else ""),
            TransformerSettingWarning,
            stacklevel=4,
        )


def _load_tokenizer(name: str, settings: dict[str, Any], tokenizer_cls: Any) -> Any:
    try:
        tokenizer = tokenizer_cls.from_pretrained(name, **{"trust_remote_code": False, **settings})
        # transformers 5 makes one without a vocabulary where there are no files.
        if len(tokenizer) <= len(set(tokenizer.all_special_tokens)):
            raise ValueError("it has no vocabulary")
        return tokenizer
    except Exception as error:
        needs = isinstance(error, ImportError) or "sentencepiece" in str(error).lower()
        # transformers 5 takes such a file for one of tiktoken then.
        needs = needs or (_lacks_sentencepiece() and _has_sentencepiece(name))
        if needs and _may_have_tokenizer(name):
            raise ModelNotFoundError(
                f"The tokenizer of '{name}' needs a package that is not installed "
                f"({_first_line(error)}). Tokenizers of SentencePiece come with "
                '`pip install "spanwright-transformers[sentencepiece]"`.'
            ) from error
        if newer := written_by_newer(error):
            raise ModelNotFoundError(f"The tokenizer of '{name}' cannot be loaded. {newer}") from error
        raise ModelNotFoundError(
            f"The tokenizer of '{name}' cannot be loaded ({type(error).__name__}: {_first_line(error)}). "
            f"{_files_of(name)}Save one beside the weights, with the tokenizer's own save_pretrained: its files are "
            "tokenizer.json, or tokenizer_config.json and a vocabulary (vocab.txt, or vocab.json and merges.txt)."
        ) from error


def written_by_newer(error: Exception) -> str:
    """What an error of the package tokenizers means that says nothing to its readers; or an empty text."""
    if "untagged enum" not in str(error):
        return ""
    from importlib.metadata import version

    return (
        f"Its tokenizer.json was written by a newer version of the package tokenizers than {version('tokenizers')}, "
        "or is damaged: pip install --upgrade transformers tokenizers, or save it with the older version."
    )


def _may_have_tokenizer(name: str) -> bool:
    parts = ("tokenizer.", "vocab", "merges", ".model")  # tokenizer_config.json is none
    folder = Path(name)
    return not folder.is_dir() or any(part in path.name for path in folder.iterdir() for part in parts)


def _lacks_sentencepiece() -> bool:
    return find_spec("sentencepiece") is None or find_spec("google") is None or find_spec("google.protobuf") is None


def _has_sentencepiece(name: str) -> bool:
    folder = Path(name)
    return folder.is_dir() and any(path.suffix == ".model" for path in folder.iterdir())


def _load_weights(name: str, config: Any, model_cls: Any, settings: Mapping[str, Any]) -> Any:
    try:
        # What does not fit is listed below; without the setting, transformers lists it in a log.
        transformer, info = model_cls.from_pretrained(
            name, config=config, output_loading_info=True, ignore_mismatched_sizes=True
        )
    except RuntimeError as error:
        raise WeightsError(
            f"The weights of '{name}' do not fit its configuration: {_lines(error)} Compare its config.json, and the "
            "settings in transformer_config, with what the weights were trained with."
        ) from error
    except Exception as error:
        raise _not_found(name, error, settings) from error
    mismatched = [_mismatch(key) for key in info.get("mismatched_keys", ())]
    check_keys(name, list(info["missing_keys"]), list(info["unexpected_keys"]), mismatched)
    return transformer


def _mismatch(key: Any) -> str:
    if not isinstance(key, (tuple, list)):
        return str(key)
    name, *shapes = key
    return f"{name} ({' instead of '.join(str(tuple(shape)) for shape in shapes)})" if len(shapes) == 2 else str(name)


def check_keys(where: str, missing: Iterable[str], unexpected: Iterable[str], mismatched: Iterable[str] = ()) -> None:
    """Compare the weights that were found with those that a model has.

    where: The model, for messages. Weights that nothing needs are listed in the log of `spanwright_transformers`.
    Raises WeightsError (a ValueError) that lists those that are missing, or of another shape.
    """
    lacking = sorted(key for key in missing if not any(part in key for part in OPTIONAL))
    others = sorted(key for key in unexpected if not any(key.endswith(end) for end in OBSOLETE))
    wrong = sorted(mismatched)
    if others:
        logger.info("%s: %d weights are not used: %s", where, len(others), _some(others))
    if wrong:
        raise WeightsError(
            f"{where}: {len(wrong)} weights have another shape than the configuration says: {_some(wrong)}. "
            "Compare config.json, and the settings in transformer_config, with what the weights were trained with."
        )
    if lacking:
        raise WeightsError(
            f"{where}: {len(lacking)} weights are missing: {_some(lacking)}. They would be random. "
            + (f"There are {len(others)} that nothing needs: {_some(others)}. " if others else "")
            + "The file is that of another model, or was saved by a version of transformers with other names."
        )


def _not_found(name: str, error: Exception, settings: Mapping[str, Any] | None = None) -> ModelNotFoundError:
    if type(error).__name__ == "SafetensorError":
        text = f"The weights of '{name}' are damaged"
        advice = "Copy or download model.safetensors again, or save the model once more with save_pretrained."
    elif settings and not isinstance(error, OSError):
        text = f"The model '{name}' cannot be made with the settings that it is given"
        advice = f"Check transformer_config, which sets {', '.join(settings)}, and its own config.json."
    elif Path(name).is_dir():
        text = f"The model in the folder '{name}' cannot be loaded"
        advice = (
            f"{_files_of(name)}It needs config.json and weights (model.safetensors, or pytorch_model.bin), as "
            "save_pretrained of transformers writes them."
        )
    elif any(sign in name for sign in ("\\", "./")) or name.startswith(("/", "~")):
        text, advice = f"There is no folder '{name}'", "Check the path ([components.transformer.model] name)."
    else:
        text = (
            f"There is no model '{name}' in the working directory or in the cache of transformers, and no hub gave it"
        )
        advice = (
            "Check the spelling and the network; offline (HF_HUB_OFFLINE=1), download it before, or give the path of a "
            "folder as `name`."
        )
    return ModelNotFoundError(f"{text} ({type(error).__name__}: {_first_line(error)}). {advice}")


def _files_of(name: str) -> str:
    folder = Path(name)
    if not folder.is_dir():
        return ""
    return f"The folder has: {_some(sorted(path.name for path in folder.iterdir()) or ['nothing'])}. "


def _some(items: list[str], most: int = 8) -> str:
    shown = ", ".join(items[:most])
    return shown if len(items) <= most else f"{shown}, and {len(items) - most} more"


def _first_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).strip().splitlines()] or [""]
    # A heading says nothing without what it announces.
    first = " ".join(lines[:2]) if lines[0].endswith(":") else lines[0]
    return first.rstrip(". ")[:300]


def _lines(error: Exception) -> str:
    return " ".join(line.strip() for line in str(error).strip().splitlines()[:4])[:600]


def vocab_file_contents(tokenizer: Any) -> bytes | None:
    """The vocabulary file of a tokenizer that was loaded from one."""
    path = getattr(tokenizer, "vocab_file", None)
    if isinstance(path, (str, Path)) and Path(path).is_file():
        return Path(path).read_bytes()
    return None


@contextmanager
def quiet() -> Iterator[None]:
    """Load without the progress bars and reports of transformers, which errors here replace."""
    from transformers.utils import logging as reports

    level, bar = reports.get_verbosity(), getattr(reports, "is_progress_bar_enabled", lambda: False)()
    reports.set_verbosity_error()
    if bar:
        reports.disable_progress_bar()
    try:
        yield
    finally:
        reports.set_verbosity(level)
        if bar:
            reports.enable_progress_bar()
