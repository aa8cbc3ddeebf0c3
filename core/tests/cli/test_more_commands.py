"""`assemble`, `find-threshold`, `benchmark speed` and `benchmark accuracy`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.cli import main
from spanwright.cli.assemble import assemble
from spanwright.cli.benchmark_speed import benchmark_speed, summarize
from spanwright.cli.find_threshold import NoScorerError, find_threshold
from spanwright.errors import DataFormatError, InvalidValueError, MissingFileError, SpanwrightError
from spanwright.language import Language
from spanwright.tokens import Doc, DocBin

CODE = '''
from spanwright.language import Language


class LongWords:
    """Calls a text long if the share of its words of four letters and more reaches a threshold."""

    def __init__(self, name, threshold):
        self.name, self.cfg = name, {"threshold": threshold}
        self.scorer = None

    def __call__(self, doc):
        share = sum(len(token.text) > 3 for token in doc) / max(len(doc), 1)
        doc.cats = {"LONG": float(share >= self.cfg["threshold"])}
        return doc

    def pipe(self, docs, *, batch_size=1):
        yield from map(self, docs)

    def score(self, examples, **settings):
        right = [eg.predicted.cats["LONG"] == eg.reference.cats["LONG"] for eg in examples]
        return {"long_acc": sum(right) / len(right), "long_all": {"LONG": 1.0}}


@Language.factory("long_words_of_test", default_config={"threshold": 0.9})
def make(nlp, name, threshold: float):
    return LongWords(name, threshold)
'''


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from spanwright.util import import_file

    path = tmp_path_factory.mktemp("commands")
    (path / "long.py").write_text(CODE)
    import_file("python_code", path / "long.py")
    nlp = spanwright.blank("xy")
    nlp.add_pipe("long_words_of_test", name="long")
    nlp.to_disk(path / "pipeline")
    docs = []
    for text, label in (("house boat a tree", 1.0), ("a b house boat", 1.0), ("a b c house", 0.0), ("a b c d", 0.0)):
        doc = nlp.make_doc(text)
        doc.cats = {"LONG": label}
        docs.append(doc)
    DocBin(docs=docs).to_disk(path / "dev.spacy")
    return path


def test_find_threshold(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["find-threshold", str(folder / "pipeline"), str(folder / "dev.spacy"), "long", "threshold", "long_acc"]
    assert main([*words, "--code", str(folder / "long.py"), "-n", "5"]) == 0
    printed = capsys.readouterr().out
    assert "Threshold   long_acc" in printed
    assert "Best threshold: 0.5 with long_acc of 1.0000" in printed
    best, score, scores = find_threshold(
        folder / "pipeline", folder / "dev.spacy", "long", "threshold", "long_acc", n_trials=3
    )
    assert (best, score) == (0.5, 1.0)
    assert scores == {0.0: 0.5, 0.5: 1.0, 1.0: 0.5}


def test_scores_that_do_not_change(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    find_threshold(
        folder / "pipeline", folder / "dev.spacy", "long", "threshold", "token_acc", n_trials=2, silent=False
    )  # fmt: skip
    assert "All scores are the same: this threshold does not change them" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "kind", "message"),
    [
        (("longg", "threshold", "long_acc"), KeyError, "longg"),
        (("long", "treshold", "long_acc"), ValueError, r"\[components\.long\] has no setting 'treshold'\. It has: "),
        (("long", "factory", "long_acc"), ValueError, "components.long.factory is no threshold: expected a number"),
        (("long", "threshold", "long_f"), ValueError, r"There is no score 'long_f'\. There are: .*long_acc"),
        (("long", "threshold", "long_all"), ValueError, "The score 'long_all' is no number, found dict"),
    ],
)
def test_mistakes(folder: Path, arguments: tuple[str, str, str], kind: Any, message: str) -> None:
    with pytest.raises(kind, match=message) as caught:
        find_threshold(folder / "pipeline", folder / "dev.spacy", *arguments, n_trials=2)
    assert isinstance(caught.value, SpanwrightError)


def test_more_mistakes(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingFileError, match="There is no data .*none"):
        find_threshold(folder / "pipeline", folder / "none", "long", "threshold", "long_acc")
    with pytest.raises(InvalidValueError, match="--n_trials: .* at least 2 are needed, found 1"):
        find_threshold(folder / "pipeline", folder / "dev.spacy", "long", "threshold", "long_acc", n_trials=1)

    @Language.component("nothing_of_test")
    def nothing(doc: Doc) -> Doc:
        return doc

    nlp = spanwright.blank("xy")
    nlp.add_pipe("nothing_of_test")
    nlp.to_disk(tmp_path / "pipeline")
    with pytest.raises(NoScorerError, match="'nothing_of_test' has no scorer"):
        find_threshold(tmp_path / "pipeline", folder / "dev.spacy", "nothing_of_test", "threshold", "x")


def test_benchmark_speed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["benchmark", "speed", str(folder / "pipeline"), str(folder / "dev.spacy"), "-c", str(folder / "long.py")]
    assert main([*words, "-b", "2", "--batches", "30", "-w", "1"]) == 0
    printed = capsys.readouterr().out
    assert "Mean: " in printed
    assert " words/s (95% CI: -" in printed
    assert "in 30 batches" in printed
    assert main([*words, "--batches", "3"]) == 2
    assert "expected a whole number of 30 or more, found '3'" in capsys.readouterr().err
    speed = benchmark_speed(
        folder / "pipeline", folder / "dev.spacy", batch_size=3, shuffle=False, n_batches=4, warmup_epochs=0
    )  # fmt: skip
    assert len(speed.samples) == 4
    assert speed.low <= speed.mean <= speed.high


def test_nothing_to_measure(folder: Path, tmp_path: Path) -> None:
    DocBin().to_disk(tmp_path / "empty.spacy")
    with pytest.raises(DataFormatError, match=r"empty\.spacy holds no Docs, so there is nothing to measure"):
        benchmark_speed(folder / "pipeline", tmp_path / "empty.spacy")
    with pytest.raises(MissingFileError, match="There is no data"):
        benchmark_speed(folder / "pipeline", tmp_path / "none")


def test_outliers() -> None:
    speed = summarize([10.0, 10.5, 11.0, 11.5, 12.0] * 4 + [13.6, 60.0])
    assert (speed.outliers, speed.extreme) == (1 / 22, 1 / 22)
    assert speed.low < speed.mean < speed.high


def test_benchmark_accuracy_is_evaluate(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["evaluate"], ["benchmark", "accuracy"]):
        data = [str(folder / "pipeline"), str(folder / "dev.spacy"), "--code", str(folder / "long.py")]
        assert main([*words, *data]) == 0
        assert "TOK" in capsys.readouterr().out
    assert main(["benchmark"]) == 2
    assert "benchmark accuracy" in capsys.readouterr().out


def test_assemble(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = tmp_path / "config.cfg"
    config.write_text(
        '[nlp]\nlang = "xy"\npipeline = ["long", "other"]\n\n[components]\n\n'
        '[components.long]\nfactory = "long_words_of_test"\n\n'
        f'[components.other]\nsource = "{folder / "pipeline"}"\ncomponent = "long"\n'
    )
    words = ["assemble", str(config), str(tmp_path / "out"), "--code", str(folder / "long.py")]
    assert main([*words, "--components.long.threshold", "0.25"]) == 0
    assert f"Saved {tmp_path / 'out'}: long, other." in capsys.readouterr().err
    nlp = spanwright.load(tmp_path / "out")
    assert nlp.get_pipe("long").cfg == {"threshold": 0.25}
    with pytest.raises(MissingFileError, match="There is no config .*none.cfg. Write one with: spanwright init config"):
        assemble("none.cfg", tmp_path / "out")
