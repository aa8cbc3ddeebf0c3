"""Training through the shared transformer: gradients are those of autograd, and frozen means frozen."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy
import pytest
import torch
from thinc.api import SGD, warmup_linear

from spanwright.errors import ListenerError
from spanwright.tokens import Example

TEXTS = ["the big dog barks , and the cat sleeps in a house .", "what is this ?", "a cat", "dog"]


def examples_of(nlp: Any, texts: Any = TEXTS) -> list:
    return [Example(nlp.make_doc(text), nlp.make_doc(text)) for text in texts]


def shim_of(nlp: Any, name: str = "transformer") -> Any:
    return nlp.get_pipe(name).model.shim


def weights(nlp: Any, name: str = "transformer") -> dict[str, Any]:
    return {key: value.clone() for key, value in shim_of(nlp, name)._model.state_dict().items()}


def gradients(nlp: Any, name: str = "transformer") -> dict[str, Any]:
    parameters = shim_of(nlp, name)._model.named_parameters()
    return {key: p.grad.clone() for key, p in parameters if p.grad is not None}


def by_autograd(nlp: Any, texts: Any, factors: dict[str, float]) -> dict[str, Any]:
    """The gradients of the heads' squared errors, computed by PyTorch alone, window by window."""
    model = nlp.get_pipe("transformer").model
    transformer = copy.deepcopy(model.transformer)
    transformer.zero_grad()
    transformer.train()
    total: Any = 0.0
    for text in texts:
        doc = nlp.make_doc(text)
        pieces: list[list[Any]] = [[] for _ in doc]
        for span in model.attrs["get_spans"]([doc])[0]:
            encoded = model.tokenizer(span.text, return_offsets_mapping=True, return_tensors="pt")
            offsets = encoded.pop("offset_mapping")[0].tolist()
            state = transformer(**encoded).last_hidden_state[0]
            for row, (start, end) in zip(state, offsets, strict=True):
                for token in span:
                    place = token.idx - span.start_char
                    if start < end and place <= start < place + len(token):
                        pieces[token.i].append(row)
        vectors = torch.stack([torch.stack(rows).mean(dim=0) for rows in pieces])
        for name, factor in factors.items():
            linear = nlp.get_pipe(name).model.layers[-1].layers[0]
            W, b = (torch.tensor(linear.get_param(key)) for key in "Wb")  # noqa: N806
            gold = torch.tensor([[len(t) / 5, t.i % 2] for t in doc])
            total = total + factor * ((vectors @ W.T + b - gold) ** 2).sum() / 2
    total.backward()
    return {key: p.grad for key, p in transformer.named_parameters() if p.grad is not None}


def same(mine: dict[str, Any], theirs: dict[str, Any], tolerance: float = 1e-4) -> bool:
    return {k for k in mine if "pooler" not in k} == {k for k in theirs if "pooler" not in k} and all(
        torch.allclose(value, theirs[key], atol=tolerance, rtol=tolerance) for key, value in mine.items()
    )


def test_gradients_are_those_of_autograd(make_nlp: Any) -> None:
    nlp = make_nlp()
    expected = by_autograd(nlp, TEXTS, {"first": 1.0, "second": 1.0})
    nlp.update(examples_of(nlp), sgd=False)
    assert same(gradients(nlp), expected)


def test_rows_that_run_apart_give_the_same_gradients(make_nlp: Any) -> None:
    nlp = make_nlp()
    expected = by_autograd(nlp, TEXTS, {"first": 1.0, "second": 1.0})
    nlp.get_pipe("transformer").cfg["max_batch_items"] = 10
    nlp.update(examples_of(nlp), sgd=False)
    assert same(gradients(nlp), expected)


def counts_of_backward_passes(nlp: Any, own: dict[str, int]) -> None:
    embeddings = shim_of(nlp)._model.embeddings
    for name in ("word_embeddings", "position_embeddings"):
        own[name] = 0

        def count(parameter: Any, name: str = name) -> None:
            own[name] += 1

        getattr(embeddings, name).weight.register_post_accumulate_grad_hook(count)


def test_parts_of_a_step_share_one_backward_pass_of_the_word_embeddings(make_nlp: Any) -> None:
    counts: dict[str, int] = {}
    nlp = make_nlp()
    model = nlp.get_pipe("transformer").model
    nlp.get_pipe("transformer").cfg["max_batch_items"] = 10
    counts_of_backward_passes(nlp, counts)
    nlp.update(examples_of(nlp), sgd=False)
    assert counts["word_embeddings"] == 1 and counts["position_embeddings"] > 3
    assert not model.transformer.embeddings.word_embeddings._forward_hooks
    expected = gradients(nlp)
    nlp = make_nlp(own={"gradient_checkpointing": True})
    nlp.get_pipe("transformer").cfg["max_batch_items"] = 10
    counts_of_backward_passes(nlp, counts)
    nlp.update(examples_of(nlp), sgd=False)
    assert counts["word_embeddings"] == counts["position_embeddings"] > 3
    assert same(gradients(nlp), expected)


