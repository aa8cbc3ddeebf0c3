"""Check a config whole: every section is resolved, and all that is wrong is shown at once.

spanwright debug config config.cfg --paths.train train.spacy --paths.dev dev.spacy
spanwright debug config config.cfg --show-functions --show-variables
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spanwright.config import SCHEMAS, Config, find, load_config, providers, resolve
from spanwright.errors import ConfigError, Problem

from ..errors import TrainingError
from .init_config import require_config
from .train import check_overrides, import_code

VARIABLE = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")


def debug_config(
    config_path: str | Path,
    *,
    overrides: Mapping[str, Any] = {},
    code: str | Path | None = None,
    show_funcs: bool = False,
    show_vars: bool = False,
    silent: bool = True,
) -> Config:
    """Check a config: make the pipeline of it, and resolve [initialize], [training] and the corpora it names.

    config_path: The config.
    overrides: Changed settings by dotted path.
    code: Python file to import first, with functions that the config names.
    show_funcs: Print who provides each function that the config names, and where its code is.
    show_vars: Print the variables `${...}` and their values.
    silent: Print nothing, whatever the two say.

    Returns the config, complete and with values in the place of variables. Raises ConfigError (a ValueError) with the
    problems of all sections, MissingFileError (a FileNotFoundError), CodeImportError (an ImportError).
    """
    from spanwright.language.loading import load_model_from_config

    require_config(config_path)
    import_code(code)
    config = load_config(config_path, overrides=overrides)
    check_overrides(config_path, config, overrides)
    problems: list[Problem] = []
    try:
        nlp = load_model_from_config(config, auto_fill=True)
        filled = nlp.config.interpolate()
    except ConfigError as error:
        # The other sections can be looked at without the pipeline.
        problems += error.problems
        filled = config.merge({}).interpolate()
    problems += _check(filled)
    if problems:
        raise ConfigError(_once(problems))
    if not silent:
        print("The config is valid.")
        if show_vars:
            print(_render_variables(config))
        if show_funcs:
            print(_render_functions(filled))
    return filled


def _check(config: Config) -> list[Problem]:
    """The problems of [initialize], [training] and the corpora."""
    problems: list[Problem] = []
    for section in ("initialize", "training"):
        if section not in config:
            continue
        try:
            resolve(config, section=section, schema=SCHEMAS[section])
        except ConfigError as error:
            problems += error.problems
    training = config.get("training") or {}
    for setting in ("train_corpus", "dev_corpus"):
        if setting in training:
            problems += _check_corpus(config, training, setting)
    problems += _check_names(config)
    return problems


def _check_corpus(config: Config, training: Mapping[str, Any], setting: str) -> list[Problem]:
    from ..settings import resolve_corpus

    try:
        resolve_corpus(config, training, setting)
    except ConfigError as error:
        return list(error.problems)
    except (TrainingError, ValueError, OSError) as error:
        return [Problem("training", setting, str(error), kind="call", found=training[setting])]
    return []


def _check_names(config: Config) -> list[Problem]:
    from ..settings import check_names, check_plain

    try:
        check_plain(config)
        check_names(list((config.get("nlp") or {}).get("pipeline") or ()), {"training": config.get("training") or {}})
    except TrainingError as error:
        return [Problem("training", None, str(error), kind="reference")]
    return []


def _once(problems: list[Problem]) -> list[Problem]:
    return list({(one.section, one.key, one.message): one for one in problems}.values())


def _render_variables(config: Config) -> str:
    from spanwright.cli._output import table

    names = sorted(set(VARIABLE.findall(config.to_str(interpolate=False))))
    values = config.interpolate()
    rows = [(f"${{{name}}}", repr(find(values, name.replace(":", ".")))) for name in names]
    return f"\nVariables ({len(rows)})\n" + table(rows, header=("VARIABLE", "VALUE"))


def _render_functions(config: Config) -> str:
    found = providers(config)
    lines = [f"\nFunctions ({len(found)})"]
    for path, provider in found.items():
        place = f"{provider.file}:{provider.line}" if provider.file else provider.module
        lines.append(f"[{path}]\n  {provider.name} ({provider.registry}), from {provider.owner}\n  {place}")
    return "\n".join(lines)


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("config_path", help="the config")
    parser.add_argument("--code", "--code-path", "-c", help="Python file to import first")
    parser.add_argument("--show-functions", "-F", action="store_true", help="who provides each function")
    parser.add_argument("--show-variables", "-V", action="store_true", help="variables and their values")


def run(args: Namespace) -> int:
    """Check the config."""
    debug_config(
        args.config_path,
        overrides=args.overrides,
        code=args.code,
        show_funcs=args.show_functions,
        show_vars=args.show_variables,
        silent=False,
    )
    return 0
