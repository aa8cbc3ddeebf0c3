"""A registry of its own with small functions that the configs of these tests name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import pytest

from spanwright.registry import Registry


@pytest.fixture
def registry() -> Any:
    made = Registry()

    @made.architectures("test.Net.v1")
    def net(width: int, embed: Any, dropout: float = 0.1, mode: Literal["a", "b"] = "a") -> dict[str, Any]:
        return {"width": width, "embed": embed, "dropout": dropout, "mode": mode}

    @made.architectures("test.Embed.v1")
    def embed(rows: list[int], attrs: list[str] | None = None) -> tuple[Any, ...]:
        return ("embed", tuple(rows), attrs)

    @made.misc("test.callback.v1")
    def callback() -> Callable[[Any], Any]:
        return lambda value: value

    @made.misc("test.chain.v1")
    def chain(*parts: Any, sep: str = "-") -> str:
        return sep.join(map(str, parts))

    @made.misc("test.fails.v1")
    def fails() -> None:
        raise ZeroDivisionError("no")

    @made.misc("test.takes_callback.v1")
    def takes_callback(func: Callable[[Any], Any], path: str | None = None) -> Any:
        return func

    return made


CONFIG = """
[paths]
train = "corpus/train"
width = 96

[system]
seed = 0

[nlp]
lang = "en"
pipeline = ["tagger"]

[components]

[components.tagger]
factory = "tagger"

[components.tagger.model]
@architectures = "test.Net.v1"
width = ${paths.width}
dropout = ${paths:missing_dropout}

[components.tagger.model.embed]
@architectures = "test.Embed.v1"
rows = [1000, 500]
"""


@pytest.fixture
def text() -> str:
    return CONFIG.replace("${paths:missing_dropout}", "0.2")
