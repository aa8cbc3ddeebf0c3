"""How a component with a model is saved and loaded: its settings, its weights, and the vocabulary if it is alone."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from spanwright_tokens.io import dump_msgpack, read_parts, replace_folder, write_bytes

from .errors import DataFormatError, InvalidValueError, MissingFileError, ModelDataError, PipelineError
from .model_io import deserialize_config, prepare_model, read_cfg

if TYPE_CHECKING:
    from thinc.api import Model

    from spanwright_tokens.vocab import Vocab

    from .pipe import TrainablePipe


class ModelFiles:
    """The part of a component that reads and writes `cfg`, `vocab` and `model`."""

    name: str
    vocab: Vocab
    model: Model
    cfg: dict[str, Any]

    if TYPE_CHECKING:

        def _weights_changed(self) -> None: ...

    def _check_serializable(self) -> None:
        for attr in ("vocab", "model"):
            if getattr(self, attr, None) is None:
                raise PipelineError(
                    f"Component '{self.name}' ({type(self).__name__}) cannot be saved or loaded: it has no `{attr}`. "
                    f"Set self.{attr} in __init__."
                )

    def _settle(self) -> None:
        broadcast = getattr(self, "broadcast", None)
        if broadcast is not None:
            broadcast.settle()

    # The setting in `cfg` with the labels, one for each output of the model; None where there is none such.
    _label_setting: str | None = None
    _label_type: type = str

    def _check_labels(self, cfg: dict[str, Any], load_model: Any, where: str) -> None:
        """Raise ModelDataError if the saved model has more outputs than the settings have labels, DataFormatError if a
        list of labels holds anything but distinct ones of their type.
        """
        outputs = getattr(load_model, "outputs", None)
        if self._label_setting not in self.cfg or outputs is None:
            return
        labels = cfg.get(self._label_setting, self.cfg[self._label_setting])
        count = len(labels) if isinstance(labels, (list, dict)) else 0
        kind = self._label_type
        if isinstance(labels, list) and not (
            all(isinstance(one, kind) for one in labels) and count == len(set(labels))
        ):
            name = "strings" if kind is str else "numbers"
            raise DataFormatError(f"{where}: the labels of component '{self.name}' must be distinct {name}: {labels}.")
        count += self._extra_outputs
        if count < outputs:
            raise ModelDataError(
                f"{where}: the saved settings ('{self._label_setting}' in cfg) have {count} labels, and the saved "
                f"model of component '{self.name}' has {outputs} outputs. Its cfg is missing, or that of another model."
            )

    @property
    def _extra_outputs(self) -> int:
        """The number of the model's outputs that stand for no label."""
        return 0

    def _check_saved(self, cfg: dict[str, Any]) -> None:
        """Raise InvalidValueError if the settings that the component is going to have make no sense."""

    def _check_cfg(self, cfg: dict[str, Any], load_model: Any, where: str) -> None:
        """Check saved settings, and that the saved model is theirs, before either is taken over."""
        if getattr(self, "cfg", None) is None:
            return
        self._check_labels(cfg, load_model, where)
        try:
            self._check_saved({**self.cfg, **cfg})
        except InvalidValueError as error:
            raise DataFormatError(f"{where}: {error}") from None

    def _apply(self, cfg: dict[str, Any], load_model: Callable[[], Any] | None) -> None:
        if load_model is not None:
            load_model()
            self._weights_changed()
        if getattr(self, "cfg", None) is not None:
            self.cfg.update(cfg)

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude: Fields to leave out: "cfg", "vocab", "model".
        """
        self._check_serializable()
        self._settle()
        exclude = tuple(exclude)
        message: dict[str, Any] = {}
        if getattr(self, "cfg", None) is not None and "cfg" not in exclude:
            message["cfg"] = _dump_cfg(self.cfg)
        if "vocab" not in exclude:
            message["vocab"] = self.vocab.to_bytes(exclude=exclude)
        if "model" not in exclude:
            message["model"] = self.model.to_bytes()
        return dump_msgpack(message)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> TrainablePipe:
        """Load what `to_bytes` gave; the component is unchanged if it does not fit.

        Raises DataFormatError or ModelDataError (both ValueErrors).
        """
        self._check_serializable()
        exclude = tuple(exclude)
        where = f"component '{self.name}'"
        message = read_parts(bytes_data, where=where, names=("cfg", "vocab", "model"))
        cfg = read_cfg(message["cfg"], where) if "cfg" in message and "cfg" not in exclude else {}
        load_model = None
        if "model" in message and "model" not in exclude:
            load_model = prepare_model(self.model, message["model"], where=where)
            if "cfg" not in exclude:
                self._check_cfg(cfg, load_model, where)
        if "vocab" in message and "vocab" not in exclude:
            self.vocab.from_bytes(message["vocab"], exclude=exclude)
        self._apply(cfg, load_model)
        return cast("TrainablePipe", self)

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder, whole or not at all.

        exclude: Fields to leave out: "cfg", "vocab", "model".
        """
        self._check_serializable()
        self._settle()
        exclude = tuple(exclude)
        with replace_folder(path) as folder:
            if getattr(self, "cfg", None) is not None and "cfg" not in exclude:
                write_bytes(folder / "cfg", _dump_cfg(self.cfg).encode("utf8"))
            if "vocab" not in exclude:
                self.vocab.to_disk(folder / "vocab", exclude=exclude)
            if "model" not in exclude:
                write_bytes(folder / "model", self.model.to_bytes())

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> TrainablePipe:
        """Load the component from a folder; it is unchanged if the files do not fit.

        Raises MissingFileError (a FileNotFoundError), DataFormatError or ModelDataError (both ValueErrors).
        """
        self._check_serializable()
        exclude = tuple(exclude)
        path = Path(path)
        cfg = deserialize_config(path / "cfg") if "cfg" not in exclude else {}
        load_model = None
        if "model" not in exclude:
            file = path / "model"
            if not file.is_file():
                raise MissingFileError(f"{file}: the weights of component '{self.name}' are missing.")
            load_model = prepare_model(self.model, file.read_bytes(), where=str(file))
            if "cfg" not in exclude:
                self._check_cfg(cfg, load_model, str(path / "cfg"))
        if "vocab" not in exclude:
            self.vocab.from_disk(path / "vocab", exclude=exclude)
        self._apply(cfg, load_model)
        return cast("TrainablePipe", self)


def _dump_cfg(cfg: dict[str, Any]) -> str:
    return json.dumps(cfg, indent=2, ensure_ascii=False)
