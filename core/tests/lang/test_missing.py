"""A language without a module of its own says how to get a pipeline of it."""

from __future__ import annotations

import importlib
from importlib.util import find_spec

import pytest

from spanwright.errors import SpanwrightError


@pytest.mark.parametrize(
    ("module", "message"),
    [
        (
            "spanwright.lang.it",
            r"no module spanwright.lang.it: .* de, en, es, fr, xx\. spanwright.blank",
        ),
        ("spanwright.lang.it.stop_words", r"spanwright.util.get_lang_class\('it'\) gives its class"),
        ("spanwright.lang.punctation", "Did you mean 'punctuation'"),
    ],
)
def test_a_language_without_a_module_says_what_to_do(module, message):
    with pytest.raises(ModuleNotFoundError, match=message) as caught:
        importlib.import_module(module)
    assert isinstance(caught.value, SpanwrightError)
    assert caught.value.name == ".".join(module.split(".")[:3])


def test_other_packages_are_looked_for_as_ever():
    assert find_spec("spanwright.nothing") is None
    assert find_spec("spanwright.lang.en").name == "spanwright.lang.en"
