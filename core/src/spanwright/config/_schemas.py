"""What the fixed sections of a pipeline's config hold. Each field is a setting; a default makes it optional."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass
class NlpSection:
    """[nlp]: language, order of components, tokenizer, and callbacks while the pipeline is made."""

    lang: str
    tokenizer: Callable[..., Any]
    pipeline: list[str]
    disabled: list[str]
    before_creation: Callable[..., Any] | None
    after_creation: Callable[..., Any] | None
    after_pipeline_creation: Callable[..., Any] | None
    batch_size: int | None
    vectors: Callable[..., Any]


@dataclass
class TrainingSection:
    """[training]: the training loop."""

    seed: int | None
    gpu_allocator: str | None
    accumulate_gradient: int
    patience: int
    max_epochs: int
    max_steps: int
    eval_frequency: int
    score_weights: dict[str, float | int | None]
    frozen_components: list[str]
    annotating_components: list[str]
    train_corpus: str
    dev_corpus: str
    batcher: Any
    optimizer: Any
    logger: Any
    dropout: float
    before_to_disk: Callable[..., Any] | None
    before_update: Callable[..., Any] | None


@dataclass
class InitializeSection:
    """[initialize]: what `nlp.initialize` reads."""

    vocab_data: str | None = None
    lookups: Any = None
    vectors: str | Path | None = None
    init_tok2vec: str | Path | None = None
    tokenizer: dict[str, Any] | None = None
    components: dict[str, Any] | None = None
    before_init: Callable[..., Any] | None = None
    after_init: Callable[..., Any] | None = None


@dataclass
class PretrainingSection:
    """[pretraining]: the pretraining loop."""

    max_epochs: int
    dropout: float
    n_save_every: int | None
    n_save_epoch: int | None
    optimizer: Any
    corpus: str
    batcher: Any
    component: str
    layer: str
    objective: Callable[..., Any]


SCHEMAS = {
    "nlp": NlpSection,
    "training": TrainingSection,
    "initialize": InitializeSection,
    "pretraining": PretrainingSection,
}
