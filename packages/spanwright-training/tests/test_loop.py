"""Training runs: what they learn, keep, and how they end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy
import pytest
from loop_helpers import make_config, run, weights, write_corpus

from spanwright import Language, load, registry
from spanwright.errors import ConfigError, SpanwrightWarning
from spanwright.tokens import Example
from spanwright_training.errors import (
    EmptyCorpusError,
    NonFiniteLossError,
    TrainingError,
    UnknownNameError,
    UnknownScoreError,
)
from spanwright_training.initialize import init_nlp


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "training.jsonl").read_text().splitlines()]


def test_a_run_learns_and_saves(tmp_path: Path) -> None:
    output = tmp_path / "out"
    _, printed = run(make_config(tmp_path, {"training.max_steps": 30}), output)
    found = rows(output)
    assert [row["step"] for row in found] == [0, 5, 10, 15, 20, 25, 30]
    assert found[-1]["score"] > 0.9 > found[0]["score"]
    assert "Training has ended: the best model (step " in printed
    best = max(found, key=lambda row: (row["score"], row["step"]))
    nlp = load(output / "model-best")
    assert nlp.meta["performance"]["tag_acc"] == best["score"]
    assert set(nlp.meta["performance"]) >= {"tag_acc", "tok2vec_loss", "tagger_loss"}
    assert [token.tag_ for token in nlp("every child paints the old door")] == [
        "DET",
        "NOUN",
        "VERB",
        "DET",
        "ADJ",
        "NOUN",
    ]
    assert load(output / "model-last").pipe_names == ["tok2vec", "tagger"]
    assert "<svg" in (output / "report.html").read_text()
    assert {path.name for path in output.iterdir()} == {
        "model-best", "model-last", "training.jsonl", "report.html", "checkpoint.msgpack"
    }  # fmt: skip


def test_one_seed_gives_the_same_weights_twice(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    run(config, tmp_path / "one")
    run(config, tmp_path / "two")
    assert weights(tmp_path / "one/model-last") == weights(tmp_path / "two/model-last")
    run(make_config(tmp_path, {"system.seed": 8}), tmp_path / "three")
    assert weights(tmp_path / "one/model-last") != weights(tmp_path / "three/model-last")


def test_the_last_model_has_the_averages(tmp_path: Path) -> None:
    nlp, _ = run(make_config(tmp_path), tmp_path / "out")
    saved = load(tmp_path / "out/model-last").get_pipe("tagger").model.get_ref("output_layer").get_param("W")
    own = nlp.get_pipe("tagger").model.get_ref("output_layer").get_param("W")
    assert abs(saved).max() > 0
    assert not numpy.array_equal(saved, own)


@pytest.mark.parametrize(
    ("overrides", "steps"),
    [
        ({"training.max_steps": 3}, [0, 1, 2, 3]),
        ({"training.max_steps": 0, "training.max_epochs": 2, "training.batcher.size.start": 60}, None),
        (
            {"training.max_steps": 0, "training.patience": 2, "training.optimizer.learn_rate.initial_rate": 0.0},
            [0, 1, 2],
        ),
    ],
)
def test_when_it_ends(tmp_path: Path, overrides: dict[str, Any], steps: list[int] | None) -> None:
    run(make_config(tmp_path, {"training.eval_frequency": 1, **overrides}), tmp_path / "out")
    found = rows(tmp_path / "out")
    if steps is None:
        assert {row["epoch"] for row in found} == {0, 1}
    else:
        assert [row["step"] for row in found] == steps


def test_a_streamed_corpus(tmp_path: Path) -> None:
    run(make_config(tmp_path, {"training.max_epochs": -1}), tmp_path / "out")
    assert rows(tmp_path / "out")[-1]["epoch"] > 0


def test_gradients_can_be_added_up(tmp_path: Path) -> None:
    run(make_config(tmp_path, {"training.accumulate_gradient": 3, "training.max_steps": 30}), tmp_path / "out")
    assert rows(tmp_path / "out")[-1]["score"] > 0.9


def test_frozen_components_stay_as_they_are(tmp_path: Path) -> None:
    run(make_config(tmp_path), tmp_path / "first")
    source = str(tmp_path / "first/model-last")
    config = make_config(tmp_path)
    config["components"] = {"tok2vec": {"source": source}, "tagger": {"source": source}}
    config["training"]["frozen_components"] = ["tok2vec"]
    _, printed = run(config, tmp_path / "second")
    assert "tok2vec > tagger (learning: tagger; frozen: tok2vec)" in printed
    assert "LOSS TOK2VEC" not in printed
    first, second = weights(tmp_path / "first/model-last"), weights(tmp_path / "second/model-last")
    assert first["tok2vec"] == second["tok2vec"]
    assert first["tagger"] != second["tagger"]


def test_a_frozen_upstream_without_a_source_keeps_what_it_begins_with(tmp_path: Path) -> None:
    config = make_config(tmp_path, {"training.frozen_components": ["tok2vec"], "training.max_steps": 30})
    begins = init_nlp(config).get_pipe("tok2vec").to_bytes()
    _, printed = run(config, tmp_path / "out")
    assert "learning: tagger; frozen: tok2vec" in printed
    assert load(tmp_path / "out/model-last").get_pipe("tok2vec").to_bytes() == begins
    assert rows(tmp_path / "out")[-1]["score"] > 0.5


@pytest.mark.parametrize(("use_gpu", "expected"), [(0, ["pytorch"]), (-1, [])])
def test_memory_of_a_gpu_comes_from_where_the_config_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, use_gpu: int, expected: list
) -> None:
    chosen: list[str] = []
    monkeypatch.setattr("thinc.api.set_gpu_allocator", chosen.append)
    init_nlp(make_config(tmp_path, {"system.gpu_allocator": "pytorch"}), use_gpu=use_gpu)
    assert chosen == expected


def test_a_frozen_listener_is_warned_of(tmp_path: Path) -> None:
    run(make_config(tmp_path), tmp_path / "first")
    config = make_config(tmp_path)
    config["components"]["tagger"] = {"source": str(tmp_path / "first/model-last")}
    config["training"]["frozen_components"] = ["tagger"]
    config["training"]["max_steps"] = 1
    with pytest.warns(SpanwrightWarning, match="'tagger' is frozen, and 'tok2vec', which it listens to, is not"):
        run(config, None)


def test_callbacks_and_schedules(tmp_path: Path) -> None:
    seen: list[tuple[str, Any]] = []

    @registry.callbacks("loop_test.update.v1")
    def make_update() -> Any:
        return lambda nlp, args: seen.append(("update", dict(args)))

    @registry.callbacks("loop_test.save.v1")
    def make_save() -> Any:
        def save(nlp: Language) -> Language:
            nlp.meta["description"] = "changed"
            return nlp

        return save

    config = make_config(tmp_path, {"training.max_steps": 2})
    config["training"]["before_update"] = {"@callbacks": "loop_test.update.v1"}
    config["training"]["before_to_disk"] = {"@callbacks": "loop_test.save.v1"}
    config["training"]["dropout"] = {
        "@schedules": "linear.v1",
        "initial_rate": 0.4,
        "final_rate": 0.1,
        "total_steps": 3,
    }
    if not registry.has("schedules", "linear.v1"):
        config["training"]["dropout"] = {"@schedules": "decaying.v1", "base_rate": 0.4, "decay": 0.1}
    run(config, tmp_path / "out")
    assert seen == [("update", {"step": step, "epoch": 0}) for step in range(3)]
    assert load(tmp_path / "out/model-last").meta["description"] == "changed"


def test_before_to_disk_must_give_a_pipeline(tmp_path: Path) -> None:
    @registry.callbacks("loop_test.nothing.v1")
    def make() -> Any:
        return lambda nlp: None

    config = make_config(tmp_path)
    config["training"]["before_to_disk"] = {"@callbacks": "loop_test.nothing.v1"}
    with pytest.raises(TrainingError, match="before_to_disk must return a pipeline.*returned NoneType"):
        run(config, tmp_path / "out")


def test_annotating_components_are_seen_by_later_ones(tmp_path: Path) -> None:
    seen: list[str] = []

    @Language.factory("loop_test_reader")
    def make(nlp: Language, name: str) -> Any:
        class Reader:
            def __call__(self, doc: Any) -> Any:
                return doc

            def update(self, examples: list[Example], **kwargs: Any) -> None:
                seen.extend(token.tag_ for example in examples for token in example.predicted)

        return Reader()

    config = make_config(tmp_path, {"training.max_steps": 1})
    config["nlp"]["pipeline"].append("reader")
    config["components"]["reader"] = {"factory": "loop_test_reader"}
    run(config, None)
    assert set(seen) == {""}
    seen.clear()
    config["training"]["annotating_components"] = ["tagger"]
    _, printed = run(config, None)
    assert set(seen) != {""}
    assert "annotating: tagger)" in printed


# What can be wrong


@pytest.mark.parametrize(
    ("overrides", "kind", "message"),
    [
        ({"training.frozen_components": ["taggr"]}, UnknownNameError, "frozen_components names 'taggr'.*mean 'tagger'"),
        (
            {"training.annotating_components": ["x"]},
            UnknownNameError,
            "annotating_components names 'x'.*tok2vec, tagger",
        ),
        ({"training.score_weights.tag_ac": 0.5}, UnknownScoreError, "weighs tag_ac, and no component.*mean 'tag_acc'"),
        ({"training.score_weights.dep_las": 0.5}, UnknownScoreError, "weighs dep_las, and no component"),
        ({"training.train_corpus": "corpora.trian"}, UnknownNameError, "names 'corpora.trian'.*mean 'corpora.train'"),
        ({"training.dev_corpus": "corpora.test"}, UnknownNameError, "dev_corpus names 'corpora.test'"),
        ({"training.accumulate_gradient": 0}, TrainingError, "accumulate_gradient must be at least 1; found 0"),
        ({"training.max_epochs": -2}, TrainingError, "max_epochs must be at least -1"),
        ({"training.eval_frequency": 0}, TrainingError, "eval_frequency must be at least 1"),
        ({"training.patience": -1}, TrainingError, "patience must be at least 0"),
        (
            {"training.dropout": 1.5},
            TrainingError,
            "dropout is the share of values to drop, .* found 1.5",
        ),
        ({"training.seed": "x"}, TrainingError, "seed must be a whole number from 0 on, or null for none; found 'x'"),
        ({"training.gpu_allocator": "cuda"}, TrainingError, "gpu_allocator must be pytorch or tensorflow, or null; f"),
        (
            {"training.score_weights.tag_acc": "all"},
            TrainingError,
            "tag_acc must be a number, or null to hide",
        ),
        ({"training.score_weights": 3}, TrainingError, "score_weights. must give each score a weight; found 3"),
        ({"training.frozen_components": ["tok2vec", "tagger"]}, TrainingError, "Nothing would be learned"),
    ],
)
def test_settings_that_cannot_be(
    tmp_path: Path, overrides: dict[str, Any], kind: type[Exception], message: str
) -> None:
    config = make_config(tmp_path)
    for path, value in overrides.items():
        section, _, key = path.rpartition(".")
        node = config
        for part in section.split("."):
            node = node[part]
        node[key] = value
    with pytest.raises(kind, match=f"(?s){message}") as caught:
        run(config, None)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("which", ["train", "dev"])
def test_a_corpus_that_is_missing_or_empty(tmp_path: Path, which: str) -> None:
    with pytest.raises(FileNotFoundError, match="nowhere.spacy"):
        run(make_config(tmp_path, {f"paths.{which}": "nowhere.spacy"}), tmp_path / "out")
    empty = write_corpus(tmp_path / "empty.spacy", 0)
    with pytest.raises(EmptyCorpusError, match="empty.spacy|has no examples"):
        run(make_config(tmp_path, {f"paths.{which}": str(empty)}), tmp_path / "out")
    with pytest.raises(
        ValueError, match=rf"\[corpora.{which}\], the corpus of \[training\] {which}_corpus, cannot be read"
    ):
        run(make_config(tmp_path, {f"paths.{which}": None}), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_data_without_the_labels(tmp_path: Path) -> None:
    plain = write_corpus(tmp_path / "plain.spacy", 20, tags=False)
    with pytest.raises(ValueError, match=r"'tagger' has no labels.*\[corpora.train\] have none of its annotation"):
        run(make_config(tmp_path, {"paths.train": str(plain)}), None)


def test_a_dev_corpus_without_the_annotation_is_warned_of(tmp_path: Path) -> None:
    plain = write_corpus(tmp_path / "plain.spacy", 20, tags=False)
    with pytest.warns(SpanwrightWarning, match="weighs tag_acc, and the dev corpus .corpora.dev. has no annotation"):
        run(make_config(tmp_path, {"paths.dev": str(plain), "training.max_steps": 1}), None)


@pytest.mark.parametrize(
    ("section", "settings", "message"),
    [
        (
            "initialize",
            {"components": {"taggr": {"labels": ["x"]}}},
            r"taggr\] is for a component that is not in",
        ),
        ("initialize", {"tokenizer": {"x": 1}}, r"\[initialize.tokenizer\] is not read"),
        ("initialize", {"init_tok2vec": "m.bin"}, r"init_tok2vec = 'm.bin' is not loaded: the config has no section"),
        ("training", {"score_weights": {"tag_acc": 0.0}}, r"All \[training.score_weights\] are 0 or null, so every"),
    ],
)
def test_settings_without_effect_are_warned_of(
    tmp_path: Path, section: str, settings: dict[str, Any], message: str
) -> None:
    config = make_config(tmp_path, {"training.max_steps": 1})
    config.setdefault(section, {}).update(settings)
    with pytest.warns(SpanwrightWarning, match=message):
        run(config, None)


# Settings of [initialize] and [training] that name files or functions


def test_labels_are_read_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "tagger.json").write_text('["DET", "NOUN", "VERB", "ADJ", "OTHER"]')
    config = make_config(tmp_path, {"training.max_epochs": -1, "training.max_steps": 1})
    labels = {"@readers": "spacy.read_labels.v1", "path": str(tmp_path / "tagger.json")}
    config["initialize"] = {"components": {"tagger": {"labels": labels}}}
    nlp, _ = run(config, None)
    assert nlp.get_pipe("tagger").labels == ("DET", "NOUN", "VERB", "ADJ", "OTHER")


def test_a_file_of_labels_that_lacks_one_of_the_data(tmp_path: Path) -> None:
    (tmp_path / "tagger.json").write_text('["DET", "NOUN"]')
    config = make_config(tmp_path, {"training.max_steps": 1})
    labels = {"@readers": "spacy.read_labels.v1", "path": str(tmp_path / "tagger.json")}
    config["initialize"] = {"components": {"tagger": {"labels": labels}}}
    message = r"component 'tagger' failed with a KeyError: .*label '(VERB|ADJ)', which the component does not have"
    with pytest.raises(ValueError, match=message) as caught:
        run(config, None)
    assert ".." not in str(caught.value) and "add_pipe" not in str(caught.value)


@pytest.mark.parametrize(
    "schedule",
    [
        {"@schedules": "constant.v1", "rate": 0.01},
        {"@schedules": "slanted_triangular.v1", "max_rate": 0.01, "num_steps": 50},
        {"@schedules": "cyclic_triangular.v1", "min_lr": 0.001, "max_lr": 0.02, "period": 4},
        {"@schedules": "decaying.v1", "base_rate": 0.01, "decay": 1e-4},
    ],
    ids=lambda schedule: schedule["@schedules"],
)
def test_schedules_of_the_learn_rate(tmp_path: Path, schedule: dict[str, Any]) -> None:
    config = make_config(tmp_path, {"training.max_steps": 3, "training.eval_frequency": 1})
    config["training"]["optimizer"]["learn_rate"] = schedule
    run(config, tmp_path / "out")
    rates = [row["learn_rate"] for row in rows(tmp_path / "out")]
    assert all(0 < rate <= 0.02 for rate in rates)
    assert (len(set(rates)) == 1) == (schedule["@schedules"] == "constant.v1")


def test_a_component_can_be_sourced_with_a_tok2vec_of_its_own(tmp_path: Path) -> None:
    run(make_config(tmp_path), tmp_path / "first")
    config = make_config(tmp_path)
    source = {"source": str(tmp_path / "first/model-last"), "replace_listeners": ["model.tok2vec"]}
    config["components"] = {"tagger": source}
    config["nlp"]["pipeline"] = ["tagger"]
    run(config, tmp_path / "second")
    assert load(tmp_path / "second/model-last").pipe_names == ["tagger"]
    assert rows(tmp_path / "second")[0]["score"] >= rows(tmp_path / "first")[-1]["score"]


def test_unknown_settings_of_our_own(tmp_path: Path) -> None:
    config = make_config(tmp_path)
    config["spanwright"] = {"training": {"checkpoint_evry": 3}}
    with pytest.raises(ConfigError, match="checkpoint_every"):
        run(config, None)


def test_a_loss_that_is_no_number_stops_the_run(tmp_path: Path) -> None:
    @registry.callbacks("loop_test.poison.v1")
    def make() -> Any:
        def poison(nlp: Language, args: dict[str, Any]) -> None:
            if args["step"] == 7:
                nlp.get_pipe("tagger").model.get_ref("output_layer").get_param("b")[:] = numpy.nan

        return poison

    config = make_config(tmp_path)
    run(config, tmp_path / "good")
    config["training"]["before_update"] = {"@callbacks": "loop_test.poison.v1"}
    output = tmp_path / "out"
    message = r"loss of tagger is nan in step 7 \(epoch \d\), on the batch of"
    with pytest.raises(NonFiniteLossError, match=message) as caught:
        run(config, output)
    assert caught.value.components == ["tagger"]
    assert caught.value.step == 7
    assert isinstance(caught.value, ValueError)
    assert [row["step"] for row in rows(output)] == [0, 5]
    for name in ("model-best", "model-last"):
        model = load(output / name).get_pipe("tagger").model
        assert numpy.isfinite(model.get_ref("output_layer").get_param("b")).all()
    page = (output / "report.html").read_text()
    assert "<svg" in page and "Broken off after step 6: The loss of tagger is nan" in page


def test_without_a_folder_nothing_is_written(tmp_path: Path) -> None:
    before = {path.name for path in tmp_path.iterdir()}
    nlp, printed = run(make_config(tmp_path), None)
    assert {path.name for path in tmp_path.iterdir()} - before == {"train.spacy", "dev.spacy"}
    assert "has ended" not in printed
    assert nlp("the boat")[0].tag_
