"""`spanwright init kb`: knowledge bases from CSV and JSONL, and what is said of faulty files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from spanwright import blank
from spanwright.cli import main
from spanwright.errors import InvalidValueError, MissingFileError
from spanwright.kb import InMemoryLookupKB
from spanwright.vocab import Vocab
from spanwright_entity_linker.building import KBFilesError, build_kb
from spanwright_entity_linker.commands.init_kb import init_kb

ENTITIES = 'id,freq,vector,name\nQ1,3,1 0,Ada\nQ2,,0 0.5,"Bo, the first"\n'
ALIASES = "alias,entity,prob\nAda,Q1,0.5\nBo,Q2,1\nAda,Q2,0.25\n"


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, encoding="utf8")
    return folder / name


def lines(rows: list[Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_both_formats_give_the_same(tmp_path: Path, capsys: Any) -> None:
    entities, aliases = write(tmp_path, "e.csv", "\ufeff" + ENTITIES), write(tmp_path, "a.csv", ALIASES)
    assert main(["init", "kb", str(entities), str(aliases), str(tmp_path / "kb")]) == 0
    told = capsys.readouterr().err
    assert "2 entities with vectors of 2 values, 2 aliases, saved in" in told and "spacy.KBFromFile.v1" in told
    kb = InMemoryLookupKB(Vocab(), 1).from_disk(tmp_path / "kb")
    assert kb.get_vector("Q2") == [0.0, 0.5] and kb.get_prior_prob("Q2", "Ada") == 0.25
    assert [c.entity_freq for c in kb.get_alias_candidates("Ada")] == [3.0, 0.0]
    rows = [{"id": "Q1", "freq": 3, "vector": [1, 0]}, {"id": "Q2", "vector": [0, 0.5], "name": None}]
    pairs = [
        {"alias": "Ada", "entities": ["Q1", "Q2"], "probabilities": [0.5, 0.25]},
        {"alias": "Bo", "entity": "Q2", "prob": 1},
    ]
    again = build_kb(write(tmp_path, "e.jsonl", lines(rows)), write(tmp_path, "a.jsonl", lines(pairs)))
    assert again.to_bytes() == kb.to_bytes()


def test_vectors_of_descriptions(tmp_path: Path) -> None:
    nlp = blank("xx")
    nlp.vocab.reset_vectors(width=2)
    nlp.vocab.set_vector("poet", [1, 3])
    nlp.vocab.set_vector("old", [3, 1])
    nlp.to_disk(tmp_path / "vectors")
    entities = write(tmp_path, "e.csv", "id,description\nQ1,old poet\n")
    kb = init_kb(
        entities,
        write(tmp_path, "a.csv", "alias,entity,prob\nAda,Q1,1\n"),
        tmp_path / "kb",
        model=str(tmp_path / "vectors"),
    )
    assert kb.get_vector("Q1") == [2.0, 2.0]
    with pytest.raises(InvalidValueError, match="has no word vectors to make vectors of descriptions from"):
        build_kb(entities, tmp_path / "a.csv", nlp=blank("xx"))


def problems(tmp_path: Path, entities: str, aliases: str, suffix: str = "csv") -> list[str]:
    files = write(tmp_path, f"e.{suffix}", entities), write(tmp_path, f"a.{suffix}", aliases)
    with pytest.raises(KBFilesError, match=r"No knowledge base can be built, its files have \d+ problem") as caught:
        init_kb(*files, tmp_path / "kb")
    assert not (tmp_path / "kb").exists()
    return [f"{Path(file).name[0]}:{line}: {text}" for file, line, text in caught.value.problems]


def test_every_fault_of_csv_is_named_by_its_line(tmp_path: Path) -> None:
    entities = "id,freq,vector\nQ1,-3,1 0\nQ2,5,0 1\nQ2,1,1 1\n ,4,1 1\nQ4,1\nQ5,1,1 2 3\n"
    entities += "Q6,x,1 0\nQ7,1,1 a\nQ8,1,nan 1\nQ9,1,\n"
    aliases = (
        "alias,entity,prob\nAda,Q1,0.5\nAda,Q2,0.75\nBo,Q22,1\nCy,Q1,x\nCy,Q1,2\nDi,Q1,\n,Q1,1\nEd,Q1,0.1\nEd,Q1,0.1\n"
    )
    assert problems(tmp_path, entities, aliases) == [
        "e:2: 'freq' must be 0 or more, and not greater than float32 allows, found '-3'",
        "e:4: the entity 'Q2' stands in line 3 already",
        "e:5: 'id' must be a text that is not empty, found ''",
        "e:6: the header has 3 columns, this row has 2",
        "e:7: the vector has 3 values, and that of line 3 has 2",
        "e:8: 'freq' must be a number, found 'x'",
        "e:9: 'vector' must be numbers, found '1 a'",
        "e:10: 'vector' has values that are no numbers (NaN or infinite), or too great",
        "e:11: there is no 'vector'. Give one, or a pipeline with word vectors and a 'description'",
        "a:3: the probabilities of the alias 'Ada' sum to 1.2500, above 1",
        "a:4: the alias 'Bo' names the entity 'Q22', which is not known. Did you mean 'Q2'?",
        "a:5: 'prob' must be a number, found 'x'",
        "a:6: 'prob' must be between 0 and 1, found '2'",
        "a:7: 'prob' is missing",
        "a:8: 'alias' must be a text that is not empty, found ''",
        "a:10: the alias 'Ed' has the entity 'Q1' already",
    ]


def test_every_fault_of_jsonl_is_named_by_its_line(tmp_path: Path) -> None:
    entities = '{"id": "Q1", "vector": [1]}\n[1]\n{"id": 3}\n\n{"id": "Q2", "vektor": [1], "vector": [1]}\n'
    entities += '{"id"\n{"id": "Q3", "vector": 3}\n'
    aliases = lines(
        [
            {"alias": "Ada", "entities": [], "probabilities": []},
            {"alias": "Bo", "entities": ["Q1"], "probabilities": [0.5, 0.5]},
            {"alias": "Cy", "entities": ["Q1"]},
            {"alias": "Di", "entities": ["Q1"], "probabilities": [True]},
        ]
    )
    found = problems(tmp_path, entities, aliases, "jsonl")
    assert found.pop(3).startswith("e:6: this is no JSON: ")
    assert found == [
        "e:2: each line must be a JSON object, found a list",
        "e:3: 'id' must be a text that is not empty, found 3",
        "e:5: the key 'vektor' is not known. Did you mean 'vector'?",
        "e:7: 'vector' must be numbers, found '3'",
        "a:1: the alias 'Ada' has no entities",
        "a:2: 'entities' and 'probabilities' must be lists of the same length",
        "a:3: 'entities' and 'probabilities' must be lists of the same length",
        "a:4: 'probabilities' must be a number, found True",
    ]


CHANGES = {"windows": ("\n", "\r\n"), "mac": ("\n", "\r"), "mark": ("", ""), "commas": ("\n", "\n,,\n\n")}


@pytest.mark.parametrize("change", CHANGES)
def test_what_spreadsheets_write(tmp_path: Path, change: str) -> None:
    """Other ends of lines, byte order marks, rows of commas alone; and a suffix in capitals."""
    for name, text in (("e.CSV", "id,freq,vector\nQ1,3,1 0\nQ2,,0 0.5\n"), ("a.CSV", ALIASES)):
        changed = "\ufeff" + text if change == "mark" else text.replace(*CHANGES[change])
        (tmp_path / name).write_bytes(changed.encode())
    kb = build_kb(tmp_path / "e.CSV", tmp_path / "a.CSV")
    assert kb.get_entity_strings() == ["Q1", "Q2"] and kb.get_alias_strings() == ["Ada", "Bo"]


def test_jsonl_with_a_byte_order_mark(tmp_path: Path) -> None:
    entities = "\ufeff" + lines([{"id": "Q1", "vector": [1]}]).replace("\n", "\r\n")
    aliases = "\ufeff" + lines([{"alias": "Ada", "entity": "Q1", "prob": 1}])
    assert len(build_kb(write(tmp_path, "e.jsonl", entities), write(tmp_path, "a.jsonl", aliases))) == 1


def test_values_that_no_knowledge_base_can_hold(tmp_path: Path) -> None:
    huge = "1" + "0" * 400
    entities = (
        f'{{"id": "Q1", "vector": [{huge}]}}\n{{"id": "Q2", "vector": [1], "freq": {huge}}}\n'
        '{"id": "\\ud800", "vector": [1]}\n{"id": "Q4", "vector": {"1": 1}}\n{"id": "Q5", "vector": []}\n'
        '{"id": "Q6", "vector": [1e39]}\n{"id": "Q7", "vector": [1], "b": 1, "a": 2}\n'
        '{"id": "Q8", "vector": [1], "freq": 1e39}'
    )
    aliases = '{"alias": "\\ud800", "entity": "Q1", "prob": 1}\n'
    aliases += f'{{"alias": "A", "entity": "Q1", "prob": {huge}}}\n'
    found = problems(tmp_path, entities, aliases, "jsonl")
    for text, expected in zip(
        found,
        [
            "e:1: 'vector' has values that are no numbers (NaN or infinite), or too great",
            "e:2: 'freq' must be 0 or more, and not greater than float32 allows, found 1000",
            "e:3: 'id' is '\\ud800', which UTF-8 cannot express",
            "e:4: 'vector' must be numbers, found",
            "e:5: 'vector' must be numbers, found '[]'",
            "e:6: 'vector' has values that are no numbers (NaN or infinite), or too great",
            "e:7: the key 'a' is not known",
            "e:7: the key 'b' is not known",
            "e:8: 'freq' must be 0 or more, and not greater than float32 allows, found 1e+39",
            "a:1: 'alias' is '\\ud800', which UTF-8 cannot express",
            "a:2: 'prob' must be between 0 and 1, found 1000",
        ],
        strict=True,
    ):
        assert text.startswith(expected)


def test_headers_and_files(tmp_path: Path) -> None:
    assert problems(tmp_path, "ids,vector\nQ1,1\n", "alias,entity\n") == [
        "e:1: the header has no column 'id', found 'ids', 'vector'",
        "e:1: the column 'ids' is not known. Did you mean 'id'?",
        "a:1: the header has no column 'prob', found 'alias', 'entity'",
    ]
    # Without any entity the aliases are not to blame.
    assert problems(tmp_path, "", ALIASES) == ["e:1: the header has no column 'id', found nothing"]
    assert problems(tmp_path, '"id"x,vector\nQ1,1\n', ALIASES)[0].startswith("e:1: this is no CSV: ")
    assert problems(tmp_path, "id,id,vector\nQ1,Q2,1\n", ALIASES) == [
        "e:1: the header has the column 'id' more than once"
    ]
    assert problems(tmp_path, 'id,vector\nQ1,"1\n', "alias,entity,prob\n")[0].startswith("e:2: this is no CSV")
    (tmp_path / "e.csv").write_bytes(b"id\n\xff\n")
    with pytest.raises(KBFilesError, match="e.csv:1: the file is not UTF-8"):
        build_kb(tmp_path / "e.csv", tmp_path / "a.csv")
    many = "".join(f"Q{i},x,1\n" for i in range(30))
    write(tmp_path, "e.csv", f"id,freq,vector\n{many}")
    with pytest.raises(KBFilesError, match=r"30 problems(.|\n)*\.\.\. and 10 more"):
        build_kb(tmp_path / "e.csv", tmp_path / "a.csv")
    with pytest.raises(MissingFileError, match="There is no file"):
        build_kb(tmp_path / "none.csv", tmp_path / "a.csv")
    with pytest.raises(InvalidValueError, match=r"are read from \.csv and \.jsonl, found '\.txt'"):
        build_kb(write(tmp_path, "e.txt", ""), tmp_path / "a.csv")
    with pytest.raises(InvalidValueError, match="there is no entity in it"):
        build_kb(write(tmp_path, "e.csv", "id\n"), tmp_path / "a.csv")
    with pytest.raises(InvalidValueError, match="there is no alias in it"):
        build_kb(write(tmp_path, "e.csv", ENTITIES), tmp_path / "a.csv")
