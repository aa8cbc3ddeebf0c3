"""Make an installable Python package of a pipeline.

spanwright package ./output/model-best ./packages --name core_news --version 1.2.0
pip install packages/fr_core_news-1.2.0/dist/*.whl

The wheel requires exactly the distributions that the pipeline uses. Nothing needs to be installed to build it, and no
network. Functions that only you have go into the package with --code.
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..errors import InvalidValueError, MissingFileError, PipelineError
from ._output import note

FORMATS = ("sdist", "wheel", "none")
ASKED = {
    "lang": "Language code",
    "name": "Name of the package",
    "version": "Version",
    "description": "Description",
    "author": "Author",
    "email": "Author's e-mail address",
    "url": "Author's website",
    "license": "License",
}


def package(
    input_dir: str | Path,
    output_dir: str | Path,
    meta_path: str | Path | None = None,
    code_paths: Sequence[str | Path] = (),
    name: str | None = None,
    version: str | None = None,
    create_meta: bool = False,
    create_sdist: bool = True,
    create_wheel: bool = True,
    require_parent: bool = True,
    force: bool = False,
    silent: bool = True,
) -> Path:
    """Make a package of a pipeline: the project folder OUTPUT/LANG_NAME-VERSION, and its files in `dist` there.

    input_dir: The pipeline's folder.
    output_dir: The folder to write to, which must exist.
    meta_path: Another meta.json than that of the pipeline.
    code_paths: Python files with registered functions that the pipeline names; they go into the package.
    name, version: Instead of those in meta.json.
    create_meta: Ask for the values of meta.json, proposing those it has.
    create_sdist, create_wheel: What to build.
    require_parent: Require spanwright-core.
    force: Replace a project folder that exists.
    silent: Do not tell what was made.

    Returns the project folder. Raises MissingFileError (a FileNotFoundError), InvalidValueError (a ValueError) for a
    name that is no identifier or a bad version, PipelineError (a ValueError) for code that the package would lack.
    """
    from ..language.loading import load_model_from_path
    from ..packaging.metadata import check_version, package_name
    from ..packaging.project import build, write_project
    from ..packaging.requirements import requirements_of

    data, output = Path(input_dir), Path(output_dir)
    _check_folders(data, output)
    code = _import_code([Path(path) for path in code_paths])
    meta = _read_meta(data, meta_path)
    sources = {"name": "--name", "version": "--version"}
    for key, value in (("name", name), ("version", version)):
        if value is not None:
            meta[key] = value
        else:
            sources[key] = f"{meta_path or data / 'meta.json'}, {key}"
    if create_meta:
        meta = ask(meta)
    full_name = package_name(meta, sources["name"])
    check_version(meta.get("version"), sources["version"])
    nlp = load_model_from_path(data)
    meta = {**nlp.meta, **meta, "spanwright": nlp.meta.get("spanwright", {})}
    requirements = requirements_of(
        nlp.config.interpolate(),
        nlp.lang,
        given=meta.get("requirements") or (),
        code=code,
        with_core=require_parent,
    )
    project = write_project(data, output, full_name, meta, requirements, code=code, force=force)
    made = build(project, sdist=create_sdist, wheel=create_wheel)
    if not silent:
        note(f"Made {project}, which requires {', '.join(requirements) or 'nothing'}.")
        for file in made:
            note(f"Install it with: pip install {file}")
    return project


def ask(meta: dict[str, Any]) -> dict[str, Any]:
    """Ask for the values of meta.json on the terminal; Enter keeps what there is. Raises InvalidValueError."""
    answers = {}
    for key, text in ASKED.items():
        try:
            answers[key] = input(f"{text} [{meta.get(key) or ''}]: ").strip() or meta.get(key)
        except EOFError:
            raise InvalidValueError(
                f"--create-meta asks for {', '.join(ASKED)}, and the input ended before '{key}'. Without a terminal, "
                "give a file with --meta-path."
            ) from None
    return {**meta, **{key: value for key, value in answers.items() if value is not None}}


def _check_folders(data: Path, output: Path) -> None:
    if not (data / "config.cfg").is_file():
        raise MissingFileError(f"{data} is no pipeline's folder: there is no config.cfg in it.")
    if not output.is_dir():
        raise MissingFileError(f"There is no folder {output} to write the package to. Make it first.")
    if data.resolve() in (output.resolve(), *output.resolve().parents):
        raise InvalidValueError(
            f"{output} lies in the pipeline's own folder {data}, so that the next package would hold this one. "
            "Give another folder to write to."
        )


def _import_code(paths: list[Path]) -> list[Path]:
    from ..util import import_file

    for path in paths:
        if not path.is_file():
            raise MissingFileError(f"--code: there is no file {path}.")
        if path.suffix != ".py" or not path.stem.isidentifier():
            raise InvalidValueError(
                f"--code: {path.name} cannot be imported as a module. Rename it: letters, digits, .py"
            )
        import_file(path.stem, path)
    return paths


def _read_meta(data: Path, meta_path: str | Path | None) -> dict[str, Any]:
    from ..language.loading import load_meta

    path = Path(meta_path) if meta_path is not None else data / "meta.json"
    meta = load_meta(path)
    if not isinstance(meta.get("requirements", []), list):
        raise PipelineError(f"{path}, requirements: expected a list of texts, found {meta['requirements']!r}.")
    return meta


def _formats(text: str) -> set[str]:
    wanted = {part.strip() for part in text.split(",") if part.strip()}
    unknown = sorted(wanted - set(FORMATS))
    if unknown:
        raise InvalidValueError(f"--build: '{unknown[0]}' is no format. There are: {', '.join(FORMATS)}.")
    return set() if "none" in wanted else wanted


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("input_dir", help="folder of the pipeline")
    parser.add_argument("output_dir", help="folder to write the package to")
    parser.add_argument("--code", "-c", default="", help="Python files with functions to put in, commas between them")
    parser.add_argument("--meta-path", "--meta", "-m", help="another meta.json")
    parser.add_argument("--create-meta", "-C", action="store_true", help="ask for the values of meta.json")
    parser.add_argument("--name", "-n", help="name, instead of that in meta.json")
    parser.add_argument("--version", "-v", help="version, instead of that in meta.json")
    parser.add_argument(
        "--build", "-b", default="sdist,wheel", help="sdist, wheel, both with a comma (default), or none"
    )
    parser.add_argument("--force", "-f", "-F", action="store_true", help="replace what is there")
    parser.add_argument(
        "--require-parent", "-R", action="store_true", default=True, help="require spanwright-core (default)"
    )
    parser.add_argument("--no-require-parent", dest="require_parent", action="store_false")


def run(args: Namespace) -> int:
    """Make the package."""
    formats = _formats(args.build)
    package(
        args.input_dir,
        args.output_dir,
        meta_path=args.meta_path,
        code_paths=[path.strip() for path in args.code.split(",") if path.strip()],
        name=args.name,
        version=args.version,
        create_meta=args.create_meta,
        create_sdist="sdist" in formats,
        create_wheel="wheel" in formats,
        require_parent=args.require_parent,
        force=args.force,
        silent=False,
    )
    return 0
