"""What goes wrong when a transformer is loaded or set up, and the sentence that says how to mend it."""

from __future__ import annotations

import json
import logging
import shutil
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy
import pytest
import srsly
import torch
from thinc.api import reduce_mean

import spanwright
from spanwright_transformers import Transformer, TransformerModel, loading
from spanwright_transformers.annotation_setters import null_annotation_setter
from spanwright_transformers.architectures.listener import TransformerListener_v1
from spanwright_transformers.errors import (
    MissingTorchError,
    ModelNotFoundError,
    TransformerSettingWarning,
    WeightsError,
)
from spanwright_transformers.layers.trfs2arrays import trfs2arrays
from spanwright_transformers.loading import huggingface_from_pretrained
from spanwright_transformers.span_getters import get_doc_spans, strided_spans_v1


@pytest.fixture
def folder(tmp_path: Path, tiny: Path) -> Path:
    """A copy of the tiny model that a test may spoil."""
    return Path(shutil.copytree(tiny, tmp_path / "model"))


def test_the_seeds_example_in_python(tiny: Path) -> None:
    nlp = spanwright.blank("xx")
    trf = Transformer(
        nlp.vocab,
        TransformerModel(str(tiny), get_spans=get_doc_spans, tokenizer_config={"use_fast": True}),
        set_extra_annotations=null_annotation_setter,
        max_batch_items=4096,
    )
    trf.model.initialize()
    assert trf(nlp.make_doc("the dog"))._.trf_data.width == 16


def test_the_seeds_annotation_setter_can_be_assigned(nlp: Any) -> None:
    from spanwright.tokens import Doc
    from spanwright_transformers import TransformerData

    def custom_annotation_setter(docs: Any, trf_data: Any) -> None:
        for doc, data in zip(docs, list(trf_data.doc_data), strict=True):
            doc._.custom_attr = data

    Doc.set_extension("custom_attr", default=None, force=True)
    nlp.get_pipe("transformer").set_extra_annotations = custom_annotation_setter
    doc = nlp("the dog")
    assert isinstance(doc._.custom_attr, TransformerData) and doc._.custom_attr is doc._.trf_data
    nlp.get_pipe("transformer").set_extra_annotations = None
    with pytest.raises(TypeError, match="set_extra_annotations must be a function of Docs and a FullTransformerBatch"):
        nlp("the dog")
    Doc.remove_extension("custom_attr")


def test_a_third_partys_annotation_setter_by_name(tiny: Path, kit: Any) -> None:
    seen = []

    @spanwright.registry.annotation_setters("trf_tests.setter")
    def make_setter(more: str) -> Any:
        return lambda docs, batch: seen.append((more, len(docs), len(batch)))

    nlp = spanwright.blank("xx")
    setter = {"@annotation_setters": "trf_tests.setter", "more": "x"}
    nlp.add_pipe("transformer", config={"model": kit.model_config(tiny), "set_extra_annotations": setter})
    nlp.initialize()
    nlp("a cat")
    assert seen == [("x", 1, 1)]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("no-such-model", "There is no model 'no-such-model' in the working directory.*spelling and the network; offl"),
        ("/no/such/folder", "There is no folder '/no/such/folder' .*Check the path"),
    ],
)
def test_a_model_that_is_nowhere(name: str, message: str, kit: Any) -> None:
    nlp = spanwright.blank("xx")
    nlp.add_pipe("transformer", config={"model": kit.model_config(name)})
    with pytest.raises(ModelNotFoundError, match=message) as caught:
        nlp.initialize()
    assert isinstance(caught.value, OSError)


def test_a_folder_without_a_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    with pytest.raises(
        ModelNotFoundError, match="The tokenizer of '.*' cannot be loaded .*The folder has: config.json"
    ):
        huggingface_from_pretrained(folder)


def test_a_folder_without_weights_or_configuration(folder: Path) -> None:
    (folder / "model.safetensors").unlink()
    with pytest.raises(
        ModelNotFoundError, match="model in the folder '.*' cannot be loaded .*model.safetensors, or pyt"
    ):
        huggingface_from_pretrained(folder)
    (folder / "config.json").unlink()
    with pytest.raises(ModelNotFoundError, match="It needs config.json and weights"):
        huggingface_from_pretrained(folder)


def test_a_folder_with_settings_but_no_vocabulary_of_a_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelNotFoundError, match="The tokenizer of '.*' cannot be loaded .*Save one beside the weig"):
        huggingface_from_pretrained(folder)


@pytest.mark.parametrize("cut", [0, 5, -100])
def test_damaged_weights(folder: Path, cut: int) -> None:
    whole = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(whole[:cut])
    with pytest.raises(ModelNotFoundError, match="The weights of '.*' are damaged .*Copy or download"):
        huggingface_from_pretrained(folder)


