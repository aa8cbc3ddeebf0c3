"""`spanwright package`: what goes into the wheel and the sdist, and what it requires."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path
from typing import Any

import importlib_metadata
import pytest

import spanwright
from spanwright.cli import main
from spanwright.cli.package import package
from spanwright.errors import InvalidValueError, MissingFileError, PipelineError
from spanwright.packaging.requirements import requirements_of, version_range

CODE = """
from spanwright.language import Language


@Language.component("{name}")
def shout(doc):
    doc.user_data["shout"] = doc.text.upper()
    return doc
"""
CORE = f"spanwright-core{version_range(spanwright.__version__)}"
# A child process sees the installed package and nothing else of this test.
LOAD = """
import sys
sys.path.insert(0, sys.argv[1])
import spanwright
nlp = spanwright.load(sys.argv[2])
print(nlp.pipe_names, nlp("ahoy").user_data.get("shout"), nlp.path.name)
"""


def write_code(folder: Path, name: str) -> Path:
    path = folder / f"{name}_code.py"
    path.write_text(CODE.format(name=name))
    return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A pipeline without components, and a folder to write to."""
    nlp = spanwright.blank(
        "xy", meta={"name": "plain", "version": "1.0.0", "description": "Plain | text", "license": "MIT"}
    )
    nlp.to_disk(tmp_path / "data")
    (tmp_path / "out").mkdir()
    return tmp_path


def pack(folder: Path, *options: str) -> int:
    return main(["package", str(folder / "data"), str(folder / "out"), *options])


def test_the_files(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert pack(folder) == 0
    project = folder / "out/xy_plain-1.0.0"
    told = capsys.readouterr().err
    assert f"Made {project}, which requires {CORE}." in told
    assert f"pip install {project}/dist/xy_plain-1.0.0-py3-none-any.whl" in told
    with zipfile.ZipFile(project / "dist/xy_plain-1.0.0-py3-none-any.whl") as wheel:
        names = set(wheel.namelist())
        info = "xy_plain-1.0.0.dist-info"
        assert {
            "xy_plain/__init__.py", "xy_plain/meta.json", "xy_plain/xy_plain-1.0.0/config.cfg", f"{info}/METADATA",
            f"{info}/WHEEL", f"{info}/RECORD",
        } <= names  # fmt: skip
        assert wheel.read(f"{info}/entry_points.txt").decode() == "[spanwright_models]\nxy_plain = xy_plain\n"
        metadata = wheel.read(f"{info}/METADATA").decode()
        assert len(wheel.read(f"{info}/RECORD").decode().splitlines()) == len(names)
    assert (
        "Name: xy-plain\nVersion: 1.0.0\nSummary: Plain | text\nLicense: MIT\nRequires-Python: >=3.10\n"
        f"Requires-Dist: {CORE}\n" in metadata
    )
    with tarfile.open(project / "dist/xy_plain-1.0.0.tar.gz") as sdist:
        packed = set(sdist.getnames())
    assert {
        f"xy_plain-1.0.0/{file}" for file in ("PKG-INFO", "pyproject.toml", "build_pipeline.py", "README.md")
    } <= packed
    assert not any("/dist/" in name for name in packed)
    assert 'nlp = spanwright.load("xy_plain")' in (project / "README.md").read_text()


def installed(folder: Path, project: Path) -> Path:
    """The wheel, installed by pip into a folder of its own; the sdist must give the same."""
    for file in project.glob("dist/*"):
        target = folder / f"site-{file.suffix}"
        command = [sys.executable, "-m", "pip", "install", "-q", "--no-index", "--no-deps", "--target", str(target)]
        done = subprocess.run([*command, str(file)], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    names = [{str(path.relative_to(place)) for path in place.rglob("*.cfg")} for place in folder.glob("site-*")]
    assert len(names) == 2 and names[0] == names[1]
    return folder / "site-.whl"


@pytest.mark.skipif(not importlib_metadata.packages_distributions().get("pip"), reason="pip is not installed here")
def test_an_installed_package_is_loaded_by_name(folder: Path) -> None:
    site = installed(folder, package(folder / "data", folder / "out"))
    for name in ("xy_plain", "xy-plain"):
        done = subprocess.run(
            [sys.executable, "-c", LOAD, str(site), name], capture_output=True, text=True, check=False
        )
        assert done.stdout == "[] None xy_plain-1.0.0\n", done.stderr
    script = (
        "import sys; sys.path[:0] = sys.argv[1:]; import xy_plain as xy; print(xy.load().meta['name'], xy.__version__)"
    )
    done = subprocess.run([sys.executable, "-c", script, str(site)], capture_output=True, text=True, check=False)
    assert done.stdout == "plain 1.0.0\n", done.stderr


def test_code_of_ones_own_goes_with_it(folder: Path) -> None:
    from spanwright.util import import_file

    code = write_code(folder, "shout_in_package")
    import_file("shout_in_package_code", code)
    nlp = spanwright.blank("xy")
    nlp.add_pipe("shout_in_package")
    nlp.to_disk(folder / "data")
    with pytest.raises(
        PipelineError,
        match=r"would lack code that the pipeline needs: 'shout_in_package' \(factories\) is registered by .*_code.*\. "
        "Give the file with --code",
    ):
        package(folder / "data", folder / "out")
    assert pack(folder, "--code", str(code), "--name", "loud", "--version", "2.0.0", "-b", "wheel") == 0
    project = folder / "out/xy_loud-2.0.0"
    assert [path.name for path in project.glob("dist/*")] == ["xy_loud-2.0.0-py3-none-any.whl"]
    site = folder / "site"
    with zipfile.ZipFile(next(project.glob("dist/*"))) as wheel:
        wheel.extractall(site)
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(site), "xy_loud"], capture_output=True, text=True, check=False
    )
    assert done.stdout == "['shout_in_package'] AHOY xy_loud-2.0.0\n", done.stderr


