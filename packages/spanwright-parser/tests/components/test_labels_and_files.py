"""Labels that are added, and saving and loading."""

from __future__ import annotations

import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from parser_kit import annotation, examples, network, pipeline, trained
from thinc.api import Adam

import spanwright
from spanwright.errors import DataFormatError, MissingFileError, ModelDataError
from spanwright.tokens import Doc
from spanwright_parser.components.transition_parser import NotALabelError

IDS = np.array([[0, -1, 2], [4, 1, 1]], dtype="int32")


def scores(pipe: Any, docs: Any, places: int) -> Any:
    ids = np.random.default_rng(0).integers(-1, 5, size=(6, places)).astype("int32")
    return pipe._open_steps(docs, is_train=False).predict(ids)


@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("factory", ["parser", "ner", "beam_parser", "beam_ner"])
def test_adding_saving_and_training_again_and_again_keeps_old_scores(
    factory: str, shared: bool, tmp_path: Path
) -> None:
    nlp = trained(factory, shared=shared, steps=10)
    places = 8 if "parser" in factory else 3
    optimizer = Adam(0.001)
    for number in range(3):
        pipe = nlp.get_pipe(factory)
        docs = [example.x for example in examples(nlp)]
        before, known = scores(pipe, docs, places), pipe.moves.n_moves
        annotated = [annotation(nlp(doc.copy())) for doc in docs]
        assert pipe.add_label(f"NEW{number}") == 1
        assert pipe.add_label(f"NEW{number}") == 0
        assert np.allclose(scores(pipe, docs, places)[:, :known], before, atol=1e-6)
        assert [annotation(nlp(doc.copy())) for doc in docs] == annotated
        nlp.to_disk(tmp_path / str(number))
        nlp = spanwright.load(tmp_path / str(number))
        pipe = nlp.get_pipe(factory)
        docs = [example.x for example in examples(nlp)]
        assert f"NEW{number}" in pipe.labels
        after = scores(pipe, docs, places)
        # An action may have been right once, and have no weights yet: after loading it counts as not met.
        has_weights = pipe.model.get_ref("upper").get_param("W")[:known].any(axis=1)
        assert np.allclose(after[:, :known][:, has_weights], before[:, has_weights], atol=1e-6)
        assert (after[:, known:] == after.min()).all()
        assert [annotation(nlp(doc.copy())) for doc in docs] == annotated
        nlp.update(examples(nlp), sgd=optimizer)


@pytest.mark.parametrize(("version", "network"), [("v2", {"use_upper": False}), ("v2", {}), ("v3", {})])
@pytest.mark.parametrize("factory", ["parser", "ner"])
@pytest.mark.filterwarnings("ignore:The saved pipeline cannot be loaded by spaCy")
def test_an_added_label_stays_unseen_in_files(
    factory: str, version: str, network: dict[str, bool], tmp_path: Path
) -> None:
    """Scores of old labels may all be negative; those of an added one, 0 without the mask, must not be the best."""
    nlp = trained(factory, version=version, steps=2, **network)
    pipe = nlp.get_pipe(factory)
    output = pipe.model.layers[2 if pipe.model.attrs["has_upper"] else 1]
    output.set_param("b", output.get_param("b") - 100.0)
    docs = [example.x for example in examples(nlp)]
    expected = [annotation(nlp(doc.copy())) for doc in docs]
    known = pipe.moves.n_moves
    pipe.add_label("NEW")
    nlp.to_disk(tmp_path)
    other = spanwright.load(tmp_path)
    assert other.get_pipe(factory).model.attrs["unseen_classes"] >= set(range(known, pipe.moves.n_moves))
    words = [[token.text for token in doc] for doc in docs]
    assert [annotation(other(Doc(other.vocab, words=one))) for one in words] == expected
    other.update(examples(other), sgd=Adam(0.001))


def test_a_label_is_a_string() -> None:
    with pytest.raises(NotALabelError, match="takes strings as labels, but got int"):
        pipeline("ner").get_pipe("ner").add_label(3)
    assert issubclass(NotALabelError, ValueError)


def test_labels_before_initialization() -> None:
    nlp = pipeline("parser", "ner")
    assert nlp.get_pipe("ner").add_label("PER") == 1
    assert nlp.get_pipe("parser").add_label("nsubj") == 1
    assert nlp.get_pipe("parser").labels == ("nsubj",)
    assert nlp.get_pipe("ner").labels == ("PER",)
    assert "U-" not in nlp.get_pipe("ner").move_names
    assert nlp.get_pipe("ner").is_resizable


def test_the_cfg_is_the_peers() -> None:
    expected = {
        "moves": None, "update_with_oracle_cut_size": 100, "multitasks": [], "min_action_freq": 1,
        "learn_tokens": False, "beam_width": 1, "beam_density": 0.0, "beam_update_prob": 0.0,
        "incorrect_spans_key": None,
    }  # fmt: skip
    pipe = pipeline("ner").get_pipe("ner")
    assert list(pipe.cfg.items()) == list(expected.items())
    assert pipe.incorrect_spans_key is None
    assert pipe.tok2vec is pipe.model.get_ref("tok2vec")
    with_key = pipeline("ner", config={"incorrect_spans_key": "wrong"}).get_pipe("ner")
    assert with_key.moves.neg_key == "wrong"


