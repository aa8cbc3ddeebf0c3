"""Saved and loaded: in the layout of spacy-transformers, whole or not at all, and nothing is unpickled."""

from __future__ import annotations

import io
import json
import os
import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy
import pytest
import srsly
import torch
import transformers

import spanwright
from spanwright_transformers import Transformer
from spanwright_transformers.errors import WeightsError
from spanwright_transformers.saving import load_objects

TEXT = "the big dog barks , and the cat sleeps ."


def component(nlp: Any) -> Any:
    return nlp.get_pipe("transformer")


def vectors(nlp: Any) -> Any:
    return nlp(TEXT)._.trf_data.tensors[0]


def test_a_saved_pipeline_needs_no_folder_that_it_came_from(tmp_path: Path, kit: Any) -> None:
    source = tmp_path / "source"
    source.mkdir()
    kit.save_wordpiece_tokenizer(source, 64)
    kit.save_model(source, "bert", 64)
    nlp = spanwright.blank("xx")
    nlp.add_pipe("transformer", config={"model": kit.model_config(source)})
    nlp.initialize()
    expected = vectors(nlp)
    nlp.to_disk(tmp_path / "saved")
    shutil.rmtree(source)
    loaded = spanwright.load(tmp_path / "saved")
    assert numpy.allclose(vectors(loaded), expected, atol=1e-6)
    assert sorted(path.name for path in (tmp_path / "saved" / "transformer").iterdir()) == ["cfg", "model"]
    assert json.loads((tmp_path / "saved/transformer/cfg").read_text()) == {"max_batch_items": 4096}
    loaded.to_disk(tmp_path / "again")
    assert numpy.allclose(vectors(spanwright.load(tmp_path / "again")), expected, atol=1e-6)


WITHOUT_NETWORK = """
import socket, sys

asked = []

def refuse(*args, **kwargs):
    asked.append(args)
    raise OSError("no network here")

socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse
import spanwright

folder, model = sys.argv[1:]
nlp = spanwright.load(folder)
nlp.to_disk(folder)
nlp.from_bytes(nlp.to_bytes())
assert nlp("the dog")._.trf_data.width == 16
nlp = spanwright.blank("xx")
nlp.add_pipe("transformer", config={"model": {"name": model}})
nlp.initialize()
assert not asked, asked
"""


def test_pipelines_and_folders_are_loaded_without_a_try_at_the_network(nlp: Any, tiny: Path, tmp_path: Path) -> None:
    nlp.to_disk(tmp_path)
    # Nothing tells transformers that it is offline.
    environment = {key: value for key, value in os.environ.items() if "OFFLINE" not in key}
    command = [sys.executable, "-c", WITHOUT_NETWORK, str(tmp_path), str(tiny)]
    subprocess.run(command, check=True, env=environment)


def test_attentions_are_there_after_loading(tiny: Path, kit: Any, tmp_path: Path) -> None:
    nlp = spanwright.blank("xx")
    nlp.add_pipe(
        "transformer", config={"model": kit.model_config(tiny, transformer_config={"output_attentions": True})}
    )
    nlp.initialize()
    expected = nlp(TEXT)._.trf_data.model_output["attentions"]
    nlp.to_disk(tmp_path)
    found = spanwright.load(tmp_path)(TEXT)._.trf_data.model_output["attentions"]
    assert len(found) == 2
    assert all(numpy.allclose(mine, theirs, atol=1e-6) for mine, theirs in zip(found, expected, strict=True))


def test_weights_that_are_replaced_are_not_drawn(nlp: Any) -> None:
    parts = parts_of(nlp)
    before = torch.random.get_rng_state()
    load_objects(srsly.msgpack_dumps(parts))
    if int(transformers.__version__.partition(".")[0]) >= 5:  # earlier ones draw by themselves
        assert torch.equal(torch.random.get_rng_state(), before)
    state = torch.load(io.BytesIO(parts["state"]), weights_only=True)
    del state["pooler.dense.weight"]
    parts["state"] = state_bytes(state)
    found = load_objects(srsly.msgpack_dumps(parts)).transformer.pooler.dense.weight
    assert torch.isfinite(found).all() and 0 < found.abs().mean() < 1


