"""Make a pipeline of word vectors, for [initialize] vectors, from the text formats of the field.

spanwright init vectors fr cc.fr.300.vec.gz vectors_fr
spanwright init vectors en glove.6B.zip vectors_en --truncate 100000 --prune 20000
spanwright init vectors en vectors.floret vectors_en --mode floret

Then name the folder in the config:

[initialize]
vectors = "vectors_fr"
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..word_vectors import convert_vectors
from ..word_vectors.reading import MODES


def init_vectors(
    lang: str,
    vectors_loc: str | Path,
    output_dir: str | Path,
    *,
    prune: int = -1,
    truncate: int = 0,
    mode: str = "default",
    name: str | None = None,
    attr: str = "ORTH",
    jsonl_loc: str | Path | None = None,
    silent: bool = True,
) -> Any:
    """Write a pipeline without components that holds the vectors of a file, and return it.

    lang: Language code.
    vectors_loc: word2vec, GloVe, fastText or floret as text; plain, .gz or .zip.
    output_dir: The folder to write.
    prune: Keep the vectors of so many words, the first of the file; each other word gets the one most like its own.
        -1 keeps all.
    truncate: Read so many words only; 0 reads all.
    mode: "default" or "floret".
    name: Name of the table.
    attr: The attribute of a token whose value is looked up. Advised: ORTH, or LOWER for vectors of lower-case words.
    jsonl_loc: File of JSON lines with attributes of words ("orth", "prob", "rank", ...).
    silent: Do not tell what is done.

    Raises MissingFileError (a FileNotFoundError), DataFormatError and InvalidValueError (ValueErrors).
    """
    from spanwright.language import blank
    from spanwright.language.initialization import read_lexemes

    nlp = blank(lang)
    if jsonl_loc is not None:
        read_lexemes(nlp.vocab, Path(jsonl_loc))
    convert_vectors(
        nlp, vectors_loc, truncate=truncate, prune=prune, name=name, mode=mode, attr=attr, silent=silent
    )  # fmt: skip
    nlp.to_disk(output_dir)
    if not silent:
        vectors = nlp.vocab.vectors
        keys = "floret" if vectors.mode == "floret" else f"{vectors.n_keys} words"
        print(
            f"{keys}, {vectors.shape[0]} vectors of {vectors.shape[1]} values, saved in {output_dir}. "
            f'Train with them: --initialize.vectors "{output_dir}"',
            file=sys.stderr,
        )
    return nlp


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("lang", help="language code")
    parser.add_argument("vectors_loc", help="vectors as text: plain, .gz or .zip")
    parser.add_argument("output_dir", help="folder to write")
    parser.add_argument("--prune", "-p", type=int, default=-1, help="keep the vectors of so many words; -1 keeps all")
    parser.add_argument("--truncate", "-t", type=int, default=0, help="read so many words; 0 reads all")
    parser.add_argument("--mode", "-m", default="default", choices=MODES)
    parser.add_argument("--name", "-n", help="name of the table, such as en_core_web_lg.vectors")
    parser.add_argument("--attr", "-a", default="ORTH", help="attribute to look vectors up by, such as LOWER (ORTH)")
    parser.add_argument("--lexemes-jsonl", "-j", help="JSON lines with attributes of words")
    parser.add_argument("--verbose", "-V", "-VV", action="store_true", help="accepted; what is done is always told")


def run(args: Namespace) -> int:
    """Write the vectors."""
    init_vectors(
        args.lang,
        args.vectors_loc,
        args.output_dir,
        prune=args.prune,
        truncate=args.truncate,
        mode=args.mode,
        name=args.name,
        attr=args.attr,
        jsonl_loc=args.lexemes_jsonl,
        silent=False,
    )
    return 0
