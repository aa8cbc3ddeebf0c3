"""Files and folders that are written whole or not at all, and read with care."""

from __future__ import annotations

import gc
import os
import pickle
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright_tokens import _folders, io
from spanwright_tokens.errors import DataFormatError, MissingFileError
from spanwright_tokens.io import (
    dump_msgpack,
    read_bytes,
    read_json,
    read_msgpack,
    recover_folder,
    replace_file,
    replace_folder,
    write_bytes,
    write_json,
    write_text,
)


def content(folder: Path) -> dict[str, str]:
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("*") if path.is_file()}


def save(folder: Path, **files: str) -> None:
    with replace_folder(folder) as new:
        for name, text in files.items():
            write_text(new / name, text)


@pytest.fixture(params=["at once", "two renames", "in place"])
def way(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "two renames":
        monkeypatch.setattr(_folders, "_exchange_at_once", lambda one, other: False)
    elif request.param == "in place":
        monkeypatch.setattr(Path, "is_mount", lambda self: True)
    return str(request.param)


@pytest.mark.usefixtures("way")
def test_a_folder_is_replaced_and_foreign_files_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "deep" / "model"
    save(target, config="1", meta="1")
    (target / "README").write_text("mine")
    (target / "sub").mkdir()
    (target / "sub" / "note").write_text("mine too")
    save(target, config="2")
    assert content(target) == {"config": "2", "meta": "1", "README": "mine", "sub/note": "mine too"}
    assert [path.name for path in target.parent.iterdir()] == ["model"]


def test_outdated_files_can_be_left_behind(tmp_path: Path) -> None:
    save(tmp_path / "m", config="1", old="1", readme="1")
    with replace_folder(tmp_path / "m", mine=lambda name: name == "old") as new:
        write_text(new / "config", "2")
    assert content(tmp_path / "m") == {"config": "2", "readme": "1"}


@pytest.mark.usefixtures("way")
def test_an_error_leaves_the_earlier_folder_whole(tmp_path: Path) -> None:
    target = tmp_path / "model"
    save(target, config="1", meta="1")
    with pytest.raises(OSError, match="No space left"), replace_folder(target) as new:
        write_text(new / "config", "2")
        raise OSError(28, "No space left on device")
    assert content(target) == {"config": "1", "meta": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_a_failed_exchange_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "model"
    save(target, config="1")
    monkeypatch.setattr(_folders, "_exchange_at_once", lambda one, other: False)
    rename = Path.rename

    def fail_second(self: Path, to: Any) -> Any:
        if self.name.endswith("spanwright-new"):
            raise OSError("second rename failed")
        return rename(self, to)

    monkeypatch.setattr(Path, "rename", fail_second)
    with pytest.raises(OSError, match="second rename failed"):
        save(target, config="2")
    monkeypatch.undo()
    assert content(target) == {"config": "1"}


KILLED = """
import os, signal, sys
from pathlib import Path
from spanwright_tokens import _folders, io
from spanwright_tokens.io import replace_folder, write_text
moment, target = sys.argv[1], Path(sys.argv[2])
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
if moment == "between":
    _folders._exchange_at_once = lambda one, other: False
    rename = Path.rename
    Path.rename = lambda self, to: die() if self.name.endswith("spanwright-new") else rename(self, to)
if moment == "before":
    _folders._exchange = die
with replace_folder(target) as new:
    write_text(new / "config", "2")
    if moment == "writing":
        die()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("moment", ["writing", "before", "between"])
def test_a_kill_leaves_the_earlier_folder_whole(tmp_path: Path, moment: str) -> None:
    target = tmp_path / "model"
    save(target, config="1", meta="1")
    killed = subprocess.run([sys.executable, "-c", KILLED, moment, str(target)], check=False)
    assert killed.returncode == -signal.SIGKILL
    assert recover_folder(target) == target
    assert content(target) == {"config": "1", "meta": "1"}
    save(target, config="3")
    assert content(target) == {"config": "3", "meta": "1"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"], "what the killed process left is gone"


def here_and_above(target: Path) -> list[Path]:
    (target / "sub").mkdir(exist_ok=True)
    return [target, target / "sub"]


@pytest.mark.parametrize("depth", [0, 1])
def test_the_working_directory_and_those_around_it_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, depth: int
) -> None:
    target = tmp_path / "model"
    save(target, config="1", meta="1", part="a file")
    monkeypatch.chdir(here_and_above(target)[depth])
    before = target.stat().st_ino
    with replace_folder(Path("." if depth == 0 else "..")) as new:
        write_text(new / "config", "2")
        (new / "part").mkdir()
        write_text(new / "part" / "model", "2")
    assert Path.cwd() == here_and_above(target)[depth]
    assert target.stat().st_ino == before
    assert content(target) == {"config": "2", "meta": "1", "part/model": "2"}
    assert [path.name for path in tmp_path.iterdir()] == ["model"]
    save(Path("." if depth == 0 else ".."), part="3")
    assert content(target) == {"config": "2", "meta": "1", "part": "3"}


def test_outdated_files_are_left_behind_in_the_working_directory_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(tmp_path, config="1", old="1", readme="1")
    monkeypatch.chdir(tmp_path)
    with replace_folder(".", mine=lambda name: name in ("old", "config")) as new:
        write_text(new / "config", "2")
    assert content(tmp_path) == {"config": "2", "readme": "1"}


def test_a_folder_around_a_volume_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "model", config="1")
    (tmp_path / "model" / "volume").mkdir()
    (tmp_path / "model" / "volume" / "data").write_text("kept")
    monkeypatch.setattr(Path, "is_mount", lambda self: self.name == "volume")
    before = (tmp_path / "model").stat().st_ino
    save(tmp_path / "model", config="2")
    assert (tmp_path / "model").stat().st_ino == before
    assert content(tmp_path / "model") == {"config": "2", "volume/data": "kept"}


KILLED_IN_PLACE = """
import os, signal, sys
from pathlib import Path
from spanwright_tokens.io import replace_folder, write_text
moment = sys.argv[1]
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
replace, rename = Path.replace, Path.rename
if moment == "before":
    Path.rename = die
if moment == "between":
    Path.replace = lambda self, to: die() if self.parent.name == "part" else replace(self, to)
with replace_folder(".", mine=lambda name: name == "old") as new:
    write_text(new / "config", "2")
    (new / "part").mkdir()
    write_text(new / "part" / "model", "2")
    if moment == "writing":
        die()
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no SIGKILL on Windows")
@pytest.mark.parametrize("moment", ["writing", "before", "between"])
def test_a_kill_in_the_working_directory_leaves_one_state_or_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    save(tmp_path, config="1", meta="1", old="1", **{"part.old": "1"})
    killed = subprocess.run([sys.executable, "-c", KILLED_IN_PLACE, moment], check=False, cwd=tmp_path)
    assert killed.returncode == -signal.SIGKILL
    if moment == "between":
        assert (tmp_path / "config").read_text() == "2"
        assert not (tmp_path / "part" / "model").exists()
    assert recover_folder(tmp_path) == tmp_path
    state = {path: text for path, text in content(tmp_path).items() if "spanwright-new" not in path}
    if moment == "between":
        assert state == {"config": "2", "meta": "1", "part/model": "2", "part.old": "1"}
    else:
        assert state == {"config": "1", "meta": "1", "old": "1", "part.old": "1"}
    monkeypatch.chdir(tmp_path)
    save(Path(), config="3")
    assert content(tmp_path)["config"] == "3"
    assert not [path for path in tmp_path.iterdir() if "spanwright" in path.name], "nothing is left of the killed"


def test_moves_that_fail_are_made_up_for_by_the_next_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path, config="1", meta="1")
    monkeypatch.chdir(tmp_path)
    replace = Path.replace

    def refuse(self: Path, to: Any) -> Any:
        raise PermissionError(13, "in use", str(to))

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(PermissionError, match="in use"):
        save(Path(), config="2", meta="2")
    monkeypatch.setattr(Path, "replace", replace)
    assert recover_folder(Path()) == Path()
    assert content(tmp_path) == {"config": "2", "meta": "2"}


def test_blocks_within_blocks_write_into_the_outer_one(tmp_path: Path) -> None:
    target = tmp_path / "model"
    with pytest.raises(RuntimeError), replace_folder(target) as new:
        save(new / "part", a="1")
        assert (new / "part" / "a").read_text() == "1"
        raise RuntimeError
    assert not target.exists()
    with replace_folder(target) as new:
        save(new / "part", a="1")
    assert content(target) == {"part/a": "1"}


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with (
        pytest.raises(ValueError, match="file is a file: give the path of a folder"),
        replace_folder(tmp_path / "file"),
    ):
        pass


def test_links_are_followed_to_the_target_and_kept_inside(tmp_path: Path) -> None:
    save(tmp_path / "real", config="1")
    (tmp_path / "real" / "link").symlink_to("config")
    (tmp_path / "name").symlink_to("real")
    save(tmp_path / "name", config="2")
    assert (tmp_path / "name").is_symlink()
    assert (tmp_path / "real" / "link").is_symlink()
    assert content(tmp_path / "real") == {"config": "2", "link": "2"}


def test_files_are_replaced_whole(tmp_path: Path) -> None:
    target = tmp_path / "file"
    write_bytes(target, b"1")
    with pytest.raises(OSError, match="full"), replace_file(target) as file:
        file.write(b"22222")
        raise OSError("full")
    assert target.read_bytes() == b"1"
    write_bytes(target, b"2")
    assert target.read_bytes() == b"2"
    write_json(target, {"ä": [1]})
    assert read_json(target) == {"ä": [1]}
    assert [path.name for path in tmp_path.iterdir()] == ["file"]
    with pytest.raises(MissingFileError, match="There is no file .*other"):
        read_bytes(tmp_path / "other")


# -------------------------------------------------------------------- messages

values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.binary() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers(0, 99), inner),
    max_leaves=20,
)


