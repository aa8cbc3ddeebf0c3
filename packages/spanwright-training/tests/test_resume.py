"""A run that was broken off ends with the weights of one that was not."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from loop_helpers import make_config, run, weights

from spanwright import load, registry
from spanwright_training.checkpoint import FILE
from spanwright_training.errors import NoCheckpointError, ResumeError, TrainingError, TrainingInterrupted
from spanwright_training.initialize import init_nlp
from spanwright_training.interrupts import Interrupts
from spanwright_training.journal import read_journal
from spanwright_training.loop import train

VARIANTS: dict[str, dict[str, Any]] = {
    "plain": {},
    "streamed": {"training.max_epochs": -1},
    "radam": {"training.optimizer.@optimizers": "RAdam.v1"},
    "sum": {"training.accumulate_gradient": 2, "training.optimizer.use_averages": False},
}


class StopError(Exception):
    """What breaks a run off."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole")


def stop_at(nlp: Any, step: int) -> None:
    """Let a run end with an error at a step."""
    update = nlp.update
    calls = iter(range(10**6))

    def stopped(*args: Any, **kwargs: Any) -> Any:
        if next(calls) == step:
            raise StopError
        return update(*args, **kwargs)

    nlp.update = stopped


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("step", [3, 11])
def test_weights_are_bit_equal(tmp_path: Path, variant: str, step: int) -> None:
    config = make_config(tmp_path, VARIANTS[variant])
    config["spanwright"] = {"training": {"checkpoint_every": 2}}
    run(config, tmp_path / "whole")
    nlp = init_nlp(config)
    stop_at(nlp, step * VARIANTS[variant].get("training.accumulate_gradient", 1))
    with pytest.raises(StopError):
        train(nlp, tmp_path / "broken", stdout=io.StringIO(), stderr=io.StringIO())
    _, printed = run(config, tmp_path / "broken", resume=True)
    assert "Going on after step" in printed
    for name in ("model-best", "model-last"):
        assert weights(tmp_path / "whole" / name) == weights(tmp_path / "broken" / name)
    one, other = (read_journal(tmp_path / name / "training.jsonl") for name in ("whole", "broken"))
    for row in (*one, *other):
        row["seconds"] = row["scores"]["speed"] = 0
    assert one == other


def test_a_run_can_be_made_longer(tmp_path: Path) -> None:
    run(make_config(tmp_path, {"training.max_steps": 20}), tmp_path / "long")
    run(make_config(tmp_path, {"training.max_steps": 10}), tmp_path / "short")
    run(make_config(tmp_path, {"training.max_steps": 20}), tmp_path / "short", resume=True)
    assert weights(tmp_path / "long/model-last") == weights(tmp_path / "short/model-last")


def test_a_run_that_has_ended_changes_nothing(tmp_path: Path) -> None:
    run(make_config(tmp_path), tmp_path / "out")
    before = weights(tmp_path / "out/model-last")
    run(make_config(tmp_path), tmp_path / "out", resume=True)
    assert weights(tmp_path / "out/model-last") == before


