"""Pipelines as folders, bytes, packages and archives; and what is left when saving or loading fails."""

from __future__ import annotations

import copy
import json
import os
import pickle
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.errors import DataFormatError, MissingFileError, PipelineError, SpanwrightWarning
from spanwright.language.serialization import InterchangeWarning
from spanwright.tokens import Doc


@pytest.fixture
def saved(tmp_path: Path, stamped: Any) -> Path:
    """The folder of a saved pipeline."""
    stamped.get_pipe("stamp").data = {"A": 1}
    stamped.vocab.strings.add("zirkon")
    stamped.meta.update(name="gem", version="1.2.3")
    stamped.to_disk(tmp_path / "saved")
    return tmp_path / "saved"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_gives_the_same_pipeline(saved: Path, stamped: Any) -> None:
    nlp = spanwright.load(saved)
    assert nlp.pipe_names == ["stamp", "shout"]
    assert nlp.get_pipe("stamp").data == {"A": 1}
    assert nlp.get_pipe("stamp").word == "halt"
    assert nlp.path == saved
    assert "zirkon" in nlp.vocab.strings
    assert nlp.config == stamped.config
    assert nlp("a b").user_data == stamped("a b").user_data
    assert {path.name for path in saved.iterdir()} == {"config.cfg", "meta.json", "stamp", "tokenizer", "vocab"}


def test_meta_says_who_provided_what_and_what_reads_it(saved: Path) -> None:
    meta = json.loads((saved / "meta.json").read_text())
    assert meta["spacy_version"] == ">=3.8.0,<3.9.0"
    assert "requirements" not in meta
    provided = meta["spanwright"]["provided_by"]
    assert provided["vectors"]["spacy.Vectors.v1"]["distribution"] == "spanwright-core"
    assert (
        provided["factories"]["stamp"]["module"] == "conftest" or "conftest" in provided["factories"]["stamp"]["file"]
    )


@pytest.mark.parametrize(
    ("found", "written"),
    [
        (">=3.1.0,<3.2.0", ">=3.8.0,<3.9.0"),
        (">=3.7.5,<3.9.0", ">=3.7.5,<3.9.0"),
        ("==3.8.*", "==3.8.*"),
        ("~=3.8.0", "~=3.8.0"),
        ("nonsense", ">=3.8.0,<3.9.0"),
    ],
)
def test_the_range_of_readers_is_kept_if_it_is_true(tmp_path: Path, nlp: Any, found: str, written: str) -> None:
    nlp.meta["spacy_version"] = found
    nlp.to_disk(tmp_path / "saved")
    assert json.loads((tmp_path / "saved" / "meta.json").read_text())["spacy_version"] == written


def test_names_that_spacy_lacks_are_warned_of(tmp_path: Path, nlp: Any) -> None:
    from spanwright import registry
    from spanwright.language import Language

    registry.misc.register("spanwright.thing.v1", func=_thing)
    Language.factory("with_thing", func=_with_thing, default_config={"thing": {"@misc": "spanwright.thing.v1"}})
    nlp.add_pipe("with_thing")
    with pytest.warns(InterchangeWarning, match=r"no 'spanwright.thing.v1' among its misc \(\[components.with_thing"):
        nlp.to_disk(tmp_path / "saved")


def _thing() -> int:
    return 1


def _with_thing(nlp: Any, name: str, thing: int) -> Any:
    return lambda doc: doc


def test_parts_can_be_left_out(saved: Path, tmp_path: Path) -> None:
    nlp = spanwright.load(saved, exclude=["stamp"])
    assert nlp.pipe_names == ["shout"]
    nlp = spanwright.load(saved, disable=["stamp"])
    assert nlp.disabled == ["stamp"]
    assert nlp.get_pipe("stamp").data == {"A": 1}
    assert "zirkon" not in spanwright.load(saved, exclude=["vocab"]).vocab.strings
    assert "zirkon" not in spanwright.load(saved, exclude=["strings"]).vocab.strings
    nlp.to_disk(tmp_path / "less", exclude=["stamp", "meta", "tokenizer"])
    assert {path.name for path in (tmp_path / "less").iterdir()} == {"config.cfg", "vocab"}


