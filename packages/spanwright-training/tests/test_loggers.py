"""What a run prints, logs and shows."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spanwright import registry
from spanwright_training.charts import line_chart, ticks
from spanwright_training.errors import TrainingError
from spanwright_training.journal import Journal, read_journal
from spanwright_training.progress import Bar
from spanwright_training.report import render_report, write_report

INFO: dict[str, Any] = {
    "epoch": 2, "step": 200, "score": 0.8251, "losses": {"tok2vec": 12.3456, "morphologizer": 1000.0},
    "other_scores": {"morph_acc": 0.91, "speed": 999.5, "morph_per_feat": {"Case": {"p": 1.0, "r": 0.5, "f": 0.67}}},
    "words": 5000, "seconds": 3, "checkpoints": [],
}  # fmt: skip
# As spaCy 3.8.18 prints it for the same numbers.
TABLE = [
    "E    #       LOSS TOK2VEC  LOSS MORPH...  MORPH_ACC  SPEED   SCORE ",
    "---  ------  ------------  -------------  ---------  ------  ------",
    "  2     200         12.35        1000.00      91.00  999.50    0.83",
]


def pipeline(**training: Any) -> Any:
    trainable = SimpleNamespace(is_trainable=True)
    pipes = [("tok2vec", trainable), ("ruler", SimpleNamespace()), ("morphologizer", trainable)]
    weights = {"morph_acc": 1.0, "hidden": None, "speed": 0.0}
    config = {"training": {"max_steps": 400, "eval_frequency": 100, "score_weights": weights, **training}}
    return SimpleNamespace(pipeline=pipes, config=config)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    "name", ["spacy.ConsoleLogger.v1", "spacy-legacy.ConsoleLogger.v1", "spacy-legacy.ConsoleLogger.v2",
             "spacy.ConsoleLogger.v2", "spacy.ConsoleLogger.v3"]
)  # fmt: skip
def test_the_table(name: str) -> None:
    out, err = io.StringIO(), io.StringIO()
    log_step, finalize = registry.loggers.get(name)()(pipeline(), out, err)
    log_step(None)
    log_step(INFO)
    finalize()
    lines = out.getvalue().splitlines()
    assert lines == TABLE
    assert err.getvalue() == ""


@pytest.mark.parametrize(
    ("name", "value"), [("spacy-legacy.ConsoleLogger.v1", True), ("spacy.ConsoleLogger.v3", "eval"),
                        ("spacy.ConsoleLogger.v3", "train")]
)  # fmt: skip
def test_a_bar_on_a_terminal_only(name: str, value: Any) -> None:
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        log_step, finalize = registry.loggers.get(name)(progress_bar=value)(pipeline(), io.StringIO(), stream)
        log_step(INFO)
        log_step(None)
        finalize()
        assert bool(stream.getvalue()) == shown


def test_lines_of_json(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "log.jsonl"
    out = io.StringIO()
    logger = registry.loggers.get("spacy.ConsoleLogger.v2")(console_output=False, output_file=path)
    log_step, finalize = logger(pipeline(), out, io.StringIO())
    log_step(INFO)
    finalize()
    assert json.loads(path.read_text()) == {
        "epoch": 2, "step": 200, "losses": {"tok2vec": 12.3456, "morphologizer": 1000.0},
        "scores": {"morph_acc": 91.0, "speed": 999.5}, "score": 0.8251,
    }  # fmt: skip
    assert "Losses and scores are also written to" in out.getvalue()
    assert "12.35" not in out.getvalue()
    before = path.read_text()
    again = registry.loggers.get("spacy.ConsoleLogger.v3")(output_file=path)(pipeline(), out, io.StringIO())
    again[0](INFO)
    again[1]()
    assert "is there already and is left as it is" in out.getvalue()
    assert path.read_text() == before


def test_what_a_console_logger_cannot_do() -> None:
    with pytest.raises(TrainingError, match="progress_bar is 'train', 'eval' or null; found 'always'"):
        registry.loggers.get("spacy.ConsoleLogger.v3")("always")
    nlp = pipeline(score_weights={"morph_per_feat": 0.0})
    log_step, _ = registry.loggers.get("spacy.ConsoleLogger.v3")()(nlp, io.StringIO(), io.StringIO())
    with pytest.raises(TrainingError, match="morph_per_feat: the table shows numbers, and this score is a dict"):
        log_step(INFO)


def test_a_chain() -> None:
    seen: list[Any] = []

    def logger(number: int) -> Any:
        return lambda nlp, out, err: (lambda info: seen.append((number, info)), lambda: seen.append(number))

    log_step, finalize = registry.loggers.get("spacy.ChainLogger.v1")(logger(1), logger3=logger(3))(None)
    log_step(None)
    finalize()
    assert seen == [(1, None), (3, None), 1, 3]
    with pytest.raises(TrainingError, match="at least one logger"):
        registry.loggers.get("spacy.ChainLogger.v1")()


def test_looked_up_values() -> None:
    make = registry.loggers.get("spacy.LookupLogger.v1")
    out = io.StringIO()
    log_step, _ = make(["^losses", "acc$"])(None, out, io.StringIO())
    log_step(None)
    log_step(INFO)
    assert out.getvalue().splitlines() == [
        "losses.tok2vec -> 12.3456", "losses.morphologizer -> 1000.0", "other_scores.morph_acc -> 0.91",
    ]  # fmt: skip
    with pytest.raises(TrainingError, match="at least one pattern"):
        make([])
    with pytest.raises(TrainingError, match=r"'\)' is no regular expression"):
        make([")"])


def test_the_bar_of_a_run() -> None:
    training = pipeline().config["training"]
    terminal = Terminal()
    bar = Bar(training, terminal, first=3)
    bar.advance()
    bar.advance(0.5)
    with bar.hidden():
        pass
    bar.close()
    assert "Training" in terminal.getvalue()
    assert "/401" in terminal.getvalue()
    assert "step/s" in terminal.getvalue() or "s/step" in terminal.getvalue() or "?step" in terminal.getvalue()
    for quiet, settings in ((io.StringIO(), training), (Terminal(), {**training, "logger": {"progress_bar": True}})):
        bar = Bar(settings, quiet)
        bar.advance(0.5)
        bar.close()
        assert quiet.getvalue() == ""


def test_the_log(tmp_path: Path) -> None:
    log = Journal(tmp_path)
    for step in (0, 100, 200):
        log.add({**INFO, "step": step, "score": float("nan") if not step else 0.5}, is_best=False)
    path = tmp_path / "training.jsonl"
    assert [row["step"] for row in read_journal(path)] == [0, 100, 200]
    assert read_journal(path)[0]["score"] is None
    path.write_bytes(path.read_bytes()[:-20])
    assert [row["step"] for row in read_journal(path)] == [0, 100]
    Journal(tmp_path, after=50)
    assert [row["step"] for row in read_journal(path)] == [0]
    new = Journal(tmp_path)
    assert new.is_new and [row["step"] for row in read_journal(path)] == [0]  # kept until there is something new
    new.add({**INFO, "step": 7}, is_best=True)
    assert [row["step"] for row in read_journal(path)] == [7]


# The page


class Page(HTMLParser):
    """Checks that tags close, and keeps links."""

    VOID = frozenset({"meta", "link", "br", "img", "th"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.links: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.links += [value for key, value in attrs if key in ("href", "src")]
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: Any) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def rows(count: int) -> list[dict[str, Any]]:
    return [
        {**{key: INFO[key] for key in ("epoch", "losses", "words", "seconds")}, "step": n * 10, "score": 0.5 + n / 100,
         "scores": INFO["other_scores"], "is_best": True}
        for n in range(count)
    ]  # fmt: skip


@pytest.mark.parametrize("count", [0, 1, 2, 9])
def test_the_page_stands_alone(tmp_path: Path, count: int) -> None:
    config = {"training": {"score_weights": {"morph_acc": 1.0, "speed": 0.0}}, "nlp": {"lang": "<b>"}}
    text = render_report(rows(count), title="a <pipeline>", config=config)
    page = Page(text)
    assert page.links == []
    assert not re.search(r"https?://|@import|<script", text)
    assert "a &lt;pipeline&gt;" in text
    assert "<b>&" not in text
    assert text.count("<svg viewBox") == (2 if count else 0)
    assert ("Morphological features" in text) == bool(count)
    if not count:
        assert "Nothing has been evaluated yet" in text


def test_the_page_marks_the_model_that_was_kept(tmp_path: Path) -> None:
    for step, score in ((0, 0.2), (10, 0.7), (20, 0.7), (30, 0.6)):
        Journal(tmp_path, after=step).add({**INFO, "step": step, "score": score}, is_best=False)
    text = write_report(tmp_path).read_text()
    assert "best: step 20" in text
    assert text.count('<tr class="best">') == 1


@given(st.floats(-1e6, 1e6), st.floats(0, 1e6))
def test_ticks_enclose_the_numbers(low: float, span: float) -> None:
    found = ticks(low, low + span)
    assert found == sorted(set(found))
    slack = max(abs(low), span, 1e-6) * 1e-6
    assert found[0] <= low + slack
    assert found[-1] >= low + span - slack
    assert 2 <= len(found) <= 9


def test_a_chart_without_numbers() -> None:
    assert "No numbers" in line_chart({"x": [(0, float("nan"))]}, label="x")
    assert line_chart({"x": [(0, 1.0)], "y": [(0, float("inf"))]}, label="x").count("<polyline") == 2
