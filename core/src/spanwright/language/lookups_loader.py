"""spacy.LookupsDataLoader.v1: tables of the package spacy-lookups-data, if it is installed."""

from __future__ import annotations

import gzip
import json
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from ..errors import PipelineError

GROUP = "spacy_lookups"


def LookupsDataLoader_v1(lang: str, tables: list[str]) -> Any:
    """spacy.LookupsDataLoader.v1: a Lookups with tables of a language from spacy-lookups-data.

    lang: Language code.
    tables: Names of tables, such as "lexeme_norm".

    Raises PipelineError (a ValueError) if the package or a table is missing. The files are read as data; nothing of
    the package is imported.
    """
    return load_lookups(lang, tables, strict=True)


def load_lookups(lang: str, tables: list[str], *, strict: bool = True) -> Any:
    """As LookupsDataLoader_v1; without `strict`, tables that are missing are left out or empty."""
    from spanwright_tokens.vocab import Lookups

    lookups = Lookups()
    if not tables:
        return lookups
    folder = data_folder(lang)
    if folder is None:
        if strict:
            wanted = f"The tables {', '.join(tables)} for '{lang}'"
            known = _languages()
            if known:
                raise PipelineError(
                    f"{wanted}: spacy-lookups-data has no tables of this language. It has those of {', '.join(known)}. "
                    "Give the lemmatizer or the vocabulary tables of your own: initialize(lookups=...)"
                )
            raise PipelineError(
                f"{wanted} come from the package spacy-lookups-data, which is not installed. Install it with: "
                "pip install spacy-lookups-data"
            )
        return lookups
    for table in tables:
        path = _table_file(folder, lang, table)
        if path is None and strict:
            known = sorted(
                found.name.split(".")[0].removeprefix(f"{lang}_") for found in folder.glob(f"{lang}_*.json*")
            )
            raise PipelineError(
                f"spacy-lookups-data has no table '{table}' for '{lang}'. It has {', '.join(known) or 'none'}. A newer "
                "version may have it: pip install --upgrade spacy-lookups-data"
            )
        lookups.add_table(table, _read(path) if path is not None else {})
    return lookups


def data_folder(lang: str) -> Path | None:
    """Where an installed spacy-lookups-data keeps the tables of a language; None if there are none."""
    import importlib_metadata

    for entry_point in importlib_metadata.entry_points(group=GROUP, name=lang):
        spec = find_spec(entry_point.module.partition(".")[0])
        for place in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(place) / "data").is_dir():
                return Path(place) / "data"
    return None


def _languages() -> list[str]:
    import importlib_metadata

    return sorted({entry_point.name for entry_point in importlib_metadata.entry_points(group=GROUP)})


def _table_file(folder: Path, lang: str, table: str) -> Path | None:
    for ending in (".json", ".json.gz"):
        path = folder / f"{lang}_{table}{ending}"
        if path.is_file():
            return path
    return None


def _read(path: Path) -> dict[str, Any]:
    data = path.read_bytes()
    loaded: dict[str, Any] = json.loads(gzip.decompress(data) if path.suffix == ".gz" else data)
    return loaded
