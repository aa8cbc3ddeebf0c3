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
    in_place = target.exists() and (target.is_mount() or not os.access(target.parent, os.W_OK))
    home = target if in_place else target.parent
    _remove_leftovers(home, target.name)
    folder = home / f".{target.name}.{os.getpid()}.{uuid.uuid4().hex[:8]}.{_NEW}"
    folder.mkdir()
    with _lock:
        _open.add(folder)
    try:
        yield folder
        if not in_place:
            _carry_over(target, folder, mine)
        _sync_tree(folder)
        if in_place:
            _move_files(folder, target)
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
    """Finish what a kill may have interrupted between the two renames of an exchange; call it before loading.

    Returns the path to read: `path`, or where its earlier state lies if it cannot be moved back.
    """
    target = Path(path)
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


def _old_name(target: Path) -> Path:
    return target.with_name(f".{target.name}.{_OLD}")


def _remove_leftovers(home: Path, name: str) -> None:
    # What processes that are gone have left.
    for folder in home.glob(f".{_escape(name)}.*.{_NEW}"):
        owner = folder.name[len(name) + 2 :].split(".")[0]
        if owner.isdigit() and not _is_alive(int(owner)):
            shutil.rmtree(folder, ignore_errors=True)
    old = home / f".{name}.{_OLD}"
    if old.is_dir() and (home / name).is_dir():
        shutil.rmtree(old, ignore_errors=True)


def _escape(name: str) -> str:
    return "".join(f"[{char}]" if char in "*?[" else char for char in name)


def _is_alive(process: int) -> bool:
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


def _move_files(folder: Path, target: Path) -> None:
    # The target cannot be renamed (a mounted volume): each file is replaced whole, one after the other.
    for root, _, files in os.walk(folder):
        within = Path(root).relative_to(folder)
        (target / within).mkdir(parents=True, exist_ok=True)
        for name in files:
            (Path(root) / name).replace(target / within / name)
        sync_folder(target / within)
