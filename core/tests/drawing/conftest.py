"""Docs to draw, and a browser to draw them in."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.tokens import Doc

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Nothing is fetched, nothing is kept.
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--hide-scrollbars",
)  # fmt: skip
MEASURE = """
<pre id="measured"></pre><script>
const box = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
const all = s => Array.from(document.querySelectorAll(s)).map(e => [e.textContent, ...box(e)]);
document.getElementById("measured").textContent = JSON.stringify(Object.fromEntries(%s.map(s => [s, all(s)])));
</script>
"""

Boxes = dict[str, list[tuple[str, float, float, float, float]]]


@pytest.fixture
def tree() -> Doc:
    """A sentence with its dependencies."""
    words = "Autonomous cars shift insurance liability toward manufacturers .".split()
    return Doc(
        spanwright.blank("en").vocab,
        words=words,
        spaces=[True] * 6 + [False, False],
        heads=[1, 2, 2, 4, 2, 2, 5, 2],
        deps=["amod", "nsubj", "ROOT", "compound", "dobj", "prep", "pobj", "punct"],
        pos=["ADJ", "NOUN", "VERB", "NOUN", "NOUN", "ADP", "NOUN", "PUNCT"],
        tags=["JJ", "NNS", "VBP", "NN", "NN", "IN", "NNS", "."],
        lemmas=["autonomous", "car", "shift", "insurance", "liability", "toward", "manufacturer", "."],
    )


@pytest.fixture
def measured(tmp_path: Path) -> Callable[..., Boxes]:
    """The boxes (text, left, top, right, bottom) of the elements that selectors find, in a real browser."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        pytest.skip(f"no browser is installed ({', '.join(BROWSERS)}): apt-get install chromium")

    def measure(page: str, *selectors: str, width: int = 1200) -> Boxes:
        file = tmp_path / "page.html"
        file.write_text(page.replace("</body>", MEASURE % json.dumps(selectors) + "</body>"), encoding="utf8")
        place = [f"--user-data-dir={tmp_path / 'browser'}", f"--window-size={width},800", "--dump-dom", file.as_uri()]
        done = subprocess.run([browser, *FLAGS, *place], capture_output=True, text=True, timeout=120, check=False)
        found = done.stdout.rpartition('<pre id="measured">')[2].partition("</pre>")[0]
        if not found:
            pytest.skip(f"the browser does not run here: {done.stderr.strip()[-200:]}")
        from html import unescape

        boxes: Any = json.loads(unescape(found))
        return {selector: [tuple(row) for row in rows] for selector, rows in boxes.items()}

    return measure
