"""Draw the annotation of a text as SVG or HTML.

spanwright render en_core_web_sm "The keeper lit the lamp." --output tree.svg
spanwright render en_core_web_sm news.txt --style ent --output news.html
"""

from __future__ import annotations

import json
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import Any

from ..errors import InvalidValueError, MissingFileError
from ._output import note
from ._setup import add_pipeline_arguments, load_pipeline

STYLES = ("dep", "ent", "span")


def read_options(given: list[str]) -> dict[str, Any]:
    """Options of `render`, as NAME=VALUE; values are read as JSON, and as text if they are none."""
    options = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or not name:
            raise InvalidValueError(f"--option: expected NAME=VALUE, such as compact=true, found '{text}'.")
        try:
            options[name] = json.loads(value)
        except ValueError:
            options[name] = value
    return options


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", help="name or folder of a pipeline")
    parser.add_argument("text", help="the text, or a file with it")
    parser.add_argument("--style", "-s", default="dep", choices=STYLES, help="arcs, entities or spans (dep)")
    parser.add_argument(
        "--output", "-o", help="file to write: .svg (dep) or .html, which gets a whole page; else printed"
    )
    parser.add_argument("--page", "-p", action="store_true", help="a whole HTML page")
    parser.add_argument("--minify", "-m", action="store_true", help="without blanks around lines")
    parser.add_argument(
        "--option", "-O", action="append", default=[], metavar="NAME=VALUE", help="compact=true, for instance"
    )
    add_pipeline_arguments(parser)


def run(args: Namespace) -> int:
    """Draw, and write or print it."""
    from ..drawing import render

    options = read_options(args.option)
    if args.output and not Path(args.output).absolute().parent.is_dir():
        raise MissingFileError(f"There is no folder {Path(args.output).parent} to write {Path(args.output).name} to.")
    suffix = Path(args.output).suffix if args.output else ""
    if suffix == ".svg" and (args.style != "dep" or args.page):
        raise InvalidValueError(f"{args.output}: only the style dep without --page is SVG. Write .html instead.")
    nlp = load_pipeline(args.model, code=args.code, gpu_id=args.gpu_id)
    doc = nlp(_read_text(args.text))
    page = args.page or suffix in (".html", ".htm")
    markup = render(doc, style=args.style, page=page, minify=args.minify, jupyter=False, options=options)
    if args.output:
        Path(args.output).write_text(markup + "\n", encoding="utf8")
        note(f"Wrote {args.output}.")
    else:
        print(markup)
    return 0


def _read_text(text: str) -> str:
    try:
        path = Path(text)
        return path.read_text(encoding="utf8").strip() if path.is_file() else text
    except OSError:  # a text too long for a path
        return text