def test_options(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = folder / "other.json"
    other.write_text(
        json.dumps({"lang": "xy", "name": "xy_other", "version": "3.0.0", "requirements": ["tables>=1", "spacy>=3"]})
    )
    assert pack(folder, "--meta-path", str(other), "--build", "none", "--no-require-parent") == 0
    project = folder / "out/xy_other-3.0.0"
    assert not list(project.glob("dist/*"))
    assert [line for line in (project / "PKG-INFO").read_text().splitlines() if line.startswith("Requires-Dist")] == [
        "Requires-Dist: tables>=1"
    ]
    answers = iter(["", "asked", "4.0.0", "", "Mira", "", "https://example.org", ""])
    monkeypatch.setattr("builtins.input", lambda prompt: next(answers))
    assert pack(folder, "--create-meta", "-b", "wheel") == 0
    meta = json.loads((folder / "out/xy_asked-4.0.0/meta.json").read_text())
    assert (meta["lang"], meta["author"], meta["license"]) == ("xy", "Mira", "MIT")


def test_replacing(folder: Path) -> None:
    project = package(folder / "data", folder / "out")
    (project / "left").touch()
    with pytest.raises(InvalidValueError, match="xy_plain-1.0.0 exists. Use --force to replace it."):
        package(folder / "data", folder / "out")
    package(folder / "data", folder / "out", force=True)
    assert not (project / "left").exists()
    assert [path.name for path in (folder / "out").iterdir()] == ["xy_plain-1.0.0"]


def test_the_same_input_gives_the_same_wheel(folder: Path) -> None:
    wheels = []
    for name in ("one", "two"):
        (folder / name).mkdir()
        wheels.append(next(package(folder / "data", folder / name).glob("dist/*.whl")).read_bytes())
    assert wheels[0] == wheels[1]


@pytest.mark.parametrize("name", ["my-model", "3d", "with space", "naïve", "", "a.b", "../up", "end_"])
def test_a_name_that_is_no_identifier(folder: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert pack(folder, "--name", name) == 1
    assert f"--name: '{name}' cannot be the name of a package, as Python could not import it" in capsys.readouterr().err
    assert not list((folder / "out").iterdir())


def test_names_in_the_file(folder: Path) -> None:
    file = folder / "data/meta.json"
    meta = json.loads(file.read_text())
    file.write_text(json.dumps({**meta, "name": "core-web"}))
    with pytest.raises(InvalidValueError, match=r"data/meta\.json, name: 'core-web' cannot .* for instance 'core_web'"):
        package(folder / "data", folder / "out")
    file.write_text(json.dumps({**meta, "version": "1.0-alpha"}))
    with pytest.raises(InvalidValueError, match=r"meta\.json, version: '1\.0-alpha' is no version .* such as 1\.0\.0"):
        package(folder / "data", folder / "out")
    file.write_text(json.dumps({**meta, "requirements": "numpy"}))
    with pytest.raises(PipelineError, match="requirements: expected a list of texts, found 'numpy'"):
        package(folder / "data", folder / "out")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--build", "egg"], "--build: 'egg' is no format. There are: sdist, wheel, none."),
        (["--code", "missing.py"], "--code: there is no file missing.py."),
        (["--meta", "missing.json"], "missing.json"),
        (["--version", "one"], "--version: 'one' is no version"),
    ],
)
def test_other_mistakes(folder: Path, options: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert pack(folder, *options) == 1
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("inside", [".", "packages", "packages/later"])
def test_the_pipelines_own_folder_is_no_place_for_its_package(folder: Path, inside: str) -> None:
    output = folder / "data" / inside
    output.mkdir(parents=True, exist_ok=True)
    with pytest.raises(InvalidValueError, match="lies in the pipeline's own folder .*Give another folder"):
        package(folder / "data", output)


def test_folders_and_files_that_are_not_there(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingFileError, match="is no pipeline's folder: there is no config.cfg in it"):
        package(folder / "out", folder / "out")
    with pytest.raises(MissingFileError, match="There is no folder .*nowhere to write the package to"):
        package(folder / "data", folder / "nowhere")
    bad = folder / "bad-name.py"
    bad.touch()
    with pytest.raises(InvalidValueError, match=r"--code: bad-name\.py cannot be imported as a module"):
        package(folder / "data", folder / "out", code_paths=[bad])

    def end(prompt: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end)
    with pytest.raises(InvalidValueError, match="--create-meta asks for lang, .* the input ended before 'lang'"):
        package(folder / "data", folder / "out", create_meta=True)


@pytest.mark.parametrize(
    ("version", "expected"),
    [("0.1.0", ">=0.1.0,<0.2"), ("0.12.3rc1", ">=0.12.3rc1,<0.13"), ("3.8.1", ">=3.8.1,<4"), ("2", ">=2,<3")],
)
def test_ranges(version: str, expected: str) -> None:
    assert version_range(version) == expected


def test_requirements_name_what_runs_only() -> None:
    config: dict[str, Any] = spanwright.blank("xy").config.interpolate()
    assert requirements_of(config, "xy") == [CORE]
    assert requirements_of(config, "xy", given=["spacy-legacy", "Tables", "spanwright_core"], with_core=True) == [
        CORE,
        "Tables",
    ]
