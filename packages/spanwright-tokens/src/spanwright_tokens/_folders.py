"""Folders that are written whole or not at all."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from ._folders_in_place import finish_moves, is_alive, move_into, must_stay, sync_folder
from .errors import InvalidValueError

_NEW = "spanwright-new"
_OLD = "spanwright-old"

# The folders that are being written now: what goes into them needs no safety of its own.
_open: set[Path] = set()
_lock = threading.Lock()


@contextlib.contextmanager
def replace_folder(path: str | Path, *, mine: Callable[[str], bool] | None = None) -> Iterator[Path]:
    """Write a folder so that a full disk, an error or a kill leaves the earlier one whole.

    `with replace_folder(path) as folder:` gives an empty folder beside the target. At the end of the block its files
    are synced, the files of the earlier folder that it lacks are carried over, and the two are exchanged. If the
    block raises, the new folder is removed. Inside another such block the target itself is given.

    A folder that cannot be exchanged stays, and its files are replaced one by one once all of them are written and
    synced: the current working directory and the folders around it (the process would be left in a deleted one),
    mounted volumes and folders around them, and folders beside which nothing can be made. An error or a kill before
    the first of them changes nothing; after a kill between them, `recover_folder` (which every load calls) and the
    next save put the rest in place, so that the folder becomes the new one.

    path: the target; missing parents are made.
    mine: tells of a file of the earlier folder (its path within the folder, with slashes) that the new one lacks
        whether it is left behind as outdated. None: everything is carried over.

    Raises InvalidValueError (a ValueError) if the target is a file; OSError as the system gives it.
    """
    target = Path(path)
    if inside_replacement(target):
        target.mkdir(parents=True, exist_ok=True)
        yield target
        return
    target = recover_folder(target.resolve())
    if target.exists() and not target.is_dir():
        raise InvalidValueError(f"{target} is a file: give the path of a folder to write to.")
    target.parent.mkdir(parents=True, exist_ok=True)
    in_place = must_stay(target)
    home, name = (target, "folder") if in_place else (target.parent, target.name)
    _remove_leftovers(home, name)
    folder = home / f".{name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.{_NEW}"
    folder.mkdir()
    with _lock:
        _open.add(folder)
    try:
        yield folder
        if not in_place:
            _carry_over(target, folder, mine)
        _sync_tree(folder)
        if in_place:
            move_into(folder, target, mine)
        else:
            _exchange(folder, target)
    finally:
        with _lock:
            _open.discard(folder)
        shutil.rmtree(folder, ignore_errors=True)


def inside_replacement(path: Path) -> bool:
    """Whether a path lies in a folder that `replace_folder` is writing now."""
    if not _open:
        return False
    path = path.absolute()
    with _lock:
        return any(folder == path or folder in path.parents for folder in _open)


def recover_folder(path: str | Path) -> Path:
    """Finish what a kill may have interrupted between the renames of `replace_folder`; call it before loading.

    Returns the path to read: `path`, or where its earlier state lies if it cannot be moved back. Raises OSError if
    the rest of a new state cannot be put in place.
    """
    target = Path(path)
    if target.is_dir():
        finish_moves(target)
        return target
    if target.name in ("", "..") or target.exists():
        return target
    old = _old_name(target)
    if not old.is_dir():
        return target
    try:
        old.rename(target)
    except OSError:
        return target if target.exists() else old
    return target


def _old_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.{_OLD}")


def _remove_leftovers(home: Path, name: str) -> None:
    # What processes that are gone have left.
    for folder in home.glob(f".{_escape(name)}.*.{_NEW}"):
        owner = folder.name[len(name) + 2 :].split(".")[0]
        if owner.isdigit() and not is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    old = home / f".{name}.{_OLD}"
    if old.is_dir() and (home / name).is_dir():
        shutil.rmtree(old, ignore_errors=True)


def _escape(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _carry_over(target: Path, folder: Path, mine: Callable[[str], bool] | None) -> None:
    if not target.is_dir():
        return
    shutil.copymode(target, folder)
    for root, names, files in os.walk(target):
        names[:] = [name for name in names if not name.endswith(_NEW)]
        links = [name for name in names if (Path(root) / name).is_symlink()]
        for name in [*files, *links]:
            source = Path(root) / name
            within = source.relative_to(target)
            copy = folder / within
            blocked = any((folder / parent).is_file() for parent in within.parents)
            if blocked or os.path.lexists(copy) or (mine is not None and mine(within.as_posix())):
                continue
            copy.parent.mkdir(parents=True, exist_ok=True)
            _link(source, copy)


def _link(source: Path, copy: Path) -> None:
    # The earlier folder goes away, so that a second name of the same file is as good as a copy.
    try:
        os.link(source, copy, follow_symlinks=False)
    except (OSError, NotImplementedError):
        shutil.copy2(source, copy, follow_symlinks=False)


def _sync_tree(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            path = Path(root) / name
            if not path.is_symlink():
                with path.open("rb+" if os.name == "nt" else "rb") as file:
                    os.fsync(file.fileno())
        sync_folder(Path(root))


def _exchange(folder: Path, target: Path) -> None:
    # Afterwards `folder` may hold the earlier state, which the caller removes.
    if not target.exists():
        folder.rename(target)
    elif not _exchange_at_once(folder, target):
        old = _old_name(target)
        target.rename(old)
        try:
            folder.rename(target)
        except BaseException:
            old.rename(target)
            raise
        shutil.rmtree(old, ignore_errors=True)
    sync_folder(target.parent)


def _exchange_at_once(one: Path, other: Path) -> bool:
    # Linux can exchange two names in one step; False where that is not to be had.
    here, both_exist = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    try:
        rename = ctypes.CDLL(None).renameat2
    except (OSError, AttributeError, TypeError):
        return False
    return bool(rename(here, os.fsencode(one), here, os.fsencode(other), both_exist) == 0)
