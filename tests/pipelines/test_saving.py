"""A full disk, an error or a kill while a pipeline is saved leaves the earlier folder whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spanwright

pytestmark = pytest.mark.skipif(os.name == "nt", reason="there are no such limits and signals on Windows")

# Each changes the pipeline first, so that a half-written folder would show.
CHANGE = """
import os, sys, spanwright
path = sys.argv[1]
nlp = spanwright.load(path)
for node in nlp.get_pipe("tok2vec").model.walk():
    for name in node.param_names:
        node.set_param(name, node.get_param(name) + 1)
nlp.meta["version"] = "9.9.9"
"""
# No file may grow beyond what the weights of tok2vec need: the system refuses to write on, as a full disk does.
FULL = (
    CHANGE
    + """
import resource
resource.setrlimit(resource.RLIMIT_FSIZE, (16384, 16384))
try:
    nlp.to_disk(path)
except OSError as error:
    print("OSError", error.errno)
"""
)
# "exchange" is when all is written, and the earlier folder still in its place.
KILLED = (
    CHANGE
    + """
import signal
import spanwright_tokens._folders as folders
def die(*args, **kwargs):
    os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[2] == "exchange":
    folders._exchange = die
else:
    kind = type(nlp.get_pipe(sys.argv[2]))
    save = kind.to_disk
    kind.to_disk = lambda self, *args, **kwargs: (save(self, *args, **kwargs), die())
nlp.to_disk(path)
"""
)
# Where names cannot be exchanged in one step, the kill falls between the two renames.
BETWEEN = (
    CHANGE
    + """
import signal
import spanwright_tokens._folders as folders
folders._exchange_at_once = lambda *args: False
rename = folders.Path.rename
def die(self, other):
    rename(self, other)
    os.kill(os.getpid(), signal.SIGKILL)
folders.Path.rename = die
nlp.to_disk(path)
"""
)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_full_disk(folder: Path, python: Callable[..., Any]) -> None:
    before = files(folder)
    done = python(FULL, folder)
    assert done.stdout.startswith("OSError"), done.stderr
    assert files(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert spanwright.load(folder).meta["version"] != "9.9.9"


@pytest.mark.parametrize("moment", ["tok2vec", "tagger", "senter", "exchange"])
def test_a_kill_while_files_are_written(folder: Path, python: Callable[..., Any], moment: str) -> None:
    before = files(folder)
    done = python(KILLED, folder, moment)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert files(folder) == before
    nlp = spanwright.load(folder)
    nlp.meta["version"] = "2.0.0"
    # The next save removes what the killed process has left beside the folder.
    nlp.to_disk(folder)
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]
    assert spanwright.load(folder).meta["version"] == "2.0.0"


def test_a_kill_between_the_renames(folder: Path, python: Callable[..., Any]) -> None:
    before = files(folder)
    done = python(BETWEEN, folder)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not folder.exists()
    assert spanwright.load(folder).meta["version"] != "9.9.9"
    assert files(folder) == before


def test_an_error_of_a_component(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = spanwright.load(folder)
    before = files(folder)

    def fail(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(nlp.get_pipe("senter")), "to_disk", fail)
    with pytest.raises(OSError, match="No space left on device"):
        nlp.to_disk(folder)
    assert files(folder) == before
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_files_of_the_user_are_carried_over(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine", encoding="utf8")
    spanwright.load(folder).to_disk(folder)
    assert (folder / "notes.txt").read_text(encoding="utf8") == "mine"
    assert "notes.txt" not in subprocess.check_output(
        [sys.executable, "-m", "spanwright", "info", str(folder)], text=True
    )
