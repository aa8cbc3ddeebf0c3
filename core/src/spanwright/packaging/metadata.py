"""Name, version and metadata of a pipeline's package."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import InvalidValueError

# The canonical form of PEP 440.
VERSION = re.compile(
    r"([1-9][0-9]*!)?(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))*((a|b|rc)(0|[1-9][0-9]*))?(\.post(0|[1-9][0-9]*))?"
    r"(\.dev(0|[1-9][0-9]*))?(\+[a-z0-9]+(\.[a-z0-9]+)*)?"
)


def package_name(meta: Mapping[str, Any], where: str) -> str:
    """The name of the package, which begins with the language code.

    where: Where the name comes from, for the message. Raises InvalidValueError (a ValueError) for a name that Python
    cannot import.
    """
    name, lang = meta.get("name"), meta.get("lang")
    if not isinstance(name, str) or not (name.isidentifier() and name.isascii()) or name.endswith("_"):
        fitting = re.sub(r"\W+", "_", str(name), flags=re.ASCII).strip("_") or "pipeline"
        fitting = fitting if fitting.isidentifier() else f"model_{fitting}"
        raise InvalidValueError(
            f"{where}: '{name}' cannot be the name of a package, as Python could not import it. A name has letters a-z "
            f"and A-Z, digits and underscores, and no digit first, for instance '{fitting}'."
        )
    if not isinstance(lang, str) or not (lang.isidentifier() and lang.isascii()):
        raise InvalidValueError(f"meta.json, lang: '{lang}' is no language code, with which the package's name begins.")
    return name if name.startswith(f"{lang}_") else f"{lang}_{name}"


def check_version(version: Any, where: str) -> str:
    """The version. Raises InvalidValueError (a ValueError) for one that installers do not take."""
    if not isinstance(version, str) or not VERSION.fullmatch(version):
        raise InvalidValueError(
            f"{where}: '{version}' is no version in the canonical form that Python packages have (PEP 440), such as "
            "1.0.0 or 1.0.0rc1."
        )
    return version


def core_metadata(meta: Mapping[str, Any], name: str, requirements: Sequence[str], readme: str) -> str:
    """The text of METADATA and PKG-INFO."""
    fields = [
        ("Metadata-Version", "2.1"),
        ("Name", name.replace("_", "-")),
        ("Version", meta["version"]),
        ("Summary", meta.get("description")),
        ("Home-page", meta.get("url")),
        ("Author", meta.get("author")),
        ("Author-email", meta.get("email")),
        ("License", meta.get("license")),
        ("Requires-Python", ">=3.10"),
        *(("Requires-Dist", requirement) for requirement in requirements),
        ("Description-Content-Type", "text/markdown"),
    ]
    # A field is one line.
    lines = [f"{key}: {' '.join(str(value).split())}" for key, value in fields if value]
    return "\n".join(lines) + f"\n\n{readme}"
