"""Half precision, checkpoints of activations, compiling: the options of a run."""

from __future__ import annotations

from typing import Any

import numpy
import pytest
import torch
from thinc.api import SGD

import spanwright
from spanwright.tokens import Example

TEXTS = ["the big dog barks , and the cat sleeps", "a cat", "what is this ?"]


def examples_of(nlp: Any) -> list:
    return [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in TEXTS]


def losses_of(nlp: Any, steps: int = 6, rate: float = 0.01) -> list[float]:
    optimizer, found = SGD(rate), []
    for _ in range(steps):
        losses: dict[str, float] = {}
        nlp.update(examples_of(nlp), sgd=optimizer, losses=losses)
        found.append(losses["first"])
    return found


def shim_of(nlp: Any) -> Any:
    return nlp.get_pipe("transformer").model.shim


def test_bf16_trains_and_its_model_loads_in_full_precision(make_nlp: Any, tmp_path: Any) -> None:
    plain = losses_of(make_nlp())
    nlp = make_nlp(model={"mixed_precision": True}, own={"precision": "bf16"})
    assert shim_of(nlp).precision == "bf16"
    found = losses_of(nlp)
    assert numpy.allclose(found, plain, rtol=0.1) and found != plain and found[-1] < found[0]
    assert nlp("the dog")._.trf_data.tensors[0].dtype == "float32"
    nlp.to_disk(tmp_path / "saved")
    loaded = spanwright.load(tmp_path / "saved")
    assert shim_of(loaded).precision == "bf16"
    full = spanwright.load(tmp_path / "saved", config={"spanwright.components.transformer.precision": None})
    assert numpy.allclose(full("dog")._.trf_data.tensors[0], loaded("dog")._.trf_data.tensors[0], atol=0.2)


def test_weights_in_half_precision_predict_are_saved_so_and_do_not_learn(make_nlp: Any, tmp_path: Any) -> None:
    nlp = make_nlp(model={"transformer_config": {"torch_dtype": "bfloat16"}})
    expected = nlp("a dog")._.trf_data.token_vectors()
    assert expected.dtype == "float32" and shim_of(nlp)._model.dtype == torch.bfloat16
    nlp.to_disk(tmp_path)
    assert numpy.array_equal(spanwright.load(tmp_path)("a dog")._.trf_data.token_vectors(), expected)
    with pytest.raises(ValueError, match=r"are in torch.bfloat16, .*does not learn.*set mixed_precision = true"):
        nlp.update(examples_of(nlp), sgd=False)
    nlp.update(examples_of(nlp), sgd=False, exclude=["transformer"])


def test_mixed_precision_means_nothing_on_a_cpu_unless_a_precision_is_asked_for(make_nlp: Any) -> None:
    assert losses_of(make_nlp(model={"mixed_precision": True})) == losses_of(make_nlp())


def test_fp16_is_scaled_and_an_overflow_changes_nothing_but_the_scale(make_nlp: Any) -> None:
    settings = {"init_scale": 1024.0, "growth_interval": 2, "growth_factor": 2.0, "backoff_factor": 0.5}
    nlp = make_nlp(model={"mixed_precision": True, "grad_scaler_config": settings}, own={"precision": "fp16"})
    plain, found = losses_of(make_nlp()), losses_of(nlp)
    assert numpy.allclose(found, plain, rtol=0.1)
    scaler = shim_of(nlp)._scaler
    assert scaler.get_scale() == 1024.0 * 2**3
    before = {key: value.clone() for key, value in shim_of(nlp)._model.state_dict().items()}
    nlp.update(examples_of(nlp), sgd=False)
    next(iter(shim_of(nlp)._model.parameters())).grad[0, 0] = float("inf")
    nlp.get_pipe("transformer").finish_update(SGD(0.1))
    assert all(torch.equal(value, before[key]) for key, value in shim_of(nlp)._model.state_dict().items())
    assert scaler.get_scale() == 1024.0 * 2**2


def test_the_scaler_can_be_switched_off(make_nlp: Any) -> None:
    own = {"precision": "fp16"}
    nlp = make_nlp(model={"mixed_precision": True, "grad_scaler_config": {"enabled": False}}, own=own)
    losses_of(nlp, 1)
    assert shim_of(nlp)._scaler is None


def checkpoints(nlp: Any) -> bool:
    return any(getattr(module, "gradient_checkpointing", False) for module in shim_of(nlp)._model.modules())


def test_checkpoints_give_the_same_losses(make_nlp: Any) -> None:
    nlp = make_nlp(own={"gradient_checkpointing": True})
    assert numpy.allclose(losses_of(nlp), losses_of(make_nlp()), rtol=1e-4)
    assert checkpoints(nlp)
    nlp.get_pipe("transformer").set_options()
    losses_of(nlp, 1)
    assert not checkpoints(nlp)


def test_a_model_that_cannot_checkpoint_says_so(make_nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    nlp = make_nlp(own={"gradient_checkpointing": True})

    def refuse(**settings: Any) -> None:
        raise ValueError("BertModel does not support gradient checkpointing.")

    for name in ("gradient", "activation"):
        monkeypatch.setattr(shim_of(nlp)._model, f"{name}_checkpointing_enable", refuse, raising=False)
    with pytest.raises(ValueError, match="gradient_checkpointing: BertModel cannot do it"):
        losses_of(nlp, 1)


def test_compiled_models_run_and_are_saved_as_they_were(make_nlp: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(torch, "compile", lambda model, **settings: (asked.append(settings), model)[1])
    nlp, plain = make_nlp(own={"torch_compile": True}), make_nlp()
    assert numpy.allclose(losses_of(nlp), losses_of(plain), rtol=1e-5)
    assert asked == [{"dynamic": True}]
    assert set(shim_of(nlp)._model.state_dict()) == set(shim_of(plain)._model.state_dict())
    nlp.from_bytes(nlp.to_bytes())


def test_options_are_checked(make_nlp: Any, nlp: Any) -> None:
    from thinc.api import Model

    from spanwright_transformers import Transformer

    with pytest.raises(ValueError, match="precision must be 'fp16' or 'bf16', found 'fp8'"):
        nlp.get_pipe("transformer").set_options(precision="fp8")
    with pytest.raises(ValueError, match=r"precison"):
        make_nlp(own={"precison": "bf16"})
    other = Transformer(nlp.vocab, Model("other", lambda model, docs, is_train: (docs, lambda gradient: gradient)))
    with pytest.raises(ValueError, match="its model 'other' is none of spanwright-transformers"):
        other.set_options(torch_compile=True)
