"""The output folder: what an earlier run has left there, what two runs write, and what plugins hear of it."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from loop_helpers import make_config, run, weights

from spanwright import load, registry
from spanwright.errors import SpanwrightWarning
from spanwright.hookspecs import hookimpl
from spanwright.plugins import get_plugins
from spanwright_training.errors import NonFiniteLossError, TrainingInterrupted
from spanwright_training.initialize import init_nlp
from spanwright_training.journal import read_journal
from spanwright_training.loop import train


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


# An earlier run


@registry.callbacks("output_test.stop.v1")
def stop() -> Any:
    return lambda nlp, args: os.kill(os.getpid(), signal.SIGINT)


@registry.callbacks("output_test.poison.v1")
def poison() -> Any:
    def to_nan(nlp: Any, args: dict[str, Any]) -> None:
        nlp.get_pipe("tagger").model.get_ref("output_layer").get_param("b")[:] = float("nan")

    return to_nan


def test_an_earlier_run_is_told_of_and_replaced(tmp_path: Path) -> None:
    run(make_config(tmp_path), tmp_path / "out")
    (tmp_path / "out/model-last/of_the_first").write_text("x")
    (tmp_path / "out/notes.txt").write_text("mine")
    _, printed = run(make_config(tmp_path, {"system.seed": 9}), tmp_path / "out")
    assert f"\u26a0 {tmp_path / 'out'} has the models of an earlier run (up to step 10, best score " in printed
    assert "The first evaluation of this run replaces them. To keep that run, stop now" in printed
    assert "add --resume" in printed
    assert not (tmp_path / "out/model-last/of_the_first").exists()
    assert (tmp_path / "out/notes.txt").read_text() == "mine"
    assert [row["step"] for row in read_journal(tmp_path / "out/training.jsonl")] == [0, 5, 10]
    run(make_config(tmp_path, {"system.seed": 9}), tmp_path / "clean")
    for name in ("model-best", "model-last"):
        assert everything(tmp_path / "out" / name) == everything(tmp_path / "clean" / name)
    _, printed = run(make_config(tmp_path), tmp_path / "new")
    assert "earlier run" not in printed


def test_a_run_that_saves_nothing_leaves_an_earlier_one_as_it_was(tmp_path: Path) -> None:
    run(make_config(tmp_path), tmp_path / "out")
    before = everything(tmp_path / "out")
    config = make_config(tmp_path)
    out = io.StringIO()
    config["training"]["before_update"] = {"@callbacks": "output_test.stop.v1"}
    with pytest.raises(TrainingInterrupted, match=r"before it saved anything; .*out is as it was\."):
        train(init_nlp(config), tmp_path / "out", stdout=out, stderr=io.StringIO())
    assert everything(tmp_path / "out") == before
    config["training"]["before_update"] = {"@callbacks": "output_test.poison.v1"}
    with pytest.raises(NonFiniteLossError) as caught:
        run(config, tmp_path / "out")
    assert "saved so far" not in str(caught.value)
    assert everything(tmp_path / "out") == before


def test_ctrl_c_in_the_first_step_keeps_what_there_is(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    config["training"]["before_update"] = {"@callbacks": "output_test.stop.v1"}
    with pytest.raises(TrainingInterrupted, match=r"after step 0\. The last model: .*model-last\. To go on"):
        train(init_nlp(config), tmp_path / "out", stdout=io.StringIO(), stderr=io.StringIO())
    assert load(tmp_path / "out/model-last").pipe_names == ["tok2vec", "tagger"]


# Two runs

SCRIPT = """
import io, sys
from pathlib import Path
sys.path.insert(0, {helpers!r})
from loop_helpers import make_config, run
run(make_config(Path(sys.argv[1])), Path(sys.argv[2]))
"""


def test_two_processes_write_the_same_bytes(tmp_path: Path) -> None:
    make_config(tmp_path)
    script = SCRIPT.format(helpers=str(Path(__file__).parent))
    for seed in ("1", "2"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        subprocess.run([sys.executable, "-c", script, str(tmp_path), str(tmp_path / seed)], env=environment, check=True)
    for name in ("model-best", "model-last"):
        one, other = everything(tmp_path / "1" / name), everything(tmp_path / "2" / name)
        assert one == other
        assert len(one) > 5
    assert weights(tmp_path / "1/model-last")


# Plugins


class Listener:
    """A plugin that writes down what it hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    @hookimpl
    def training_started(self, nlp: Any, config: Any, output: Path | None) -> None:
        self.heard.append(("started", config["training"]["max_steps"], output and output.name))

    @hookimpl
    def training_step(self, nlp: Any, info: Any) -> None:
        self.heard.append(("step", info["step"], sorted(info["losses"])))

    @hookimpl
    def before_save(self, nlp: Any, path: Path) -> None:
        self.heard.append(("before", path.name))

    @hookimpl
    def after_save(self, nlp: Any, path: Path) -> None:
        assert load(path).pipe_names == nlp.pipe_names
        self.heard.append(("after", path.name))

    @hookimpl
    def training_finished(self, nlp: Any, output: Path | None) -> None:
        assert output is None or load(output / "model-last")
        self.heard.append(("finished", output and output.name))


@pytest.fixture
def listener() -> Iterator[Listener]:
    plugins, heard = get_plugins(), Listener()
    plugins.add(heard, "listener-of-a-test")
    yield heard
    plugins.unregister(name="listener-of-a-test")


def test_plugins_hear_of_training_and_saving(tmp_path: Path, listener: Listener) -> None:
    run(make_config(tmp_path, {"training.max_steps": 1}), tmp_path / "out")
    both = [(what, name) for name in ("model-last", "model-best") for what in ("before", "after")]
    assert listener.heard[:6] == [("started", 1, "out"), *both, ("step", 0, ["tagger", "tok2vec"])]
    assert listener.heard[-3:] == [*both[:2], ("finished", "out")]
    listener.heard.clear()
    run(make_config(tmp_path, {"training.max_steps": 1}), None)
    assert [one[0] for one in listener.heard] == ["started", "step", "finished"]


def test_a_plugin_that_fails_does_not_end_a_run(tmp_path: Path, listener: Listener) -> None:
    def fail(self: Any, nlp: Any, info: Any) -> None:
        raise RuntimeError("no network")

    get_plugins().unregister(name="listener-of-a-test")
    broken = type("Broken", (), {"training_step": hookimpl(fail, specname="training_step")})()
    get_plugins().add(broken, "listener-of-a-test")
    message = r"hook training_step of a plugin failed, and training goes on: RuntimeError: no network \(.*\.py:\d+\)"
    with pytest.warns(SpanwrightWarning, match=message):
        run(make_config(tmp_path), tmp_path / "out")
    assert load(tmp_path / "out/model-best")