def test_what_cannot_be_resumed(tmp_path: Path) -> None:
    with pytest.raises(NoCheckpointError, match="nothing to resume in .*out: it has no checkpoint.msgpack"):
        run(make_config(tmp_path), tmp_path / "out", resume=True)
    with pytest.raises(TrainingError, match="give the output folder"):
        train(init_nlp(make_config(tmp_path)), None, resume=True)
    run(make_config(tmp_path), tmp_path / "out")
    with pytest.raises(ResumeError, match=r"training.dropout: 0.2 then, 0.5 now\. Use the config"):
        run(make_config(tmp_path, {"training.dropout": 0.5}), tmp_path / "out", resume=True)
    saved = (tmp_path / "out" / FILE).read_bytes()
    (tmp_path / "out" / FILE).write_bytes(saved[: len(saved) // 2])
    with pytest.raises(ValueError, match="checkpoint.msgpack: this is no complete message"):
        run(make_config(tmp_path), tmp_path / "out", resume=True)


def test_nothing_is_unpickled(tmp_path: Path) -> None:
    from spanwright_tokens.io import read_msgpack

    run(make_config(tmp_path), tmp_path / "out")
    state = read_msgpack((tmp_path / "out" / FILE).read_bytes())
    assert set(state) == {"version", "config", "progress", "position", "optimizer", "components"}


def test_ctrl_c_ends_the_step_and_says_how_to_go_on(tmp_path: Path) -> None:
    @registry.callbacks("resume_test.interrupt.v1")
    def make() -> Any:
        def interrupt(nlp: Any, args: dict[str, Any]) -> None:
            if args["step"] == 7 and not nlp.meta.get("resumed"):
                os.kill(os.getpid(), signal.SIGINT)

        return interrupt

    config = make_config(tmp_path)
    run(config, tmp_path / "whole")
    config["training"]["before_update"] = {"@callbacks": "resume_test.interrupt.v1"}
    out = io.StringIO()
    before = signal.getsignal(signal.SIGINT)
    with pytest.raises(TrainingInterrupted, match="stopped after step 7"):
        train(init_nlp(config), tmp_path / "out", stdout=out, stderr=io.StringIO())
    assert "run the same command with --resume" in out.getvalue()
    assert "Stopped by hand after step 7." in (tmp_path / "out/report.html").read_text()
    assert str(tmp_path / "out/model-best") in out.getvalue()
    assert load(tmp_path / "out/model-last").pipe_names == ["tok2vec", "tagger"]
    assert signal.getsignal(signal.SIGINT) is before
    run(config, tmp_path / "out", resume=True)
    assert weights(tmp_path / "whole/model-last") == weights(tmp_path / "out/model-last")


def test_interrupts_wait_for_the_end_of_a_block() -> None:
    with Interrupts() as interrupts:
        reached = False
        with pytest.raises(KeyboardInterrupt), interrupts.held():
            os.kill(os.getpid(), signal.SIGTERM)
            time.sleep(0.01)
            reached = True
        assert reached
    with Interrupts(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)
        time.sleep(1)


SCRIPT = """
import io, os, signal, sys
from pathlib import Path
sys.path.insert(0, {helpers!r})
from loop_helpers import make_config
from spanwright_training import checkpoint, saving
from spanwright_training.initialize import init_nlp
from spanwright_training.loop import train
import spanwright_tokens._folders as folders
import spanwright.language.evaluation as evaluation

folder, output, moment, count = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
left = [count]

def killer(inner):
    def call(*args, **kwargs):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
        return inner(*args, **kwargs)
    return call

nlp = init_nlp(make_config(folder))
if moment == "step":
    nlp.update = killer(nlp.update)
elif moment == "evaluation":
    nlp.get_pipe("tagger").predict = killer(nlp.get_pipe("tagger").predict)
elif moment == "saving":
    nlp.get_pipe("tagger").to_disk = killer(nlp.get_pipe("tagger").to_disk)
elif moment == "exchange":
    folders._exchange = killer(folders._exchange)
elif moment == "state":
    Path.replace = killer(Path.replace)
train(nlp, output, stdout=io.StringIO(), stderr=io.StringIO(), resume=(output / checkpoint.FILE).is_file())
"""


@pytest.mark.parametrize(
    ("moment", "count"), [("step", 8), ("evaluation", 2), ("saving", 3), ("exchange", 3), ("exchange", 4), ("state", 4)]
)
def test_a_kill_at_any_moment(tmp_path: Path, whole: Path, moment: str, count: int) -> None:
    if not (whole / "out").exists():
        run(make_config(whole), whole / "out")
    make_config(tmp_path)
    for name in ("train.spacy", "dev.spacy"):
        (tmp_path / name).write_bytes((whole / name).read_bytes())
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(helpers=str(Path(__file__).parent)))

    def go(moment: str) -> int:
        command = [sys.executable, str(script), str(tmp_path), str(tmp_path / "out"), moment, str(count)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode in (0, -signal.SIGKILL), done.stderr[-2000:]
        return done.returncode

    assert go(moment) == -signal.SIGKILL
    for name in ("model-best", "model-last"):
        if (tmp_path / "out" / name).exists():
            assert load(tmp_path / "out" / name).pipe_names == ["tok2vec", "tagger"]
    assert go("never") == 0
    assert not [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]
    for name in ("model-best", "model-last"):
        assert weights(whole / "out" / name) == weights(tmp_path / "out" / name)
