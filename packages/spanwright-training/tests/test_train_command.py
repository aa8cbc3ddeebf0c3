"""`spanwright train`."""

from __future__ import annotations

import io
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from loop_helpers import CONFIG, make_config, run, weights

from spanwright.cli import main
from spanwright.errors import ConfigError
from spanwright_training.commands.train import train
from spanwright_training.errors import CodeImportError
from spanwright_training.hooks import commands


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_config(tmp_path)
    (tmp_path / "config.cfg").write_text(CONFIG)
    return tmp_path


def data(folder: Path) -> dict[str, Any]:
    return {"paths.train": str(folder / "train.spacy"), "paths.dev": str(folder / "dev.spacy")}


def options(folder: Path) -> list[str]:
    return [text for key, value in data(folder).items() for text in (f"--{key}", value)]


def test_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["train", str(folder / "config.cfg"), "--output", str(folder / "out"), *options(folder)]
    assert main([*words, "--training.max_steps", "5"]) == 0
    printed = capsys.readouterr()
    assert "Left out in the config, so the defaults are used" in printed.out
    assert "training.accumulate_gradient = 1" in printed.out
    assert "LOSS TAGGER" in printed.out
    assert printed.err == ""
    assert main([*words, "--resume"]) == 0
    assert "Going on after step 5" in capsys.readouterr().out
    run(make_config(folder), folder / "other")
    assert weights(folder / "out/model-last") == weights(folder / "other/model-last")
    assert main(["train", str(folder / "config.cfg"), *options(folder), "--resume"]) == 1
    assert "--resume needs --output" in capsys.readouterr().err


def test_a_config_that_is_not_complete_is_refused_if_wanted(folder: Path) -> None:
    with pytest.raises(ConfigError, match=r"--strict: (?s:.*)\[training\] accumulate_gradient: is left out") as caught:
        train(folder / "config.cfg", overrides=data(folder), strict=True)
    assert any(problem.path == "components.tagger.overwrite" for problem in caught.value.problems)
    from spanwright_training.initialize import init_nlp

    complete = folder / "complete.cfg"
    init_nlp(make_config(folder)).config.to_disk(complete, interpolate=False)
    out = io.StringIO()
    train(complete, overrides={**data(folder), "training.max_steps": 1}, strict=True, stdout=out, stderr=out)
    assert "Left out" not in out.getvalue()


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("training.max_step", r"can't override 'training.max_step': \[training\] has no.*mean training.max_steps\?"),
        ("paths.trian", r"\[paths\] has no such setting. Did you mean paths.train\?"),
        ("trainig.max_steps", r"there is no section \[trainig\]. Did you mean training.max_steps\?"),
    ],
)
def test_an_override_that_names_nothing(folder: Path, override: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        train(folder / "config.cfg", overrides={**data(folder), override: 3})


def test_code_of_ones_own(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = folder / "functions.py"
    code.write_text(
        "import spanwright\n\n@spanwright.registry.callbacks('command_test.shout.v1')\ndef make():\n"
        "    return lambda nlp: print('initialized') or nlp\n"
    )
    config = folder / "config.cfg"
    config.write_text(CONFIG + '\n[initialize]\n\n[initialize.after_init]\n@callbacks = "command_test.shout.v1"\n')
    assert main(["train", str(config), "--code", str(code), *options(folder), "--training.max_steps", "1"]) == 0
    assert "initialized" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (None, "there is no such file"),
        ("import spanwright\nimport no_such_module_anywhere\n", r"\(line 2\): ModuleNotFoundError"),
        ("def broken(:\n", r"\(line 1\): SyntaxError"),
        ("x = 1\n\n\nraise RuntimeError('no')\n", r"\(line 4\): RuntimeError: no"),
    ],
)
def test_code_that_cannot_be_imported(folder: Path, text: str | None, message: str) -> None:
    code = folder / "broken.py"
    if text is not None:
        code.write_text(text)
    with pytest.raises(CodeImportError, match=message) as caught:
        train(folder / "config.cfg", overrides=data(folder), code=code)
    assert isinstance(caught.value, ImportError)


def test_warnings_are_sentences_on_the_command_line(folder: Path) -> None:
    config = folder / "config.cfg"
    config.write_text(CONFIG + "\n[initialize]\n\n[initialize.components]\n\n[initialize.components.x]\ny = 1\n")
    command = [sys.executable, "-m", "spanwright", "train", str(config), *options(folder), "--training.max_steps", "1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert "\nWarning: [initialize.components.x] is for a component" in "\n" + done.stderr
    assert ".py:" not in done.stderr


@pytest.mark.parametrize("command", [command.name for command in commands()])
def test_each_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    printed = capsys.readouterr().out
    assert f"usage: spanwright {command}" in printed
    assert f"spanwright {command}" in printed.split("\n\n", 1)[1]  # an example
    takes = next(one.takes_overrides for one in commands() if one.name == command)
    assert ("--training.max_steps 100" in printed.split("options:")[1]) == takes


def test_each_command_is_a_function() -> None:
    places = {
        "train": ("train",), "convert": ("convert",), "download": ("download",), "debug_data": ("debug_data",),
        "debug_config": ("debug_config",), "debug_diff": ("debug_diff",), "validate": ("validate",),
        "init_config": ("init_config", "fill_config", "save_config"),
    }  # fmt: skip
    for module, names in places.items():
        for name in names:
            function = getattr(import_module(f"spanwright.cli.{module}"), name)
            assert callable(function) and function.__doc__


def test_where_programs_look_for_it() -> None:
    from spanwright.training.initialize import init_nlp
    from spanwright.training.loggers import console_logger
    from spanwright.training.loop import train as loop_train

    assert callable(init_nlp)
    assert callable(loop_train)
    assert callable(console_logger)
