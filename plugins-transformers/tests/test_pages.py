"""What README and docs/transformers.md tell readers to write works, with a tiny model in the place of theirs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.config import Config

HERE = Path(__file__).resolve().parents[1]
PAGE = HERE.parent / "docs" / "transformers.md"


def blocks(page: Path, language: str, tiny: Path) -> list[str]:
    if not page.is_file():
        pytest.skip(f"{page.name} is not beside this distribution")
    text = page.read_text(encoding="utf8").replace('"roberta-base"', f'"{tiny.as_posix()}"')
    return re.findall(rf"^```{language}(?: no-run)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def test_the_readmes_example(tiny: Path, capsys: pytest.CaptureFixture) -> None:
    (code,) = blocks(HERE / "README.md", "python", tiny)
    exec(code, {})
    assert capsys.readouterr().out.startswith("(3, 16) ")


def test_the_pages_python(tiny: Path) -> None:
    found: dict[str, Any] = {}
    for code in blocks(PAGE, "python", tiny):
        exec(code, found)
    nlp = found["nlp"]
    nlp.get_pipe("transformer").model.initialize()
    doc = nlp.get_pipe("transformer")(nlp.make_doc("the dog"))
    assert doc._.first_piece.shape == (16,)
    doc[0].is_sent_start, doc[1].is_sent_start = True, True
    assert [span.text for span in found["make_getter"](1)([doc])[0]] == ["the", "dog"]
    type(doc).remove_extension("first_piece")


def test_the_pages_config(tiny: Path) -> None:
    head = '[nlp]\nlang = "en"\npipeline = ["transformer", "tagger"]\n\n[components]\n\n'
    config = Config().from_str(head + "\n".join(blocks(PAGE, "ini", tiny)))
    nlp = spanwright.util.load_model_from_config(config, auto_fill=True)
    assert nlp.get_pipe("transformer").model.shim.precision == "bf16"
    assert nlp.get_pipe("transformer").listening_components == ["tagger"]