@pytest.mark.parametrize(
    "change",
    [
        {"nlp.batch_size": 5, "components.stamp.word": "x"},
        {"nlp": {"batch_size": 5}, "components": {"stamp": {"word": "x"}}},
    ],
)
def test_settings_can_be_changed_at_load(saved: Path, change: Any) -> None:
    nlp = spanwright.load(saved, config=change)
    assert nlp.batch_size == 5
    assert nlp.get_pipe("stamp").word == "x"
    assert nlp.config["components"]["stamp"]["word"] == "x"


def test_a_change_of_nothing_is_refused(saved: Path) -> None:
    with pytest.raises(ValueError, match="can't override 'components.stmap.word'.*Did you mean components.stamp.word"):
        spanwright.load(saved, config={"components.stmap.word": "x"})


def test_bytes_give_the_same_pipeline(saved: Path) -> None:
    nlp = spanwright.load(saved)
    other = spanwright.load(saved, exclude=["vocab"])
    other.get_pipe("stamp").data = {}
    other.from_bytes(nlp.to_bytes())
    assert other.get_pipe("stamp").data == {"A": 1}
    assert other.to_bytes() == nlp.to_bytes()
    assert other.to_bytes(exclude=["stamp"]) != nlp.to_bytes()


def test_copies_are_pipelines_of_their_own(saved: Path) -> None:
    nlp = spanwright.load(saved)
    for other in (pickle.loads(pickle.dumps(nlp)), copy.deepcopy(nlp)):
        assert type(other) is type(nlp)
        assert other.lang == "xx"
        assert other.vocab is not nlp.vocab
        other.get_pipe("stamp").data["B"] = 2
        assert nlp.get_pipe("stamp").data == {"A": 1}
        assert other("a b").user_data == nlp("a b").user_data
        assert other.config == nlp.config


def test_other_processes_can_unpickle_neutral_languages() -> None:
    nlp = spanwright.blank("tlh-x")
    code = "import sys, pickle; print(pickle.load(sys.stdin.buffer).lang)"
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(nlp), capture_output=True, check=True)
    assert done.stdout.strip() == b"tlh-x"


# --- loading that fails


def test_unknown_pipelines_are_explained(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="no pipeline 'en_core_web_xxl': no installed package, folder or archive"):
        spanwright.load("en_core_web_xxl")
    with pytest.raises(MissingFileError, match="There is no pipeline"):
        spanwright.load(tmp_path / "none")
    file = tmp_path / "file.bin"
    file.write_bytes(b"")
    with pytest.raises(MissingFileError, match="is a file, and no archive"):
        spanwright.load(file)
    with pytest.raises(PipelineError, match="takes the name or path"):
        spanwright.load(5)  # type: ignore[arg-type]
    for empty in ("", " "):
        with pytest.raises(MissingFileError, match=f"name of the pipeline is empty: {empty!r}"):
            spanwright.load(empty)
    (tmp_path / "empty").mkdir()
    with pytest.raises(MissingFileError, match=r"meta.json"):
        spanwright.load(tmp_path / "empty")


def test_a_tokenizer_that_cannot_be_saved_is_named(nlp: Any, tmp_path: Path) -> None:
    nlp = spanwright.blank("xx")
    nlp.tokenizer = lambda text: Doc(nlp.vocab, words=text.split())
    with pytest.raises(AttributeError, match=r"<.*> has no to_disk.*Register a function.*or leave it out") as got:
        nlp.to_disk(tmp_path / "saved")
    assert isinstance(got.value, PipelineError)
    assert not (tmp_path / "saved").exists()
    nlp.to_disk(tmp_path / "saved", exclude=["tokenizer"])
    assert [token.text for token in spanwright.load(tmp_path / "saved", exclude=["tokenizer"])("a.b c")] == ["a.b", "c"]


