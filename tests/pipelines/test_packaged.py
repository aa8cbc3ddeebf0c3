"""A packaged pipeline in an environment that has only spanwright-core: what it lacks is said, and pip brings it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import spanwright
from spanwright.cli.package import package

ROOT = Path(__file__).resolve().parents[2]
# Where tools/wheels.py, which the cells of tox use, puts the wheels of the workspace.
WHEELS = Path(
    os.environ.get("SPANWRIGHT_WHEELS")
    or ROOT / f".cache/wheels/cp{sys.version_info[0]}{sys.version_info[1]}"
)  # fmt: skip
NEEDED = ("core", "tokens", "embeddings", "encoders", "languages", "rules", "tagger", "tok2vec")
PLUGINS = ["spanwright-languages", "spanwright-rules", "spanwright-tagger", "spanwright-tok2vec"]
THEIRS = ["spanwright-embeddings", "spanwright-encoders"]  # that these need
MISSING = [name for name in NEEDED if not list(WHEELS.glob(f"spanwright_{name}-*.whl"))]
LOAD = """
import spanwright
try:
    nlp = spanwright.load("en_small_ships")
except ValueError as error:
    print(type(error).__name__, error)
else:
    doc = nlp("The boats left at dawn .")
    print([token.tag_ for token in doc], [(ent.text, ent.label_) for ent in doc.ents])
"""

pytestmark = pytest.mark.skipif(
    bool(MISSING),
    reason=f"no wheels of {', '.join(MISSING)} in {WHEELS}: run `tox run -e pipelines`, or tools/wheels.py",
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of an environment that has only spanwright-core and what that needs."""
    folder = tmp_path_factory.mktemp("environments") / "bare"
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = folder / "bin" / "python"
    # The workspace's wheels are taken as files, so that no index can offer another distribution of their names.
    files = [str(next(WHEELS.glob(f"spanwright_{name}-*.whl"))) for name in ("tokens", "core")]
    done = subprocess.run([python, "-m", "pip", "install", "-q", *files], capture_output=True, text=True, check=False)
    if done.returncode != 0 and "spanwright" not in done.stderr:
        pytest.skip(f"the index of packages cannot be reached: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return python


def run(python: Path, *arguments: str) -> str:
    done = subprocess.run([python, *arguments], capture_output=True, text=True, check=False, cwd=python.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_from_core_alone_to_a_running_pipeline(whole: Path, bare: Path, tmp_path: Path) -> None:
    nlp = spanwright.load(whole)
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "TIME", "pattern": "dawn"}])
    nlp.to_disk(tmp_path / "pipeline")
    project = package(tmp_path / "pipeline", tmp_path, name="small_ships", version="1.0.0", create_sdist=False)
    wheel = str(next(project.glob("dist/*.whl")))
    required = [line for line in (project / "PKG-INFO").read_text().splitlines() if line.startswith("Requires-Dist")]
    assert [line.split()[1].split(">")[0] for line in required] == ["spanwright-core", *PLUGINS]

    run(bare, "-m", "pip", "install", "-q", "--no-deps", "--no-index", wheel)
    told = run(bare, "-c", LOAD)
    assert told.startswith("MissingPartsError The pipeline needs ")
    assert "Install: pip install spanwright-rules spanwright-tagger spanwright-tok2vec" in told

    run(bare, "-m", "pip", "install", "-q", "--no-index", "--find-links", str(WHEELS), wheel)
    listed = run(bare, "-m", "pip", "list", "--format", "freeze")
    ours = sorted(line.split("==")[0] for line in listed.splitlines() if line.startswith("spanwright"))
    assert ours == sorted(["spanwright-core", "spanwright-tokens", *PLUGINS, *THEIRS])
    assert run(bare, "-c", LOAD) == "['DT', 'NN', 'VB', 'IN', 'NN', '.'] [('dawn', 'TIME')]\n"
    run(bare, "-m", "pip", "check")
