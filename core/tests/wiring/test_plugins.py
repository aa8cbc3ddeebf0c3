"""Hooks: loading, blocking, provenance, and plugins that are broken."""

from __future__ import annotations

import sys
import types
from typing import Any

import pytest

import spanwright
from spanwright._announced import declare_when_asked
from spanwright.errors import PluginError, SpanwrightWarning
from spanwright.hookspecs import Command, Extension, hookimpl
from spanwright.plugins import Plugins, declare_extensions, get_plugins, installed_plugins
from spanwright.registry import registry

HOOKS = """
from spanwright.hookspecs import Command, Extension, hookimpl

@hookimpl
def commands():
    return [Command("greet", "fake_cmd", "Say hello.")]

@hookimpl
def init_config(lang):
    return {"nlp": {"seen": lang}}

@hookimpl
def extensions():
    return [Extension("Doc", "fake_mood", default="calm"), Extension("Token", "fake_size", getter="fake_cmd:size")]
"""


@pytest.fixture
def fake_plugin(make_distribution: Any) -> None:
    make_distribution(
        "fake-plugin",
        {"spanwright": {"fake": "fake_hooks"}, "spanwright_misc": {"fake.m.v1": "fake_cmd:size"}},
        {"fake_hooks.py": HOOKS, "fake_cmd.py": "def size(token):\n    return len(token.text)\n"},
        metadata="Classifier: Development Status :: 3 - Alpha\n",
    )
    registry.index.refresh()


@pytest.mark.usefixtures("fake_plugin")
def test_hooks_are_asked_and_know_their_owner() -> None:
    plugins = Plugins()
    assert Command("greet", "fake_cmd", "Say hello.") in [c for group in plugins.hook.commands() for c in group]
    # The hook takes one of the four arguments that the spec offers.
    proposals = plugins.hook.init_config(lang="en", pipeline=["tagger"], optimize="efficiency", gpu=False)
    assert {"nlp": {"seen": "en"}} in proposals
    module = plugins.get_plugin("fake-plugin")
    assert plugins.owner(module) == "fake-plugin 1.0"
    assert plugins.broken == {}


@pytest.mark.usefixtures("fake_plugin")
def test_a_plugin_can_be_blocked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Plugins(block=["Fake_Plugin"]).get_plugin("fake-plugin") is None
    monkeypatch.setenv("SPANWRIGHT_BLOCK", "other, fake-plugin")
    assert Plugins().get_plugin("fake-plugin") is None
    assert [plugin.blocked for plugin in installed_plugins() if plugin.distribution == "fake-plugin"] == [True]


@pytest.mark.usefixtures("fake_plugin")
def test_what_is_installed_is_read_from_metadata() -> None:
    found = {plugin.distribution: plugin for plugin in installed_plugins()}
    plugin = found["fake-plugin"]
    assert (plugin.version, plugin.lifecycle, plugin.hooks, plugin.blocked) == ("1.0", "3 - Alpha", "fake_hooks", False)
    assert [row.name for row in plugin.names] == ["fake.m.v1"]
    assert len(found["spanwright-core"].names) > 10


@pytest.mark.usefixtures("fake_plugin")
def test_extension_attributes_are_declared() -> None:
    from spanwright.tokens import Doc, Token

    try:
        assert set(declare_extensions(Plugins())) >= {"Doc._.fake_mood", "Token._.fake_size"}
        assert declare_extensions(Plugins()) == []
        assert Doc.has_extension("fake_mood")
    finally:
        Doc.remove_extension("fake_mood")
        Token.remove_extension("fake_size")


@pytest.fixture
def asked_anew() -> Any:
    """Plugins that are installed by now are asked when an attribute is missed."""
    from spanwright.tokens import Doc, Token

    get_plugins.cache_clear()
    declare_when_asked()
    yield
    for owner, name in ((Doc, "fake_mood"), (Token, "fake_size")):
        if owner.has_extension(name):
            owner.remove_extension(name)
    get_plugins.cache_clear()


@pytest.mark.usefixtures("fake_plugin", "asked_anew")
def test_announced_extensions_are_there_when_they_are_needed() -> None:
    doc = spanwright.blank("xx")("a bird")
    assert "fake_hooks" not in sys.modules
    assert doc._.fake_mood == "calm"
    doc._.fake_mood = "gay"
    assert doc._.fake_mood == "gay"
    assert "fake_cmd" not in sys.modules, "code is imported when it is first called"
    assert doc[1]._.fake_size == 4
    with pytest.raises(AttributeError, match="Doc has no custom attribute 'fake_moood'. Did you mean 'fake_mood'"):
        doc._.fake_moood  # noqa: B018


