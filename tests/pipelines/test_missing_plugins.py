"""A pipeline whose plugins are missing says which to install; what is excluded is not missed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import spanwright
from spanwright.errors import ConfigError

# As if the distributions named in the second argument had never been installed.
WITHOUT = """
import sys
import importlib_metadata
hidden = sys.argv[2].split(",")
everything, version = importlib_metadata.distributions, importlib_metadata.version
def known(name):
    if name in hidden:
        raise importlib_metadata.PackageNotFoundError(name)
    return version(name)
importlib_metadata.distributions = lambda **how: [d for d in everything(**how) if d.metadata["Name"] not in hidden]
importlib_metadata.version = known
import spanwright
try:
    nlp = spanwright.load(sys.argv[1], exclude=sys.argv[3:])
except ValueError as error:
    print(type(error).__name__, error)
else:
    print(nlp.pipe_names, [token.tag_ != "" for token in nlp("The boats left .")])
"""


def test_plugins_that_are_not_installed(whole: Path, python: Callable[..., Any]) -> None:
    done = python(WITHOUT, whole, "spanwright-tagger,spanwright-tok2vec")
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    assert lines[0] == (
        "MissingPartsError The pipeline needs 11 parts that no installed distribution provides. "
        "Install: pip install spanwright-tagger spanwright-tok2vec:"
    )
    assert lines[1].startswith("- [components.tok2vec] factory: Can't find 'tok2vec' in the registry 'factories'.")
    assert "pip install spanwright-tok2vec" in lines[1]
    assert "--force-reinstall" not in done.stdout
    assert lines[2].strip().startswith(f"{whole / 'config.cfg'}:")
    parts = [line for line in lines if line.startswith("- ")]
    assert len(parts) == 11
    assert any("[components.tagger.model] @architectures: Can't find 'spacy.Tagger.v2'" in line for line in parts)


def test_what_is_excluded_is_not_missed(whole: Path, python: Callable[..., Any]) -> None:
    done = python(WITHOUT, whole, "spanwright-tagger", "tagger", "morphologizer", "senter")
    assert done.stdout.strip() == "['tok2vec'] [False, False, False, False]", done.stderr


def test_without_the_languages_the_saved_tokenizer_rules_hold(whole: Path, python: Callable[..., Any]) -> None:
    done = python(WITHOUT, whole, "spanwright-languages")
    assert done.stdout.strip() == "['tok2vec', 'tagger', 'morphologizer', 'senter'] [True, True, True, True]", (
        done.stderr
    )


@pytest.mark.parametrize(
    ("factory", "distribution"),
    [("experimental_coref", "spanwright-experimental"), ("experimental_coref", "spanwright-experimental")],
)
def test_plugins_of_the_plan(folder: Path, factory: str, distribution: str) -> None:
    file = folder / "config.cfg"
    text = file.read_text(encoding="utf8").replace('factory = "senter"', f'factory = "{factory}"')
    file.write_text(text, encoding="utf8")
    message = (
        rf"The pipeline needs 1 part that no installed distribution provides\. Install: pip install {distribution}:\n"
        rf"- \[components\.senter\] factory: Can't find '{factory}' in the registry 'factories'\. The distribution "
        rf"{distribution} (\n|.)*config\.cfg:\d+: factory = \"{factory}\""
    )
    with pytest.raises(ConfigError, match=message):
        spanwright.load(folder)
    assert spanwright.load(folder, exclude=["senter"]).pipe_names == ["tok2vec", "tagger", "morphologizer"]


def test_a_factory_nobody_knows(nlp: Any) -> None:
    with pytest.raises(ValueError, match="Can't find 'my_thing' in the registry 'factories'.*import the module"):
        nlp.add_pipe("my_thing")
