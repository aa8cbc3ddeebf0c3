"""Whether there is memory for the weights of a large layer, before training finds out."""

from __future__ import annotations

import os
from pathlib import Path

from spanwright.errors import SpanwrightError

# Weights, gradient, and the optimizer's two momenta and averages.
COPIES = 5
MEBIBYTE = 2**20


class NotEnoughMemoryError(SpanwrightError, MemoryError):
    """A network is too large to be trained in the memory that is left."""


def require_memory(labels: int, length: int) -> None:
    """Raise NotEnoughMemoryError (a MemoryError) unless a layer of labels * length weights can be trained.

    labels: Number of scores.
    length: Weights for each.
    """
    needed = COPIES * 4 * labels * length
    left = available()
    if left is None or needed <= left:
        return
    # The largest power of two that leaves half of the memory to the rest.
    fitting = max(1, left // (2 * COPIES * 4 * labels))
    raise NotEnoughMemoryError(
        f"A bag of words with {labels:,} labels and length = {length:,} needs about {needed // MEBIBYTE:,} MiB to be "
        f"trained (weights, gradient, optimizer), and {left // MEBIBYTE:,} MiB are left. Set a smaller length in the "
        f"block of spacy.TextCatBOW.v3, such as {2 ** (fitting.bit_length() - 1):,}, or use spacy.TextCatReduce.v1."
    )


def available() -> int | None:
    """Bytes of memory that the process may still take; None where that is not known."""
    found = [value for value in (_of_the_machine(), _of_the_group(), _of_the_process()) if value is not None]
    return min(found) if found else None


def _of_the_machine() -> int | None:
    try:
        for line in Path("/proc/meminfo").read_text(encoding="ascii").splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except (OSError, ValueError):
        pass
    try:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, OSError, ValueError):
        return None


def _of_the_group(folder: str = "/sys/fs/cgroup") -> int | None:
    """What a container may still take."""
    for limit, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            texts = [(Path(folder) / name).read_text(encoding="ascii").strip() for name in (limit, used)]
            return max(0, int(texts[0]) - int(texts[1]))
        except (OSError, ValueError):
            continue
    return None


def _of_the_process() -> int | None:
    try:
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit == resource.RLIM_INFINITY:
            return None
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        return max(0, limit - pages * os.sysconf("SC_PAGE_SIZE"))
    except (ImportError, OSError, ValueError):
        return None