@pytest.mark.usefixtures("fake_plugin", "asked_anew")
def test_asking_whether_there_is_an_extension_is_asking_for_it() -> None:
    from spanwright.tokens import Doc, Token

    assert Token.has_extension("fake_size")
    assert Doc.get_extension("fake_mood") == ("calm", None, None, None)


@pytest.mark.usefixtures("fake_plugin", "asked_anew")
def test_what_a_user_set_before_stays() -> None:
    from spanwright.tokens import Doc

    Doc.set_extension("fake_mood", default="mine")
    assert spanwright.blank("xx")("a bird")[0]._.fake_size == 1
    assert Doc.get_extension("fake_mood") == ("mine", None, None, None)


@pytest.mark.usefixtures("asked_anew")
def test_a_plugin_that_announces_nonsense_stops_nobody_else(make_distribution: Any) -> None:
    hooks = HOOKS.replace('Extension("Doc"', 'Extension("Dok", "x"), Extension("Doc"').replace("fake_cmd:", "fake_no:")
    make_distribution("fake-odd", {"spanwright": {"fake": "fake_odd_hooks"}}, {"fake_odd_hooks.py": hooks})
    registry.index.refresh()
    doc = spanwright.blank("xx")("a bird")
    with pytest.warns(SpanwrightWarning, match="left out: PluginError: The extension attribute 'x' belongs to 'Dok'"):
        assert doc._.fake_mood == "calm"
    with pytest.raises(ImportError, match="announces fake_no:size as the code of an extension attribute, and that can"):
        doc[0]._.fake_size  # noqa: B018


def test_an_extension_of_something_else() -> None:
    plugins = Plugins(block=[plugin.distribution for plugin in installed_plugins()])
    module = types.SimpleNamespace()
    module.extensions = hookimpl(lambda: [Extension("Dok", "x")])
    plugins.add(module, "odd")
    with pytest.raises(PluginError, match=r"'x' belongs to 'Dok'\. Expected Doc, Span or Token"):
        declare_extensions(plugins)


def test_a_misspelt_hook_fails_at_once() -> None:
    plugins = Plugins()
    module = types.SimpleNamespace()
    module.comands = hookimpl(lambda: [1])
    with pytest.raises(
        PluginError, match="The plugin 'odd' has a hook 'comands' that nobody calls. Did you mean 'commands'"
    ):
        plugins.add(module, "odd")
    assert plugins.get_plugin("odd") is None
    other = types.SimpleNamespace()
    other.zzzzqqq = hookimpl(lambda: [1])
    with pytest.raises(PluginError, match="There are: after_save, before_save, commands"):
        plugins.add(other, "odd")


def test_a_hook_with_arguments_that_the_spec_lacks() -> None:
    module = types.SimpleNamespace()
    module.commands = hookimpl(lambda colour: [])
    with pytest.raises(PluginError, match="(?s)The plugin 'odd' has a hook that cannot be called: .*colour"):
        Plugins().add(module, "odd")


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (
            "import module_that_is_lost\n",
            "The hooks of fake-broken 1.0 cannot be loaded: fake_broken: ModuleNotFoundError",
        ),
        ("from spanwright.hookspecs import hookimpl\n@hookimpl\ndef comands(): ...\n", "has a hook 'comands'"),
    ],
)
def test_a_broken_plugin_is_left_out_with_a_warning(make_distribution: Any, source: str, text: str) -> None:
    make_distribution("fake-broken", {"spanwright": {"broken": "fake_broken"}}, {"fake_broken.py": source})
    registry.index.refresh()
    with pytest.warns(SpanwrightWarning, match=text):
        plugins = Plugins()
    assert "SPANWRIGHT_BLOCK=fake-broken hides this" in str(plugins.broken["fake-broken"])


@pytest.mark.usefixtures("fake_plugin")
def test_calls_can_be_traced(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("SPANWRIGHT_TRACE_HOOKS", "1")
    Plugins().hook.commands()
    assert "commands" in capsys.readouterr().err


def test_every_spec_says_what_it_is_for() -> None:
    from spanwright import hookspecs

    specs = [value for value in vars(hookspecs).values() if hasattr(value, "spanwright_spec")]
    assert len(specs) >= 9
    assert all(spec.__doc__ and spec.__annotations__.get("return") is not None for spec in specs)
