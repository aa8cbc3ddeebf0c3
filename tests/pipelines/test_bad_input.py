"""What is wrong with a pipeline, a file or annotation is said: what, where, what exists instead, what to install."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import spanwright
from spanwright.errors import ConfigError, DataFormatError, ModelDataError, SpanwrightError
from spanwright.tokens import Doc, DocBin, Example
from spanwright_tokens.io import dump_msgpack

DEPTH = "components.tok2vec.model.depth"
WIDTH = "components.tok2vec.model.width"
# Edit of the saved config (old, new), and what the message must say.
CONFIGS: dict[str, tuple[list[tuple[str, str]], str]] = {
    "misspelt architecture": (
        [("spacy.HashEmbedCNN.v2", "spacy.HashEmbeddCNN.v2")],
        r"\[components\.tok2vec\.model\] @architectures: Can't find 'spacy\.HashEmbeddCNN\.v2' in the registry "
        r"'architectures'\. Did you mean 'spacy\.HashEmbedCNN\.v2'.*\n +.*config\.cfg:\d+: @architectures = ",
    ),
    "misspelt factory": (
        [('factory = "tagger"', 'factory = "taggger"')],
        r"\[components\.tagger\] factory: Can't find 'taggger' in the registry 'factories'\. Did you mean 'tagger'\?"
        r".*\n +.*config\.cfg:\d+: factory = \"taggger\"",
    ),
    "missing key": (
        [('"spacy.Tok2VecListener.v1"\nwidth = 16', '"spacy.Tok2VecListener.v1"')],
        r"\[components\.tagger\.model\.tok2vec\] width: 'spacy\.Tok2VecListener\.v1' needs the argument 'width', a "
        r"whole number\. Add it\."
        r"\n +.*config\.cfg:\d+: \[components\.tagger\.model\.tok2vec\]",
    ),
    "extra key": (
        [("depth = 1\n", "depth = 1\ndephts = 3\n")],
        r"\[components\.tok2vec\.model\] dephts: 'spacy\.HashEmbedCNN\.v2' has no argument 'dephts'\. Did you mean "
        r"'depth'\?\n +.*config\.cfg:\d+: dephts = 3",
    ),
    "extra key of a component": (
        [('factory = "tagger"\n', 'factory = "tagger"\noverwrites = true\n')],
        r"\[components\.tagger\] overwrites: 'tagger' has no argument 'overwrites'\. Did you mean 'overwrite'\?",
    ),
    "wrong type": (
        [("depth = 1\n", 'depth = "many"\n')],
        r"\[components\.tok2vec\.model\] depth: 'spacy\.HashEmbedCNN\.v2' expects a whole number; found 'many' "
        r"\(a text\)\.\n +.*config\.cfg:\d+: depth = \"many\"",
    ),
    "reference to nothing": (
        [("depth = 1\n", "depth = ${components.tok2vec.model.wdth}\n")],
        r"\[components\.tok2vec\.model\] depth: it refers to \$\{components\.tok2vec\.model\.wdth\}, but the "
        r"config has no such setting or section\. Did you mean \$\{components\.tok2vec\.model\.width\}\?"
        r"\n +.*config\.cfg:\d+: ",
    ),
    "cycle": (
        [("depth = 1\n", f"depth = ${{{WIDTH}}}\n"), ("width = 16\n", f"width = ${{{DEPTH}}}\n")],
        r"its value refers back to itself: components\.tok2vec\.model\.(width|depth) -> .* -> "
        r"components\.tok2vec\.model\.\1\. Give one of them a value\.\n +.*config\.cfg:\d+: ",
    ),
    "a line that is none": (
        [("depth = 1\n", "depth\n")],
        r"\[components\.tok2vec\.model\]: can't read the line 'depth'\. Expected \[section\] or key = value\."
        r"\n +.*config\.cfg:\d+: depth",
    ),
    "a component without a section": (
        [('pipeline = ["tok2vec", "tagger"', 'pipeline = ["tok2vec", "tager"')],
        r"\[nlp\] pipeline: it names the component 'tager', and the config has no section \[components\.tager\]\. It "
        r"describes: tok2vec, tagger, morphologizer, senter\. Did you mean 'tagger'\?\n +.*config\.cfg:\d+: ",
    ),
}


def edited(folder: Path, *changes: tuple[str, str]) -> Path:
    file = folder / "config.cfg"
    text = file.read_text(encoding="utf8")
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    file.write_text(text, encoding="utf8")
    return folder


@pytest.mark.parametrize("case", CONFIGS)
def test_a_config_with_a_fault(folder: Path, case: str) -> None:
    changes, message = CONFIGS[case]
    with pytest.raises(ValueError, match=message) as caught:
        spanwright.load(edited(folder, *changes))
    assert isinstance(caught.value, SpanwrightError)


def test_all_faults_of_a_config_are_told_at_once(folder: Path) -> None:
    edited(folder, ("depth = 1\n", 'depth = "many"\n'), ("embed_size = 100\n", "embed_size = 100\nsize = 1\n"))
    edited(folder, ('factory = "senter"\n', 'factory = "senter"\noverwrote = true\n'))
    with pytest.raises(ConfigError, match="The config has 3 problems") as caught:
        spanwright.load(folder)
    assert sorted((problem.section, problem.key) for problem in caught.value.problems) == [
        ("components.senter", "overwrote"),
        ("components.tok2vec.model", "depth"),
        ("components.tok2vec.model", "size"),
    ]


def test_a_pipe_with_a_fault_is_not_added(nlp: Any) -> None:
    with pytest.raises(ConfigError, match="overwrit: 'tagger' has no argument 'overwrit'. Did you mean 'overwrite'"):
        nlp.add_pipe("tagger", name="other", config={"overwrit": True})
    assert nlp.pipe_names == ["tok2vec", "tagger", "morphologizer", "senter"]


def test_a_pipeline_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="There is no pipeline '.*nowhere': no installed package, folder or archive"):
        spanwright.load(tmp_path / "nowhere")


# --- damaged files

CUT = r"no complete message of numbers, texts and arrays"
FILES: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "truncated weights": (
        "tok2vec/model",
        lambda data: data[: len(data) // 2],
        rf"tok2vec/model: this is {CUT}.* These \d+ bytes are no saved model, or a truncated one: copy or download it",
    ),
    "truncated weights of a listener": ("tagger/model", lambda data: data[:-1], rf"tagger/model: this is {CUT}"),
    "no weights": ("tagger/model", lambda data: b"", "tagger/model: the saved model is empty"),
    "a foreign message": (
        "tagger/model",
        lambda data: dump_msgpack({"weights": [1, 2]}),
        r"tagger/model: this msgpack is no saved model: expected a map with \['nodes', .*\], found \['weights'\]",
    ),
    "garbage for weights": ("senter/model", lambda data: b"\xc1" * 99, r"senter/model: this is .* no saved model"),
    "garbage for settings": ("tagger/cfg", lambda data: b"{labels", r"tagger/cfg: this is no complete JSON"),
    "settings of another model": (
        "tagger/cfg",
        lambda data: b'{"labels": ["NN"]}',
        r"tagger/cfg: the saved settings \('labels' in cfg\) have 1 labels, and the saved model of component "
        r"'tagger' has \d outputs",
    ),
    "truncated strings": (
        "vocab/strings.json",
        lambda data: data[:99],
        r"vocab/strings\.json: this is no complete JSON",
    ),
    "garbage for vectors": (
        "vocab/vectors",
        lambda data: b"garbage",
        r"vectors: this is no complete NumPy array of numb",
    ),
    "garbage for keys": ("vocab/key2row", lambda data: b"\xc1", r"key2row: a message of keys and rows is needed"),
    "garbage for lookups": ("vocab/lookups.bin", lambda data: b"\xc1", rf"lookups\.bin: this is {CUT}"),
    "truncated tokenizer": ("tokenizer", lambda data: data[:99], rf"tokenizer: this is {CUT}"),
    "truncated description": ("meta.json", lambda data: data[:99], r"meta\.json: this is no complete JSON"),
    "garbage for a config": (
        "config.cfg",
        lambda data: b"\xff\xfe" + data,
        r"config\.cfg: expected the text of a config in UTF-8; the byte at position 0 is none",
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_a_damaged_file_is_named_and_a_loaded_pipeline_stays_whole(folder: Path, whole: Path, case: str) -> None:
    name, damage, message = FILES[case]
    file = folder / name
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(ValueError, match=message) as caught:
        spanwright.load(folder)
    assert isinstance(caught.value, (DataFormatError, ModelDataError))
    assert str(file) in str(caught.value)
    nlp = spanwright.load(whole)
    before = nlp.to_bytes()
    with pytest.raises(ValueError, match=message):
        nlp.from_disk(folder)
    assert nlp.to_bytes() == before


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("tok2vec/model", "tok2vec/model: the weights of component 'tok2vec' are missing"),
        ("tagger/cfg", "tagger/cfg: the saved settings .* have 0 labels, .* Its cfg is missing"),
        ("config.cfg", r"There is no config file .*config\.cfg"),
        ("meta.json", r"There is no file .*meta\.json"),
        ("tokenizer", "There is no file .*tokenizer"),
        ("vocab/strings.json", r"There is no file .*strings\.json"),
    ],
)
def test_a_missing_file_is_named(folder: Path, name: str, message: str) -> None:
    (folder / name).unlink()
    with pytest.raises((OSError, ModelDataError), match=message) as caught:
        spanwright.load(folder)
    assert isinstance(caught.value, SpanwrightError)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            ("embed_size = 100", "embed_size = 120"),
            r"tok2vec/model: the saved model does not fit at node \d+ \('hashembed'\): expected nV = 120, found 100\. "
            r"The file belongs to another architecture, or to other settings of it",
        ),
        (("depth = 1", "depth = 2"), r"tok2vec/model: the saved model .*expected \d+ nodes( in all)?, found \d+"),
        (("subword_features = true", "subword_features = false"), r"tok2vec/model: the saved model .*(node|structure)"),
    ],
)
def test_weights_of_other_shapes(folder: Path, change: tuple[str, str], message: str) -> None:
    with pytest.raises(ModelDataError, match=message):
        spanwright.load(edited(folder, change))


def test_weights_of_another_component(folder: Path) -> None:
    (folder / "tagger" / "model").write_bytes((folder / "tok2vec" / "model").read_bytes())
    with pytest.raises(ModelDataError, match=r"tagger/model: .* node 1 .*: expected a node 'tok2vec-listener', found"):
        spanwright.load(folder)


def test_bytes_that_are_no_pipeline(nlp: Any) -> None:
    before = nlp.to_bytes()
    for data in (b"", b"\xc1garbage", dump_msgpack([1]), before[: len(before) // 2]):
        with pytest.raises(ValueError, match="pipeline|message") as caught:
            nlp.from_bytes(data)
        assert isinstance(caught.value, DataFormatError)
    assert nlp.to_bytes() == before


# --- training data

GARBAGE = r"bad\.spacy: expected a DocBin \(\.spacy\).*Training data in this format is written by DocBin\.to_disk"


@pytest.mark.parametrize("kind", ["garbage", "nothing", "text", "truncated", "foreign"])
def test_a_spacy_file_of_garbage(nlp: Any, tmp_path: Path, kind: str) -> None:
    whole = DocBin(docs=[nlp("The boats left .")]).to_bytes()
    data = {
        "garbage": b"\xc1garbage" * 20,
        "nothing": b"",
        "text": b'{"text": "The boats left ."}',
        "truncated": whole[: len(whole) // 2],
        "foreign": zlib.compress(dump_msgpack({"rows": [1]})),
    }[kind]
    path = tmp_path / "bad.spacy"
    path.write_bytes(data)
    with pytest.raises(DataFormatError, match=GARBAGE):
        DocBin().from_disk(path)


@pytest.mark.parametrize(
    ("gold", "message"),
    [
        ({"tags": ["NN"]}, r"TAG must have one value a token, but there are 4 tokens and 1 values"),
        ({"pos": ["NOUN"] * 5}, r"POS must have one value a token, but there are 4 tokens and 5 values"),
        ({"morphs": []}, r"MORPH must have one value a token, but there are 4 tokens and 0 values"),
        ({"sent_starts": [1]}, r"SENT_START must have one value a token, but there are 4 tokens and 1 values"),
        ({"heads": [0], "deps": ["ROOT"]}, r"(HEAD|DEP) must have one value a token, but there are 4 tokens"),
        ({"entities": ["O"]}, r"Got 1 BILUO tags for a Doc of 4 tokens"),
        ({"words": ["The", "boats"], "tags": ["DT"]}, r"TAG must have one value a token, but there are 2 tokens"),
        ({"tgas": ["DT"] * 4}, r"unknown key 'tgas'.*Did you mean 'tags'"),
    ],
)
def test_gold_annotation_of_the_wrong_length(nlp: Any, gold: dict[str, Any], message: str) -> None:
    with pytest.raises((ValueError, KeyError), match=message) as caught:
        Example.from_dict(nlp.make_doc("The boats left ."), gold)
    assert isinstance(caught.value, SpanwrightError)


def test_annotation_of_the_wrong_length_set_by_hand(nlp: Any) -> None:
    with pytest.raises(ValueError, match="`tags` must have one value per word: expected 2, found 1"):
        Doc(nlp.vocab, words=["a", "b"], tags=["NN"])
    with pytest.raises(ValueError, match="one row of values per token: the Doc has 2 tokens, but found 3 rows"):
        Doc(nlp.vocab, words=["a", "b"]).from_array(["TAG"], np.zeros((3, 1), dtype="uint64"))
    doc = nlp.make_doc("a b")
    with pytest.raises(ValueError, match="The Docs have 2 tokens, but there are 5 labels to set"):
        nlp.get_pipe("tagger").set_annotations([doc], [np.zeros(5, dtype="int64")])
    assert not doc.has_annotation("TAG")


def test_what_is_no_text(nlp: Any) -> None:
    with pytest.raises(ValueError, match=re.escape("takes a text (str), a Doc or the bytes of a Doc, not int")):
        nlp(3)
    with pytest.raises(ValueError, match="not NoneType"):
        list(nlp.pipe(["fine", None]))
