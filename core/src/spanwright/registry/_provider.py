"""One row of the index: who offers a name, and where its code is."""

from __future__ import annotations

import ast
import importlib
import importlib.machinery
import inspect
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import BrokenPluginError

ENTRY_POINT = "entry point"
IN_PROCESS = "in process"
EXPLICIT = "registered by hand"
THINC = "thinc"


@dataclass(frozen=True)
class Provider:
    """Who offers a registered name. Making or printing one imports nothing.

    registry, name: What is offered.
    module, qualname: Where its code is.
    distribution, version: Who ships it; None for functions registered in this process.
    source: How it got here: "entry point", "in process", "registered by hand" or "thinc".
    """

    registry: str
    name: str
    module: str
    qualname: str
    distribution: str | None = None
    version: str | None = None
    source: str = ENTRY_POINT

    @property
    def target(self) -> str:
        """The code as an entry point writes it: `package.module:function`."""
        return f"{self.module}:{self.qualname}"

    @property
    def owner(self) -> str:
        """The distribution with its version, or how the function came here."""
        if self.distribution is None:
            return f"registered in this process by {self.module}"
        return f"{self.distribution} {self.version}" if self.version else self.distribution

    @property
    def file(self) -> str | None:
        """Path of the source file, found without importing the plugin; None if there is none."""
        return _find_file(self.module)

    @property
    def line(self) -> int | None:
        """Line of the definition in `file`; None for compiled code."""
        file = self.file
        if file is None or not file.endswith(".py"):
            return None
        return _find_line(file, self.qualname)

    @property
    def docstring(self) -> str | None:
        """Docstring of the object. This imports its module."""
        return inspect.getdoc(self.load())

    @property
    def lifecycle(self) -> str | None:
        """Life-cycle state that the distribution declares, such as "4 - Beta"."""
        if self.distribution is None:
            return None
        import importlib_metadata

        try:
            metadata = importlib_metadata.metadata(self.distribution)
        except importlib_metadata.PackageNotFoundError:
            return None
        prefix = "Development Status :: "
        states = [text for text in metadata.get_all("Classifier") or [] if text.startswith(prefix)]
        return states[0].removeprefix(prefix) if states else None

    def __getitem__(self, key: str) -> Any:
        """`provider["module"]`, `["file"]`, `["line_no"]`, `["docstring"]`, as in spaCy's `registry.find`."""
        return getattr(self, "line" if key == "line_no" else key)

    def same_code(self, other: Provider) -> bool:
        """Whether both name the same module and qualified name."""
        return (self.module, self.qualname) == (other.module, other.qualname)

    def load(self) -> Any:
        """Import the leaf module and return the object.

        Raises BrokenPluginError, naming distribution, module and cause, if that fails.
        """
        try:
            value: Any = importlib.import_module(self.module)
        except (Exception, SystemExit) as error:  # a script that was declared by mistake may end the program
            raise BrokenPluginError(self._import_message(error), distribution=self.distribution) from error
        for part in filter(None, self.qualname.split(".")):
            try:
                value = getattr(value, part)
            except AttributeError as error:
                raise BrokenPluginError(
                    f"{self.owner} declares {self.registry} '{self.name}' as {self.target}, but that module "
                    f"has no '{self.qualname}'. Reinstall {self.distribution or self.module}, or report it to "
                    "its authors.",
                    distribution=self.distribution,
                ) from error
        return value

    def _import_message(self, error: BaseException) -> str:
        text = (
            f"{self.registry} '{self.name}' comes from {self.owner}, but its module {self.module} cannot be "
            f"imported: {type(error).__name__}: {error}."
        )
        missing = getattr(error, "name", None) if isinstance(error, ModuleNotFoundError) else None
        if missing is None:
            return text
        top = missing.partition(".")[0]
        extra = _extra_for(self.distribution, top)
        if extra:
            return f'{text} Install it with: pip install "{self.distribution}[{extra}]"'
        if top in sys.modules or _find_spec(top, None) is not None:
            return f"{text} The installed '{top}' has no such module: upgrade it."
        return f"{text} Install what provides the module '{top}'."


def describe(registry: str, name: str, func: Any) -> Provider:
    """The row for a function (or any object) that is registered in this process."""
    inner = inspect.unwrap(func) if callable(func) and hasattr(func, "__wrapped__") else func
    while hasattr(inner, "func") and not hasattr(inner, "__qualname__"):  # functools.partial
        inner = inner.func
    if not hasattr(inner, "__qualname__"):
        inner = type(inner)
    module = getattr(inner, "__module__", None) or "__main__"
    return Provider(registry, name, module, inner.__qualname__, source=IN_PROCESS)


def _find_file(module: str) -> str | None:
    loaded = sys.modules.get(module)
    if loaded is not None:
        return getattr(loaded, "__file__", None)
    # importlib.util.find_spec would import the parents: walk the path instead.
    path: Any = None
    spec = None
    parts = module.split(".")
    for index in range(len(parts)):
        name = ".".join(parts[: index + 1])
        spec = _find_spec(name, path)
        if spec is None:
            return None
        path = spec.submodule_search_locations
    return spec.origin if spec else None


def _find_spec(name: str, path: Any) -> Any:
    for finder in sys.meta_path:
        find = getattr(finder, "find_spec", None)
        spec = find(name, path) if find else None
        if spec is not None:
            return spec
    return None


def _find_line(file: str, qualname: str) -> int | None:
    try:
        body: Any = ast.parse(Path(file).read_text(encoding="utf8")).body
    except (OSError, SyntaxError, ValueError):
        return None
    line = None
    for part in qualname.split("."):
        if part == "<locals>":
            continue
        for node in body:
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and node.name == part:
                line, body = node.lineno, node.body
                break
            if isinstance(node, ast.Assign) and any(getattr(t, "id", None) == part for t in node.targets):
                return node.lineno
        else:
            return None
    return line


def _extra_for(distribution: str | None, module: str) -> str | None:
    """The extra of a distribution that requires a module's distribution, going by its name."""
    if distribution is None:
        return None
    import re

    import importlib_metadata

    try:
        requires = importlib_metadata.requires(distribution) or []
    except importlib_metadata.PackageNotFoundError:
        return None
    for requirement in requires:
        name = re.match(r"[\w.\-]+", requirement)
        extra = re.search(r"""extra\s*==\s*["']([^"']+)["']""", requirement)
        if name and extra and name.group().replace("-", "_").lower() == module.lower():
            return extra.group(1)
    return None