def test_a_tokenizer_of_a_newer_version_says_so(folder: Path, nlp: Any) -> None:
    data = json.loads((folder / "tokenizer.json").read_text())
    data["model"] = {"type": "OfTheFuture"}
    (folder / "tokenizer.json").write_text(json.dumps(data))
    expected = "written by a newer version of the package tokenizers than .*pip install --upgrade transformers"
    with pytest.raises(ModelNotFoundError, match=expected):
        huggingface_from_pretrained(folder)
    shim = nlp.get_pipe("transformer").model.shim
    parts = srsly.msgpack_loads(shim.to_bytes())
    parts["tokenizer"]["tokenizer.json"] = json.dumps(data).encode()
    with pytest.raises(WeightsError, match=expected):
        shim.from_bytes(srsly.msgpack_dumps(parts))


def test_a_file_in_place_of_a_folder(folder: Path) -> None:
    with pytest.raises(ModelNotFoundError, match=r"config.json' is a file. Give the folder that it is in"):
        huggingface_from_pretrained(folder / "config.json")


def test_a_tokenizer_that_knows_more_than_the_model(folder: Path, nlp: Any) -> None:
    from transformers import AutoConfig, AutoModel

    config = AutoConfig.from_pretrained(folder)
    config.vocab_size = 8
    AutoModel.from_config(config).save_pretrained(folder)
    model = TransformerModel(str(folder), get_doc_spans)
    model.initialize()
    with pytest.raises(WeightsError, match="gives the id .* has embeddings for 8 ids, 0 to 7.*of another model"):
        model.predict([nlp.make_doc("the big dog")])


def test_segment_ids_only_for_models_that_take_them(folder: Path, nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = TransformerModel(str(folder), get_doc_spans)
    model.initialize()
    seen: list[Any] = []

    class Plain(type(model.transformer)):  # type: ignore[misc]
        def forward(self, input_ids: Any, attention_mask: Any = None) -> Any:
            seen.append(input_ids.shape)
            return super().forward(input_ids=input_ids, attention_mask=attention_mask)

    monkeypatch.setattr(model.transformer, "__class__", Plain)
    settings = model.tokenizer.model_input_names
    monkeypatch.setattr(model.tokenizer, "model_input_names", [*dict.fromkeys([*settings, "token_type_ids"])])
    pieces = model.predict([nlp.make_doc("the dog")]).doc_data[0].wordpieces
    assert pieces.token_type_ids is not None
    assert seen == [(1, 4)]


def test_a_model_with_a_decoder(folder: Path, nlp: Any) -> None:
    from transformers import AutoConfig, AutoModel

    sizes = {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 1, "num_heads": 2, "vocab_size": 320}
    AutoModel.from_config(AutoConfig.for_model("t5", **sizes)).save_pretrained(folder)
    model = TransformerModel(str(folder), get_doc_spans)
    model.initialize()
    with pytest.raises(ValueError, match=r"\(T5Model\) is an encoder with a decoder.*Save its encoder alone"):
        model.predict([nlp.make_doc("the big dog")])


def weights_of(folder: Path) -> dict[str, Any]:
    from safetensors.torch import load_file

    return load_file(folder / "model.safetensors")


def save_weights(folder: Path, weights: dict[str, Any]) -> None:
    from safetensors.torch import save_file

    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})


def test_missing_weights_are_listed(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    weights = weights_of(folder)
    save_weights(folder, {**weights, "cls.predictions.bias": torch.zeros(2)})
    with caplog.at_level(logging.INFO, logger="spanwright_transformers"):
        huggingface_from_pretrained(folder)
    assert "1 weights are not used: cls.predictions.bias" in caplog.text
    del weights["embeddings.LayerNorm.bias"]
    save_weights(folder, weights)
    with pytest.raises(WeightsError, match="1 weights are missing: embeddings.LayerNorm.bias. They would be random"):
        huggingface_from_pretrained(folder)


def test_weights_that_do_not_fit(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "intermediate_size": 40}))
    expected = (
        r"6 weights have another shape than the configuration says: .*encoder.layer.0.intermediate.dense.weight "
        r"\(\(32, 16\) instead of \(40, 16\)\)"
    )
    with pytest.raises(WeightsError, match=expected):
        huggingface_from_pretrained(folder)
    with pytest.raises(WeightsError, match="have another shape than the configuration says"):
        huggingface_from_pretrained(folder, {}, {"intermediate_size": 48})


