"""The check of a pipeline's config as a whole: everything that is wrong is told at once, before a part is made."""

from __future__ import annotations

import copy
import warnings
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .. import registry
from ..config import PROMISED, SCHEMAS, Config, check, find, preferences
from ..config._interpolate import Interpolator
from ..errors import ConfigError, Problem, RegistryError, RegistryMiss, SpanwrightWarning

# Arguments of a factory that do not come from the config.
GIVEN = ("nlp", "name")

SETTINGS = tuple(each.name for each in fields(SCHEMAS["nlp"]))

# Why parts cannot be used, and how to mend that: state -> (one, several, advice with the distributions).
STATES = {
    "missing": ("that no installed distribution provides",) * 2 + ("Install: pip install {}",),
    "outdated": ("that the installed version of its distribution lacks", "that the installed versions of their "
                 "distributions lack", "Upgrade: pip install --upgrade {}"),
    "incomplete": ("that its distribution should provide and does not", "that their distributions should provide and "
                   "do not", "Reinstall: pip install --force-reinstall {}"),
    "broken": ("that is installed, but cannot be imported", "that are installed, but cannot be imported",
               "Mend what is said below of {}"),
    "blocked": ("that SPANWRIGHT_BLOCK switches off",) * 2 + ("Take out of that variable: {}",),
    "conflict": ("that several distributions provide",) * 2 + ("Choose one as said below",),
}  # fmt: skip


class MissingPartsError(ConfigError, LookupError):
    """A pipeline names factories or functions that cannot be used: not installed, broken, blocked, ..."""


@dataclass
class Check:
    """A look at a pipeline's config, which gathers what is wrong.

    cls: The pipeline's class, which knows the language.
    config: The config with its references.
    provided: What meta.json says provided each name, to say what to install.
    validate: Whether settings are compared with the functions they are for.
    """

    cls: Any
    config: Config
    provided: Mapping[str, Any]
    validate: bool = True
    problems: list[Problem] = field(default_factory=list)

    def parts(self, exclude: Iterable[str]) -> tuple[list[str], Config]:
        """The components to make, in order, and what they are made from, with values in the place of references.

        exclude: Components that are not made; what only they need may be missing.

        Raises MissingPartsError (a ConfigError and LookupError) if parts cannot be used, ConfigError for all other
        mistakes; either lists all that is wrong. No factory or function of the config has been called by then.
        """
        values = _Values(self.config)
        nlp = values.section("nlp")
        names = self._names(nlp, set(exclude))
        components = {name: values.section(f"components.{name}") for name in names}
        blocks = {"nlp": nlp, "components": components, "spanwright": self.config.get("spanwright", {})}
        needed = Config(blocks, is_interpolated=True)
        needed._lines = self.config._lines
        self.problems += values.problems
        nlp["lang"] = self.cls.lang or ""
        self._leave_out_unknown(nlp)
        with registry.preferring(preferences(needed)):
            checked = self._checked_blocks(needed)
            wrong: list[Problem] = []
            if self.validate:
                wrong = check(
                    checked, lines=self.config.lines, registry=registry.registry, schemas={"nlp": SCHEMAS["nlp"]}
                )
        told = {problem.path for problem in self.problems} | values.broken
        self.problems += [problem for problem in wrong if problem.path not in told]
        self._raise()
        return names, needed

    def _names(self, nlp: Mapping[str, Any], left_out: set[str]) -> list[str]:
        """The components in order that are described and not left out."""
        names = nlp.get("pipeline") or []
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            self._note("nlp", "pipeline", f"it must be a list of names of components; found {names!r}.", "type", names)
            return []
        twice = [name for name, count in Counter(names).items() if count > 1]
        if twice:
            text = f"it names components twice: {', '.join(twice)}. Each needs a name of its own."
            self._note("nlp", "pipeline", text, "unexpected", names)
        described = self.config["components"]
        for name in dict.fromkeys(names):
            block = described.get(name)
            if not isinstance(block, Mapping):
                close = registry.nearest(name, [known for known in described if known not in names], limit=1)
                hint = f" Did you mean '{close[0]}'?" if close else ""
                text = (
                    f"it names the component '{name}', and the config has no section [components.{name}]. "
                    f"It describes: {', '.join(described) or 'none'}.{hint}"
                )
                self._note("nlp", "pipeline", text, "missing", name)
            elif "factory" not in block and "source" not in block:
                text = (
                    'the section says neither how it is made (factory = "...") nor which pipeline it is taken from '
                    f'(source = "..."). Its settings are: {", ".join(block) or "none"}.'
                )
                self._note(f"components.{name}", None, text, "missing", None)
        usable = [name for name in dict.fromkeys(names) if isinstance(described.get(name), Mapping)]
        return [name for name in usable if name not in left_out]

    def _checked_blocks(self, needed: Config) -> dict[str, Mapping[str, Any]]:
        """The blocks to compare with signatures; notes factories and functions that cannot be used."""
        blocks: dict[str, Mapping[str, Any]] = {"nlp": needed["nlp"]}
        self._check_names(needed["nlp"], "nlp")
        for name, block in needed["components"].items():
            if not isinstance(block.get("factory"), str):
                continue
            section = f"components.{name}"
            internal = self.cls._registered_name(block["factory"])
            settings: Mapping[str, Any] | None = None
            if internal is None:
                self._missing("factories", block["factory"], section, "factory")
            else:
                settings = self._with_defaults(internal, block, section)
            usable = settings is not None
            arguments = {key: value for key, value in (settings or block).items() if key != "factory"}
            made = {**dict.fromkeys(GIVEN, PROMISED), "@factories": internal} if usable else {}
            blocks[section] = {**arguments, **made}
            self._check_names(arguments, section)
        return blocks

    def _with_defaults(self, factory: str, block: Mapping[str, Any], section: str) -> Mapping[str, Any] | None:
        try:
            func = registry.get("factories", factory)
        except RegistryError as error:
            self._cannot_use(error, section, "factory", factory)
            return None
        meta = self.cls._factory_meta.get(factory) or getattr(func, "factory_meta", None)
        defaults = meta.default_config if meta is not None else None
        return Config(defaults).merge(block) if defaults else block

    def _check_names(self, block: Mapping[str, Any], section: str) -> None:
        for key, value in block.items():
            if isinstance(value, Mapping):
                self._check_names(value, f"{section}.{key}")
            elif key.startswith("@") and isinstance(value, str) and not registry.has(key[1:], value):
                self._missing(key[1:], value, section, key)

    def _missing(self, kind: str, name: str, section: str, key: str) -> None:
        try:
            registry.get(kind, name)
        except RegistryError as error:
            self._cannot_use(error, section, key, name, self._said_by_meta(error, kind, name))

    def _said_by_meta(self, error: RegistryError, kind: str, name: str) -> tuple[str, str | None]:
        """What the pipeline's own data adds about a name that nobody here knows, and the distribution it names."""
        maker = (self.provided.get(kind) or {}).get(name) or {}
        if not isinstance(error, RegistryMiss) or error.distribution:
            return "", None
        if maker.get("distribution"):
            made_by = f"{maker['distribution']} {maker.get('version') or ''}".rstrip()
            return f" When the pipeline was saved, {made_by} provided it: install that.", maker["distribution"]
        if maker.get("file"):
            file, module = maker["file"], maker["module"]
            return f" When the pipeline was saved, it was registered by {file} (module {module}).", None
        return "", None

    def _cannot_use(
        self, error: RegistryError, section: str, key: str, name: str, more: tuple[str, str | None] = ("", None)
    ) -> None:
        known = error.distribution or more[1]
        kind = "name" if isinstance(error, RegistryMiss) and not error.distribution else "plugin"
        self._note(section, key, f"{error}{more[0]}", kind, name, distribution=known, state=error.state)

    def _note(self, section: str, key: str | None, message: str, kind: str, found: Any, **details: Any) -> None:
        line = self.config.where(f"{section}.{key}" if key else section)
        self.problems.append(
            Problem(
                section, key, message, kind=kind, found=found,
                where=str(line) if line else None, source=line.text if line else None, **details,
            )
        )  # fmt: skip

    def _leave_out_unknown(self, nlp: dict[str, Any]) -> None:
        # spaCy passes over them, so that a pipeline of theirs may have some.
        for key in [key for key in nlp if key not in (*SETTINGS, "enabled")]:
            close = registry.nearest(key, SETTINGS, limit=1)
            hint = f"Did you mean '{close[0]}'?" if close else f"It has: {', '.join(SETTINGS)}."
            warnings.warn(f"[nlp] has no setting '{key}', and it is ignored. {hint}", SpanwrightWarning, stacklevel=6)
            del nlp[key]

    def _raise(self) -> None:
        if not self.problems:
            return
        parts = [problem for problem in self.problems if problem.state in STATES]
        if parts:
            raise MissingPartsError(self.problems, title=_title(parts))
        raise ConfigError(self.problems)


