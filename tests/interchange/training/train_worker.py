"""Train a config with the library that is named, and print scores, speed and memory as one line of JSON.

    python train_worker.py LIBRARY CONFIG OUTPUT [--section.key value ...]

Runs in the environment of either library (LIBRARY is its import name), so it uses only what both have.
"""

from __future__ import annotations

import hashlib
import importlib
import io
import json
import resource
import sys
import time
from typing import Any


class Watch:
    """Wraps a method, and adds up how long its calls take, by the clock and by the processor."""

    def __init__(self, owner: Any, name: str) -> None:
        self.wall = self.cpu = 0.0
        self.calls = 0
        self.inner = getattr(owner, name)
        setattr(owner, name, self)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            return self.inner(*args, **kwargs)
        finally:
            self.wall += time.perf_counter() - wall
            self.cpu += time.process_time() - cpu
            self.calls += 1


def main(library: str, config_path: str, output: str, options: list[str]) -> None:
    util = importlib.import_module(f"{library}.util")
    initialize = importlib.import_module(f"{library}.training.initialize")
    loop = importlib.import_module(f"{library}.training.loop")
    infos: list[dict[str, Any]] = []

    @util.registry.loggers("bench.Keep.v1")
    def keep() -> Any:
        def set_up(nlp: Any, stdout: Any, stderr: Any) -> Any:
            return lambda info: infos.append(dict(info)) if info else None, lambda: None

        return set_up

    overrides = {key.removeprefix("--"): _value(text) for key, text in zip(options[::2], options[1::2], strict=True)}
    config = util.load_config(config_path, overrides=overrides, interpolate=False)
    config["training"]["logger"] = {"@loggers": "bench.Keep.v1"}
    begin = time.perf_counter(), time.process_time()
    nlp = initialize.init_nlp(config)
    ready = time.perf_counter(), time.process_time()
    evaluation, saving = Watch(nlp, "evaluate"), Watch(nlp, "to_disk")
    from pathlib import Path

    loop.train(nlp, Path(output), stdout=io.StringIO(), stderr=io.StringIO())
    end = time.perf_counter(), time.process_time()
    best = max(infos, key=lambda info: info["score"])
    words = infos[-1]["words"]
    dev_words = sum(len(example.predicted) for example in util.resolve_dot_names(
        nlp.config.interpolate(), [nlp.config["training"]["dev_corpus"]])[0](nlp)) * evaluation.calls  # fmt: skip
    wall = end[0] - ready[0] - evaluation.wall - saving.wall
    cpu = end[1] - ready[1] - evaluation.cpu - saving.cpu
    scores = {key: value for key, value in best["other_scores"].items() if isinstance(value, (int, float))}
    print(json.dumps({
        "library": library, "seed": config["system"]["seed"], "scores": scores, "step": best["step"],
        "score": best["score"], "words": words, "init_cpu": ready[1] - begin[1], "train_wall": wall,
        "train_cpu": cpu, "train_wps_wall": words / wall, "train_wps_cpu": words / cpu,
        "eval_wps_wall": dev_words / evaluation.wall, "eval_wps_cpu": dev_words / evaluation.cpu,
        "save_cpu": saving.cpu, "weights": _digest(nlp),
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }))  # fmt: skip


def _digest(nlp: Any) -> str:
    """A fingerprint of all weights."""
    found = hashlib.sha256()
    for _, pipe in nlp.pipeline:
        for node in pipe.model.walk():
            for name in node.param_names:
                if node.has_param(name):
                    found.update(node.get_param(name).tobytes())
    return found.hexdigest()[:16]


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