def test_the_message_has_the_published_layout(nlp: Any) -> None:
    message = srsly.msgpack_loads(component(nlp).model.to_bytes())
    names = [(node["name"], node["dims"], node["refs"]) for node in message["nodes"]]
    assert names == [("transformer", {"nO": 16}, {}), ("hf-pytorch", {"nI": None, "nO": None}, {})]
    assert set(message["attrs"][0]) == {"name", "has_transformer", "flush_cache_chance"}
    (saved,) = message["shims"][1]
    parts = srsly.msgpack_loads(saved)
    assert list(parts) == ["config", "state", "tokenizer", "_init_tokenizer_config", "_init_transformer_config"]
    assert parts["tokenizer"]["kwargs"] == {"use_fast": True}
    assert {"tokenizer.json", "tokenizer_config.json"} <= set(parts["tokenizer"])
    assert all(isinstance(key, str) for key in parts["config"])
    state = torch.load(io.BytesIO(parts["state"]), weights_only=True)
    assert "embeddings.word_embeddings.weight" in state


def test_a_model_that_is_not_loaded_keeps_its_settings(tiny: Path, kit: Any) -> None:
    block = kit.model_config(tiny, tokenizer_config={"use_fast": True}, transformer_config={"hidden_act": "relu"})
    model = spanwright.registry.resolve({"m": block})["m"]
    other = spanwright.registry.resolve({"m": kit.model_config(tiny)})["m"].from_bytes(model.to_bytes())
    assert other.shim._hfmodel._init_transformer_config == {"hidden_act": "relu"}
    other.initialize()
    assert other.transformer.config.hidden_act == "relu"


def parts_of(nlp: Any) -> dict[str, Any]:
    return srsly.msgpack_loads(component(nlp).model.shim.to_bytes())


def state_bytes(state: Any) -> bytes:
    file = io.BytesIO()
    torch.save(state, file)
    return file.getvalue()


def test_weights_that_are_missing_are_an_error_that_lists_them(nlp: Any) -> None:
    parts = parts_of(nlp)
    state = torch.load(io.BytesIO(parts["state"]), weights_only=True)
    del state["encoder.layer.0.output.dense.weight"]
    state["something.else"] = torch.zeros(2)
    parts["state"] = state_bytes(state)
    message = (
        "saved transformer: 1 weights are missing: encoder.layer.0.output.dense.weight.*random.*"
        "1 that nothing needs: something.else"
    )
    with pytest.raises(WeightsError, match=message):
        load_objects(srsly.msgpack_dumps(parts))


def test_buffers_of_earlier_versions_and_a_missing_pooler_are_no_error(nlp: Any) -> None:
    parts = parts_of(nlp)
    state = torch.load(io.BytesIO(parts["state"]), weights_only=True)
    state["embeddings.position_ids"] = torch.arange(64)[None]
    del state["pooler.dense.weight"]
    parts["state"] = state_bytes(state)
    assert load_objects(srsly.msgpack_dumps(parts)).transformer is not None


def test_weights_of_another_shape_are_an_error(nlp: Any) -> None:
    parts = parts_of(nlp)
    state = torch.load(io.BytesIO(parts["state"]), weights_only=True)
    state["embeddings.LayerNorm.weight"] = torch.zeros(3)
    parts["state"] = state_bytes(state)
    with pytest.raises(WeightsError, match="another shape than the configuration says: embeddings.LayerNorm.weight"):
        load_objects(srsly.msgpack_dumps(parts))


class Evil:
    def __reduce__(self) -> Any:
        return (Path.touch, (Path("/tmp/spanwright-was-here"),))


def test_nothing_is_unpickled(nlp: Any) -> None:
    parts = parts_of(nlp)
    for state in (pickle.dumps(Evil()), state_bytes({"evil": Evil()})):
        parts["state"] = state
        with pytest.raises(WeightsError, match="the saved transformer cannot be read"):
            load_objects(srsly.msgpack_dumps(parts))
    assert not Path("/tmp/spanwright-was-here").exists()


def test_weights_that_are_no_tensors_are_an_error(nlp: Any) -> None:
    parts = parts_of(nlp)
    for weights in ([1, 2], {"embeddings": 3}):
        parts["state"] = state_bytes(weights)
        with pytest.raises(WeightsError, match="cannot be read .*expected a map of tensors as weights"):
            load_objects(srsly.msgpack_dumps(parts))


@pytest.mark.parametrize("name", ["../evil.txt", "/tmp/evil.txt", "config.json"])
def test_a_saved_tokenizer_writes_nowhere_else(nlp: Any, name: str) -> None:
    parts = parts_of(nlp)
    parts["tokenizer"][name] = b"{}"
    with pytest.raises(WeightsError, match="has a file of the name .* which is not allowed"):
        load_objects(srsly.msgpack_dumps(parts))


