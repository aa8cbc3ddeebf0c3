"""What this distribution announces: its commands. Light: imports no code that trains."""

from __future__ import annotations

from collections.abc import Sequence

from spanwright.hookspecs import Command, hookimpl

COMMANDS = "spanwright_training.commands"


@hookimpl
def commands() -> Sequence[Command]:
    """The commands around training."""
    return (
        Command("train", f"{COMMANDS}.train", "Train a pipeline from a config file.", takes_overrides=True),
        Command("convert", f"{COMMANDS}.convert", "Convert annotated files to .spacy files."),
        Command("init config", f"{COMMANDS}.init_config", "Write a starting config for given components."),
        Command("init fill-config", f"{COMMANDS}.init_fill_config", "Complete a partial config with defaults."),
        Command(
            "init labels", f"{COMMANDS}.init_labels", "Write the labels of the training data.", takes_overrides=True
        ),
        Command("init vectors", f"{COMMANDS}.init_vectors", "Make a pipeline of word vectors from a file."),
        Command(
            "debug config", f"{COMMANDS}.debug_config", "Check a config, and show it resolved.", takes_overrides=True
        ),
        Command("debug data", f"{COMMANDS}.debug_data", "Look for faults in training data.", takes_overrides=True),
        Command("debug diff-config", f"{COMMANDS}.debug_diff_config", "How a config differs from the defaults."),
        Command("download", f"{COMMANDS}.download", "How to install a published pipeline."),
        Command("validate", f"{COMMANDS}.validate", "Whether installed pipelines fit this version."),
    )