@pytest.mark.parametrize(
    ("file", "data", "message"),
    [
        ("meta.json", b"{", "this is no complete JSON"),
        ("meta.json", b"[]", "expected an object with lang, name and version; found list"),
        ("meta.json", b'{"lang": "xx", "name": 5, "version": "1"}', "setting 'name' is missing or no text; found 5"),
        (
            "meta.json",
            b'{"lang": "xx", "name": "x", "version": "1", "vectors": 3}',
            "'vectors' must be an object, found 3",
        ),
        ("config.cfg", b"[nlp", "config"),
        ("config.cfg", None, "no config file"),
        ("tokenizer", b"other", "no splitter"),
        ("stamp/data.json", b"{", "Expecting property name"),
        ("vocab/strings.json", b"{}", "a list of strings is needed"),
    ],
)
def test_damaged_files_are_explained(saved: Path, file: str, data: bytes | None, message: str) -> None:
    if data is None:
        (saved / file).unlink()
    else:
        (saved / file).write_bytes(data)
    with pytest.raises((ValueError, OSError), match=message):
        spanwright.load(saved)


@pytest.mark.parametrize(
    ("file", "data"),
    [
        ("stamp/data.json", b"{"),
        ("config.cfg", b"[nlp"),
        ("meta.json", b"[]"),
        ("vocab/lookups.bin", b"\x93"),
        ("tokenizer", b""),
    ],
)
def test_a_failed_load_leaves_the_pipeline_as_it_was(saved: Path, stamped: Any, file: str, data: bytes) -> None:
    nlp = stamped
    second = nlp.add_pipe("stamp", name="zeta", config={"word": "w"})
    second.data, nlp.get_pipe("stamp").data = {"Z": 1}, {"old": 1}
    nlp.to_disk(saved)
    nlp.get_pipe("stamp").data = {"now": 1}
    second.data = {"now": 2}
    config, meta, vectors, lookups = copy.deepcopy(nlp.config), dict(nlp.meta), nlp.vocab.vectors, nlp.vocab.lookups
    target = saved / file if file != "stamp/data.json" else saved / "zeta" / "data.json"
    target.write_bytes(data)
    with pytest.raises(ValueError):
        nlp.from_disk(saved)
    assert nlp.get_pipe("stamp").data == {"now": 1}
    assert nlp.get_pipe("zeta") is second
    assert second.data == {"now": 2}
    assert nlp.config == config
    assert nlp.meta == meta
    assert nlp.vocab.vectors is vectors
    assert nlp.vocab.lookups is lookups
    assert nlp.path is None


def test_failed_bytes_leave_the_pipeline_as_it_was(stamped: Any) -> None:
    nlp = stamped
    second = nlp.add_pipe("stamp", name="zeta", config={"word": "w"})
    nlp.get_pipe("stamp").data = {"old": 1}
    data = nlp.to_bytes()
    from spanwright_tokens.io import dump_msgpack, read_msgpack

    message = read_msgpack(data)
    message["zeta"] = b"{"
    nlp.get_pipe("stamp").data = second.data = {"now": 1}
    with pytest.raises(ValueError):
        nlp.from_bytes(dump_msgpack(message))
    assert nlp.get_pipe("stamp").data == {"now": 1}
    for foreign in (b"", b"\x00" * 10, dump_msgpack([1]), dump_msgpack({"vocab": 5}), data[:-5]):
        with pytest.raises(DataFormatError, match="pipeline"):
            nlp.from_bytes(foreign)


# --- saving that fails


class DiskFullError(OSError):
    pass


def test_a_full_disk_leaves_the_earlier_folder_whole(saved: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = spanwright.load(saved)
    before = contents(saved)
    nlp.get_pipe("stamp").data = {"new": 1}
    for broken in ("fsync", "rename"):
        with monkeypatch.context() as patch:
            if broken == "fsync":
                patch.setattr(os, "fsync", _full)
            else:
                patch.setattr(nlp.get_pipe("stamp"), "to_disk", _full)
            with pytest.raises(DiskFullError):
                nlp.to_disk(saved)
        assert contents(saved) == before
        assert [path.name for path in saved.parent.iterdir()] == ["saved"]
    assert spanwright.load(saved).get_pipe("stamp").data == {"A": 1}


def _full(*args: Any, **kwargs: Any) -> None:
    raise DiskFullError(28, "No space left on device")


KILLED = """
import os, sys, json
sys.path.insert(0, {tests!r})
import conftest
from spanwright.language import Language, load
from spanwright import registry
registry.tokenizers.register("test.Splitter.v1", func=conftest.splitter_v1)
Language.factory("stamp", default_config={{"word": "stop"}}, func=conftest.make_stamp)
Language.component("shout", func=conftest.shout)
nlp = load({folder!r})
nlp.get_pipe("stamp").data = {{"new": 1}}
nlp.get_pipe("stamp").to_disk = lambda *args, **kwargs: os.kill(os.getpid(), 9)
nlp.to_disk({folder!r})
"""


def test_a_kill_leaves_the_earlier_folder_whole(saved: Path) -> None:
    before = contents(saved)
    code = KILLED.format(tests=str(Path(__file__).parent), folder=str(saved))
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == -9, done.stderr
    assert contents(saved) == before
    nlp = spanwright.load(saved)
    assert nlp.get_pipe("stamp").data == {"A": 1}
    nlp.to_disk(saved)
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]