def test_embeddings_that_are_changed_in_their_place_can_be_cut() -> None:
    import torch
    from transformers import CTRLConfig, CTRLModel

    from spanwright_transformers.layers.cut_embeddings import CutEmbeddings

    config = CTRLConfig(vocab_size=9, n_positions=8, n_embd=8, dff=8, n_layer=1, n_head=2, resid_pdrop=0, embd_pdrop=0)
    model = CTRLModel(config)  # it multiplies its word embeddings by a constant
    parts = [torch.tensor([[1, 2, 3]]), torch.tensor([[3, 4, 4]])]
    for ids in parts:
        model(ids)[0].square().sum().backward()
    expected = model.get_input_embeddings().weight.grad.clone()
    model.zero_grad()
    cut = CutEmbeddings.of(model)
    assert cut is not None
    with cut.cutting():
        outputs = [model(ids)[0] for ids in parts]
    for output in outputs:
        output.square().sum().backward()
    assert model.get_input_embeddings().weight.grad is None
    cut.backprop()
    assert torch.allclose(model.get_input_embeddings().weight.grad, expected, rtol=1e-4, atol=1e-9)


def test_word_embeddings_that_do_not_learn_stay_as_they_are(make_nlp: Any) -> None:
    nlp = make_nlp()
    model = nlp.get_pipe("transformer").model
    nlp.get_pipe("transformer").cfg["max_batch_items"] = 10
    expected = by_autograd(nlp, TEXTS, {"first": 1.0, "second": 1.0})
    del expected["embeddings.word_embeddings.weight"]
    model.transformer.embeddings.word_embeddings.weight.requires_grad_(False)
    nlp.update(examples_of(nlp), sgd=False)
    assert same(gradients(nlp), expected)


@pytest.mark.parametrize("factor", [0.5, 2.0, 0.0])
def test_grad_factor_scales_what_a_head_sends(make_nlp: Any, kit: Any, factor: float) -> None:
    heads = {"first": kit.listener_config(grad_factor=factor), "second": kit.listener_config()}
    nlp = make_nlp(heads)
    expected = by_autograd(nlp, TEXTS, {"first": factor, "second": 1.0})
    nlp.update(examples_of(nlp), sgd=False)
    assert same(gradients(nlp), expected)


def test_grad_factor_may_be_a_schedule(make_nlp: Any, kit: Any) -> None:
    from spanwright_transformers.architectures.listener import TransformerListener_v1

    nlp = make_nlp({"first": kit.listener_config()})
    block = kit.listener_config(
        grad_factor={"@schedules": "warmup_linear.v1", "initial_rate": 1.0, "warmup_steps": 2, "total_steps": 4}
    )
    nlp = make_nlp({"first": block})
    schedule = warmup_linear(1.0, 2, 4)
    for step in range(3):
        value = schedule(step) if callable(schedule) else next(schedule)
        shim_of(nlp)._model.zero_grad()
        expected = by_autograd(nlp, TEXTS, {"first": value})
        nlp.update(examples_of(nlp), sgd=False)
        if value:
            assert same(gradients(nlp), expected)
        else:
            assert not gradients(nlp)
    assert "grad_factor" not in nlp.get_pipe("first").model.to_dict()["attrs"][3]
    pooling = nlp.get_pipe("first").model.layers[0].layers[1].layers[0]
    generator = TransformerListener_v1(pooling, (value for value in (0.5, 0.25)))
    listener = generator.get_ref("listener")
    assert listener.scheduled_factor() == 0.5
    assert copy.deepcopy(listener).scheduled_factor() == pickle.loads(pickle.dumps(listener)).scheduled_factor() == 0.5


def test_a_schedule_goes_on_where_a_component_has_its_own_transformer(
    make_nlp: Any, kit: Any, tiny: Path, tmp_path: Path
) -> None:
    # Nothing in the first step, everything after it.
    block = {
        "@schedules": "constant_then.v1",
        "rate": 0.0,
        "steps": 1,
        "schedule": {"@schedules": "constant.v1", "rate": 1.0},
    }
    own = {**kit.model_config(tiny, tokenizer_config={}), "pooling": kit.mean, "grad_factor": block}
    inside = make_nlp({"first": {**own, "@architectures": "spacy-transformers.Tok2VecTransformer.v3"}})
    inside.remove_pipe("transformer")
    replaced = make_nlp({"first": kit.listener_config(grad_factor=block)})
    replaced.replace_listeners("transformer", "first", ["tok2vec"])
    for nlp in (inside, replaced):
        model = nlp.get_pipe("first").model
        for step in range(3):
            _, backprop = model.begin_update([nlp.make_doc("the big dog")])
            backprop([numpy.ones((3, 2), dtype="f")])
            transformer = next(shim for node in model.walk() for shim in node.shims)._model
            assert any(p.grad is not None for p in transformer.parameters()) == (step > 0)
        for copied in (copy.deepcopy(model), model.copy()):
            assert copied.predict([nlp.make_doc("a dog")])[0].shape == (2, 2)


