"""Annotate texts with a pipeline, and write a .spacy file.

    spanwright apply en_core_web_sm texts.txt docs.spacy
    spanwright apply ./pipeline data/ docs.spacy --text-key body --n-process 2

The data is a file, or a folder that is searched for files: .txt (one text a file), .jsonl (one object a line, the text
under --text-key) and .spacy (Docs, whose texts are annotated anew).
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..errors import DataFormatError, InvalidValueError, MissingFileError
from ._output import note, progress
from ._setup import add_pipeline_arguments, load_pipeline

SUFFIXES = (".txt", ".jsonl", ".spacy")


def apply(
    data_path: str | Path,
    output_file: str | Path,
    model: str | Path,
    json_field: str = "text",
    batch_size: int = 1,
    n_process: int = 1,
    *,
    nlp: Any = None,
    force: bool = False,
) -> int:
    """Annotate texts, write them as a DocBin with user data, and return how many.

    data_path: A .txt, .jsonl or .spacy file, or a folder that is searched for them.
    output_file: The .spacy file to write.
    model: Name or folder of the pipeline; `nlp`, if given, is used instead.
    json_field: Key of the text in .jsonl files.
    batch_size: Texts in a batch. Advised: 32 to 256 for many short texts.
    n_process: Worker processes; -1 uses all processors.
    force: Replace a file that exists.

    Raises MissingFileError if there is no data, InvalidValueError if the output exists, DataFormatError for a line of
    a .jsonl file that lacks the text.
    """
    from ..tokens import DocBin

    data, output = Path(data_path), Path(output_file)
    if output.exists() and not force:
        raise InvalidValueError(f"{output} exists. Use --force to replace it.")
    files = find_files(data)
    pipeline = nlp if nlp is not None else load_pipeline(model)
    texts = (text for file in files for text in read_texts(file, json_field, pipeline))
    docs = DocBin(store_user_data=True)
    count = 0
    for doc in progress(pipeline.pipe(texts, batch_size=batch_size, n_process=n_process)):
        docs.add(doc)
        count += 1
    output.parent.mkdir(parents=True, exist_ok=True)
    docs.to_disk(output)
    return count


def find_files(data: Path) -> list[Path]:
    """The files to read. Raises MissingFileError if there are none."""
    if not data.exists():
        raise MissingFileError(f"There is no file or folder {data}.")
    files = sorted(path for path in data.rglob("*") if path.suffix in SUFFIXES) if data.is_dir() else [data]
    files = [path for path in files if path.is_file() and not any(part.startswith(".") for part in path.parts[1:])]
    if not files:
        raise MissingFileError(f"{data} has no files of these kinds: {', '.join(SUFFIXES)}.")
    return files


def read_texts(file: Path, json_field: str, nlp: Any) -> Iterator[Any]:
    """The texts of one file; for .spacy files, Docs without annotation but with their words."""
    if file.suffix == ".spacy":
        from ..tokens import Doc, DocBin

        for doc in DocBin().from_disk(file).get_docs(nlp.vocab):
            if doc.has_unknown_spaces:
                yield Doc(nlp.vocab, words=[token.text for token in doc])
            else:
                yield doc.text
    elif file.suffix == ".jsonl":
        yield from _read_jsonl(file, json_field)
    else:
        yield file.read_text(encoding="utf8")


def _read_jsonl(file: Path, key: str) -> Iterator[str]:
    with file.open(encoding="utf8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except ValueError as error:
                raise DataFormatError(f"{file}:{number} is no JSON: {error}.") from error
            if not isinstance(value, dict) or not isinstance(value.get(key), str):
                found = f"the keys {', '.join(value)}" if isinstance(value, dict) else f"a {type(value).__name__}"
                raise DataFormatError(
                    f"{file}:{number} has no text under '{key}'; found {found}. Name the key with --text-key."
                )
            yield value[key]


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", help="name or folder of a pipeline")
    parser.add_argument("data_path", help=".txt, .jsonl or .spacy file, or a folder with them")
    parser.add_argument("output_file", help=".spacy file to write")
    parser.add_argument("--text-key", "-tk", default="text", help="key of the text in .jsonl files")
    parser.add_argument("--force", "-F", action="store_true", help="replace a file that exists")
    parser.add_argument("--batch-size", "-b", type=int, default=1, help="texts in a batch")
    parser.add_argument("--n-process", "-n", type=int, default=1, help="worker processes; -1 uses all processors")
    add_pipeline_arguments(parser)


def run(args: Namespace) -> int:
    """Annotate, and say how many Docs were written."""
    nlp = load_pipeline(args.model, code=args.code, gpu_id=args.gpu_id)
    count = apply(
        args.data_path,
        args.output_file,
        args.model,
        args.text_key,
        args.batch_size,
        args.n_process,
        nlp=nlp,
        force=args.force,
    )
    note(f"Wrote {count} Docs to {args.output_file}.")
    return 0
