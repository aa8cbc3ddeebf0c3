"""From a config to a pipeline that is ready for training."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping
from itertools import islice
from typing import Any

from spanwright.config import Config
from spanwright.errors import SpanwrightError, SpanwrightWarning
from spanwright.registry import nearest

from .errors import EmptyCorpusError, TrainingError
from .random_state import random_state_kept
from .settings import Settings, check_names, check_plain, read_settings

logger = logging.getLogger("spanwright")
STREAMED_SAMPLE = 100  # examples that labels and shapes are read from, where a corpus is streamed; as in spaCy


def init_nlp(config: Mapping[str, Any], *, use_gpu: int = -1) -> Any:
    """Make and initialize the pipeline that a config describes, for `spanwright_training.loop.train`.

    config: The config, complete or not: the language's defaults are put under it. References may stand in it.
    use_gpu: Number of the GPU that has been chosen, -1 for none: with one, [training] gpu_allocator is set.

    Components with a `source` keep their weights and go on learning, unless they are frozen; the others are
    initialized from the training corpus and [initialize], frozen ones only if others can listen to them. A streamed
    corpus (max_epochs = -1) is read no further than its first 100 examples: give the labels in [initialize] then.

    Returns the pipeline. Raises ConfigError with all that is wrong in the config, TrainingError (a ValueError) for a
    corpus without examples, components that do not exist, and the like.
    """
    from spanwright.language.loading import load_model_from_config

    raw = config if isinstance(config, Config) else Config(config, is_interpolated=False)
    plain = raw.interpolate()
    check_plain(plain)
    prepare_device(plain, use_gpu)
    if isinstance(plain.get("training"), Mapping) and isinstance(plain.get("nlp"), Mapping):
        check_names(list(plain["nlp"].get("pipeline") or ()), plain)
    sourced = [name for name, block in (plain.get("components") or {}).items() if "source" in (block or {})]
    nlp = load_model_from_config(raw, auto_fill=True)
    filled = nlp.config.interpolate()
    settings = read_settings(nlp, filled)
    warn_of_unread(nlp, filled)
    check_corpus(nlp, settings)
    frozen = settings["frozen_components"]
    resumed = [name for name in nlp.pipe_names if name in sourced and name not in frozen]
    logger.info("Pipeline: %s", nlp.pipe_names)
    if resumed:
        with nlp.select_pipes(enable=resumed):
            logger.info("Training goes on for: %s", resumed)
            nlp.resume_training(sgd=settings["optimizer"])
    nlp._link_components()
    # A frozen upstream without a source has no weights but those that it begins with: a pretrained transformer's, say.
    fixed = [name for name in frozen if name in sourced or not hasattr(nlp.get_pipe(name), "broadcast")]
    still = [name for name in (*fixed, *resumed) if name in nlp.pipe_names]
    with nlp.select_pipes(disable=still):
        initialize(nlp, settings)
    warn_of_listeners(nlp, settings)
    return nlp


def prepare_device(config: Mapping[str, Any], use_gpu: int) -> None:
    """Seed the random numbers, and choose how memory of the GPU is had, as [training] says."""
    from thinc.api import fix_random_seed, set_gpu_allocator

    training = config.get("training") or {}
    if training.get("seed") is not None:
        fix_random_seed(training["seed"])
    if use_gpu >= 0 and training.get("gpu_allocator"):
        set_gpu_allocator(training["gpu_allocator"])


def check_corpus(nlp: Any, settings: Settings) -> None:
    """Raise EmptyCorpusError if the training corpus has nothing in it. Draws no random numbers."""
    with random_state_kept():
        for _ in settings.train_corpus(nlp):
            return
    name = settings["train_corpus"]
    raise EmptyCorpusError(
        f"The training corpus [{name}] has no examples. Look at its path (--paths.train), and at settings that leave "
        "examples out (max_length, limit)."
    )


def initialize(nlp: Any, settings: Settings) -> None:
    """Initialize the active components. An error says which corpus they were to learn their labels from."""
    corpus = settings.train_corpus

    def examples() -> Any:
        found = corpus(nlp)
        return islice(found, STREAMED_SAMPLE) if settings["max_epochs"] == -1 else found

    try:
        nlp.initialize(examples, sgd=settings["optimizer"])
    except SpanwrightError as error:
        if "no labels" in str(error):
            sample = f", of which the first {STREAMED_SAMPLE} were read," if settings["max_epochs"] == -1 else ""
            raise TrainingError(
                f"{error} The examples of [{settings['train_corpus']}]{sample} have none of its annotation."
            ) from error
        raise
    logger.info("Initialized: %s", nlp.pipe_names)


def warn_of_unread(nlp: Any, config: Mapping[str, Any]) -> None:
    """Warn of settings of [initialize] that nobody reads, so that they do not go unnoticed."""
    given = config.get("initialize") or {}
    notes = []
    for name in given.get("components") or {}:
        if name not in nlp.component_names:
            close = nearest(name, nlp.component_names, limit=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"There are: {', '.join(nlp.component_names)}."
            notes.append(f"[initialize.components.{name}] is for a component that is not in the pipeline. {hint}")
    if given.get("tokenizer") and not hasattr(nlp.tokenizer, "initialize"):
        notes.append("[initialize.tokenizer] is not read: this tokenizer has nothing to initialize.")
    if given.get("init_tok2vec") and not config.get("pretraining"):
        notes.append(
            f"[initialize] init_tok2vec = {str(given['init_tok2vec'])!r} is not loaded: the config has no section "
            "[pretraining], which says the component that the weights are for."
        )
    for note in notes:
        warnings.warn(note, SpanwrightWarning, stacklevel=3)


def warn_of_listeners(nlp: Any, settings: Settings) -> None:
    """Warn where an upstream and its listeners are not frozen alike, so that one will not fit the other."""
    frozen = settings["frozen_components"]
    moving = {name: component.broadcast for name, component in nlp.pipeline if hasattr(component, "broadcast")}
    for upstream, broadcast in moving.items():
        if upstream in frozen:
            continue
        for fixed in (name for name in broadcast.listener_map if name in frozen and name in nlp.pipe_names):
            warnings.warn(
                f"'{fixed}' is frozen, and '{upstream}', which it listens to, is not: its scores will get worse as "
                f"'{upstream}' changes. Freeze both, or give '{fixed}' its own copy: replace_listeners = "
                f'["model.tok2vec"] in [components.{fixed}].',
                SpanwrightWarning,
                stacklevel=3,
            )
