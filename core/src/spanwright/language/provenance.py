"""Who provided what: which distribution and version stands behind each name that a pipeline uses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from .. import __version__, registry
from ..errors import RegistryError

# Names that spaCy 3.8 does not have (nor spacy-transformers and spacy-experimental beside it).
NOT_IN_SPACY = frozenset(
    {
        ("architectures", "spacy.FeatureExtractor.v1"),
        ("architectures", "spacy.StaticVectors.v2"),
        ("architectures", "spacy.TransitionBasedParser.v3"),
    }
)
OUR_PREFIX = "spanwright"
# Versions of spaCy that read what is saved here.
READERS = ">=3.8.0,<3.9.0"


def used_names(config: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(section, registry, name) of each registered name in a config's components, tokenizer and vectors."""
    found: list[tuple[str, str, str]] = []
    for key in ("tokenizer", "vectors"):
        found.extend(_names_in(config.get("nlp", {}).get(key, {}), f"nlp.{key}"))
    for name, block in config.get("components", {}).items():
        if isinstance(block, Mapping):
            if isinstance(block.get("factory"), str):
                found.append((f"components.{name}", "factories", block["factory"]))
            found.extend(_names_in(block, f"components.{name}"))
    return found


def _names_in(block: Any, section: str) -> Iterator[tuple[str, str, str]]:
    if isinstance(block, Mapping):
        for key, value in block.items():
            if key.startswith("@") and isinstance(value, str):
                yield section, key[1:], value
            else:
                yield from _names_in(value, f"{section}.{key}")


def providers(config: Mapping[str, Any], lang: str | None) -> dict[str, Any]:
    """What meta.json keeps under "spanwright": by registry and name, the distribution and version that provide it.

    A function registered in this process is named by its module and file instead.
    """
    provided: dict[str, dict[str, Any]] = {}
    names = [(kind, name) for _, kind, name in used_names(config)]
    for kind, name in [("languages", lang), *names] if lang else names:
        row = _find(kind, name, lang)
        if row is None:
            continue
        entry = {"distribution": row.distribution, "version": row.version}
        if row.distribution is None:
            entry = {"module": row.module, "file": row.file}
        provided.setdefault(kind, {})[name] = entry
    return {"version": __version__, "provided_by": provided}


def _find(kind: str, name: str, lang: str | None) -> Any:
    for spelling in (f"{lang}.{name}", name) if kind == "factories" and lang else (name,):
        try:
            if registry.has(kind, spelling):
                return registry.find(kind, spelling)
        except RegistryError:
            continue
    return None


def unreadable(config: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """The (section, registry, name) that a pipeline uses and spaCy 3.8 lacks."""
    return [
        (section, kind, name)
        for section, kind, name in used_names(config)
        if (kind, name) in NOT_IN_SPACY or name.startswith(f"{OUR_PREFIX}.")
    ]


def readers_of(spacy_version: str | None) -> str:
    """The range of spaCy versions to write to meta.json: the loaded one if 3.8 lies in it, else that of our files."""
    return spacy_version if spacy_version and _admits_38(spacy_version) else READERS


def _admits_38(spec: str) -> bool:
    wanted = (3, 8, 18)
    for part in filter(None, (text.strip() for text in spec.split(","))):
        operator = part.rstrip("0123456789.*abrcdevpost+-")
        try:
            version = tuple(int(number) for number in part[len(operator) :].strip().removesuffix(".*").split("."))
        except ValueError:
            return False
        short = wanted[: len(version)]
        holds = {
            ">=": wanted >= version, ">": wanted > version, "<": wanted < version, "<=": short <= version,
            "==": short == version, "~=": wanted >= version and short[:-1] == version[:-1], "!=": short != version,
        }  # fmt: skip
        if not holds.get(operator.strip(), False):
            return False
    return True
