"""The core's own tests of prediction, training and copies, run with a transformer as the upstream."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

CORE = Path(__file__).resolve().parents[3] / "core" / "tests" / "listener"

if not CORE.is_dir():
    pytest.skip("the core's tests are not beside this distribution", allow_module_level=True)

# What is about arrays, or about the core's own toys: the same for a transformer stands in the tests beside this file.
OTHERS = {
    "test_a_docs_tensor_is_what_listeners_read": "looks for doc.tensor",
    "test_changed_weights_make_outputs_stale": "changes a layer of thinc",
    "test_an_upstream_may_listen_to_another": "its upstream has a layer of thinc below",
    "test_an_upstream_of_an_upstream_gets_its_gradients": "its upstream has a layer of thinc below",
    "test_an_upstream_of_another_kind_is_not_taken": "its other kind is the transformer's",
    "test_annotating_reads_what_prediction_would_give": "needs a layer of thinc that drops out",
    "test_a_real_schedule_of_thinc_is_taken": "a transformer's pooling scales the gradients",
    "test_grad_factor_scales_what_a_listener_sends": "forgets gradients node by node",
    "test_the_loss_is_the_sum_of_the_squared_gradients": "sums over tokens",
    "test_a_teacher_reads_the_upstream_as_it_was": "takes outputs by number",
    "test_a_copied_pipeline_listens_to_its_own_upstream": "pickles the toys",
    "test_a_pickled_head_has_no_upstream": "pickles the toys",
    "test_forward_passes_of_a_step": "a transformer's dropout is its own",
    "test_a_copied_model_listens_to_the_same_upstream": "looks for the core's class",
    "test_a_pickled_generator_keeps_its_value": "of the core's listener alone",
    "test_a_listener_that_was_never_added_says_so": "makes the core's listener",
    "test_replacing_the_listener_by_a_copy_of_the_upstream_is_exact": "a transformer has layers for that",
    "test_two_listeners_in_one_component_add_up": "makes the core's listener",
}


def laws_of(name: str) -> dict[str, Any]:
    spec = importlib.util.spec_from_file_location(f"core_listener_{name}", CORE / f"{name}.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {key: value for key, value in vars(module).items() if key.startswith("test_") and key not in OTHERS}


for _module in ("test_prediction", "test_training", "test_copies"):
    globals().update(laws_of(_module))
