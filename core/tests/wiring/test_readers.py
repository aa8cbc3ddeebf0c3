"""The readers of plain files."""

from __future__ import annotations

from pathlib import Path

import pytest

from spanwright.registry import registry


def test_readers(tmp_path: Path) -> None:
    import srsly

    value = {"a": [1, 2]}
    srsly.write_json(tmp_path / "x.json", value)
    srsly.write_jsonl(tmp_path / "x.jsonl", [value, value])
    srsly.write_msgpack(tmp_path / "x.msgpack", value)
    srsly.write_yaml(tmp_path / "x.yaml", value)
    for kind in ("json", "msgpack", "yaml"):
        assert registry.readers.get(f"srsly.read_{kind}.v1")(tmp_path / f"x.{kind}") == value
    assert list(registry.readers.get("srsly.read_jsonl.v1")(tmp_path / "x.jsonl")) == [value, value]
    (tmp_path / "bad.jsonl").write_text('{"a": 1}\nnonsense\n', encoding="utf8")
    assert list(registry.readers.get("srsly.read_jsonl.v1")(tmp_path / "bad.jsonl", skip=True)) == [{"a": 1}]
    with pytest.raises(ValueError, match="JSON"):
        list(registry.readers.get("srsly.read_jsonl.v1")(tmp_path / "bad.jsonl"))
