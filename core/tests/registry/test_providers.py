"""Looking names up: from metadata, in this process, by the legacy fallback, from thinc."""

from __future__ import annotations

import sys
from typing import Any

import pytest

from spanwright.errors import (
    BrokenPluginError,
    MissingPluginError,
    RegistryConflict,
    RegistryMiss,
    SpanwrightError,
    UnknownRegistryError,
)

NET = {"spanwright_architectures": {"fake.Net.v1": "fake_net.nets:Net_v1"}}
NET_MODULES = {"fake_net/__init__.py": "", "fake_net/nets.py": "def Net_v1(width: int):\n    return width * 2\n"}


def test_a_name_is_found_in_metadata_and_imported_when_asked_for(registry: Any, make_distribution: Any) -> None:
    make_distribution(
        "fake-net", NET, NET_MODULES, version="2.1", metadata="Classifier: Development Status :: 4 - Beta\n"
    )
    assert registry.has("architectures", "fake.Net.v1")
    row = registry.find("architectures", "fake.Net.v1")
    assert (row.module, row.qualname) == ("fake_net.nets", "Net_v1")
    assert (row.distribution, row.version, row.lifecycle) == ("fake-net", "2.1", "4 - Beta")
    assert row.file is not None
    assert row.file.endswith("nets.py")
    assert row.line == 1
    assert "fake.Net.v1" in registry.architectures.names()
    assert "fake.Net.v1" in registry.architectures.get_all()
    assert not any(module.startswith("fake_net") for module in sys.modules)
    assert registry.architectures.get("fake.Net.v1")(3) == 6
    assert registry.get("architectures", "fake.Net.v1")(3) == 6
    assert registry.architectures.get_all()["fake.Net.v1"](3) == 6
    assert row["line_no"] == 1


def test_a_distribution_installed_later_is_found_on_a_miss(registry: Any, make_distribution: Any) -> None:
    assert not registry.has("architectures", "fake.Net.v1")
    with pytest.raises(RegistryMiss):
        registry.get("architectures", "fake.Net.v1")
    make_distribution("fake-net", NET, NET_MODULES)
    assert registry.get("architectures", "fake.Net.v1")(2) == 4


def test_a_miss_names_the_nearest_names_and_imports_nothing(registry: Any, make_distribution: Any) -> None:
    make_distribution(
        "fake-net",
        {"spanwright_architectures": {"fake.Net.v1": "fake_net.nets:Net_v1", "fake.Bad.v1": "fake_bad:Bad_v1"}},
        {**NET_MODULES, "fake_bad.py": "import torch_that_is_not_there\n"},
    )
    with pytest.raises(RegistryMiss, match=r"Can't find 'fake\.Nett\.v1' in the registry 'architectures'") as caught:
        registry.get("architectures", "fake.Nett.v1")
    assert caught.value.nearest[0] == "fake.Net.v1"
    assert "Did you mean 'fake.Net.v1'" in str(caught.value)
    assert "--code" in str(caught.value)
    assert isinstance(caught.value, (SpanwrightError, ValueError))
    assert isinstance(caught.value, LookupError)
    assert "fake_bad" not in sys.modules
    assert "fake_net" not in sys.modules


