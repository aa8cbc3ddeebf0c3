"""Converting files: find them, read them, write `.spacy` files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

from spanwright.errors import InvalidValueError, MissingFileError
from spanwright.tokens import Doc, DocBin

from ..readers.text import read_text
from .formats import AUTO, detect, get_converter

FILE_TYPES = ("spacy", "json")


def convert(
    input_path: str | Path,
    output_dir: str | Path = "-",
    *,
    file_type: str = "spacy",
    n_sents: int = 1,
    seg_sents: bool = False,
    model: str | None = None,
    morphology: bool = False,
    merge_subtokens: bool = False,
    converter: str = AUTO,
    ner_map: str | Path | dict[str, str] | None = None,
    lang: str | None = None,
    concatenate: bool = False,
    silent: bool = True,
    **options: Any,
) -> list[Path]:
    """Convert annotated files to `.spacy` files, which `spanwright train` reads.

    input_path: A file, or a folder that is searched for files of one format.
    output_dir: Folder to write to (made if need be), or the name of a file that ends in `.spacy`; "-" prints, which
        only JSON can.
    file_type: "spacy", or "json" for the JSON format of training data before version 3.
    n_sents: Sentences in a Doc, for formats that mark sentences only: 10 is usual for treebanks; 0 keeps the
        documents of the file.
    seg_sents: Find sentences in tagged tokens that have none marked.
    model: Pipeline to find them with.
    morphology: Append the features to the tags (CoNLL-U).
    merge_subtokens: Make one token of a range of words (CoNLL-U).
    converter: Format: one of `spanwright_training.convert.formats.converters()`; "auto" goes by suffix and content.
    ner_map: Label in the file -> label to use, or a JSON file with that; "" drops entities.
    lang: Language of the tokenizer (JSONL).
    concatenate: Write one file for all input files.
    silent: Print nothing on standard error.
    options: What else the converter takes (`spans_key`, `alignment_mode`, `one_sentence`, `singletons`).

    Returns the files written. Raises ConversionError (a ValueError) with every faulty line of a file, MissingFileError
    (a FileNotFoundError) for input that is absent, InvalidValueError (a ValueError) for settings that do not fit.
    Nothing is written for a file with a fault.
    """
    source = Path(input_path)
    if file_type not in FILE_TYPES:
        raise InvalidValueError(f"file_type must be one of {', '.join(FILE_TYPES)}, found '{file_type}'.")
    if n_sents < 0:
        raise InvalidValueError(f"n_sents must be 0 or more sentences a Doc, found {n_sents}.")
    if str(output_dir) == "-" and file_type != "json":
        raise InvalidValueError("A .spacy file can't be printed. Name a folder to write to, or use --file-type json.")
    settings = {
        "n_sents": n_sents,
        "seg_sents": seg_sents,
        "model": model,
        "append_morphology": morphology,
        "merge_subtokens": merge_subtokens,
        "ner_map": _ner_map(ner_map),
        "lang": lang,
        **options,
    }
    read = [(file, _read(file, converter, settings)) for file in input_files(source, converter)]
    if concatenate:
        read = [(source, list(chain.from_iterable(docs for _, docs in read)))]
    written = []
    for file, docs in read:
        if str(output_dir) == "-":
            json.dump([_as_json(docs)], sys.stdout, ensure_ascii=False)
            continue
        target = _target(source, file, Path(output_dir), file_type)
        write_docs(docs, target, file_type)
        written.append(target)
        if not silent:
            tokens = sum(map(len, docs))
            print(f"{target}: {len(docs):,} Docs, {tokens:,} tokens, from {file}", file=sys.stderr)
    return written


def input_files(source: Path, converter: str = AUTO) -> list[Path]:
    """The file itself, or the files of a folder and its folders, without hidden ones.

    converter: Only files with this suffix are taken where there are any; with "auto" all must have the same suffix.

    Raises MissingFileError (a FileNotFoundError), InvalidValueError (a ValueError) for a folder with no such file, or
    with several formats.
    """
    if not source.exists():
        raise MissingFileError(f"There is no input {source}. Expected a file to convert, or a folder with such files.")
    if not source.is_dir():
        return [source]
    hidden = [part for part in source.parts if part.startswith(".")]
    found = sorted(
        path
        for path in source.rglob("*")
        if path.is_file() and sum(part.startswith(".") for part in path.parts) == len(hidden)
    )
    if not found:
        raise InvalidValueError(f"The folder {source} has no files to convert.")
    of_type = [path for path in found if path.suffix == f".{converter}"]
    if of_type:
        return of_type
    suffixes = sorted({path.suffix for path in found})
    if len(suffixes) > 1:
        raise InvalidValueError(
            f"The folder {source} has files of several types ({', '.join(suffixes)}). Name the one to convert with "
            "--converter, or convert them one by one."
        )
    return found


def _read(file: Path, converter: str, settings: dict[str, Any]) -> list[Doc]:
    text = read_text(file)
    name = detect(file, text) if converter == AUTO else converter
    docs = list(get_converter(name)(text, source=str(file), **settings))
    if not docs:
        raise InvalidValueError(f"{file} has nothing to convert: the converter '{name}' found no sentence in it.")
    return docs


def _ner_map(given: str | Path | dict[str, str] | None) -> dict[str, str] | None:
    if given is None or isinstance(given, dict):
        return given
    from spanwright_tokens.io import read_json

    loaded = read_json(given)
    if not isinstance(loaded, dict) or not all(isinstance(label, str) for label in loaded.values()):
        raise InvalidValueError(f'{given}: a map of labels must be a JSON object such as {{"PERSON": "PER"}}.')
    return loaded


def _target(source: Path, file: Path, output: Path, file_type: str) -> Path:
    if output.suffix == f".{file_type}" and not output.is_dir():
        if source.is_dir() and file != source:
            raise InvalidValueError(
                f"{output} is one file, and {source} a folder. Name a folder to write to, or use --concatenate."
            )
        return output
    relative = file.relative_to(source) if file != source else Path(file.name)
    return (output / relative).with_suffix(f".{file_type}")


def write_docs(docs: Iterable[Doc], path: Path, file_type: str = "spacy") -> None:
    """Write Docs to a file, whole or not at all; its folder is made if need be."""
    from spanwright_tokens.io import write_json

    path.parent.mkdir(parents=True, exist_ok=True)
    if file_type == "json":
        write_json(path, [_as_json(docs)])
    else:
        DocBin(docs=docs, store_user_data=True).to_disk(path)


def _as_json(docs: Iterable[Doc]) -> dict[str, Any]:
    from .spacy_json import docs_to_json

    return docs_to_json(docs)