@pytest.mark.parametrize("place", [".", ".."])
def test_the_working_directory_and_those_around_it_can_be_saved_to(
    saved: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    nlp = spanwright.load(saved)
    nlp.get_pipe("stamp").data = {"B": 1}
    monkeypatch.chdir(saved if place == "." else saved / "stamp")
    nlp.to_disk(place)
    assert Path.cwd().exists()
    assert spanwright.load(place).get_pipe("stamp").data == {"B": 1}
    nlp.to_disk(place)
    assert [path.name for path in saved.parent.iterdir()] == ["saved"]
    assert {path.name for path in saved.iterdir()} == {"config.cfg", "meta.json", "stamp", "tokenizer", "vocab"}


def test_foreign_files_are_carried_over(saved: Path) -> None:
    (saved / "notes.txt").write_text("mine")
    (saved / "stamp" / "notes.txt").write_text("mine too")
    nlp = spanwright.load(saved)
    nlp.get_pipe("stamp").data = {"B": 1}
    nlp.to_disk(saved)
    assert (saved / "notes.txt").read_text() == "mine"
    assert (saved / "stamp" / "notes.txt").read_text() == "mine too"
    assert spanwright.load(saved).get_pipe("stamp").data == {"B": 1}


def test_a_file_is_no_place_for_a_pipeline(tmp_path: Path, nlp: Any) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(ValueError, match="is a file"):
        nlp.to_disk(tmp_path / "file")


# --- packages and archives


@pytest.fixture
def package(saved: Path, tmp_path: Path) -> Path:
    """A package as published ones are: importing it would fail here."""
    root = tmp_path / "site" / "xx_gem"
    shutil.copytree(saved, root / "xx_gem-1.2.3")
    shutil.copy(saved / "meta.json", root / "meta.json")
    (root / "__init__.py").write_text("raise ImportError('must not be imported')")
    return root


def test_packages_are_found_and_not_imported(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(package.parent))
    for name in ("xx_gem", "xx-gem"):
        nlp = spanwright.load(name)
        assert nlp.path == package / "xx_gem-1.2.3"
    assert "xx_gem" not in sys.modules
    shutil.move(package / "xx_gem-1.2.3", package / "xx_stone-0.1")
    assert spanwright.load("xx_gem").pipe_names == ["stamp", "shout"]


def test_the_folder_of_a_package_will_do(package: Path) -> None:
    assert spanwright.load(package).path == package / "xx_gem-1.2.3"
    shutil.copytree(package / "xx_gem-1.2.3", package / "xx_gem-2")
    with pytest.raises(PipelineError, match="holds several pipelines: xx_gem-1.2.3, xx_gem-2"):
        spanwright.load(package)


@pytest.mark.parametrize("name", ["xx_gem-1.2.3-py3-none-any.whl", "gem.zip", "gem.tar.gz"])
def test_archives_are_loaded_without_installing_them(package: Path, tmp_path: Path, name: str) -> None:
    archive = tmp_path / name
    if name.endswith(".tar.gz"):
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(package, "xx_gem-1.2.3/xx_gem")
    else:
        with zipfile.ZipFile(archive, "w") as zipped:
            for path in package.rglob("*"):
                if path.is_file():
                    zipped.write(path, path.relative_to(package.parent))
    nlp = spanwright.load(archive)
    assert nlp.pipe_names == ["stamp", "shout"]
    assert nlp.path == archive


def test_archives_cannot_write_elsewhere(tmp_path: Path) -> None:
    for name in ("../evil.txt", "/evil.txt"):
        with zipfile.ZipFile(tmp_path / "bad.zip", "w") as zipped:
            zipped.writestr(name, "x")
        with pytest.raises(DataFormatError, match="leads out of it"):
            spanwright.load(tmp_path / "bad.zip")
    with tarfile.open(tmp_path / "bad.tar.gz", "w:gz") as tar:
        link = tarfile.TarInfo("link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        tar.addfile(link)
    with pytest.raises(DataFormatError, match="holds a link or device, 'link'"):
        spanwright.load(tmp_path / "bad.tar.gz")
    for name in ("broken.zip", "broken.tar.gz", "broken.whl"):
        (tmp_path / name).write_bytes(b"garbage")
        with pytest.raises(DataFormatError, match="cannot be unpacked: it is damaged or no archive"):
            spanwright.load(tmp_path / name)


def test_archives_that_are_no_pipelines_say_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as zipped:
        zipped.writestr("notes.txt", "x")
    with pytest.raises(MissingFileError, match=r"notes\.zip holds no pipeline: there is no config\.cfg in it"):
        spanwright.load(tmp_path / "notes.zip")
    with zipfile.ZipFile(tmp_path / "nameless.zip", "w") as zipped:
        zipped.writestr(".", "x")
    with pytest.raises(DataFormatError, match="which leads out of it"):
        spanwright.load(tmp_path / "nameless.zip")
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("config.cfg", b"\0" * 10**7)
    monkeypatch.setattr("spanwright.language.archives.ALWAYS_ALLOWED", 10**6)
    with pytest.raises(DataFormatError, match="grows more than 200-fold when it is unpacked"):
        spanwright.load(tmp_path / "bomb.zip")


def test_a_folder_that_is_saved_meanwhile_is_read_again(saved: Path, stamped: Any, monkeypatch: Any) -> None:
    from spanwright.language import loading

    stamped.get_pipe("stamp").data = {"B": 2}
    stamped.meta["version"] = "2.0.0"
    read, times = loading.load_config, []

    def save_between(*args: Any, **kwargs: Any) -> Any:
        times.append(1)
        if len(times) <= saves:
            stamped.to_disk(saved)
        return read(*args, **kwargs)

    monkeypatch.setattr(loading, "load_config", save_between)
    saves = 1
    nlp = spanwright.load(saved)
    assert (nlp.meta["version"], nlp.get_pipe("stamp").data) == ("2.0.0", {"B": 2})
    saves = 100
    with pytest.raises(PipelineError, match="was saved anew each of the 10 times it was read"):
        spanwright.load(saved)


@pytest.mark.parametrize("name", ["../elsewhere", "/tmp/elsewhere", ".", "tokenizer", "meta.json"])
def test_names_of_components_do_not_lead_elsewhere(tmp_path: Path, stamped: Any, name: str) -> None:
    stamped.rename_pipe("stamp", name)
    with pytest.raises(PipelineError, match="cannot be that of a folder in the pipeline's own. Rename"):
        stamped.to_disk(tmp_path / "saved")
    assert list(tmp_path.iterdir()) == []


def test_blank_pipelines_by_name() -> None:
    assert spanwright.load("blank:tlh").lang == "tlh"
    assert spanwright.blank("tlh", config={"nlp.batch_size": 3}, meta={"name": "x"}).meta["name"] == "x"


@pytest.mark.parametrize("versions", [">=4.0.0,<5", ">=9.0", "<4,>=3.9", "==3.10.1", "4.0"])
def test_later_formats_are_warned_of(saved: Path, versions: str) -> None:
    meta = json.loads((saved / "meta.json").read_text())
    (saved / "meta.json").write_text(json.dumps({**meta, "spacy_version": versions}))
    with pytest.warns(SpanwrightWarning, match=f"xx_gem was made for spaCy {re.escape(versions)}"):
        spanwright.load(saved)


@pytest.mark.parametrize("versions", [">=3.1.0,<3.2.0", ">=3.8.0,<3.9.0", "<4", "any", ""])
def test_formats_that_are_read_are_not_warned_of(saved: Path, versions: str) -> None:
    meta = json.loads((saved / "meta.json").read_text())
    (saved / "meta.json").write_text(json.dumps({**meta, "spacy_version": versions}))
    spanwright.load(saved)