def test_a_miss_says_in_which_registry_the_name_is(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", NET, NET_MODULES)
    with pytest.raises(RegistryMiss, match="The name exists in the registry 'architectures': write @architectures"):
        registry.get("scorers", "fake.Net.v1")


def test_a_miss_in_an_empty_registry_says_so(registry: Any) -> None:
    registry.create("gadgets")
    with pytest.raises(RegistryMiss, match="No installed distribution offers any"):
        registry.gadgets.get("q")


def test_a_miss_lists_what_is_there_if_nothing_is_near(registry: Any) -> None:
    registry.create("gadgets").register("my.Wheel.v1", func=len)
    with pytest.raises(RegistryMiss, match=r"Available: my\.Wheel\.v1"):
        registry.gadgets.get("q")


def test_a_known_name_says_what_to_install(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwright.registry import _registry

    rows = {"architectures": {"far.Net.v1": {"distribution": "spanwright-far", "since": "0.3"}}}
    monkeypatch.setattr(_registry, "install_index", lambda: rows)
    with pytest.raises(MissingPluginError, match="Install it with: pip install spanwright-far") as caught:
        registry.get("architectures", "far.Net.v1")
    assert caught.value.distribution == "spanwright-far"


def test_too_old_is_told_from_not_installed(
    registry: Any, make_distribution: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spanwright.registry import _registry

    rows = {"architectures": {"far.Net.v1": {"distribution": "fake-far", "since": "0.10"}}}
    monkeypatch.setattr(_registry, "install_index", lambda: rows)
    make_distribution("fake-far", {"spanwright_architectures": {"far.Old.v1": "fake_far:Old_v1"}}, version="0.9.2")
    with pytest.raises(MissingPluginError, match=r"since version 0\.10, and 0\.9\.2 is installed") as caught:
        registry.get("architectures", "far.Net.v1")
    assert 'pip install "fake-far>=0.10"' in str(caught.value)


@pytest.mark.parametrize(
    ("row", "version", "text"),
    [
        ({"distribution": "fake-far", "since": "0.1"}, "0.2", "pip install --force-reinstall fake-far"),
        ({"distribution": "fake-far", "planned": True}, "0.2", "pip install --upgrade fake-far"),
        ({"distribution": "spanwright-later", "planned": True}, None, "Try: pip install spanwright-later"),
    ],
)
def test_other_advice(
    registry: Any, make_distribution: Any, monkeypatch: pytest.MonkeyPatch, row: Any, version: str | None, text: str
) -> None:
    from spanwright.registry import _registry

    monkeypatch.setattr(_registry, "install_index", lambda: {"architectures": {"far.Net.v1": row}})
    if version:
        make_distribution("fake-far", {"spanwright_architectures": {"far.Old.v1": "fake_far:x"}}, version=version)
    with pytest.raises(MissingPluginError, match=text):
        registry.get("architectures", "far.Net.v1")


def test_the_legacy_fallback(registry: Any, make_distribution: Any) -> None:
    make_distribution(
        "fake-net", {"spanwright_architectures": {"spacy-legacy.FakeNet.v1": "fake_net.nets:Net_v1"}}, NET_MODULES
    )
    assert registry.has("architectures", "spacy.FakeNet.v1")
    assert registry.find("architectures", "spacy.FakeNet.v1").name == "spacy-legacy.FakeNet.v1"
    assert registry.get("architectures", "spacy.FakeNet.v1")(1) == 2
    assert not registry.has("architectures", "other.FakeNet.v1")


def test_a_broken_plugin_stops_only_those_who_use_it(registry: Any, make_distribution: Any) -> None:
    make_distribution(
        "fake-bad",
        {"spanwright_architectures": {"fake.Bad.v1": "fake_bad:Bad_v1", "fake.Gone.v1": "fake_good:Gone_v1"}},
        {"fake_bad.py": "import module_that_is_not_there\n", "fake_good.py": "def Good_v1(): ...\n"},
    )
    make_distribution("fake-net", NET, NET_MODULES)
    assert registry.get("architectures", "fake.Net.v1")(1) == 2
    with pytest.raises(BrokenPluginError, match=r"fake-bad 1\.0, but its module fake_bad cannot be imported") as caught:
        registry.get("architectures", "fake.Bad.v1")
    assert isinstance(caught.value, ImportError)
    assert "module_that_is_not_there" in str(caught.value)
    assert isinstance(caught.value.__cause__, ModuleNotFoundError)
    with pytest.raises(BrokenPluginError, match="has no 'Gone_v1'. Reinstall fake-bad"):
        registry.get("architectures", "fake.Gone.v1")


def test_a_module_that_ends_the_program_is_a_broken_plugin(registry: Any, make_distribution: Any) -> None:
    entries = {"spanwright_misc": {"fake.Script.v1": "fake_script:main"}}
    make_distribution("fake-script", entries, {"fake_script.py": "import sys\nsys.exit(3)\n"})
    with pytest.raises(BrokenPluginError, match="module fake_script cannot be imported: SystemExit: 3"):
        registry.get("misc", "fake.Script.v1")


def test_leftovers_of_an_installation_stop_nobody(registry: Any, make_distribution: Any) -> None:
    place = make_distribution("fake-net", NET, NET_MODULES)
    for name, file in (("no_metadata", "entry_points.txt"), ("garbage", "METADATA"), ("~fake_net", None)):
        folder = place / f"{name}-1.0.dist-info"
        folder.mkdir()
        if file:
            (folder / file).write_bytes(b"[spanwright_misc]\nx.v1 = fake_x:x\n" if name != "garbage" else b"\xff\x00")
    (place / "garbage-1.0.dist-info" / "entry_points.txt").write_bytes(b"[spanwright_misc]\nx\xff.v1 = fake_x:x\n")
    assert registry.get("architectures", "fake.Net.v1")(1) == 2
    assert not registry.has("misc", "x.v1")


def test_a_plugin_that_lacks_an_extra_says_which(registry: Any, make_distribution: Any) -> None:
    make_distribution(
        "fake-bad",
        {"spanwright_architectures": {"fake.Bad.v1": "fake_bad:Bad_v1"}},
        {"fake_bad.py": "import torch_of_fakes\n"},
        metadata='Requires-Dist: torch-of-fakes>=1 ; extra == "torch"\nProvides-Extra: torch\n',
    )
    with pytest.raises(BrokenPluginError, match=r'pip install "fake-bad\[torch\]"'):
        registry.get("architectures", "fake.Bad.v1")


def test_a_plugin_made_for_another_version_of_a_module_says_so(registry: Any, make_distribution: Any) -> None:
    make_distribution(
        "fake-bad",
        {"spanwright_architectures": {"fake.Bad.v1": "fake_bad:Bad_v1"}},
        {"fake_bad.py": "import spanwright.no_such_part\n"},
    )
    with pytest.raises(BrokenPluginError, match="The installed 'spanwright' has no such module: upgrade it"):
        registry.get("architectures", "fake.Bad.v1")


def test_another_function_of_the_same_module_says_how_to_drop_the_first(registry: Any) -> None:
    registry.misc.register("fake.Twice.v1", func=test_leftovers_of_an_installation_stop_nobody)
    with pytest.raises(RegistryConflict, match=r"drop the other first: registry\.misc\.remove\('fake\.Twice\.v1'\)"):
        registry.misc.register("fake.Twice.v1", func=test_a_plugin_that_lacks_an_extra_says_which)
    registry.misc.remove("fake.Twice.v1")
    registry.misc.register("fake.Twice.v1", func=test_a_plugin_that_lacks_an_extra_says_which)


def test_two_distributions_with_one_name_raise_naming_both(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", NET, NET_MODULES)
    make_distribution(
        "fake-other",
        {"spanwright_architectures": {"fake.Net.v1": "fake_other:Net_v1"}},
        {"fake_other.py": "def Net_v1(width):\n    return -width\n"},
    )
    with pytest.raises(RegistryConflict) as caught:
        registry.get("architectures", "fake.Net.v1")
    for part in ("fake-net 1.0", "fake-other 1.0", "[spanwright.prefer.architectures]", "SPANWRIGHT_PREFER"):
        assert part in str(caught.value)
    assert len(registry.providers("architectures")) >= 2


@pytest.mark.parametrize("way", ["call", "environment", "block", "with"])
def test_the_user_may_prefer_one(
    registry: Any, make_distribution: Any, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    make_distribution("fake-net", NET, NET_MODULES)
    make_distribution(
        "fake-other",
        {"spanwright_architectures": {"fake.Net.v1": "fake_other:Net_v1"}},
        {"fake_other.py": "def Net_v1(width):\n    return -width\n"},
    )
    if way == "call":
        registry.prefer("architectures", "fake.Net.v1", "Fake_Other")
    elif way == "environment":
        monkeypatch.setenv("SPANWRIGHT_PREFER", "factories:x=y, architectures:fake.Net.v1=fake-other")
    elif way == "block":
        monkeypatch.setenv("SPANWRIGHT_BLOCK", "fake-net")
    else:
        with registry.preferring({"architectures:fake.Net.v1": "fake-other"}):
            assert registry.get("architectures", "fake.Net.v1")(1) == -1
        with pytest.raises(RegistryConflict):
            registry.get("architectures", "fake.Net.v1")
        return
    assert registry.get("architectures", "fake.Net.v1")(1) == -1


def test_a_preference_that_cannot_be_read(registry: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from spanwright.errors import RegistryError

    monkeypatch.setenv("SPANWRIGHT_PREFER", "nonsense")
    with pytest.raises(RegistryError, match="SPANWRIGHT_PREFER has an item 'nonsense'"):
        registry._preferences.wanted("architectures", "x")


def test_a_blocked_distribution_is_as_if_not_installed(
    registry: Any, make_distribution: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_distribution("fake-net", NET, NET_MODULES)
    monkeypatch.setenv("SPANWRIGHT_BLOCK", "Fake_Net")
    assert not registry.has("architectures", "fake.Net.v1")
    with pytest.raises(MissingPluginError, match="SPANWRIGHT_BLOCK switches that distribution off"):
        registry.get("architectures", "fake.Net.v1")


def test_a_blocked_distribution_of_retired_names_says_so(
    registry: Any, make_distribution: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = {"spanwright_architectures": {"spacy-legacy.FakeNet.v1": "fake_net.nets:Net_v1"}}
    make_distribution("fake-net", names, NET_MODULES)
    monkeypatch.setenv("SPANWRIGHT_BLOCK", "fake-net")
    with pytest.raises(MissingPluginError, match="SPANWRIGHT_BLOCK switches that distribution off"):
        registry.get("architectures", "spacy.FakeNet.v1")


def test_a_copy_further_down_the_path_is_shadowed(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", NET, NET_MODULES, version="1.0", folder="old")
    make_distribution("fake-net", NET, NET_MODULES, version="2.0", folder="new")
    assert registry.find("architectures", "fake.Net.v1").version == "2.0"


def test_functions_of_this_process(registry: Any) -> None:
    @registry.architectures("my.Net.v1")
    def net() -> int:
        return 1

    assert registry.get("architectures", "my.Net.v1") is net
    first = net

    @registry.architectures("my.Net.v1")
    def net() -> int:  # type: ignore[no-redef]
        return 2

    assert net is not first
    assert registry.get("architectures", "my.Net.v1")() == 2
    row = registry.find("architectures", "my.Net.v1")
    assert row.distribution is None
    assert row.owner.startswith("registered in this process")
    with pytest.raises(RegistryConflict, match=r"2 providers offer architectures 'my\.Net\.v1'"):
        registry.architectures("my.Net.v1", func=len)
    registry.architectures.remove("my.Net.v1")
    assert not registry.has("architectures", "my.Net.v1")
    with pytest.raises(RegistryMiss, match=r"Nothing in this process registered architectures 'my\.Net\.v1'"):
        registry.architectures.remove("my.Net.v1")


def test_a_decorator_in_the_leaf_module_is_the_same_provider(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", NET, NET_MODULES)
    from importlib import import_module

    func = import_module("fake_net.nets").Net_v1
    registry.architectures("fake.Net.v1", func)
    assert registry.get("architectures", "fake.Net.v1") is func
    assert registry.find("architectures", "fake.Net.v1").distribution == "fake-net"


def test_a_decorator_cannot_take_over_a_name_of_a_distribution(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", NET, NET_MODULES)

    def mine(width: int) -> int:
        return 0

    with pytest.raises(RegistryConflict, match=r"fake-net 1\.0 .*registered in this process by"):
        registry.architectures("fake.Net.v1", mine)
    assert registry.get("architectures", "fake.Net.v1")(1) == 2
    registry.prefer("architectures", "fake.Net.v1", mine.__module__)
    registry.architectures("fake.Net.v1", mine)
    assert registry.get("architectures", "fake.Net.v1") is mine


def test_explicit_registration_needs_no_metadata(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", {}, NET_MODULES)
    registry.register_provider("architectures", "fake.Net.v1", "fake_net.nets:Net_v1", distribution="app", version="3")
    assert registry.find("architectures", "fake.Net.v1").owner == "app 3"
    assert "fake_net" not in sys.modules
    assert registry.get("architectures", "fake.Net.v1")(1) == 2
    with pytest.raises(RegistryMiss, match=r"with the target 'nonsense'\. Expected package\.module:function"):
        registry.register_provider("architectures", "x", "nonsense")


def test_names_of_thinc(registry: Any) -> None:
    import thinc.api

    assert registry.get("optimizers", "Adam.v1") is thinc.api.Adam
    assert registry.layers.get("reduce_mean.v1") is thinc.api.reduce_mean
    assert registry.has("initializers", "glorot_uniform_init.v1")
    assert registry.find("optimizers", "Adam.v1").distribution == "thinc"
    assert "Adam.v1" in registry.names("optimizers")
    with pytest.raises(RegistryMiss, match=r"Did you mean 'Adam\.v1'"):
        registry.get("optimizers", "Adm.v1")
    with pytest.raises(RegistryConflict, match="thinc"):
        registry.optimizers("Adam.v1", func=len)


def test_a_layer_registered_with_thinc_is_found(registry: Any) -> None:
    import thinc.api

    name = "fake.layer_of_thinc.v1"
    thinc.api.registry.layers(name, func=len)
    assert registry.get("layers", name) is len


def test_an_unknown_registry(registry: Any) -> None:
    with pytest.raises(UnknownRegistryError, match="There is no registry 'architectres'. Did you mean 'architectures'"):
        registry.architectres  # noqa: B018
    assert not hasattr(registry, "architectres")
    with pytest.raises(ValueError, match=r"registry\.create\('gizmos'\)"):
        registry.get("gizmos", "x")
    assert not registry.has("gizmos", "x")


def test_a_plugin_may_bring_a_registry_of_its_own(registry: Any, make_distribution: Any) -> None:
    make_distribution("fake-net", {"spanwright_gizmos": {"fake.g.v1": "fake_net.nets:Net_v1"}}, NET_MODULES)
    assert registry.gizmos.get("fake.g.v1")(1) == 2
    assert "gizmos" in registry.get_registry_names()
    assert registry.create("widgets") is registry.create("widgets")


def test_a_name_that_is_no_string(registry: Any) -> None:
    with pytest.raises(RegistryMiss, match="A registered name is a string; found 3"):
        registry.get("architectures", 3)
