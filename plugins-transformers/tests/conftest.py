"""Tiny transformers with random weights, made on the spot: nothing is downloaded."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"

WORDS = "the a big small dog cat barks sleeps on in street house and , . ! ? not very what is this".split()
WIDTH = 16


def save_wordpiece_tokenizer(folder: Path, longest: int) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    letters = [chr(code) for code in range(ord("a"), ord("z") + 1)] + list("0123456789éß€世界人")
    pieces = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *WORDS, *letters, *(f"##{letter}" for letter in letters)]
    vocab = {piece: index for index, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(vocab, unk_token="[UNK]", max_input_chars_per_word=10_000))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", vocab["[CLS]"]), ("[SEP]", vocab["[SEP]"])]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {f"{name.lower()}_token": f"[{name}]" for name in ("PAD", "UNK", "CLS", "SEP", "MASK")}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": longest, **special}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf8")


def save_byte_tokenizer(folder: Path, longest: int) -> None:
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers

    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    special = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    trainer = trainers.BpeTrainer(
        vocab_size=320,
        special_tokens=special,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(WORDS)] * 3, trainer)
    tokenizer.post_processor = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    settings = {"tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": longest}
    settings |= {f"{name}_token": piece for name, piece in names.items()}
    settings |= {"model_input_names": ["input_ids", "attention_mask"]}
    (folder / "tokenizer_config.json").write_text(json.dumps(settings), encoding="utf8")


def save_model(folder: Path, kind: str, positions: int, seed: int = 0, **settings: Any) -> None:
    import torch
    from transformers import AutoConfig, AutoModel

    torch.manual_seed(seed)
    settings.setdefault("hidden_size", WIDTH)
    config = AutoConfig.for_model(
        kind, num_hidden_layers=2, num_attention_heads=2, intermediate_size=32, vocab_size=320,
        max_position_embeddings=positions, initializer_range=0.2, hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0, **settings,
    )  # fmt: skip
    AutoModel.from_config(config).save_pretrained(folder)


@pytest.fixture(scope="session")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a BERT of two layers that takes 64 pieces, without dropout."""
    folder = tmp_path_factory.mktemp("tiny-bert")
    save_wordpiece_tokenizer(folder, 64)
    save_model(folder, "bert", 64)
    return folder


@pytest.fixture(scope="session")
def tiny_roberta(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a RoBERTa of two layers that takes 64 pieces; its tokenizer knows no limit."""
    folder = tmp_path_factory.mktemp("tiny-roberta")
    save_byte_tokenizer(folder, 1 << 60)
    save_model(folder, "roberta", 66, pad_token_id=1, bos_token_id=0, eos_token_id=2)
    return folder


DOC_SPANS = {"@span_getters": "spacy-transformers.doc_spans.v1"}
MEAN = {"@layers": "reduce_mean.v1"}


def model_config(folder: Path | str, spans: Any = None, **settings: Any) -> dict[str, Any]:
    """The block of a TransformerModel.v3."""
    block = {"@architectures": "spacy-transformers.TransformerModel.v3", "name": str(folder)}
    return {**block, "get_spans": spans or DOC_SPANS, **settings}


def listener_config(upstream: str = "*", grad_factor: Any = 1.0) -> dict[str, Any]:
    """The block of a TransformerListener.v1."""
    block = {"@architectures": "spacy-transformers.TransformerListener.v1", "pooling": MEAN}
    return {**block, "grad_factor": grad_factor, "upstream": upstream}


@pytest.fixture
def make_model(tiny: Path) -> Callable[..., Any]:
    """Makes a loaded TransformerModel of the tiny BERT, or of another folder."""

    def make(spans: Any = None, folder: Path | None = None, **settings: Any) -> Any:
        from spanwright import registry

        model = registry.resolve({"model": model_config(folder or tiny, spans, **settings)})["model"]
        model.initialize()
        return model

    return make


@pytest.fixture
def nlp(tiny: Path) -> Any:
    """An English pipeline with only a transformer, whose windows are whole Docs."""
    import spanwright

    pipeline = spanwright.blank("xx")
    pipeline.add_pipe("transformer", config={"model": model_config(tiny)})
    pipeline.get_pipe("transformer").model.initialize()
    return pipeline


@pytest.fixture
def kit() -> SimpleNamespace:
    """The parts of this file, for tests that build something else."""
    return SimpleNamespace(
        model_config=model_config, listener_config=listener_config, mean=MEAN, doc_spans=DOC_SPANS, width=WIDTH,
        save_model=save_model, save_wordpiece_tokenizer=save_wordpiece_tokenizer,
        save_byte_tokenizer=save_byte_tokenizer,
    )  # fmt: skip


def register_head() -> None:
    """A component `trf_test_head`: two numbers a token, learnt from its word."""
    import numpy
    from thinc.api import Linear, chain, with_array

    from spanwright.language import Language
    from spanwright.pipe import TrainablePipe

    class Head(TrainablePipe):
        def predict(self, docs: Any) -> Any:
            return self.model.predict(list(docs))

        def set_annotations(self, docs: Any, scores: Any) -> None:
            for doc, score in zip(docs, scores, strict=True):
                doc.user_data[self.name] = score

        def get_loss(self, examples: Any, scores: Any) -> Any:
            golds = [numpy.array([[len(t) / 5, t.i % 2] for t in eg.y], dtype="f").reshape(-1, 2) for eg in examples]
            gradients = [score - gold for score, gold in zip(scores, golds, strict=True)]
            return float(sum((g**2).sum() for g in gradients)), gradients

        def initialize(self, get_examples: Any, *, nlp: Any = None) -> None:
            docs = [eg.x for eg in self._sample(get_examples)]
            self._initialize_model(docs, [numpy.zeros((len(doc), 2), dtype="f") for doc in docs])

    def wide(ops: Any, shape: Any) -> Any:
        return ops.asarray(numpy.random.default_rng(0).uniform(-0.5, 0.5, shape).astype("f"))

    def make(nlp: Any, name: str, tok2vec: Any) -> Any:
        model = chain(tok2vec, with_array(Linear(nO=2, nI=WIDTH, init_W=wide)))
        return Head(nlp.vocab, model, name)

    Language.factory("trf_test_head", default_config={"tok2vec": listener_config()}, func=make)


@pytest.fixture
def make_nlp(tiny: Path) -> Callable[..., Any]:
    """Makes an initialized pipeline: a transformer with windows of 4 tokens, and heads that listen to it."""
    register_head()

    def make(
        heads: dict[str, Any] | None = None, model: dict[str, Any] | None = None, own: dict[str, Any] | None = None,
        upstreams: dict[str, Path] | None = None,
    ) -> Any:  # fmt: skip
        import spanwright
        from spanwright.tokens import Example

        spans = {"@span_getters": "spacy-transformers.strided_spans.v1", "window": 4, "stride": 3}
        config = {"spanwright": {"components": {"transformer": own}}} if own else {}
        nlp = spanwright.blank("xx", config=config)
        for name, folder in (upstreams or {"transformer": tiny}).items():
            nlp.add_pipe("transformer", name=name, config={"model": model_config(folder, spans, **(model or {}))})
        for name, block in (heads or {"first": listener_config(), "second": listener_config()}).items():
            nlp.add_pipe("trf_test_head", name=name, config={"tok2vec": block})
        nlp.initialize(lambda: [Example(doc, doc) for doc in [nlp.make_doc("a dog")]])
        return nlp

    return make
