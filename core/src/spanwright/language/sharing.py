"""Sending a pipeline to processes that are not forked: one file, which all of them map, holds its arrays once.

Objects are pickled; their arrays (weights, vectors) stand beside the pickle, out of band, and workers make them over
the mapped file. Pages are read when they are touched and are the same memory in all processes. A process that writes
into an array gets its own copy of that page, as after a fork. A file and not named shared memory: what is larger than
/dev/shm, 64 MB in a container, would end in a bus error.
"""

from __future__ import annotations

import mmap
import pickle
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from ..errors import PipelineError

ALIGNMENT = 64


class SharedWork:
    """Objects in a temporary file, for other processes to open. Raises PipelineError if they cannot be pickled."""

    def __init__(self, objects: Any) -> None:
        buffers: list[pickle.PickleBuffer] = []
        try:
            data = pickle.dumps(objects, protocol=5, buffer_callback=buffers.append)
            views = [buffer.raw() for buffer in buffers]
        except Exception as error:
            raise PipelineError(
                f"The pipeline cannot be sent to other processes: {error}. Define components and error handlers at the "
                "top level of a module, or use n_process=1."
            ) from error
        self.places: list[tuple[int, int]] = []
        with tempfile.NamedTemporaryFile(prefix="spanwright-", suffix=".pipe", delete=False) as file:
            self.path = Path(file.name)
            try:
                for part in [memoryview(data), *views]:
                    file.write(b"\0" * (-file.tell() % ALIGNMENT))
                    self.places.append((file.tell(), len(part)))
                    file.write(part)
            except BaseException:
                self.remove()
                raise

    @property
    def ticket(self) -> tuple[str, list[tuple[int, int]]]:
        """What a worker needs for `open_shared`."""
        return str(self.path), self.places

    def remove(self) -> None:
        """Delete the file. Processes that have mapped it keep it, where the system allows that; else call again."""
        with suppress(OSError):
            self.path.unlink(missing_ok=True)


def open_shared(path: str, places: list[tuple[int, int]]) -> Any:
    """The objects of a `SharedWork`, their arrays over the mapped file."""
    with Path(path).open("rb") as file:
        whole = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY))
    parts = [whole[start : start + length] for start, length in places]
    return pickle.loads(parts[0], buffers=parts[1:])
