"""Look-up tables: large dictionaries keyed by the ids of strings."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from ..errors import DataFormatError, InvalidTypeError, InvalidValueError, MissingKeyError, nearest
from ..io import dump_msgpack, read_bytes, read_msgpack, write_bytes
from .strings import get_string_id

_BLOOM_MEMBERS = 1_000_000
_Loaded = TypeVar("_Loaded", bound="Lookups")
_MISSING: Any = object()


class Table(dict[int, Any]):
    """A dictionary whose keys are strings or their ids; it keeps the ids.

    name: the name of the table.
    data: what it holds at first. Its size is taken as the size that the filter of `to_bytes` is made for.
    """

    def __init__(self, name: str | None = None, data: Mapping[Any, Any] | None = None) -> None:
        super().__init__()
        self.name = name
        self._members = max(len(data), 1) if data is not None else _BLOOM_MEMBERS
        self._bloom: Any = None
        if data:
            self.update(data)

    @classmethod
    def from_dict(cls, data: Mapping[str | int, Any], name: str | None = None) -> Table:
        """A table that holds what a dictionary holds."""
        table = cls(name=name)
        table.update(data)
        return table

    @property
    def bloom(self) -> Any:
        """A Bloom filter of the keys, made when it is asked for: `to_bytes` stores it, look-ups do not need it."""
        from preshed.bloom import BloomFilter

        if self._bloom is None:
            self._bloom = BloomFilter.from_error_rate(self._members)
        for key in self:
            self._bloom.add(key)
        return self._bloom

    def __setitem__(self, key: str | int, value: Any) -> None:
        super().__setitem__(get_string_id(key), value)

    def set(self, key: str | int, value: Any) -> None:
        """Set the value of a string or id."""
        self[key] = value

    def __getitem__(self, key: str | int) -> Any:
        return super().__getitem__(get_string_id(key))

    def __delitem__(self, key: str | int) -> None:
        super().__delitem__(get_string_id(key))

    def get(self, key: str | int, default: Any = None) -> Any:
        """The value of a string or id, or a default."""
        return super().get(get_string_id(key), default)

    def pop(self, key: str | int, *default: Any) -> Any:
        """Remove a string or id and give its value, or the default if there is one."""
        return super().pop(get_string_id(key), *default)

    def setdefault(self, key: str | int, default: Any = None) -> Any:
        """The value of a string or id; a missing one is set to the default first."""
        return super().setdefault(get_string_id(key), default)

    def __contains__(self, key: object) -> bool:
        return super().__contains__(get_string_id(key))

    def update(self, data: Any = (), /, **more: Any) -> None:
        """Take over the items of a mapping, or pairs of key and value."""
        pairs = data if isinstance(data, Mapping) else dict(data)
        if all(type(key) is int for key in pairs):
            super().update(pairs)
        else:
            super().update((get_string_id(key), value) for key, value in pairs.items())
        super().update((get_string_id(key), value) for key, value in more.items())

    def __reduce__(self) -> Any:
        return _table_of, (type(self), self.name, dict(self))

    def to_bytes(self) -> bytes:
        """The table as a message: its name, its items, and a Bloom filter of its keys."""
        return dump_msgpack({"name": self.name, "dict": dict(self), "bloom": self.bloom.to_bytes()})

    def from_bytes(self, bytes_data: bytes) -> Table:
        """Load what `to_bytes` gave. Raises DataFormatError and changes nothing for other bytes."""
        loaded = read_msgpack(bytes_data, where="table of look-ups")
        if not isinstance(loaded, dict) or not isinstance(loaded.get("dict", {}), dict):
            raise DataFormatError("table of look-ups: a message with the keys 'name' and 'dict' is needed.")
        items = loaded.get("dict", {})
        self.name = loaded.get("name")
        self._bloom, self._members = None, max(len(items), 1)
        self.clear()
        self.update(items)
        return self


def _table_of(cls: type[Table], name: str | None, items: dict[int, Any]) -> Table:
    return cls(name, items)


class Lookups:
    """The named look-up tables of a vocabulary or a component."""

    def __init__(self) -> None:
        self._tables: dict[str, Table] = {}

    @property
    def tables(self) -> list[str]:
        """The names of the tables."""
        return [*self._tables]

    def __len__(self) -> int:
        return len(self._tables)

    def has_table(self, name: str) -> bool:
        """Whether there is a table of this name."""
        return name in self._tables

    __contains__ = has_table

    def get_table(self, name: str, default: Any = _MISSING) -> Any:
        """The table of a name, or the default. Raises MissingKeyError (a KeyError) where there is neither."""
        found = self._tables.get(name, default)
        if found is _MISSING:
            raise self._no_table(name)
        return found

    def set_table(self, name: str, table: Table) -> None:
        """Put a table under a name, in place of the one there may be."""
        self._tables[name] = table

    def add_table(self, name: str, data: Mapping[Any, Any] | None = None) -> Table:
        """Add a table. Raises InvalidValueError (a ValueError) if the name is taken, or InvalidTypeError."""
        if self.has_table(name):
            raise InvalidValueError(f"There is a table {name!r} already: use set_table to replace it.")
        if data is not None and not isinstance(data, Mapping):
            raise InvalidTypeError(f"The data of the table {name!r} must be a dict, found {type(data).__name__}.")
        self.set_table(name, Table(name, {} if data is None else data))
        return self._tables[name]

    def remove_table(self, name: str) -> Table:
        """Take a table out and return it. Raises MissingKeyError (a KeyError) if there is none."""
        if name not in self._tables:
            raise self._no_table(name)
        return self._tables.pop(name)

    def _no_table(self, name: str) -> MissingKeyError:
        return MissingKeyError(f"There is no look-up table {name!r}.{nearest(name, self._tables)}")

    def to_bytes(self, **kwargs: Any) -> bytes:
        """All tables as one message."""
        return dump_msgpack({name: dict(table) for name, table in self._tables.items()})

    def from_bytes(self: _Loaded, bytes_data: bytes, **kwargs: Any) -> _Loaded:
        """Load what `to_bytes` gave. Raises DataFormatError and changes nothing for other bytes."""
        return self._load(bytes_data, "look-up tables")

    def _load(self: _Loaded, data: bytes, where: str) -> _Loaded:
        loaded = read_msgpack(data, where=where)
        if not isinstance(loaded, dict) or not all(isinstance(table, dict) for table in loaded.values()):
            raise DataFormatError(f"{where}: a message of named tables is needed.")
        self._tables = {name: Table(name, items) for name, items in loaded.items()}
        return self

    def to_disk(self, path: str | Path, filename: str = "lookups.bin", **kwargs: Any) -> None:
        """Write the tables into a folder, which is made if it does not exist."""
        folder = Path(path)
        folder.mkdir(parents=True, exist_ok=True)
        write_bytes(folder / filename, self.to_bytes())

    def from_disk(self: _Loaded, path: str | Path, filename: str = "lookups.bin", **kwargs: Any) -> _Loaded:
        """Load the tables of a folder; without such a file nothing happens. Raises DataFormatError."""
        file = Path(path) / filename
        return self._load(read_bytes(file), str(file)) if file.exists() else self