def test_settings_that_a_configuration_lacks_or_refuses(folder: Path) -> None:
    expected = "has no setting 'output_hidden_state' .*changes nothing. Did you mean 'output_hidden_states'"
    with pytest.warns(TransformerSettingWarning, match=expected):
        huggingface_from_pretrained(folder, {}, {"output_hidden_state": True})
    known = {"hidden_dropout_prob": 0.25, "revision": "main", "local_files_only": True, "torch_dtype": "float32"}
    assert huggingface_from_pretrained(folder, {}, known).transformer.config.hidden_dropout_prob == 0.25
    with pytest.raises(
        OSError, match=r"cannot be made with the settings .*Check transformer_config, which sets num_hidden"
    ):
        huggingface_from_pretrained(folder, {}, {"num_hidden_layers": "two"})
    with pytest.raises(OSError, match="The `name` of the model is empty. Give a folder, or a name"):
        huggingface_from_pretrained("")


def test_the_code_of_a_model_is_not_run_nor_asked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = json.loads((folder / "config.json").read_text())
    mapped = {"model_type": "own", "auto_map": {"AutoConfig": "own.Config", "AutoModel": "own.Model"}}
    (folder / "config.json").write_text(json.dumps({**config, **mapped}))
    (folder / "own.py").write_text(f"open({str(folder / 'was-here')!r}, 'w')")
    monkeypatch.setattr("builtins.input", lambda *prompt: "y")
    with pytest.raises(OSError, match="cannot be loaded"):
        huggingface_from_pretrained(folder)
    assert not (folder / "was-here").exists()


def test_bin_files_are_read_without_unpickling(folder: Path) -> None:
    weights = weights_of(folder)
    (folder / "model.safetensors").unlink()
    torch.save(weights, folder / "pytorch_model.bin")
    found = huggingface_from_pretrained(folder).transformer.state_dict()
    assert all(torch.equal(found[key], value) for key, value in weights.items())

    class Evil:
        def __reduce__(self) -> Any:
            return (Path.touch, (folder / "was-here",))

    torch.save({**weights, "evil": Evil()}, folder / "pytorch_model.bin")
    with pytest.raises(OSError, match="cannot be loaded"):
        huggingface_from_pretrained(folder)
    assert not (folder / "was-here").exists()


def test_half_precision_weights_are_read_in_full(folder: Path) -> None:
    save_weights(folder, {key: value.half() for key, value in weights_of(folder).items()})
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "torch_dtype": "float16", "dtype": "float16"}))
    assert huggingface_from_pretrained(folder).transformer.dtype == torch.float32


def test_a_tokenizer_that_needs_sentencepiece_says_so(tiny: Path) -> None:
    class Needs:
        @staticmethod
        def from_pretrained(*args: Any, **kwargs: Any) -> Any:
            raise ImportError("XTokenizer requires the SentencePiece library")

    with pytest.raises(ModelNotFoundError, match=r'pip install "spanwright-transformers\[sentencepiece\]"'):
        huggingface_from_pretrained(tiny, tokenizer_cls=Needs)


def test_a_sentencepiece_file_without_the_package_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # transformers 5 would ask for tiktoken.
    (folder / "tokenizer.json").rename(folder / "spm.model")
    monkeypatch.setattr(loading, "find_spec", lambda name: None if name == "sentencepiece" else find_spec(name))
    with pytest.raises(ModelNotFoundError, match=r'pip install "spanwright-transformers\[sentencepiece\]"'):
        huggingface_from_pretrained(folder)


@pytest.mark.parametrize("fast", [True, False])
def test_sentencepiece(tmp_path: Path, nlp: Any, make_model: Any, kit: Any, fast: bool) -> None:
    pytest.importorskip("google.protobuf")
    spm, buffer = pytest.importorskip("sentencepiece"), BytesIO()
    texts = ["the big small dog cat barks sleeps on the street", *"abcdefghijklmnopqrstuvwxyz"] * 4
    spm.SentencePieceTrainer.train(
        sentence_iterator=iter(texts), model_writer=buffer, vocab_size=60, hard_vocab_limit=False, minloglevel=2,
        pad_id=0, unk_id=1, bos_id=2, eos_id=3, unk_piece="<unk>", control_symbols="[CLS],[SEP],[MASK]",
    )  # fmt: skip
    (tmp_path / "spiece.model").write_bytes(buffer.getvalue())
    settings = {"tokenizer_class": "AlbertTokenizer", "model_max_length": 64}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(settings))
    kit.save_model(tmp_path, "albert", 64, embedding_size=16)
    model = make_model(folder=tmp_path, tokenizer_config={"use_fast": fast})
    doc = nlp.make_doc("the small dog barks on")
    (data,) = model.predict([doc]).doc_data
    pieces = data.wordpieces.strings[0]
    assert len(pieces) > len(doc)
    for token, own in zip(doc, data.pieces_of_tokens, strict=True):
        assert token.text in "".join(pieces[i] for i in own)
    model.shim.from_bytes(model.shim.to_bytes())
    assert numpy.allclose(model.predict([doc]).doc_data[0].token_vectors(), data.token_vectors(), atol=1e-6)


