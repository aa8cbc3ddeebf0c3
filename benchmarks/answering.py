"""A process with one of the two libraries in it, which does tasks as it is asked."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path


class Worker:
    """A process that reads a task a line and answers with a line of JSON.

    python: The environment's Python.
    script: The file in this folder that it runs.
    environment: Its environment variables.
    """

    def __init__(self, python: str | Path, script: str, arguments: list[str], environment: dict[str, str]) -> None:
        command = [str(python), str(Path(__file__).with_name(script)), *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def ask(self, task: str, number: int) -> dict:
        """Have one task done."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps({"task": task, "round": number}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"the worker for {task} ended early with status {self.process.wait()}")
        return json.loads(line)

    def close(self) -> None:
        """Let the process end."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()