def test_layers_with_schedules_are_copied_apart_and_pickled() -> None:
    from spanwright_transformers.layers.schedules import NextValue

    for schedule in (warmup_linear(1.0, 4, 8), (value / 4 for value in range(1, 5))):
        factor = NextValue(schedule)
        values = [factor(), factor()]
        for copied in (copy.deepcopy(factor), pickle.loads(pickle.dumps(factor))):
            assert copied() in (values[-1], 0.5)
        assert factor() == values[1] + 0.25


def test_a_factor_of_zero_runs_no_backward_pass(make_nlp: Any, kit: Any) -> None:
    nlp = make_nlp({"first": kit.listener_config(grad_factor=0)})
    before = weights(nlp)
    nlp.update(examples_of(nlp), sgd=SGD(0.1))
    assert not gradients(nlp)
    assert all(torch.equal(value, before[key]) for key, value in weights(nlp).items())


def test_a_frozen_transformer_stays_bit_identical_and_costs_no_backward_pass(
    make_nlp: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    nlp, optimizer = make_nlp(), SGD(0.1)
    before = weights(nlp)
    head = nlp.get_pipe("first").model.layers[-1].layers[0].get_param("W").copy()
    monkeypatch.setattr(torch.autograd, "backward", None)
    for _ in range(3):
        nlp.update(examples_of(nlp), sgd=optimizer, exclude=["transformer"])
    assert all(torch.equal(value, before[key]) for key, value in weights(nlp).items())
    assert not gradients(nlp) and not shim_of(nlp)._model.training
    assert not numpy.array_equal(head, nlp.get_pipe("first").model.layers[-1].layers[0].get_param("W"))
    assert shim_of(nlp).id not in {key[0] for key in (*optimizer.averages, *optimizer.mom1)}


def test_a_frozen_transformer_sees_sentences_that_a_component_before_it_annotates(make_nlp: Any) -> None:
    from spanwright.language import Language
    from spanwright_transformers.span_getters import get_sent_spans

    @Language.component("trf_test_sentences")
    def mark(doc: Any) -> Any:
        for token in doc:
            token.is_sent_start = token.i == 0 or doc[token.i - 1].text in (".", ",")
        return doc

    nlp = make_nlp()
    nlp.get_pipe("transformer").model.attrs["get_spans"] = get_sent_spans
    nlp.add_pipe("trf_test_sentences", first=True)
    head = nlp.get_pipe("first").model.layers[-1].layers[0].get_param("W").copy()
    for annotates in (["trf_test_sentences"], ["trf_test_sentences", "transformer"]):
        nlp.update(examples_of(nlp), sgd=SGD(0.1), exclude=["transformer"], annotates=annotates)
    assert not numpy.array_equal(head, nlp.get_pipe("first").model.layers[-1].layers[0].get_param("W"))


def test_training_learns(make_nlp: Any) -> None:
    nlp = make_nlp()
    optimizer, history = SGD(0.01), []
    for _ in range(15):
        losses: dict[str, float] = {}
        nlp.update(examples_of(nlp), sgd=optimizer, losses=losses)
        history.append(losses["first"])
    assert history[-1] < history[0] / 2 and losses["transformer"] > 0


def test_accumulated_gradients_are_those_of_both_batches(make_nlp: Any) -> None:
    nlp = make_nlp()
    expected = by_autograd(nlp, TEXTS, {"first": 1.0, "second": 1.0})
    nlp.update(examples_of(nlp, TEXTS[:2]), sgd=False)
    nlp.update(examples_of(nlp, TEXTS[2:]), sgd=False)
    assert same(gradients(nlp), expected)


def test_two_transformers_learn_from_their_own_listeners(
    make_nlp: Any, kit: Any, tiny: Path, tiny_roberta: Path
) -> None:
    heads = {
        "first": kit.listener_config("one"),
        "second": kit.listener_config("*"),
        "third": kit.listener_config("one"),
    }
    nlp = make_nlp(heads, upstreams={"one": tiny, "two": tiny_roberta})
    assert nlp.get_pipe("one").listening_components == ["first", "third"]
    assert nlp.get_pipe("two").listening_components == ["second"]
    before = {name: weights(nlp, name) for name in ("one", "two")}
    nlp.update(examples_of(nlp), sgd=SGD(0.1), exclude=["second"])
    assert all(torch.equal(value, before["two"][key]) for key, value in weights(nlp, "two").items())
    assert not all(torch.equal(value, before["one"][key]) for key, value in weights(nlp, "one").items())
    nlp.update(examples_of(nlp), sgd=False)
    assert gradients(nlp, "two")


def test_the_forward_pass_runs_once_a_step_even_if_heads_annotate(make_nlp: Any) -> None:
    nlp = make_nlp()
    model, modes = nlp.get_pipe("transformer").model, []
    forward = model._func
    model.replace_callbacks(
        lambda m, docs, is_train: (modes.append(is_train), forward(m, docs, is_train))[1], init=model.init
    )
    nlp.update(examples_of(nlp), sgd=False, annotates=["first", "second"])
    assert modes == [True]
    model.transformer.config.hidden_dropout_prob = 0.1  # now prediction would give something else
    nlp.update(examples_of(nlp), sgd=False, annotates=["first", "second"])
    assert modes == [True, True, False]


def test_a_component_for_a_transformer_of_another_width_says_so(make_nlp: Any, kit: Any, tmp_path: Path) -> None:
    kit.save_wordpiece_tokenizer(tmp_path, 64)
    kit.save_model(tmp_path, "bert", 64, hidden_size=24)
    nlp = make_nlp()
    nlp.replace_pipe("transformer", "transformer", config={"model": kit.model_config(tmp_path)})
    nlp.get_pipe("transformer").model.initialize()
    with pytest.raises(ListenerError, match="was made for vectors of width 16, but its upstream .* gives width 24"):
        nlp("the big dog")


def test_averages_are_used_and_given_back(make_nlp: Any) -> None:
    nlp = make_nlp()
    before = weights(nlp)
    shim = shim_of(nlp)
    name, parameter = next(iter(shim._model.named_parameters()))
    averages = {(shim.id, name): parameter.detach().numpy() * 0 + 0.5}
    expected = nlp("a dog")._.trf_data.tensors[0].copy()
    with pytest.raises(RuntimeError), nlp.use_params(averages):
        assert (shim._model.state_dict()[name] == 0.5).all()
        assert not numpy.allclose(nlp("a dog")._.trf_data.tensors[0], expected)
        raise RuntimeError
    assert all(torch.equal(value, before[key]) for key, value in weights(nlp).items())


def test_replacing_listeners_is_exact_and_the_copy_learns_apart(make_nlp: Any, tmp_path: Path) -> None:
    import spanwright

    nlp = make_nlp()
    docs = [nlp.make_doc(text) for text in TEXTS]
    before = nlp.get_pipe("first").predict(docs)
    nlp.replace_listeners("transformer", "first", ["tok2vec"])
    block = nlp.config["components"]["first"]["tok2vec"]
    assert block["@architectures"] == "spacy-transformers.Tok2VecTransformer.v3"
    assert nlp.get_pipe("transformer").listening_components == ["second"]
    assert all(numpy.array_equal(a, b) for a, b in zip(nlp.get_pipe("first").predict(docs), before, strict=True))
    nlp.to_disk(tmp_path / "saved")
    loaded = spanwright.load(tmp_path / "saved")
    found = loaded.get_pipe("first").predict([loaded.make_doc(text) for text in TEXTS])
    assert all(numpy.allclose(a, b, atol=1e-6) for a, b in zip(found, before, strict=True))
    nlp.update(examples_of(nlp), sgd=SGD(0.1), exclude=["first"])
    assert all(numpy.array_equal(a, b) for a, b in zip(nlp.get_pipe("first").predict(docs), before, strict=True))
    shims = [shim for pipe in ("transformer", "first") for n in nlp.get_pipe(pipe).model.walk() for shim in n.shims]
    assert len({shim.id for shim in shims}) == 2


def test_copied_and_pickled_pipelines_say_the_same(make_nlp: Any, nlp: Any) -> None:
    trained = make_nlp()
    expected = trained(TEXTS[0]).user_data["first"]
    copied = copy.deepcopy(trained)
    assert numpy.allclose(copied(TEXTS[0]).user_data["first"], expected, atol=1e-6)
    copied.update(examples_of(copied), sgd=SGD(0.1))
    assert not numpy.allclose(copied(TEXTS[0]).user_data["first"], expected, atol=1e-3)
    assert numpy.allclose(trained(TEXTS[0]).user_data["first"], expected, atol=1e-6)
    pickled = pickle.loads(pickle.dumps(nlp))
    assert numpy.array_equal(pickled(TEXTS[0])._.trf_data.tensors[0], nlp(TEXTS[0])._.trf_data.tensors[0])
