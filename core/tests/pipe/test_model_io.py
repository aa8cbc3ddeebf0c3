"""A saved model is checked whole before a model is touched, and the error says where it differs."""

from __future__ import annotations

import json
import pickle
import re
from pathlib import Path
from typing import Any

import numpy
import pytest
import srsly
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from thinc.api import Linear, Maxout, Model, Relu, Softmax, chain, with_array
from thinc.shims import Shim

from spanwright.errors import DataFormatError, ModelDataError
from spanwright.pipe import deserialize_config, load_model_bytes


def net(
    width: int = 4, *, out: int | None = 3, initialize: bool = True, last: Any = Softmax, hidden: Any = Relu
) -> Any:
    model = chain(hidden(nO=width, nI=5), with_array(last(nO=out, nI=width)))
    model.set_ref("output_layer", model.layers[1].layers[0])
    if initialize:
        model.initialize()
    return model


def state(model: Any) -> Any:
    return srsly.msgpack_dumps(model.to_dict())


def fails(model: Any, data: bytes, message: str) -> None:
    before = state(model)
    with pytest.raises(ModelDataError, match=message) as caught:
        load_model_bytes(model, data, where="pipeline/tagger/model")
    assert str(caught.value).startswith("pipeline/tagger/model: ")
    assert isinstance(caught.value, ValueError)
    assert state(model) == before


def changed(model: Any, change: Any) -> bytes:
    message = srsly.msgpack_loads(model.to_bytes())
    change(message)
    return srsly.msgpack_dumps(message)


@pytest.mark.parametrize("initialize", [True, False])
@pytest.mark.parametrize("out", [3, None])
def test_weights_come_back_exactly(initialize: bool, out: int | None) -> None:
    saved = net()
    model = net(out=out, initialize=initialize and out is not None)
    assert load_model_bytes(model, saved.to_bytes(), where="here") is model
    assert state(model) == state(saved)
    x = numpy.ones((2, 5), dtype="f")
    assert numpy.array_equal(model.predict(x), saved.predict(x))


def test_loaded_weights_can_be_trained() -> None:
    model = load_model_bytes(net(initialize=False), net().to_bytes(), where="here")
    for node in model.walk():
        for name in node.param_names:
            assert node.get_param(name).flags.writeable
            assert node.get_param(name).dtype == numpy.float32


def test_the_name_of_a_node_with_layers_is_kept() -> None:
    # As in pipelines whose listeners were replaced: the chain is still called after the listener.
    saved = net()
    saved.name = "tok2vec-listener>>with_array(softmax)"
    model = load_model_bytes(net(), saved.to_bytes(), where="here")
    assert model.name == saved.name


def test_references_that_the_message_lacks_stay() -> None:
    saved = net()
    saved._refs.clear()
    model = load_model_bytes(net(), saved.to_bytes(), where="here")
    assert model.get_ref("output_layer").name == "softmax"


def test_another_width_names_the_first_differing_node() -> None:
    fails(net(4), net(6).to_bytes(), r"does not fit at node 1 \('relu'\): expected nO = 4, found 6.*\[components")


def test_another_layer_names_both() -> None:
    fails(net(), net(last=Linear).to_bytes(), r"at node 3 \('softmax'\): expected a node 'softmax', found 'linear'")


def test_more_or_fewer_nodes() -> None:
    longer = chain(Relu(4, 5), Relu(4, 4), with_array(Softmax(3, 4))).initialize()
    fails(net(), longer.to_bytes(), r"expected a node 'relu'|does not fit at node 2.*expected 4 nodes in all, found 5")
    shorter = chain(Relu(4, 5), Softmax(3, 4)).initialize()
    fails(net(), shorter.to_bytes(), "expected 4 nodes in all, found 3|expected 4 nodes, found 3")
    model = chain(Relu(4, 5), Relu(4, 4)).initialize()
    fails(
        model,
        changed(model, lambda m: [part.pop() for part in m.values()]),
        "another structure: expected 3 nodes, found 2.*'relu'",
    )
    fails(net(), changed(net(), lambda m: [part.append(part[1]) for part in m.values()]), "only the file has 'relu'")


def test_parameters_of_another_shape() -> None:
    def change(message: Any) -> None:
        message["params"][1]["W"] = numpy.zeros((4, 6), dtype="f")

    expected = r"node 1 \('relu'\): expected parameter 'W' of shape \(4, 5\), found \(4, 6\)"
    fails(net(), changed(net(), change), expected)
    fails(net(initialize=False), changed(net(), change), expected)


def test_shapes_are_known_before_anything_is_allocated() -> None:
    def change(message: Any) -> None:
        message["params"][3]["W"] = numpy.zeros((2, 4), dtype="f")

    fails(net(out=None, initialize=False), changed(net(), change), r"'W' of shape \(3, 4\), found \(2, 4\)")


@pytest.mark.parametrize("value", ["text", numpy.zeros(3, dtype="c8"), [1.0, 2.0], 7, numpy.asarray(["a"])])
def test_parameters_that_are_no_arrays_of_numbers(value: Any) -> None:
    def change(message: Any) -> None:
        message["params"][1]["b"] = value

    fails(net(), changed(net(), change), r"parameter 'b' of node 1 \('relu'\): expected an array of numbers, found")


