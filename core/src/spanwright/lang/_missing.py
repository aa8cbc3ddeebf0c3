"""What an import of a language without a module of its own says."""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from typing import Any

from ..errors import SpanwrightError, nearest


class MissingLanguageError(SpanwrightError, ModuleNotFoundError):
    """There is no module for a language; the message says how to get a pipeline of it."""


class LastFinder:
    """Asked when no other finder has a module of `package`: it names those that there are.

    package: The package whose modules are looked for.
    """

    def __init__(self, package: str) -> None:
        self.package = package

    def find_spec(self, fullname: str, path: Sequence[str] | None = None, target: Any = None) -> None:
        """Nothing for modules elsewhere. Raises MissingLanguageError (a ModuleNotFoundError)."""
        parent, _, name = fullname.rpartition(".")
        if parent != self.package or name.startswith("_"):
            return
        from pkgutil import iter_modules

        known = [module.name for module in iter_modules(sys.modules[parent].__path__)]
        if re.fullmatch("[a-z]{2,3}", name):
            codes = ", ".join(sorted(code for code in known if len(code) == 2))
            text = (
                f"There is no module {fullname}: there are those of {codes}. spanwright.blank({name!r}) makes a "
                "pipeline of any language, with neutral rules where no plugin brings its own; "
                f"spanwright.util.get_lang_class({name!r}) gives its class."
            )
        else:
            text = f"There is no module {fullname}.{nearest(name, known)}"
        raise MissingLanguageError(text, name=fullname)