@pytest.mark.parametrize("factory", ["parser", "ner", "beam_ner"])
def test_bytes_disk_and_pickle(factory: str, tmp_path: Path) -> None:
    nlp = trained(factory, steps=5)
    pipe = nlp.get_pipe(factory)
    docs = [example.x for example in examples(nlp)]
    expected = [annotation(nlp(doc.copy())) for doc in docs]
    assert sorted(path.name for path in (_saved(pipe, tmp_path)).iterdir()) == ["cfg", "model", "moves"]
    for way in ("bytes", "disk", "pickle"):
        if way == "pickle":
            other = pickle.loads(pickle.dumps(nlp))
            assert other.get_pipe(factory).moves.strings is other.vocab.strings
        else:
            other = pipeline(factory)
            for text in nlp.vocab.strings:
                other.vocab.strings.add(text)
            if way == "bytes":
                other.get_pipe(factory).from_bytes(pipe.to_bytes(exclude=["vocab"]))
            else:
                other.get_pipe(factory).from_disk(tmp_path / "saved", exclude=["vocab"])
        assert other.get_pipe(factory).to_bytes(exclude=["vocab"]) == pipe.to_bytes(exclude=["vocab"])
        again = [
            annotation(other(spanwright.tokens.Doc(other.vocab, words=[token.text for token in doc]))) for doc in docs
        ]
        assert again == expected


def _saved(pipe: Any, folder: Path) -> Path:
    pipe.to_disk(folder / "saved", exclude=["vocab"])
    return folder / "saved"


def test_the_vocabulary_is_saved_unless_left_out(tmp_path: Path) -> None:
    pipe = trained("ner", steps=1).get_pipe("ner")
    pipe.to_disk(tmp_path / "whole")
    assert (tmp_path / "whole" / "vocab").is_dir()
    other = pipeline("ner").get_pipe("ner")
    other.from_disk(tmp_path / "whole")
    other.from_bytes(pipe.to_bytes())
    assert other.labels == pipe.labels


def states_of(pipe: Any) -> Any:
    unseen = sorted(pipe.model.attrs["unseen_classes"])
    return pipe.to_bytes(exclude=["vocab"]), dict(pipe.cfg), pipe.moves.move_names, unseen


def _remove(name: str) -> Any:
    return lambda folder: (folder / name).unlink()


def _write(name: str, data: bytes) -> Any:
    return lambda folder: (folder / name).write_bytes(data)


def _halve(name: str) -> Any:
    def halve(folder: Path) -> None:
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[: len(data) // 2])

    return halve


DAMAGE: dict[str, tuple[Any, type[Exception], str]] = {
    "no moves": (_remove("moves"), MissingFileError, "moves: the actions of component 'ner' are missing"),
    "no model": (_remove("model"), MissingFileError, "model: the weights of component 'ner' are missing"),
    "short moves": (_halve("moves"), DataFormatError, "moves"),
    "foreign moves": (_write("moves", b"\x81\xa1a\x01"), DataFormatError, "moves: expected a message with the entry"),
    "short model": (_halve("model"), ModelDataError, "truncated"),
    "foreign cfg": (_write("cfg", b"[1]"), DataFormatError, "expected the component's settings as a JSON map"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_a_load_that_fails_changes_nothing(damage: str, tmp_path: Path) -> None:
    spoil, error, text = DAMAGE[damage]
    source, target = trained("ner", steps=2), trained("ner", steps=1)
    source.get_pipe("ner").add_label("SHIP")
    folder = _saved(source.get_pipe("ner"), tmp_path)
    spoil(folder)
    pipe = target.get_pipe("ner")
    before = states_of(pipe)
    with pytest.raises(error, match=text):
        pipe.from_disk(folder, exclude=["vocab"])
    assert states_of(pipe) == before
    target.update(examples(target), sgd=Adam(0.01))


def test_the_model_of_another_component_does_not_fit(tmp_path: Path) -> None:
    folder = _saved(trained("parser", steps=1).get_pipe("parser"), tmp_path)
    pipe = trained("ner", steps=1).get_pipe("ner")
    before = states_of(pipe)
    with pytest.raises((ModelDataError, DataFormatError)):
        pipe.from_disk(folder, exclude=["vocab"])
    assert states_of(pipe) == before
    with pytest.raises(ModelDataError, match=r"expected nF = 3, found 8"):
        pipe.from_disk(folder, exclude=["vocab", "moves"])
    assert states_of(pipe) == before


def test_more_actions_than_the_model_has_outputs(tmp_path: Path) -> None:
    source = trained("ner", steps=1).get_pipe("ner")
    folder = _saved(source, tmp_path)
    more = source.moves.copy()
    for action in more.action_types:
        more.add_action(action, "SHIP")
    (folder / "moves").write_bytes(more.to_bytes(exclude=["strings"]))
    pipe = pipeline("ner").get_pipe("ner")
    before = pipe.moves.move_names
    with pytest.raises(ModelDataError, match=r"expected nO = \d+, found \d+"):
        pipe.from_disk(folder, exclude=["vocab"])
    assert pipe.moves.move_names == before


def test_bytes_that_are_no_component() -> None:
    pipe = pipeline("ner").get_pipe("ner")
    with pytest.raises(DataFormatError, match="component 'ner'"):
        pipe.from_bytes(b"nothing")


def test_saved_settings_are_plain_json(tmp_path: Path) -> None:
    folder = _saved(pipeline("parser").get_pipe("parser"), tmp_path)
    assert json.loads((folder / "cfg").read_text())["min_action_freq"] == 1
    assert network("parser")["@architectures"] == "spacy.TransitionBasedParser.v2"
