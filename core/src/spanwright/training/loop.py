"""The training loop of the installed training plugin."""

from __future__ import annotations

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(
    __name__,
    {
        "train": "spanwright_training.loop:train",
        "subdivide_batch": "spanwright_training.batches:subdivide_batch",
        "create_evaluation_callback": "spanwright_training.evaluation:create_evaluation_callback",
        "create_before_to_disk_callback": "spanwright_training.saving:create_before_to_disk_callback",
        "update_meta": "spanwright_training.saving:update_meta",
    },
)
