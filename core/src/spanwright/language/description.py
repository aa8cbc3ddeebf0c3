"""What a pipeline says of itself: its meta data and its config."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ..config import Config
from ..errors import PipelineError
from .factories import FactoryMeta
from .provenance import READERS


class Description:
    """The properties `meta` and `config` of `Language`."""

    lang: str | None
    vocab: Any
    _meta: dict[str, Any]
    _config: Config
    pipe_labels: dict[str, list[str]]
    pipe_names: list[str]
    component_names: list[str]
    disabled: list[str]
    get_pipe_meta: Callable[[str], FactoryMeta]
    get_pipe_config: Callable[[str], Config]

    @property
    def meta(self) -> dict[str, Any]:
        """What meta.json holds: name and version, and what is true of the pipeline now (labels, vectors, order)."""
        meta = self._meta
        meta.setdefault("lang", self.vocab.lang or self.lang)
        defaults = {"name": "pipeline", "version": "0.0.0", "spacy_version": READERS}
        texts = dict.fromkeys(("description", "author", "email", "url", "license", "spacy_git_version"), "")
        for key, value in {**defaults, **texts}.items():
            meta.setdefault(key, value)
        vectors = self.vocab.vectors
        meta["vectors"] = {
            "width": self.vocab.vectors_length,
            "vectors": len(vectors),
            "keys": getattr(vectors, "n_keys", -1),
            "name": getattr(vectors, "name", None),
            "mode": str(getattr(vectors, "mode", "default")),
        }
        meta["labels"] = dict(self.pipe_labels)
        meta["pipeline"] = list(self.pipe_names)
        meta["components"] = list(self.component_names)
        meta["disabled"] = list(self.disabled)
        return meta

    @meta.setter
    def meta(self, value: dict[str, Any]) -> None:
        self._meta = value

    @property
    def config(self) -> Config:
        """The settings of the pipeline: those it was made from, with every component's as they are now.

        References such as `${paths.train}` are kept. Raises PipelineError (a ValueError) if a setting cannot be
        written down (an object that was put in).
        """
        config = self._config
        config.setdefault("nlp", {})
        config.setdefault("training", {})
        config["nlp"]["lang"] = self.lang
        config["nlp"]["pipeline"] = list(self.component_names)
        config["nlp"]["disabled"] = list(self.disabled)
        components, weights = {}, []
        for name in self.component_names:
            meta = self.get_pipe_meta(name)
            components[name] = {"factory": meta.factory, **self.get_pipe_config(name)}
            weights.append(_own_score_weights(meta, components[name]))
        config["components"] = components
        kept = config["training"].get("score_weights") or {}
        config["training"]["score_weights"] = combine_score_weights(weights, kept)
        check_serializable(config, "nlp.config")
        return config

    @config.setter
    def config(self, value: Config) -> None:
        self._config = value


def _own_score_weights(meta: FactoryMeta, settings: Mapping[str, Any]) -> dict[str, float | None]:
    """A component's score weights; those of a span group by its own key, not by the factory's default one."""
    weights = meta.default_score_weights or {}
    default, key = (meta.default_config or {}).get("spans_key"), settings.get("spans_key")
    if not isinstance(default, str) or not isinstance(key, str) or key == default:
        return dict(weights)
    prefix = f"spans_{default}_"
    return {
        f"spans_{key}_{name.removeprefix(prefix)}" if name.startswith(prefix) else name: weight
        for name, weight in weights.items()
    }


def combine_score_weights(
    weights: Iterable[Mapping[str, float | None]], overrides: Mapping[str, float | None] = {}
) -> dict[str, float | None]:
    """The components' score weights as one table that sums to 1.

    weights: Each component's weights.
    overrides: Weights that go before them. Weights of None and 0 stay as they are.
    """
    combined = {key: value for table in (*weights, overrides) for key, value in table.items()}
    total = sum(value or 0.0 for value in combined.values())
    return {key: round(value / total, 2) if value and total > 0 else value for key, value in combined.items()}


def check_serializable(settings: Any, where: str) -> None:
    """Raise PipelineError (a ValueError), naming the setting, if something cannot be written as JSON."""
    try:
        json.dumps(settings)
        return
    except (TypeError, ValueError, RecursionError) as error:
        cause = error
    path, value = _culprit(settings, ())
    if not path:
        raise PipelineError(f"{where} cannot be written down: {cause}.")
    raise PipelineError(
        f"The setting {'.'.join(path)} of {where} is a {type(value).__name__}, which a config cannot hold. Settings "
        "are numbers, texts, lists and dicts; name a registered function (@architectures, @misc, ...) to get an object."
    )


def _culprit(value: Any, path: tuple[str, ...]) -> tuple[tuple[str, ...], Any]:
    """The path of, and the first value in nested dicts and lists, that JSON does not know."""
    pairs = (
        value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, (list, tuple)) else ()
    )
    for key, inner in pairs:
        found = _culprit(inner, (*path, str(key)))
        if found[0]:
            return found
    known = isinstance(value, (Mapping, list, tuple, str, int, float, bool)) or value is None
    return ((), None) if known else (path, value)
