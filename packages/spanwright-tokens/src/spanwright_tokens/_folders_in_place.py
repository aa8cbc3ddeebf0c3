"""Folders that cannot be exchanged: their files are replaced one by one, and a later load can finish that."""

from __future__ import annotations

import json
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path

_READY = "spanwright-ready"
_OUTDATED = "spanwright-outdated.json"
_PATIENCE = 5.0  # seconds to wait for another process, which moves files within milliseconds

# The folders whose files this process is moving now.
_moving: set[Path] = set()
_lock = threading.Lock()


def must_stay(target: Path) -> bool:
    """Whether an existing folder has to be kept as it is: something depends on it being this very folder."""
    if not target.is_dir():
        return False
    return (
        not os.access(target.parent, os.W_OK)
        or _holds_working_directory(target)
        or any(Path(root).is_mount() for root, _, _ in os.walk(target))
    )


def move_into(folder: Path, target: Path, mine: Callable[[str], bool] | None) -> None:
    """Replace the files of a folder by those of a new one, which lies in it, is complete and synced.

    mine: as for `replace_folder`.
    """
    outdated = _outdated(folder, target, mine)
    if outdated:
        with (folder / _OUTDATED).open("w", encoding="utf8") as file:
            json.dump(outdated, file)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
    ready = folder.with_suffix(f".{_READY}")
    with _lock:
        _moving.add(ready)
    try:
        folder.rename(ready)  # from here on, a load brings it to its end
        sync_folder(target)
        _move(ready, target)
    finally:
        with _lock:
            _moving.discard(ready)


def finish_moves(target: Path) -> None:
    """Move what a process that is gone has left to move; wait for one that is at it."""
    try:
        found = [path for path in target.iterdir() if path.name.endswith(f".{_READY}")]
    except PermissionError:
        return  # files may be read all the same
    for ready in found:
        deadline = time.monotonic() + _PATIENCE
        while ready.exists() and _at_work(ready) and time.monotonic() < deadline:
            time.sleep(0.01)
        if ready.exists():
            _move(ready, target)


def is_alive(process: int) -> bool:
    """Whether a process of this number runs."""
    if process == os.getpid():
        return True
    if os.name == "nt":
        return True  # os.kill would end it
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def sync_folder(folder: Path) -> None:
    """Make renames in a folder last, where the system lets us."""
    if os.name == "nt":
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(number)
    except OSError:
        pass  # some network file systems refuse it
    finally:
        os.close(number)


def _holds_working_directory(target: Path) -> bool:
    try:
        here = Path.cwd()
        return any(folder.samefile(target) for folder in (here, *here.parents))
    except OSError:
        return False  # the working directory was deleted by someone else


def _at_work(ready: Path) -> bool:
    owner = ready.name.split(".")[2]
    if owner == str(os.getpid()):
        with _lock:
            return ready in _moving
    return owner.isdigit() and is_alive(int(owner))


def _outdated(folder: Path, target: Path, mine: Callable[[str], bool] | None) -> list[str]:
    if mine is None:
        return []
    found = []
    for root, names, files in os.walk(target):
        names[:] = [name for name in names if Path(root) / name != folder]
        links = [name for name in names if (Path(root) / name).is_symlink()]
        for name in [*files, *links]:
            within = (Path(root) / name).relative_to(target)
            if not os.path.lexists(folder / within) and mine(within.as_posix()):
                found.append(within.as_posix())
    return found


def _move(ready: Path, target: Path) -> None:
    # Another process may be doing the same: what is no longer there has been moved.
    try:
        outdated = json.loads((ready / _OUTDATED).read_text(encoding="utf8"))
    except FileNotFoundError:
        outdated = []
    for name in outdated:
        (target / name).unlink(missing_ok=True)
    for root, _, files in os.walk(ready):
        within = Path(root).relative_to(ready)
        _make_room(target / within)
        for name in files:
            if name == _OUTDATED:
                continue
            place = target / within / name
            if place.is_dir() and not place.is_symlink():
                shutil.rmtree(place)
            try:
                (Path(root) / name).replace(place)
            except FileNotFoundError:
                if (Path(root) / name).exists():
                    raise
        sync_folder(target / within)
    shutil.rmtree(ready, ignore_errors=True)


def _make_room(folder: Path) -> None:
    # A file of the earlier state may stand where the new one has a folder.
    if os.path.lexists(folder) and not folder.is_dir():
        folder.unlink()
    folder.mkdir(parents=True, exist_ok=True)