def test_unknown_parameters_and_dimensions() -> None:
    data = changed(net(), lambda m: m["params"][1].update(extra=None))
    fails(net(), data, r"expected the parameters \['W', 'b'\], found \['W', 'b', 'extra'\]")
    data = changed(net(), lambda m: m["nodes"][1]["dims"].update(nP=3))
    fails(net(), data, r"expected the dimensions \['nI', 'nO'\], found nP = 3")
    data = changed(net(), lambda m: m["nodes"][1]["dims"].update(nO="4"))
    fails(net(), data, "found nO = '4'")


def test_references_elsewhere_and_to_nothing() -> None:
    data = changed(net(), lambda m: m["nodes"][0]["refs"].update(output_layer=1))
    fails(net(), data, "expected its reference 'output_layer' at node 3, found 1")
    for nothing in (9, -1, "x"):
        data = changed(net(), lambda m, nothing=nothing: m["nodes"][0]["refs"].update(output_layer=nothing))
        fails(net(), data, "its reference 'output_layer' points to no node")


def test_attributes_that_cannot_be_read() -> None:
    data = changed(net(), lambda m: m["attrs"][3].update(softmax_normalize=b"\xc1"))
    fails(net(), data, r"attribute 'softmax_normalize' of node 3 \('softmax'\) cannot be read")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the saved model is empty"),
        (b"garbage of another kind", "no saved model, or a truncated one"),
        (
            srsly.msgpack_dumps({"labels": 1}),
            r"is no saved model: expected a map with .*found \['labels'\]",
        ),
        (srsly.msgpack_dumps([1, 2]), "is no saved model.*found list"),
        (pickle.dumps({"nodes": []}), "no saved model, or a truncated one"),
    ],
)
def test_files_of_another_kind(data: bytes, message: str) -> None:
    fails(net(), data, message)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda m: m["nodes"].__setitem__(1, "relu"),
            "node 1 of the saved model is damaged: expected name, dims and refs",
        ),
        (lambda m: m["nodes"][1].pop("dims"), "node 1 of the saved model is damaged"),
        (lambda m: m["params"].pop(), "damaged: 'params' does not fit its 4 nodes"),
        (lambda m: m["shims"].__setitem__(0, None), "damaged: 'shims' does not fit its 4 nodes"),
    ],
)
def test_damaged_messages(change: Any, message: str) -> None:
    fails(net(), changed(net(), change), message)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_truncation_is_taken_for_a_model(data: Any) -> None:
    whole = net().to_bytes()
    cut = data.draw(st.integers(0, len(whole) - 1))
    fails(net(), whole[:cut], "truncated|empty")


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(0, 400))
def test_damaged_bytes_never_crash(noise: bytes, at: int) -> None:
    whole = bytearray(net().to_bytes())
    whole[at : at + len(noise)] = noise
    model = net()
    before = state(model)
    try:
        load_model_bytes(model, bytes(whole), where="here")
    except ValueError:
        assert state(model) == before


class Counted(Shim):
    """A shim whose state is a number; refuses 13."""

    def __init__(self, value: int = 0) -> None:
        super().__init__(None)
        self.value = value

    def to_bytes(self) -> bytes:
        return srsly.msgpack_dumps(self.value)

    def from_bytes(self, data: bytes) -> Any:
        if srsly.msgpack_loads(data) == 13:
            raise RuntimeError("unlucky")
        self.value = srsly.msgpack_loads(data)
        return self


def shimmed(*values: int) -> Any:
    layers = [Model("shimmed", lambda m, x, t: (x, lambda d: d), shims=[Counted(value)]) for value in values]
    return chain(*layers)


def test_shims_are_loaded_all_or_none() -> None:
    model = shimmed(1, 2)
    load_model_bytes(model, shimmed(3, 4).to_bytes(), where="here")
    assert [node.shims[0].value for node in model.layers] == [3, 4]
    fails(model, shimmed(5, 13).to_bytes(), r"weights of node 2 \('shimmed'\) cannot be read \(RuntimeError: unlucky\)")
    fails(model, changed(model, lambda m: m["shims"][1].append(b"")), "expected 1 shims, found 2")


def test_a_model_with_its_own_reader_is_left_to_it() -> None:
    class Own(Model):
        def from_bytes(self, bytes_data: bytes) -> Any:
            self.attrs["read"] = bytes_data
            return self

    model = Own("own", lambda m, x, t: (x, lambda d: d))
    load_model_bytes(model, b"anything", where="here")
    assert model.attrs["read"] == b"anything"


def test_maxout_shapes_have_pieces() -> None:
    def change(message: Any) -> None:
        message["params"][1]["W"] = numpy.zeros((4, 2, 5), dtype="f")

    model = net(hidden=lambda nO, nI: Maxout(nO=nO, nI=nI, nP=3))  # noqa: N803
    fails(net(hidden=lambda nO, nI: Maxout(nO=nO, nI=nI, nP=3), initialize=False), changed(model, change), "4, 3, 5")  # noqa: N803


def test_settings_files(tmp_path: Path) -> None:
    file = tmp_path / "cfg"
    assert deserialize_config(file) == {}
    for text, value in (("", {}), ("{\n\n}", {}), (' {"a": [1]} ', {"a": [1]})):
        file.write_text(text)
        assert deserialize_config(file) == value
    file.write_text("{")
    with pytest.raises(DataFormatError, match=re.escape(str(file))):
        deserialize_config(file)
    file.write_text(json.dumps([1]))
    with pytest.raises(DataFormatError, match="expected the component's settings as a JSON map, found list"):
        deserialize_config(file)
