"""Train a pipeline from a config file.

    spanwright train config.cfg --output runs/first --paths.train train.spacy --paths.dev dev.spacy
    spanwright train config.cfg --output runs/first --paths.train train.spacy --paths.dev dev.spacy --resume

Any setting of the config can be overridden: --training.max_steps 100. The output folder gets model-best, model-last,
the log training.jsonl, the page report.html, and checkpoint.msgpack, from which --resume goes on after a crash or
Ctrl-C.
"""

from __future__ import annotations

import logging
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from spanwright.config import load_config
from spanwright.errors import ConfigError, MissingFileError, Problem
from spanwright.util import dict_to_dot, import_file

from ..errors import CodeImportError

STATUS_AFTER_INTERRUPT = 130


def train(
    config_path: str | Path,
    output_path: str | Path | None = None,
    *,
    use_gpu: int = -1,
    overrides: Mapping[str, Any] = {},
    code: str | Path | None = None,
    strict: bool = False,
    resume: bool = False,
    stdout: IO[str] | None = None,
    stderr: IO[str] | None = None,
) -> tuple[Any, Path | None]:
    """Train a pipeline from a config file, and return it with the folder of the last model.

    config_path: The file; "-" reads standard input.
    output_path: Folder for the models, the log, the report and the run's saved state; None keeps nothing.
    use_gpu: Number of the GPU; -1 uses the CPU.
    overrides: Changed settings by dotted path.
    code: Python file to import first, with functions that the config names.
    strict: Refuse a config that leaves out settings, in the place of filling them with defaults.
    resume: Go on with the run in `output_path`.
    stdout, stderr: Where messages and the progress bar go; by default those of the process.

    Raises ConfigError with all that is wrong in the config, CodeImportError (an ImportError) if `code` cannot be
    imported, TrainingError (a ValueError) for what goes wrong in training.
    """
    from ..initialize import init_nlp
    from ..loop import train as train_nlp

    out, err = stdout or sys.stdout, stderr or sys.stderr
    import_code(code)
    config = load_config(config_path, overrides=overrides)
    check_overrides(config_path, config, overrides)
    choose_device(use_gpu)
    nlp = init_nlp(config, use_gpu=use_gpu)
    report_filled(config, nlp.config, out, strict=strict)
    return train_nlp(nlp, output_path, use_gpu=use_gpu, stdout=out, stderr=err, resume=resume)


def import_code(path: str | Path | None) -> None:
    """Import the file of `--code`. Raises CodeImportError (an ImportError) with file and line of what went wrong."""
    if path is None:
        return
    if not Path(path).is_file():
        raise CodeImportError(f"--code {path}: there is no such file.")
    try:
        import_file("python_code", path)
    except Exception as error:
        where = _line_in(error, str(path))
        raise CodeImportError(f"--code {path} cannot be imported{where}: {type(error).__name__}: {error}") from error


def _line_in(error: Exception, path: str) -> str:
    line = error.lineno if isinstance(error, SyntaxError) else None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == path:
            line = trace.tb_lineno
        trace = trace.tb_next
    return f" (line {line})" if line else ""


def check_overrides(path: str | Path, config: Mapping[str, Any], overrides: Mapping[str, Any]) -> None:
    """Raise ConfigError for an override of a setting that neither the config nor the defaults have.

    Blocks of functions take any key: their functions say themselves what they do not know.
    """
    from spanwright.language import Language

    if str(path) == "-" or not overrides:
        return
    from spanwright.config import exists, find
    from spanwright.registry import nearest

    plain = load_config(path)
    problems = []
    for key, value in overrides.items():
        section, _, name = key.rpartition(".")
        closed = section.split(".")[0] in CLOSED and len(section.split(".")) == 1
        if not closed or exists(plain, key) or exists(Language.default_config, key):
            continue
        known = {*(find(plain, section) or {}), *(find(Language.default_config, section) or {})}
        close = nearest(name, sorted(known), limit=1)
        hint = f" Did you mean {section}.{close[0]}?" if close else f" There are: {', '.join(sorted(known))}."
        message = f"can't override '{key}': [{section}] has no such setting.{hint}"
        problems.append(
            Problem(section, name, message, kind="unexpected", found=value, nearest=close[0] if close else None)
        )
    if problems:
        raise ConfigError(problems, title="Some overrides name no setting")


CLOSED = ("training", "nlp", "system", "paths", "initialize")


def choose_device(use_gpu: int) -> None:
    """Use a GPU, if one is asked for. Raises ValueError if there is none."""
    if use_gpu >= 0:
        from thinc.api import require_gpu

        require_gpu(use_gpu)


def report_filled(given: Mapping[str, Any], filled: Mapping[str, Any], stdout: IO[str], *, strict: bool) -> None:
    """Say which settings were left out and got their defaults; raise ConfigError if that is not wanted.

    Sections that are there for other programs, and score weights, which components propose, do not count.
    """
    before, after = dict_to_dot(given), dict_to_dot(filled)
    sections = ("nlp", "components", "corpora", "training", "initialize")
    missing = [
        key
        for key in after
        if key not in before and key.split(".")[0] in sections and not key.startswith("training.score_weights.")
    ]
    missing = [key for key in missing if not _is_sourced(given, key)]
    if not missing:
        return
    if strict:
        problems = []
        for key in missing:
            section, _, name = key.rpartition(".")
            problems.append(Problem(section, name, f"is left out; its default is {after[key]!r}.", kind="missing"))
        raise ConfigError(problems, title="--strict: the config is not complete (spanwright init fill-config mends it)")
    stdout.write(f"\u2139 Left out in the config, so the defaults are used ({len(missing)}):\n")
    for key in missing:
        stdout.write(f"    {key} = {after[key]!r}\n")


def _is_sourced(given: Mapping[str, Any], key: str) -> bool:
    parts = key.split(".")
    block = (given.get("components") or {}).get(parts[1]) if parts[0] == "components" else None
    return isinstance(block, Mapping) and "source" in block


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("config_path", help='config file; "-" reads standard input')
    parser.add_argument("--output", "--output-path", "-o", help="folder for models, log, report and saved state")
    parser.add_argument("--code", "--code-path", "-c", help="Python file to import first, with functions of yours")
    parser.add_argument("--gpu-id", "-g", type=int, default=-1, help="GPU to use; -1 (the default) uses the CPU")
    parser.add_argument("--strict", action="store_true", help="refuse a config that leaves out settings")
    parser.add_argument("--resume", action="store_true", help="go on with the run in the output folder")
    parser.add_argument("--verbose", "-V", "-VV", action="store_true", help="say more of what is done")


def run(args: Namespace) -> int:
    """Train."""
    from ..errors import TrainingInterrupted

    if args.verbose:
        logging.basicConfig(level=logging.INFO, format="%(message)s")
    if args.resume and not args.output:
        raise MissingFileError("--resume needs --output: the folder of the run to go on with.")
    try:
        train(
            args.config_path,
            args.output,
            use_gpu=args.gpu_id,
            overrides=args.overrides,
            code=args.code,
            strict=args.strict,
            resume=args.resume,
        )
    except TrainingInterrupted:
        return STATUS_AFTER_INTERRUPT
    return 0
