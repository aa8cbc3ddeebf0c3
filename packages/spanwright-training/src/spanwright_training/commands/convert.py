"""Convert annotated files to .spacy files, which `spanwright train` reads.

spanwright convert en_ewt-ud-train.conllu corpus --n-sents 10
spanwright convert notes.jsonl corpus --lang en
spanwright convert entities.conll corpus --converter ner
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..convert.formats import AUTO


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    add = parser.add_argument
    add("input_path", help="file, or folder with files of one format")
    add("output_dir", nargs="?", default="-", help="folder (or .spacy file) to write to; '-' prints JSON")
    add("--file-type", "-t", default="spacy", choices=["spacy", "json"], help="type of the files to write")
    add("--n-sents", "-n", type=int, default=1, help="sentences in a Doc; 10 is usual, 0 keeps the file's documents")
    add("--seg-sents", "-s", action="store_true", help="find sentences where none are marked (ner)")
    add("--model", "--base", "-b", help="pipeline to find sentences with, for --seg-sents")
    add("--morphology", "-m", action="store_true", help="append the features to the tags (conllu)")
    add("--merge-subtokens", "-T", action="store_true", help="make one token of a range of words (conllu)")
    add("--converter", "-c", default=AUTO, help="conllu, conll, ner, iob, json, jsonl, coref, nested, or auto")
    add("--ner-map", "-nm", help="JSON file: label in the file -> label to use")
    add("--lang", "-l", help="language of the tokenizer (jsonl)")
    add("--concatenate", "-C", action="store_true", help="write one file for all input files")
    add("--spans-key", help="put spans into this group of doc.spans (jsonl, nested)")
    add("--alignment-mode", choices=["strict", "contract", "expand"], help="for spans off token boundaries (jsonl)")
    add("--one-sentence", action="store_true", help="mark each text as one sentence (jsonl)")
    add("--singletons", action="store_true", help="keep clusters of one mention (coref)")


def run(args: Namespace) -> int:
    """Convert."""
    from ..convert import convert

    settings = vars(args)
    for name in ("spans_key", "alignment_mode", "one_sentence", "singletons"):
        if not settings[name]:
            settings.pop(name)
    convert(settings.pop("input_path"), settings.pop("output_dir"), silent=False, **settings)
    return 0
