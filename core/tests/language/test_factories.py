"""Registering factories and components, and finding them by language."""

from __future__ import annotations

from typing import Any

import pytest

from spanwright import registry
from spanwright.errors import PipelineError, RegistryConflict, RegistryMiss
from spanwright.language import BaseDefaults, FactoryMeta, Language, blank


class Elvish(Language):
    lang = "qya"

    class Defaults(BaseDefaults):
        config = {"nlp": {"batch_size": 7}}
        stop_words = {"i"}


def _plain(nlp: Any, name: str) -> Any:
    return lambda doc: doc


def _special(nlp: Any, name: str) -> Any:
    return len


def test_a_languages_own_factory_goes_first(nlp: Any) -> None:
    Language.factory("two_kinds", func=_plain)
    Elvish.factory("two_kinds", func=_special, default_score_weights={"x": 1.0})
    try:
        assert registry.has("factories", "qya.two_kinds")
        elvish = Elvish()
        assert elvish.create_pipe("two_kinds") is len
        assert nlp.create_pipe("two_kinds") is not len
        assert Elvish.get_factory_meta("two_kinds").scores == ["x"]
        assert Language.get_factory_meta("two_kinds").scores == []
        assert Elvish.has_factory("two_kinds")
        assert Elvish.get_factory_name("two_kinds") == "qya.two_kinds"
    finally:
        registry.factories.remove("two_kinds")
        registry.factories.remove("qya.two_kinds")


def test_a_language_brings_its_defaults() -> None:
    nlp = Elvish.from_config({})
    assert nlp.lang == "qya"
    assert nlp.batch_size == 7
    assert nlp.config["nlp"]["lang"] == "qya"
    assert nlp.vocab["i"].is_stop


def test_unknown_codes_keep_their_code() -> None:
    assert blank("tlh").lang == "tlh"
    assert blank("tlh").vocab.lang == "tlh"
    with pytest.raises(ValueError, match="A language code is a short text"):
        blank("not a code")


def test_the_same_function_may_be_registered_again_and_another_may_not() -> None:
    Language.factory("once", func=_plain)
    try:
        Language.factory("once", func=_plain)
        with pytest.raises(RegistryConflict, match="2 providers offer factories 'once'"):
            Language.factory("once", func=_special)
    finally:
        registry.factories.remove("once")


def test_decorators_return_what_they_decorate() -> None:
    @Language.component("noop")
    def noop(doc: Any) -> Any:
        return doc

    @Language.factory("make_noop")
    def make_noop(nlp: Any, name: str) -> Any:
        return noop

    try:
        assert noop(1) == 1
        assert make_noop.factory_meta == FactoryMeta(
            factory="make_noop", default_config={}, assigns=[], requires=[], scores=[], default_score_weights={}
        )
        assert blank("xx").create_pipe("make_noop") is noop
    finally:
        registry.factories.remove("noop")
        registry.factories.remove("make_noop")


@pytest.mark.parametrize(
    ("register", "message"),
    [
        (lambda: Language.factory(len), "needs the name of the factory"),
        (lambda: Language.component(len), "needs the name of the component"),
        (lambda: Language.factory("a.b", func=_plain), "a dot separates a language's code.*Use 'a_b'"),
        (lambda: Language.component("a.b", func=len), "a dot separates a language's code"),
        (lambda: Language.factory("x", default_config=[], func=_plain), "must be a dict of the factory's arguments"),
        (lambda: Language.factory("x", func=lambda doc: doc), "must take the arguments `nlp` and `name`"),
        (lambda: Language.component("x", func=FactoryMeta), "decorates the class FactoryMeta"),
        (lambda: Language.factory("x", assigns=["doc"], func=_plain), "an attribute is missing"),
        (lambda: Language.factory("x", assigns=["doc._"], func=_plain), "an attribute is missing"),
        (lambda: Language.factory("x", assigns=["dok.ents"], func=_plain), "'dok' is not an object"),
        (lambda: Language.factory("x", assigns=["token.pos_"], func=_plain), "without the underscore, 'token.pos'"),
        (lambda: Language.factory("x", assigns=["token.pos.x"], func=_plain), "name the attribute alone"),
        (lambda: Language.factory("x", assigns=["token._.a.b"], func=_plain), "extension attribute alone"),
        (lambda: Language.factory("x", requires=["span.label"], func=_plain), "a Span only has extension attributes"),
        (lambda: Language.factory("x", requires=["token.tga"], func=_plain), "Token has no attribute 'tga'.*'tag'"),
    ],
)
def test_bad_registrations_are_refused(register: Any, message: str) -> None:
    with pytest.raises(PipelineError, match=message):
        register()


def test_extension_attributes_may_be_named() -> None:
    Language.factory("ext", assigns=["doc._.topic", "span._.topic", "token.tag"], func=_plain)
    assert Language.get_factory_meta("ext").assigns == ["doc._.topic", "span._.topic", "token.tag"]
    registry.factories.remove("ext")


def test_factories_are_listed_without_importing_them() -> None:
    assert "stamp" in Language.factories
    assert "stamp" in list(Language.factories)
    assert not Language.has_factory("nobody_has_this")
    with pytest.raises(RegistryMiss):
        Language.get_factory_meta("nobody_has_this")