@given(values)
def test_messages_come_back(value: Any) -> None:
    try:
        data = dump_msgpack(value)
    except DataFormatError:
        return  # lone surrogates
    assert read_msgpack(data) == value


@pytest.mark.parametrize("dtype", ["f4", "f8", "i4", "u8", "bool", ">i4"])
def test_arrays_come_back(dtype: str) -> None:
    array = numpy.arange(6).reshape(2, 3).astype(dtype)
    back = read_msgpack(dump_msgpack({"a": array, "one": array[1, 1], "empty": array[:0], "t": array.T}))
    assert (back["a"] == array).all()
    assert back["a"].dtype == array.dtype
    assert back["one"] == array[1, 1]
    assert back["empty"].shape == (0, 3)
    assert (back["t"] == array.T).all()


@given(st.binary(max_size=80))
def test_garbage_gives_an_error_and_nothing_else(data: bytes) -> None:
    collecting = gc.isenabled()
    try:
        read_msgpack(data, where="file")
    except DataFormatError as error:
        assert str(error).startswith("file: this is no complete message")
    assert gc.isenabled() == collecting


def test_truncated_messages_are_refused() -> None:
    data = dump_msgpack({"nodes": [1, 2, 3], "text": "x" * 50})
    for length in range(len(data)):
        with pytest.raises(DataFormatError, match="model: this is no complete message"):
            read_msgpack(data[:length], where="model")
    with pytest.raises(DataFormatError, match="extra data"):
        read_msgpack(data + b"\x00")


