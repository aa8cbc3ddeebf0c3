"""Finding the files of a corpus."""

from __future__ import annotations

from pathlib import Path

from spanwright.errors import InvalidValueError, MissingFileError

from ..errors import EmptyCorpusError


class NoPathError(InvalidValueError):
    """A corpus has no path."""


def require_path(path: str | Path | None, reader: str) -> Path:
    """The path of a corpus as a Path. Raises NoPathError (a ValueError) if it is None or empty.

    reader: What to call the corpus in the error text.
    """
    if path is None or path == "":
        found = "null" if path is None else repr(str(path))
        raise NoPathError(
            f"{reader}: the corpus needs a path, and it is {found}. Set it in the config, usually as train and dev in "
            "[paths], or on the command line with --paths.train FILE --paths.dev FILE."
        )
    return Path(path)


def walk_corpus(path: str | Path, file_type: str) -> list[Path]:
    """The files of a corpus, sorted: the file itself, or all files of the type in a folder and the folders in it.

    path: File or folder. Names that begin with a dot are passed over.
    file_type: Suffix of the files, such as ".spacy".

    Raises MissingFileError (a FileNotFoundError) if nothing is there, and EmptyCorpusError (a ValueError) if the
    file is of another type or the folder has none of this type.
    """
    path = Path(path)
    if not path.exists():
        raise MissingFileError(
            f"There is no corpus {path}. Expected a {file_type} file or a folder with such files{_similar(path)}."
        )
    if not path.is_dir():
        if path.name.endswith(file_type):
            return [path]
        hint = " `spanwright convert` writes such files." if file_type == ".spacy" else ""
        raise EmptyCorpusError(
            f"The corpus {path} is no {file_type} file. Expected one, or a folder with such files.{hint}"
        )
    found = sorted(_files_under(path, file_type))
    if not found:
        present = sorted({file.suffix or file.name for file in path.rglob("*") if file.is_file()})[:5]
        inside = f"; its files end in {', '.join(present)}" if present else "; it is empty"
        raise EmptyCorpusError(f"The folder {path} has no {file_type} files{inside}.")
    return found


def _files_under(folder: Path, file_type: str) -> list[Path]:
    found: list[Path] = []
    for entry in folder.iterdir():
        if entry.name.startswith("."):
            continue
        if entry.is_dir():
            found.extend(_files_under(entry, file_type))
        elif entry.name.endswith(file_type):
            found.append(entry)
    return found


def _similar(path: Path) -> str:
    """ ", but there is X" with the nearest name in the same folder, or nothing."""
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f", but there is not even the folder {path.parent}"
    close = get_close_matches(path.name, [entry.name for entry in path.parent.iterdir()], n=1)
    return f", but there is {path.parent / close[0]}" if close else ""