def test_damaged_messages_are_errors_and_change_nothing(nlp: Any) -> None:
    expected = vectors(nlp)
    model = component(nlp).model
    good = component(nlp).to_bytes(exclude=["vocab"])
    for bad in (good[: len(good) // 2], b"", b"\x93\x01\x02\x03"):
        with pytest.raises(ValueError):
            component(nlp).from_bytes(bad, exclude=["vocab"])
    parts = parts_of(nlp)
    with pytest.raises(WeightsError, match="expected a map with the parts config, state"):
        load_objects(srsly.msgpack_dumps([1]))
    with pytest.raises(WeightsError, match="expected weights"):
        load_objects(srsly.msgpack_dumps({**parts, "state": None}))
    with pytest.raises(WeightsError, match="the saved tokenizer cannot be made"):
        load_objects(srsly.msgpack_dumps({**parts, "tokenizer": {"tokenizer.json": b"{"}}))
    message = srsly.msgpack_loads(model.to_bytes())
    message["shims"][1] = [srsly.msgpack_dumps({**parts, "state": b"nothing"})]
    with pytest.raises(ValueError, match=r"weights of node 1 \('hf-pytorch'\) cannot be read"):
        component(nlp).from_bytes(srsly.msgpack_dumps({"model": srsly.msgpack_dumps(message)}), exclude=["vocab"])
    assert numpy.array_equal(vectors(nlp), expected)


def test_folders_of_spacy_transformers_1_0_are_read(nlp: Any, tmp_path: Path, tiny: Path) -> None:
    nlp.to_disk(tmp_path / "old")
    model = tmp_path / "old" / "transformer" / "model"
    model.unlink()
    shutil.copytree(tiny, model)
    assert numpy.allclose(vectors(spanwright.load(tmp_path / "old")), vectors(nlp), atol=1e-6)


def test_docs_keep_their_output_when_they_are_saved(nlp: Any) -> None:
    from spanwright.tokens import Doc, DocBin

    doc = nlp(TEXT)
    read = Doc(nlp.vocab).from_bytes(doc.to_bytes())
    assert numpy.array_equal(read._.trf_data.tensors[0], doc._.trf_data.tensors[0])
    assert read._.trf_data.pieces_of_tokens == doc._.trf_data.pieces_of_tokens
    packed = DocBin(docs=[doc], store_user_data=True).to_bytes()
    (read,) = DocBin(store_user_data=True).from_bytes(packed).get_docs(nlp.vocab)
    assert numpy.array_equal(read._.trf_data.tensors[0], doc._.trf_data.tensors[0])


def test_saved_docs_are_read_where_nothing_of_transformers_was_imported(nlp: Any, tmp_path: Path) -> None:
    from spanwright.tokens import DocBin

    doc = nlp(TEXT)
    DocBin(docs=[doc], store_user_data=True).to_disk(tmp_path / "docs.spacy")
    (tmp_path / "doc").write_bytes(doc.to_bytes())
    code = (
        "import sys, spanwright; from spanwright.tokens import Doc, DocBin;"
        "nlp = spanwright.blank('xx'); assert 'spanwright_transformers.data_classes' not in sys.modules;"
        "one = Doc(nlp.vocab).from_disk(sys.argv[1]); two, = DocBin().from_disk(sys.argv[2]).get_docs(nlp.vocab);"
        "assert one._.trf_data.width == two._.trf_data.width == 16; one.to_bytes()"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "doc"), str(tmp_path / "docs.spacy")], check=True)


def test_processes_give_what_one_gives(nlp: Any) -> None:
    texts = [TEXT, "a cat", "dog"]
    alone = [doc._.trf_data.tensors[0] for doc in nlp.pipe(texts)]
    found = [doc._.trf_data.tensors[0] for doc in nlp.pipe(texts, n_process=2, batch_size=1)]
    assert all(numpy.allclose(a, b, atol=1e-6) for a, b in zip(alone, found, strict=True))


def test_max_batch_items_comes_back_with_the_component(nlp: Any, tmp_path: Path) -> None:
    component(nlp).cfg["max_batch_items"] = 99
    component(nlp).to_disk(tmp_path / "pipe")
    other = Transformer(nlp.vocab, component(nlp).model.copy())
    other.from_disk(tmp_path / "pipe")
    other(nlp.make_doc("a dog"))
    assert other.cfg["max_batch_items"] == other.model.max_pieces == 99
    other.cfg["max_batch_items"] = 0
    with pytest.raises(ValueError, match="max_batch_items is how many wordpieces run at once, and must be at least 1"):
        other(nlp.make_doc("a dog"))
