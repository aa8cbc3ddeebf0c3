"""Ctrl-C and SIGTERM while a step is taken or a file is written: they wait until it is done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Interrupts:
    """A context manager that holds back Ctrl-C (and SIGTERM) inside `with interrupts.held():`.

    At the end of such a block, and at once outside of any, KeyboardInterrupt is raised. A second Ctrl-C is not held
    back. Where signals cannot be caught (not in the main thread), everything is as without it.
    """

    def __init__(self) -> None:
        self.requested = False
        self._depth = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.signal(number, self._handle)
        return self

    def __exit__(self, *exc: Any) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    @contextmanager
    def held(self) -> Iterator[None]:
        """A block that is not broken off in the middle."""
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
        if self.requested and not self._depth:
            raise KeyboardInterrupt

    def _handle(self, number: int, frame: FrameType | None) -> None:
        again, self.requested = self.requested, True
        if again or not self._depth:
            raise KeyboardInterrupt
