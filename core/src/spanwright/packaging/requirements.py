"""The distributions that a pipeline needs to run, as requirements."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from .. import __version__, registry
from ..errors import PipelineError, RegistryError
from ..language.provenance import providers

CORE = "spanwright-core"
# What spaCy's own packages provide comes from our distributions here.
SPACYS = frozenset({"spacy", "spacy-nightly", "spacy-legacy", "spacy-loggers", "spacy-transformers", "thinc"})


def requirements_of(
    config: Mapping[str, Any],
    lang: str,
    *,
    given: Iterable[str] = (),
    code: Iterable[Path] = (),
    with_core: bool = True,
) -> list[str]:
    """What a package of a pipeline requires: exactly the distributions that provide the names in its config, and
    what its meta.json asks for.

    config: The config; only what runs is looked at, never [training] and [initialize].
    lang: Language code.
    given: Requirements of meta.json. Those that only spaCy needs are left out.
    code: Python files that go into the package, and may provide names.
    with_core: Require spanwright-core.

    Raises PipelineError (a ValueError) for a name that neither a distribution nor one of the files provides.
    """
    files = {path.resolve() for path in code}
    modules = {path.stem for path in files}
    found: dict[str, tuple[str, set[str]]] = {}
    homeless: list[str] = []
    for kind, names in providers(config, lang)["provided_by"].items():
        for name, row in names.items():
            if row.get("distribution"):
                _, extras = found.setdefault(row["distribution"], (row["version"], set()))
                extras.update(_extra(kind, name, lang))
            elif row.get("module") not in modules and Path(row.get("file") or "").resolve() not in files:
                homeless.append(f"'{name}' ({kind}) is registered by {row.get('file') or row.get('module')}")
    if homeless:
        raise PipelineError(
            f"The package would lack code that the pipeline needs: {'; '.join(homeless)}. Give the file with --code, "
            "or install a distribution that declares the name."
        )
    # Its own dependencies have their ranges there.
    for name in (CORE, *_required_by_core()):
        found.pop(name, None)
    lines = [f"{CORE}{version_range(__version__)}"] if with_core else []
    for name, (version, extras) in sorted(found.items()):
        extra = f"[{','.join(sorted(extras))}]" if extras else ""
        lines.append(f"{name}{extra}{version_range(version)}")
    known = {requirement_name(line) for line in lines} | SPACYS
    return lines + [line for line in given if requirement_name(line) not in known]


def version_range(version: str) -> str:
    """From this version on, up to the next that may break something: the minor one of 0.x, else the major one."""
    major, minor = ([int(number) for number in re.findall(r"\d+", version)] + [0])[:2]
    return f">={version},<{major + 1}" if major else f">={version},<0.{minor + 1}"


def requirement_name(requirement: str) -> str:
    """The normalised name of the distribution that a requirement is for."""
    match = re.match(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)", requirement)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else ""


def _required_by_core() -> set[str]:
    import importlib_metadata

    try:
        return {requirement_name(line) for line in importlib_metadata.requires(CORE) or ()}
    except importlib_metadata.PackageNotFoundError:
        return set()


def _extra(kind: str, name: str, lang: str) -> set[str]:
    """The extra of its distribution that a function says it needs, in its attribute `needs_extra`."""
    for spelling in (f"{lang}.{name}", name) if kind == "factories" else (name,):
        try:
            extra = getattr(registry.get(kind, spelling), "needs_extra", None)
        except RegistryError:
            continue
        return {extra} if extra else set()
    return set()
