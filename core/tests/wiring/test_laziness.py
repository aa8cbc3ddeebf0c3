"""What is imported, and when."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "cupy", "thinc", "numpy", "pydantic", "confection", "catalogue", "typer", "rich", "click",
         "pluggy", "srsly", "tqdm", "importlib_metadata")  # fmt: skip


def loaded_after(code: str) -> set[str]:
    """The modules of HEAVY, and the plugins of ours, that a fresh interpreter has loaded after some code."""
    script = f"{code}\nimport sys\nprint('LOADED', *sorted({{name.partition('.')[0] for name in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    modules = set(done.stdout.splitlines()[-1].split()[1:])
    return {name for name in modules if name in HEAVY or name.startswith("spanwright_")}


def test_import_spanwright_loads_nothing_heavy() -> None:
    assert loaded_after("import spanwright") == set()


@pytest.mark.parametrize(
    "code",
    [
        "import spanwright; spanwright.registry.has",
        "import spanwright.errors",
        "import spanwright.config",
        "from spanwright import util, Config",
    ],
)
def test_wiring_loads_nothing_heavy(code: str) -> None:
    assert loaded_after(code) <= {"spanwright_tokens"}


def test_looking_at_names_reads_metadata_only() -> None:
    code = "from spanwright import registry; registry.has('architectures', 'spacy.Tagger.v2'); registry.scorers.names()"
    assert loaded_after(code) <= {"spanwright_tokens", "importlib_metadata"}


def test_help_loads_neither_thinc_nor_a_plugin_component() -> None:
    code = "from spanwright.cli import main; main(['--help'])"
    assert not loaded_after(code) & {"torch", "cupy", "thinc", "numpy", "pydantic", "typer", "rich", "click", "tqdm"}


def test_importing_the_data_errors_compiles_nothing_in() -> None:
    code = (
        "import spanwright_tokens, spanwright_tokens.errors, sys; assert 'spanwright_tokens.vocab' not in sys.modules"
    )
    assert loaded_after(code) <= {"spanwright_tokens"}


def test_public_names_are_lazy_and_listed() -> None:
    import spanwright

    assert set(spanwright.__all__) == {"__version__", *spanwright._LAZY}
    assert set(spanwright.__all__) <= set(dir(spanwright))
    assert spanwright.__version__
    assert all(getattr(spanwright, name) is not None for name in spanwright.__all__)
    assert spanwright.registry.has("scorers", "spacy.tagger_scorer.v1")
    assert spanwright.tokens.Doc is not None
    with pytest.raises(AttributeError, match="module 'spanwright' has no attribute 'nothing'"):
        spanwright.nothing  # noqa: B018
    with pytest.raises(AttributeError):
        spanwright._nothing  # noqa: B018
    from spanwright.registry import registry

    assert spanwright.registry.get_registry_names() == registry.get_registry_names()
    assert spanwright.util.registry is registry


def test_a_submodule_that_fails_inside_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib

    import spanwright

    def broken(name: str) -> None:
        raise ModuleNotFoundError("No module named 'lost'", name="lost")

    monkeypatch.setattr(spanwright, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="lost"):
        spanwright.something_new  # noqa: B018
    assert importlib.import_module("spanwright") is spanwright
