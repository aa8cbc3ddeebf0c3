"""Build a knowledge base for an entity linker from files of entities and aliases, CSV or JSONL.

spanwright init kb entities.csv aliases.csv people.kb
spanwright init kb entities.jsonl aliases.jsonl people.kb --model en_core_web_md

Then name the folder in the config:

[initialize.components.entity_linker.kb_loader]
@misc = "spacy.KBFromFile.v1"
kb_path = "people.kb"
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..knowledge_base import InMemoryLookupKB


def init_kb(
    entities: str | Path, aliases: str | Path, output_dir: str | Path, *, model: str | None = None, silent: bool = True
) -> InMemoryLookupKB:
    """Build a knowledge base, save it to a folder, and return it. Nothing is written if a file has a fault.

    entities, aliases: See `spanwright_entity_linker.building.build_kb`.
    output_dir: The folder to write.
    model: Name or folder of a pipeline whose word vectors give vectors of descriptions.
    silent: Do not tell what is done.

    Raises KBFilesError and InvalidValueError (ValueErrors), MissingFileError (a FileNotFoundError).
    """
    from spanwright.language import load

    from ..building import build_kb

    kb = build_kb(entities, aliases, nlp=load(model) if model else None)
    kb.to_disk(output_dir)
    if not silent:
        print(
            f"{kb.get_size_entities()} entities with vectors of {kb.entity_vector_length} values, "
            f"{kb.get_size_aliases()} aliases, saved in {output_dir}. Train with them:\n"
            f'[initialize.components.entity_linker.kb_loader]\n@misc = "spacy.KBFromFile.v1"\nkb_path = "{output_dir}"',
            file=sys.stderr,
        )
    return kb


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("entities", help=".csv or .jsonl: id, freq, vector, description")
    parser.add_argument("aliases", help=".csv or .jsonl: alias, entity, prob")
    parser.add_argument("output_dir", help="folder to write")
    parser.add_argument("--model", "-m", help="pipeline whose word vectors give vectors of descriptions")


def run(args: Namespace) -> int:
    """Build the knowledge base."""
    init_kb(args.entities, args.aliases, args.output_dir, model=args.model, silent=False)
    return 0
