"""Try thresholds of a component on annotated data, and name the one with the best score.

spanwright find-threshold ./pipeline dev.spacy spancat threshold spans_sc_f
spanwright find-threshold ./pipeline dev.spacy textcat_multilabel threshold cats_macro_f --n_trials 21
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import InvalidValueError, MissingFileError, SpanwrightError
from ._output import note, table
from ._setup import add_pipeline_arguments
from .evaluate import read_examples

N_TRIALS = 11


class NoScorerError(SpanwrightError, AttributeError):
    """A component has no scorer, so that thresholds cannot be compared."""


def find_threshold(
    model: str | Path,
    data_path: str | Path,
    pipe_name: str,
    threshold_key: str,
    scores_key: str,
    *,
    n_trials: int = N_TRIALS,
    use_gpu: int = -1,
    gold_preproc: bool = False,
    silent: bool = True,
) -> tuple[float, float, dict[float, float]]:
    """Evaluate a pipeline with thresholds from 0 to 1 in even steps.

    model: Name or folder of the pipeline.
    data_path: .spacy file, or a folder that is searched for them.
    pipe_name: The component.
    threshold_key: Where its threshold stands in its settings, with dots between: "threshold".
    scores_key: The score to make large. For textcat_multilabel use cats_macro_f or cats_micro_f.
    n_trials: How many thresholds.
    use_gpu: Number of the GPU; -1 uses the CPU.
    gold_preproc: Give the pipeline single sentences with gold tokens.
    silent: Do not print the table.

    Returns the best threshold (the lowest of equals), its score, and the score of each threshold.
    Raises UnknownComponentError (a KeyError), NoScorerError (an AttributeError), and InvalidValueError (a ValueError)
    for a setting or score that is not there, or is no number.
    """
    from ._setup import load_pipeline

    data = Path(data_path)
    if not data.exists():
        raise MissingFileError(f"There is no data {data}. Expected a .spacy file or a folder with them.")
    if n_trials < 2:
        raise InvalidValueError(f"--n_trials: thresholds go from 0 to 1, so at least 2 are needed, found {n_trials}.")
    nlp = load_pipeline(model, gpu_id=use_gpu)
    if not hasattr(nlp.get_pipe(pipe_name), "scorer"):
        raise NoScorerError(f"The component '{pipe_name}' has no scorer, so its thresholds cannot be compared.")
    path = ["components", pipe_name, *threshold_key.split(".")]
    _check_setting(nlp.config.interpolate(), path)
    examples = list(read_examples(nlp, data, gold_preproc=gold_preproc))
    scores: dict[float, float] = {}
    for i in range(n_trials):
        threshold = i / (n_trials - 1)
        scores[threshold] = _trial(model, examples, path, threshold, scores_key)
    best = max(scores, key=lambda threshold: scores[threshold])
    if not silent:
        print(table([(f"{key:.3f}", f"{score:.3f}") for key, score in scores.items()], ("Threshold", scores_key)))
        _conclude(best, scores, scores_key)
    return best, scores[best], scores


def _trial(model: Any, examples: list[Any], path: list[str], threshold: float, scores_key: str) -> float:
    from ..language import load
    from ..tokens import Example

    nlp = load(model, config={".".join(path): threshold})
    # A component may keep the setting beside its model, and read it back from there.
    kept = getattr(nlp.get_pipe(path[1]), "cfg", None)
    for key in path[2:-1]:
        kept = kept.get(key) if isinstance(kept, Mapping) else None
    if isinstance(kept, dict):
        kept[path[-1]] = threshold
    fresh = [Example(nlp.make_doc(eg.reference.text), eg.reference) for eg in examples]
    found = nlp.evaluate(fresh)
    score = found.get(scores_key)
    if scores_key not in found:
        raise InvalidValueError(f"There is no score '{scores_key}'. There are: {', '.join(found)}.")
    if isinstance(score, bool) or not isinstance(score, (int, float)):
        raise InvalidValueError(f"The score '{scores_key}' is no number, found {type(score).__name__}. Name another.")
    return float(score)


def _check_setting(config: Mapping[str, Any], path: list[str]) -> None:
    block: Any = config
    for i, key in enumerate(path):
        if not isinstance(block, Mapping) or key not in block:
            known = ", ".join(block) if isinstance(block, Mapping) else "none"
            raise InvalidValueError(f"[{'.'.join(path[:i])}] has no setting '{key}'. It has: {known}.")
        block = block[key]
    if isinstance(block, bool) or not isinstance(block, (int, float)):
        raise InvalidValueError(f"{'.'.join(path)} is no threshold: expected a number, found {block!r}.")


def _conclude(best: float, scores: Mapping[float, float], scores_key: str) -> None:
    if len(set(scores.values())) == 1:
        note(
            "All scores are the same: this threshold does not change them. "
            "(textcat has exclusive classes and no threshold; for textcat_multilabel use cats_macro_f or cats_micro_f.)"
        )
        return
    print(f"\nBest threshold: {round(best, 4)} with {scores_key} of {scores[best]:.4f}")


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", help="name or folder of a pipeline")
    parser.add_argument("data_path", help=".spacy file, or a folder with them")
    parser.add_argument("pipe_name", help="name of the component")
    parser.add_argument("threshold_key", help="its setting, such as threshold")
    parser.add_argument("scores_key", help="score to make large, such as spans_sc_f")
    parser.add_argument("--n_trials", "--n-trials", "-n", type=int, default=N_TRIALS, help="how many thresholds (11)")
    parser.add_argument("--gold-preproc", "-G", action="store_true", help="single sentences with gold tokens")
    parser.add_argument("--verbose", "-V", "-VV", action="store_true", help="accepted; there is no more to tell")
    add_pipeline_arguments(parser)


def run(args: Namespace) -> int:
    """Print the scores."""
    if args.code is not None:
        from ..util import import_file

        import_file("python_code", args.code)
    find_threshold(
        args.model,
        args.data_path,
        args.pipe_name,
        args.threshold_key,
        args.scores_key,
        n_trials=args.n_trials,
        use_gpu=args.gpu_id,
        gold_preproc=args.gold_preproc,
        silent=False,
    )
    return 0