class _Values:
    """Sections of a config with values in the place of references; notes broken references."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.interpolator = None if config.is_interpolated else Interpolator(config, config.lines)

    @property
    def problems(self) -> list[Problem]:
        return self.interpolator.problems if self.interpolator else []

    @property
    def broken(self) -> set[str]:
        """Dotted paths of the settings that have no value, as a reference could not be followed."""
        return self.interpolator.broken if self.interpolator else set()

    def section(self, path: str) -> dict[str, Any]:
        value = self.interpolator.value(path) if self.interpolator else find(self.config, path)
        return dict(copy.deepcopy(value)) if isinstance(value, Mapping) else {}


def _title(parts: list[Problem]) -> str:
    """The headline: how many parts cannot be used, why, and how to mend it."""
    groups = {state: [part for part in parts if part.state == state] for state in STATES}
    told = []
    for state, found in groups.items():
        if not found:
            continue
        one, several, advice = STATES[state]
        distributions = sorted({part.distribution for part in found if part.distribution})
        mend = advice.format(" ".join(distributions)) if distributions or "{}" not in advice else ""
        told.append((len(found), one if len(found) == 1 else several, mend))
    count = f"{len(parts)} part{'s' if len(parts) > 1 else ''}"
    if len(told) == 1:
        _, why, mend = told[0]
        return f"The pipeline needs {count} {why}{f'. {mend}' if mend else ''}"
    lines = [f"{number} {why}{f' ({mend})' if mend else ''}" for number, why, mend in told]
    return f"The pipeline needs {count} that cannot be used: {'; '.join(lines)}"