class Evil:
    def __reduce__(self) -> Any:
        return (print, ("ran",))


def test_nothing_is_unpickled(capsys: pytest.CaptureFixture[str]) -> None:
    payload = pickle.dumps(Evil())
    for kind in ("|O", "O", "|V8"):
        message: dict[Any, Any] = {b"nd": True, b"type": kind, b"kind": b"", b"shape": [1], b"data": payload}
        for data in (dump_msgpack(message), dump_msgpack({**message, b"kind": b"O"}), dump_msgpack([payload])):
            try:
                read_msgpack(data)
            except DataFormatError as error:
                assert "complete message" in str(error)
    with pytest.raises(DataFormatError):
        read_msgpack(payload)
    assert capsys.readouterr().out == ""


def test_only_data_can_be_written() -> None:
    for value, found in (
        (numpy.array([Evil()]), "an array of object"),
        (Evil(), "Evil is neither a number"),
        ({1}, "set is"),
    ):
        with pytest.raises(DataFormatError, match=found):
            dump_msgpack({"a": value})


def test_a_class_can_be_made_part_of_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    class Point:
        def __init__(self, x: int, y: int) -> None:
            self.x, self.y = x, y

    monkeypatch.setattr(io, "_KINDS", {})
    with pytest.raises(DataFormatError, match="Point is neither a number"):
        io.dump_msgpack([Point(1, 2)])
    io.add_message_kind("__point__", Point, lambda point: [point.x, point.y], lambda plain: Point(*plain))
    data = io.dump_msgpack({"at": Point(1, 2), "other": {"a": 1}})
    read = io.read_msgpack(data)
    assert isinstance(read["at"], Point) and (read["at"].x, read["at"].y) == (1, 2) and read["other"] == {"a": 1}
    monkeypatch.setattr(io, "_KINDS", {})
    assert io.read_msgpack(data) == {"at": {"__point__": [1, 2]}, "other": {"a": 1}}


def test_a_kind_that_is_only_announced_is_asked_for_when_it_is_met(monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwright_tokens.tokens import underscore

    asked: list[None] = []

    def plugins() -> None:
        asked.append(None)
        io.announce_message_kind("__point__", lambda plain: complex(*plain))

    monkeypatch.setattr(io, "_KINDS", {})
    monkeypatch.setattr(io, "_ANNOUNCED", {})
    monkeypatch.setattr(underscore, "_source", plugins)
    data = io.dump_msgpack([{"__point__": [1, 2]}, {"a": 1}, {3: 4}])
    assert io.read_msgpack(data) == io.read_msgpack(data) == [1 + 2j, {"a": 1}, {3: 4}]
    assert asked == [None]
