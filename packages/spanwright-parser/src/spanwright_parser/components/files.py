"""How transition-based components are saved and loaded: settings, actions and weights, as one or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spanwright.errors import DataFormatError, MissingFileError
from spanwright.model_io import deserialize_config, prepare_model, read_cfg
from spanwright.pipe import TrainablePipe
from spanwright_tokens.io import dump_msgpack, read_parts, replace_folder, write_bytes

from ..layers.resize import snapshot, untrained
from .checks import check_settings

PARTS = ("model", "vocab", "moves", "cfg")


class Files(TrainablePipe):
    """Saving and loading. A load that fails leaves actions, settings and weights as they were."""

    moves: Any

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude: Fields to leave out: "cfg", "vocab", "moves", "model".
        """
        self._check_serializable()
        exclude = tuple(exclude)
        parts: dict[str, Callable[[], Any]] = {
            "model": self.model.to_bytes,
            "vocab": lambda: self.vocab.to_bytes(exclude=exclude),
            "moves": lambda: self.moves.to_bytes(exclude=["strings"]),
            "cfg": lambda: _dump(self.cfg),
        }
        return dump_msgpack({name: part() for name, part in parts.items() if name not in exclude})

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> Files:
        """Load what `to_bytes` gave; the component is unchanged if it does not fit.

        Raises DataFormatError or ModelDataError (both ValueErrors).
        """
        self._check_serializable()
        exclude = tuple(exclude)
        where = f"component '{self.name}'"
        message = read_parts(bytes_data, where=where, names=PARTS)
        parts = {name: data for name, data in message.items() if name not in exclude}
        cfg = read_cfg(parts["cfg"], where) if "cfg" in parts else {}
        check_settings(cfg, where, DataFormatError)
        with self._loading(cfg, parts.get("moves"), parts.get("model"), where, where):
            if "vocab" in parts:
                self.vocab.from_bytes(parts["vocab"], exclude=exclude)
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder, whole or not at all.

        exclude: Fields to leave out: "cfg", "vocab", "moves", "model".
        """
        self._check_serializable()
        exclude = tuple(exclude)
        with replace_folder(path) as folder:
            if "model" not in exclude:
                write_bytes(folder / "model", self.model.to_bytes())
            if "vocab" not in exclude:
                self.vocab.to_disk(folder / "vocab", exclude=exclude)
            if "moves" not in exclude:
                write_bytes(folder / "moves", self.moves.to_bytes(exclude=["strings"]))
            if "cfg" not in exclude:
                write_bytes(folder / "cfg", _dump(self.cfg).encode("utf8"))

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> Files:
        """Load the component from a folder; it is unchanged if the files do not fit.

        Raises MissingFileError (a FileNotFoundError), DataFormatError or ModelDataError (both ValueErrors).
        """
        self._check_serializable()
        exclude = tuple(exclude)
        path = Path(path)
        cfg = deserialize_config(path / "cfg") if "cfg" not in exclude else {}
        check_settings(cfg, str(path / "cfg"), DataFormatError)
        moves = self._read(path / "moves", "actions") if "moves" not in exclude else None
        model = self._read(path / "model", "weights") if "model" not in exclude else None
        with self._loading(cfg, moves, model, str(path / "moves"), str(path / "model")):
            if "vocab" not in exclude:
                self.vocab.from_disk(path / "vocab", exclude=exclude)
        return self

    def _read(self, file: Path, what: str) -> bytes:
        if not file.is_file():
            raise MissingFileError(f"{file}: the {what} of component '{self.name}' are missing.")
        return file.read_bytes()

    @contextmanager
    def _loading(
        self, cfg: dict[str, Any], moves: bytes | None, model: bytes | None, where_moves: str, where_model: str
    ) -> Iterator[None]:
        """Check and set actions and weights; the body loads what else there is. All is taken back if that fails."""
        backup, moves_cfg = self.moves.to_bytes(exclude=["strings"]), dict(self.moves.cfg)
        restore = snapshot(self.model)
        try:
            if moves is not None:
                self.moves.from_bytes(moves, exclude=["strings"], where=where_moves)
            load_model = None
            if model is not None:
                self._match_model()
                load_model = prepare_model(self.model, model, where=where_model)
            yield
            if load_model is not None:
                load_model()
                # The message does not say which actions are unseen.
                self.model.attrs["unseen_classes"] = untrained(self.model)
        except BaseException:
            restore()
            self.moves.from_bytes(backup, exclude=["strings"])
            self.moves.cfg = moves_cfg
            raise
        self._weights_changed()
        self.cfg.update(cfg)

    def _match_model(self) -> None:
        """Give the model as many outputs as there are actions."""
        if self.moves.n_moves:
            self.model.attrs["resize_output"](self.model, self.moves.n_moves)


def _dump(cfg: dict[str, Any]) -> str:
    return json.dumps(cfg, indent=2, ensure_ascii=False)
