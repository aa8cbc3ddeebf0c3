"""The sections [training], [corpora] and [spanwright.training] of a config as objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spanwright.config import SCHEMAS, Config, exists, resolve
from spanwright.errors import ConfigError, Problem

from .errors import TrainingError, UnknownNameError
from .readers.files import NoPathError
from .series import Counted, PerStep, count_schedules

ALLOCATORS = ("pytorch", "tensorflow")


@dataclass
class Own:
    """[spanwright.training]: settings that only Spanwright knows.

    checkpoint: Save the state of the run after each evaluation, for `--resume`.
    checkpoint_every: Save it every so many steps too; 0 for never. Advised: as many steps as you can spare.
    log: Write training.jsonl.
    report: Write report.html at the end.
    """

    checkpoint: bool = True
    checkpoint_every: int = 0
    log: bool = True
    report: bool = True


@dataclass
class Settings:
    """What the loop needs: values of [training], with its functions called."""

    values: Mapping[str, Any]
    train_corpus: Callable[[Any], Any]
    dev_corpus: Callable[[Any], Any]
    dropout: PerStep
    series: dict[str, Counted]
    own: Own = field(default_factory=Own)

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


def read_settings(nlp: Any, config: Config) -> Settings:
    """Resolve what training needs from an interpolated config.

    Raises ConfigError with all that is wrong in [training], UnknownNameError for a corpus or component that is not
    there, TrainingError for impossible values.
    """
    training = dict(config["training"])
    check_names(nlp.component_names, config)
    batcher, series = count_schedules(
        training["batcher"], "training.batcher", lambda path: resolve(config, section=path)
    )
    whole = Config(config, is_interpolated=True)
    whole["training"] = {**training, "batcher": batcher}
    whole._lines = dict(config._lines)
    values = resolve(whole, section="training", schema=SCHEMAS["training"])
    check_values(values)
    corpora = [resolve_corpus(config, values, setting) for setting in ("train_corpus", "dev_corpus")]
    return Settings(values, corpora[0], corpora[1], PerStep(values["dropout"]), series, read_own(config))


def read_own(config: Mapping[str, Any]) -> Own:
    """[spanwright.training]. Raises ConfigError for settings that there are not."""
    block = (config.get("spanwright") or {}).get("training") or {}
    return Own(**resolve({"own": dict(block)}, section="own", schema=Own)) if block else Own()


def resolve_corpus(config: Mapping[str, Any], values: Mapping[str, Any], setting: str) -> Any:
    """The corpus that [training] train_corpus or dev_corpus names by its dotted path."""
    name = values[setting]
    if not isinstance(name, str):
        raise TrainingError(
            f'[training] {setting} must name a corpus of this config by its path, as in "corpora.train"; found '
            f"{type(name).__name__}."
        )
    if not exists(config, name):
        known = [f"corpora.{key}" for key in config.get("corpora") or {}]
        raise UnknownNameError(setting, name, known, what="section")
    section, _, key = name.rpartition(".")
    try:
        block = resolve(config, section=name)
    except NoPathError as error:
        raise NoPathError(f"[{name}], the corpus of [training] {setting}, cannot be read. {error}") from error
    except ConfigError:
        if section and "@readers" in (config.get(section) or {}):
            return resolve(config, section=section)[key]  # one reader that gives several corpora
        raise
    if not callable(block):
        problem = Problem(section, key, f"[{name}] is no corpus: it needs @readers.", found=type(block).__name__)
        raise ConfigError([problem])
    return block


def check_names(components: list[str], config: Mapping[str, Any]) -> None:
    """Raise UnknownNameError if [training] freezes, or lets annotate, a component that is not in the pipeline."""
    for setting in ("frozen_components", "annotating_components"):
        for name in config["training"].get(setting) or ():
            if name not in components:
                raise UnknownNameError(setting, str(name), components)


def check_plain(config: Mapping[str, Any]) -> None:
    """Raise TrainingError for values of [training] that are needed before the section as a whole is looked at."""
    training = config.get("training") or {}
    seed = training.get("seed")
    if seed is not None and (not isinstance(seed, int) or seed < 0):
        raise TrainingError(f"[training] seed must be a whole number from 0 on, or null for none; found {seed!r}.")
    allocator = training.get("gpu_allocator")
    if allocator and allocator not in ALLOCATORS:
        raise TrainingError(
            f"[training] gpu_allocator must be {' or '.join(ALLOCATORS)}, or null; found {allocator!r}."
        )
    weights = training.get("score_weights") or {}
    if not isinstance(weights, Mapping):
        raise TrainingError(f"[training.score_weights] must give each score a weight; found {weights!r}.")
    for key, weight in weights.items():
        if weight is not None and (isinstance(weight, bool) or not isinstance(weight, (int, float))):
            raise TrainingError(
                f"[training.score_weights] {key} must be a number, or null to hide it; found {weight!r}."
            )


def check_values(values: Mapping[str, Any]) -> None:
    """Raise TrainingError for numbers with which no step could be taken."""
    for key, low in (("accumulate_gradient", 1), ("eval_frequency", 1), ("max_epochs", -1), ("max_steps", 0)):
        if values[key] < low:
            raise TrainingError(f"[training] {key} must be at least {low}; found {values[key]}.")
    dropout = values["dropout"]
    if isinstance(dropout, (int, float)) and not 0 <= dropout < 1:
        raise TrainingError(f"[training] dropout is the share of values to drop, from 0 to below 1; found {dropout}.")
    if values["patience"] < 0:
        raise TrainingError(f"[training] patience must be at least 0 (0: never stop); found {values['patience']}.")
