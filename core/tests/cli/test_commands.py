"""The command line: finding commands, and what the small ones print."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from spanwright.cli import main
from spanwright.errors import MissingFileError, MissingPluginError, RegistryMiss
from spanwright.plugins import get_plugins
from spanwright.registry import registry


@pytest.fixture(autouse=True)
def fresh_plugins() -> Any:
    get_plugins.cache_clear()
    registry.index.refresh()
    yield
    get_plugins.cache_clear()


def run(*words: str) -> int:
    return main(list(words))


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--help") == 0
    out = capsys.readouterr().out
    for name in ("info", "plugins list", "plugins show", "plugins check", "where", "apply", "evaluate"):
        assert f"  {name} " in out
    assert run("plugins", "--help") == 0
    assert "evaluate" not in capsys.readouterr().out
    assert run() == 2
    assert run("apply", "--help") == 0
    assert "--batch-size" in capsys.readouterr().out


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert capsys.readouterr().out.startswith("spanwright 0.")


def test_an_unknown_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("evalute") == 2
    assert "There is no command 'evalute'. Did you mean 'evaluate'?" in capsys.readouterr().err
    assert run("where") == 2  # argparse: the name is missing


def test_errors_are_sentences_without_a_traceback(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run("where", "spacy.Tagr.v2") == 1
    err = capsys.readouterr().err
    assert err.startswith("RegistryMiss: Nobody registers 'spacy.Tagr.v2' in any registry.")
    assert "Traceback" not in err
    monkeypatch.setenv("SPANWRIGHT_TRACEBACK", "1")
    with pytest.raises(RegistryMiss):
        run("where", "spacy.Tagr.v2")


def test_where(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("where", "spacy.tagger_scorer.v1") == 0
    out = capsys.readouterr().out
    assert "@scorers spacy.tagger_scorer.v1" in out
    assert "spanwright.scorer.registered:tagger_scorer_v1" in out
    assert "registered.py:" in out
    assert "spanwright-core" in out
    assert run("plugins", "where", "Adam.v1", "--registry", "optimizers") == 0
    assert "provided by   thinc" in capsys.readouterr().out


def test_where_says_what_to_install() -> None:
    from spanwright.cli.where import where

    if not registry.has("factories", "parser"):
        with pytest.raises(MissingPluginError, match="spanwright-parser"):
            where("parser")
    with pytest.raises(RegistryMiss, match="Can't find 'zzz' in the registry 'factories'"):
        where("zzz", "factories")


def test_two_owners_of_a_name_are_both_shown(capsys: pytest.CaptureFixture[str], make_distribution: Any) -> None:
    for name in ("fake-one", "fake-two"):
        module = name.replace("-", "_")
        make_distribution(
            name, {"spanwright_misc": {"fake.both.v1": f"{module}:f"}}, {f"{module}.py": "def f(): ...\n"}
        )
    registry.index.refresh()
    assert run("where", "fake.both.v1") == 0
    captured = capsys.readouterr()
    assert "fake-one 1.0" in captured.out
    assert "fake-two 1.0" in captured.out
    assert "choose one with [spanwright.prefer.*]" in captured.err
    assert run("plugins", "check", "fake-one") == 1
    assert "2 providers offer misc 'fake.both.v1'" in capsys.readouterr().out


def test_plugins_list_show_and_check(capsys: pytest.CaptureFixture[str], make_distribution: Any) -> None:
    make_distribution(
        "fake-bad",
        {"spanwright_misc": {"fake.bad.v1": "fake_bad:f"}},
        {"fake_bad.py": "import lost_module\n"},
        version="7.1",
    )
    registry.index.refresh()
    assert run("plugins", "list") == 0
    out = capsys.readouterr().out
    assert "spanwright-core" in out
    assert "fake-bad                " in out or "fake-bad" in out
    assert run("plugins", "show", "Fake_Bad") == 0
    out = capsys.readouterr().out
    assert "fake-bad 7.1" in out
    assert "@misc" in out
    assert "fake_bad:f" in out
    assert run("plugins", "check", "fake-bad") == 1
    out = capsys.readouterr().out
    assert "lost_module" in out
    assert "1 faults" in out
    assert run("plugins", "show", "fake-bed") == 1
    assert "No installed distribution 'fake-bed' registers anything. Did you mean fake-bad?" in capsys.readouterr().err


def test_core_itself_is_well(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("plugins", "check", "spanwright-core") == 0
    assert "All is well" in capsys.readouterr().out


def test_a_plugin_adds_a_command(capsys: pytest.CaptureFixture[str], make_distribution: Any) -> None:
    hooks = (
        "from spanwright.hookspecs import Command, hookimpl\n@hookimpl\ndef commands():\n"
        "    return [Command('greet all', 'fake_greet', 'Say hello.', takes_overrides=True),\n"
        "            Command('info', 'fake_greet', 'Not ours.')]\n"
    )
    command = (
        "def add_arguments(parser):\n    parser.add_argument('--loud', action='store_true')\n"
        "def run(args):\n    print('HELLO' if args.loud else 'hello', args.overrides)\n    return 5\n"
    )
    make_distribution(
        "fake-greet",
        {"spanwright": {"greet": "fake_hooks_greet"}},
        {"fake_hooks_greet.py": hooks, "fake_greet.py": command},
    )
    registry.index.refresh()
    assert run("greet", "all", "--loud", "--nlp.batch_size", "3") == 5
    assert capsys.readouterr().out == "HELLO {'nlp.batch_size': 3}\n"
    assert run("greet") == 2
    assert "greet all" in capsys.readouterr().out
    assert run("info") == 0
    assert "spanwright_version" in capsys.readouterr().out


def test_info_of_the_installation(capsys: pytest.CaptureFixture[str]) -> None:
    import spanwright

    facts = spanwright.info()
    assert facts["spanwright_version"] == spanwright.__version__
    assert "spanwright-core" in facts["plugins"]
    assert capsys.readouterr().out == ""
    assert str(spanwright.info(markdown=True)).startswith("- **spanwright_version:**")


def test_info_of_a_pipeline(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    import spanwright

    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "config.cfg").write_text("[nlp]\n", encoding="utf8")
    (folder / "meta.json").write_text('{"name": "mine", "lang": "en", "labels": {"tagger": ["A"]}}', encoding="utf8")
    assert run("info", str(folder)) == 0
    out = capsys.readouterr().out
    assert "mine" in out
    assert "tagger" not in out
    facts = spanwright.info(folder, exclude=())
    assert facts["labels"] == {"tagger": ["A"]}
    assert facts["source"] == str(folder.resolve())
    with pytest.raises(MissingFileError, match="There is no pipeline 'no_such_pipeline': it is neither"):
        spanwright.info("no_such_pipeline")
    with pytest.raises(MissingFileError, match="has no meta.json and config.cfg: it is no pipeline"):
        spanwright.info(tmp_path)


def test_python_m() -> None:
    done = subprocess.run([sys.executable, "-m", "spanwright", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("spanwright 0.")
