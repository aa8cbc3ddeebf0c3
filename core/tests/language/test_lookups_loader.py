"""Tables of spacy-lookups-data: read as data, and missed with advice."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from spanwright import registry
from spanwright.language import blank
from spanwright.language.lookups_loader import LookupsDataLoader_v1, load_lookups


@pytest.fixture
def data_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A package like spacy-lookups-data; importing it fails."""
    package = tmp_path / "test_lookups_data"
    (package / "data").mkdir(parents=True)
    (package / "__init__.py").write_text("raise ImportError('must not be imported')")
    (package / "data" / "xx_lexeme_norm.json").write_text(json.dumps({"u": "you"}))
    (package / "data" / "xx_lemma_lookup.json.gz").write_bytes(gzip.compress(json.dumps({"cats": "cat"}).encode()))
    metadata = tmp_path / "test_lookups_data-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: test-lookups-data\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[spacy_lookups]\nxx = test_lookups_data:xx\n")
    monkeypatch.syspath_prepend(str(tmp_path))


def test_tables_are_read(data_package: Any) -> None:
    lookups = LookupsDataLoader_v1("xx", ["lexeme_norm", "lemma_lookup"])
    assert lookups.get_table("lexeme_norm")["u"] == "you"
    assert lookups.get_table("lemma_lookup")["cats"] == "cat"


def test_the_published_name_gives_it(data_package: Any) -> None:
    nlp = blank("xx")
    assert registry.misc.get("spacy.LookupsDataLoader.v1") is LookupsDataLoader_v1
    block = {"@misc": "spacy.LookupsDataLoader.v1", "lang": "xx", "tables": ["lexeme_norm"]}
    nlp.config["initialize"]["lookups"] = block
    nlp.initialize()
    assert nlp.vocab.lookups.tables == ["lexeme_norm"]
    assert nlp("u")[0].norm_ == "you"


def test_missing_tables_are_named(data_package: Any) -> None:
    with pytest.raises(ValueError, match="no table 'lexeme_prob' for 'xx'. It has lemma_lookup, lexeme_norm"):
        LookupsDataLoader_v1("xx", ["lexeme_prob"])
    assert load_lookups("xx", ["lexeme_prob"], strict=False).tables == ["lexeme_prob"]


def test_languages_without_tables_are_told_from_a_missing_package(data_package: Any) -> None:
    expected = (
        r"for 'qqq': spacy-lookups-data has no tables of this language\. It has those of .*xx.*initialize\(lookups="
    )
    with pytest.raises(ValueError, match=expected):
        LookupsDataLoader_v1("qqq", ["lemma_lookup"])


def test_the_package_to_install_is_named() -> None:
    with pytest.raises(ValueError, match="tables lexeme_norm for 'qqq'.*pip install spacy-lookups-data"):
        LookupsDataLoader_v1("qqq", ["lexeme_norm"])
    assert load_lookups("qqq", ["lexeme_norm"], strict=False).tables == []
    assert LookupsDataLoader_v1("qqq", []).tables == []
