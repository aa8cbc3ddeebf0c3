"""The look-up of registered names over all providers."""

from __future__ import annotations

from collections.abc import Mapping
from threading import RLock
from typing import Any, NoReturn

from ..errors import MissingPluginError, RegistryConflict, RegistryMiss, UnknownRegistryError
from . import _thinc
from ._hints import install_index, is_older, nearest, quoted
from ._index import Index
from ._names import Names
from ._prefer import Preferences, preferring
from ._provider import EXPLICIT, Provider, describe

BUILT_IN = (
    "architectures", "layers", "factories", "languages", "scorers", "tokenizers", "lemmatizers", "vectors",
    "readers", "batchers", "augmenters", "callbacks", "loggers", "misc", "lookups", "displacy_colors",
    "initializers", "optimizers", "schedules", "losses", "datasets", "ops", "models", "cli", "span_getters",
    "annotation_setters",
)  # fmt: skip


class Registry:
    """Names and who provides them. `spanwright.registry` is the one instance that programs use.

    Each kind of name is an attribute (`registry.architectures`), see `Names`.
    """

    preferring = staticmethod(preferring)

    def __init__(self) -> None:
        self.index = Index()
        self._kinds = {name: Names(self, name) for name in BUILT_IN}
        self._local: dict[tuple[str, str], tuple[Provider, Any]] = {}
        self._explicit: dict[tuple[str, str], list[Provider]] = {}
        self._loaded: dict[Provider, Any] = {}
        self._preferences = Preferences()
        self._lock = RLock()

    # --- kinds of names

    def __getattr__(self, kind: str) -> Names:
        if kind.startswith("_"):
            raise AttributeError(kind)
        return self._kind(kind)

    def create(self, kind: str, entry_points: bool = True) -> Names:
        """Add a kind of names, as a plugin may; one that exists is returned as it is.

        kind: Its attribute on `registry`, and its entry-point group `spanwright_<kind>`.
        entry_points: Accepted for compatibility; entry points are always read.
        """
        return self._kinds.setdefault(kind, Names(self, kind))

    def get_registry_names(self) -> list[str]:
        """All kinds of names, sorted."""
        return sorted({*self._kinds, *self.index.rows()})

    def _kind(self, kind: str) -> Names:
        found = self._kinds.get(kind)
        if found is not None:
            return found
        if kind in self.index.rows() or (self.index.refresh() and kind in self.index.rows()):
            return self.create(kind)
        close = nearest(kind, self.get_registry_names(), cutoff=0.7)
        hint = f" Did you mean {quoted(close)}?" if close else ""
        raise UnknownRegistryError(
            f"There is no registry '{kind}'.{hint} Existing ones: {', '.join(self.get_registry_names())}. A plugin "
            f"adds one with registry.create('{kind}') or an entry point in the group 'spanwright_{kind}'."
        )

    # --- registering

    def add(self, kind: str, name: str, func: Any) -> Any:
        """Register an object in this process and return it; see `Names.register`."""
        self._kind(kind)
        row = describe(kind, name, func)
        with self._lock:
            known = self._local.get((kind, name))
            others = [other for other in self._candidates(kind, name, local=False) if not other.same_code(row)]
            if known is not None and not known[0].same_code(row):
                others.append(known[0])
            if not others and kind in _thinc.THINC_REGISTRIES and _thinc.has(kind, name):
                other = _thinc.provider(kind, name)
                others = [] if other.same_code(row) else [other]
            chosen = self._preferences.choose(kind, name, [*others, row]) if others else row
            if chosen is None:
                self._conflict(kind, name, [*others, row])
            if known is None or known[0].same_code(row) or chosen is row:
                self._local[kind, name] = (row, func)
        return func

    def register_provider(
        self, kind: str, name: str, target: str, *, distribution: str | None = None, version: str | None = None
    ) -> Provider:
        """Register a name without metadata, as frozen applications (PyInstaller) need; imports nothing.

        target: The code as `package.module:function`.
        distribution, version: What messages and saved pipelines shall say provides it.
        """
        self._kind(kind)
        module, _, qualname = target.partition(":")
        if not module or not qualname:
            raise RegistryMiss(
                f"Can't register {kind} '{name}' with the target '{target}'. Expected package.module:function.",
                registry=kind,
                name=name,
            )
        row = Provider(kind, name, module, qualname, distribution, version, EXPLICIT)
        rows = self._explicit.setdefault((kind, name), [])
        rows[:] = [other for other in rows if not other.same_code(row)] + [row]
        return row

    def remove(self, kind: str, name: str) -> None:
        """Forget what was registered under a name in this process."""
        gone = self._local.pop((kind, name), None), self._explicit.pop((kind, name), None)
        if gone == (None, None):
            raise RegistryMiss(f"Nothing in this process registered {kind} '{name}'.", registry=kind, name=name)

    def prefer(self, kind: str, name: str, distribution: str) -> None:
        """Choose the distribution (or module, for functions of this process) where several offer a name."""
        self._preferences.set(kind, name, distribution)

    # --- looking up

    def get(self, kind: str, name: str) -> Any:
        """The object registered under a name; its leaf module is imported if need be.

        A name `spacy.X.vN` that nobody offers is looked for as `spacy-legacy.X.vN`. Installed distributions are
        looked through again before a miss is reported.

        Raises:
            RegistryMiss (MissingPluginError if the distribution to install is known): nobody offers the name.
            RegistryConflict: two distributions offer it and none is preferred.
            BrokenPluginError: the code cannot be imported.
        """
        row = self.find(kind, name)
        local = self._local.get((kind, row.name))
        if local is not None and local[0].same_code(row):
            return local[1]
        if row.source == _thinc.THINC:
            return _thinc.get(kind, row.name)
        if row not in self._loaded:
            self._loaded[row] = row.load()
            # The leaf may hold a decorator for the same name: then that object is the registered one.
            local = self._local.get((kind, row.name))
            if local is not None and local[0].same_code(row):
                return local[1]
        return self._loaded[row]

    def find(self, kind: str, name: str) -> Provider:
        """Who offers a name and where its code is; imports no plugin. Raises like `get`, import errors apart."""
        row = self._find(kind, name)
        if row is None and self.index.refresh():
            row = self._find(kind, name)
        if row is None:
            self._miss(kind, name)
        return row

    def has(self, kind: str, name: str) -> bool:
        """Whether some provider offers the name, by the legacy fallback included; imports no plugin."""
        try:
            self._kind(kind)
        except UnknownRegistryError:
            return False
        spellings = (name, *_fallback(name))

        def known() -> bool:
            return any(self._candidates(kind, spelling) for spelling in spellings)

        if known() or (self.index.refresh() and known()):
            return True
        return kind in _thinc.THINC_REGISTRIES and _thinc.has(kind, name)

    def names(self, kind: str) -> list[str]:
        """All names of one kind, sorted; imports no plugin (thinc's names need thinc)."""
        self._kind(kind)
        own = {name for known, name in (*self._local, *self._explicit) if known == kind}
        own.update(self.index.names(kind))
        if kind in _thinc.THINC_REGISTRIES:
            own.update(_thinc.names(kind))
        return sorted(own)

    def providers(self, kind: str | None = None) -> list[Provider]:
        """All rows of one kind, or of every kind, in order; several for a name that several offer. No thinc names."""
        rows: list[Provider] = []
        for registry in [kind] if kind else self.get_registry_names():
            known = {name for other, name in (*self._local, *self._explicit) if other == registry}
            for name in sorted(known | set(self.index.names(registry))):
                rows.extend(self._candidates(registry, name))
        return rows

    def _find(self, kind: str, name: str) -> Provider | None:
        self._kind(kind)
        if not isinstance(name, str):
            raise RegistryMiss(
                f"A registered name is a string; found {name!r} ({type(name).__name__}) for {kind}.", registry=kind
            )
        row = self._select(kind, name)
        if row is None and kind in _thinc.THINC_REGISTRIES and _thinc.has(kind, name):
            return _thinc.provider(kind, name)
        for spelling in _fallback(name) if row is None else ():
            row = self._select(kind, spelling)
        return row

    def _select(self, kind: str, name: str) -> Provider | None:
        rows = self._candidates(kind, name)
        if len(rows) < 2:
            return rows[0] if rows else None
        return self._preferences.choose(kind, name, rows) or self._conflict(kind, name, rows)

    def _candidates(self, kind: str, name: str, *, local: bool = True) -> list[Provider]:
        """Providers with different code, distributions first."""
        rows = [*self.index.find(kind, name), *self._explicit.get((kind, name), ())]
        if local and (kind, name) in self._local:
            rows.append(self._local[kind, name][0])
        different: list[Provider] = []
        for row in rows:
            if not any(row.same_code(other) for other in different):
                different.append(row)
        return different

    # --- messages

    def _conflict(self, kind: str, name: str, rows: list[Provider]) -> NoReturn:
        offers = "; ".join(f"{row.owner} ({row.target})" for row in rows)
        choice = rows[0].distribution or rows[0].module
        if all((row.distribution or row.module) == choice for row in rows):
            # As in a notebook, where a function that got another name is run again.
            raise RegistryConflict(
                f"{len(rows)} providers offer {kind} '{name}': {offers}. If the newer one is meant, drop the other "
                f"first: registry.{kind}.remove({name!r})."
            )
        raise RegistryConflict(
            f"{len(rows)} providers offer {kind} '{name}': {offers}. Choose one in the config, in the section "
            f'[spanwright.prefer.{kind}] with the line {name} = "{choice}"; in the environment with '
            f"SPANWRIGHT_PREFER={kind}:{name}={choice}; or with registry.prefer({kind!r}, {name!r}, {choice!r}). "
            "Or uninstall one of them."
        )

    def _miss(self, kind: str, name: str) -> NoReturn:
        head = f"Can't find '{name}' in the registry '{kind}'."
        spellings = (name, *_fallback(name))
        blocked = [row for spelling in spellings for row in self.index.blocked(kind, spelling)]
        if blocked:
            raise MissingPluginError(
                f"{head} {blocked[0].owner} offers it, but SPANWRIGHT_BLOCK switches that distribution off. Take "
                f"{blocked[0].distribution} out of that variable to use it.",
                registry=kind,
                name=name,
                distribution=blocked[0].distribution,
                state="blocked",
            )
        for spelling in spellings:
            known = install_index().get(kind, {}).get(spelling)
            if known is not None:
                self._missing_plugin(kind, name, head, known)
        close = nearest(name, {*self.names(kind), *install_index().get(kind, {})})
        hints = [f"Did you mean {quoted(close)}?"] if close else []
        elsewhere = [other for other in self._kinds if other != kind and self._offered(other, name)]
        if elsewhere:
            hints.insert(0, f"The name exists in the registry '{elsewhere[0]}': write @{elsewhere[0]}.")
        if not hints:
            names = self.names(kind)
            hints.append(f"Available: {', '.join(names)}." if names else "No installed distribution offers any.")
        hints.append(
            "If the function is your own, import the module that registers it first (--code on the command line)."
        )
        raise RegistryMiss(f"{head} {' '.join(hints)}", registry=kind, name=name, nearest=close)

    def _missing_plugin(self, kind: str, name: str, head: str, known: Mapping[str, Any]) -> NoReturn:
        distribution, since = known["distribution"], known.get("since")
        installed, state = self.index.version(distribution), "missing"
        if installed is not None and since is not None and is_older(installed, since):
            state = "outdated"
            advice = (
                f"{distribution} offers it since version {since}, and {installed} is installed. "
                f'Upgrade it with: pip install "{distribution}>={since}"'
            )
        elif installed is not None and known.get("planned"):
            state = "outdated"
            advice = (
                f"A later version of {distribution} will offer it; {installed} is installed. "
                f"Try: pip install --upgrade {distribution}"
            )
        elif installed is not None:
            state = "incomplete"
            advice = (
                f"{distribution} {installed} is installed and should offer it. "
                f"Reinstall it with: pip install --force-reinstall {distribution}"
            )
        elif known.get("planned"):
            advice = (
                f"The distribution {distribution} will offer it; this version of spanwright-core knows no release "
                f"of it yet. Try: pip install {distribution}"
            )
        else:
            advice = f"The distribution {distribution} offers it. Install it with: pip install {distribution}"
        raise MissingPluginError(f"{head} {advice}", registry=kind, name=name, distribution=distribution, state=state)

    def _offered(self, kind: str, name: str) -> bool:
        return bool(self._candidates(kind, name)) or name in install_index().get(kind, {})

    # --- configs

    def resolve(self, config: Mapping[str, Any], **settings: Any) -> dict[str, Any]:
        """Call the functions that a config names, innermost first; see `spanwright.config.resolve`."""
        from ..config import resolve

        return resolve(config, registry=self, **settings)

    def fill(self, config: Mapping[str, Any], **settings: Any) -> Any:
        """Add the defaults of the functions that a config names; see `spanwright.config.fill`."""
        from ..config import fill

        return fill(config, registry=self, **settings)


def _fallback(name: str) -> tuple[str, ...]:
    prefix, dot, rest = name.partition(".")
    return (f"spacy-legacy.{rest}",) if dot and prefix == "spacy" else ()