def test_without_torch_the_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "find_spec", lambda name: None if name == "torch" else find_spec(name))
    with pytest.raises(MissingTorchError, match="need the package torch, which is not installed: pip install torch"):
        TransformerModel("x", get_doc_spans)


@pytest.mark.parametrize("value", [0, -1, 1.5, True, "many"])
def test_max_batch_items_is_checked(tiny: Path, value: Any) -> None:
    nlp = spanwright.blank("xx")
    model = TransformerModel(str(tiny), get_doc_spans)
    with pytest.raises(ValueError, match="max_batch_items is how many wordpieces run at once, and must be at least 1"):
        Transformer(nlp.vocab, model, max_batch_items=value)


def test_whole_numbers_of_any_type(tiny: Path, nlp: Any) -> None:
    model = TransformerModel(str(tiny), strided_spans_v1(numpy.int64(4), numpy.int32(3)))
    assert Transformer(nlp.vocab, model, max_batch_items=numpy.int64(5)).cfg == {"max_batch_items": 5}
    for value in (1.5, "4", None):
        with pytest.raises(ValueError, match="strided_spans: `window` must be a whole number of at least 1, found"):
            strided_spans_v1(value, 1)  # type: ignore[arg-type]


def test_settings_of_the_wrong_kind(tiny: Path, make_model: Any, nlp: Any) -> None:
    with pytest.raises(ValueError, match="expected a thinc Model, found str"):
        Transformer(nlp.vocab, "model")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`get_spans` must be a function from Docs to lists of Spans.*found int"):
        TransformerModel(str(tiny), 3)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="grad_scaler_config has no setting 'scale'; there are enabled, init_scale"):
        TransformerModel(str(tiny), get_doc_spans, grad_scaler_config={"scale": 2})
    for name, value in (("init_scale", "big"), ("growth_factor", 1), ("backoff_factor", 2), ("growth_interval", 0.5)):
        with pytest.raises(ValueError, match=f"grad_scaler_config: {name} must be .*, found {value!r}"):
            TransformerModel(str(tiny), get_doc_spans, grad_scaler_config={name: value})
    with pytest.raises(ValueError, match="`pooling` must be a layer from Ragged to Floats2d"):
        TransformerListener_v1("mean")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="`grad_factor` must be a number or a schedule"):
        TransformerListener_v1(reduce_mean(), grad_factor="big")
    with pytest.raises(ValueError, match="`grad_factor` must be a number or a schedule .*found nan"):
        TransformerListener_v1(reduce_mean(), grad_factor=float("nan"))
    with pytest.raises(ValueError, match="takes the output of a transformer for each Doc .*was given ndarray"):
        trfs2arrays(reduce_mean(), 1.0).predict([reduce_mean().ops.alloc2f(2, 3)])
    with pytest.raises(ValueError, match="is not loaded yet: call nlp.initialize"):
        TransformerModel(str(tiny), get_doc_spans).predict([nlp.make_doc("a")])
    model = make_model()
    with pytest.raises(ValueError, match="has a transformer already"):
        model.attrs["set_transformer"](model, None)
    with pytest.raises(NotImplementedError, match="has no loss of its own"):
        nlp.get_pipe("transformer").get_loss([], [])
    with pytest.raises(NotImplementedError, match="computes vectors and has no labels"):
        nlp.get_pipe("transformer").add_label("x")


def test_models_that_give_other_outputs_are_named(make_model: Any, nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    model = make_model()
    model.set_dim("nO", 12, force=True)
    with pytest.raises(ValueError, match="gives vectors of width 16, and its configuration says hidden_size = 12"):
        model.predict([nlp.make_doc("a")])
    monkeypatch.setattr(model.shim._model, "forward", lambda **inputs: {"logits": torch.zeros(1, 3)})
    with pytest.raises(ValueError, match=r"\(BertModel\) gives no `last_hidden_state`"):
        model.predict([nlp.make_doc("a")])


def test_a_doc_that_fails_goes_to_the_error_handler(nlp: Any) -> None:
    pipe, failed = nlp.get_pipe("transformer"), []

    def spans(docs: Any) -> Any:
        if any("bad" in doc.text for doc in docs):
            raise RuntimeError("no spans")
        return get_doc_spans(docs)

    pipe.model.attrs["get_spans"] = spans
    pipe.set_error_handler(lambda name, proc, docs, error: failed.extend(docs))
    docs = list(nlp.pipe(["the dog", "a bad cat", "house"]))
    assert [doc.text for doc in docs] == ["the dog", "house"] and [doc.text for doc in failed] == ["a bad cat"]
    assert all(doc._.trf_data is not None for doc in docs)
