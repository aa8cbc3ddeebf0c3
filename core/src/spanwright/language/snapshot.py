"""The state of a pipeline before something is loaded into it, so that a load that fails changes nothing."""

from __future__ import annotations

import copy
from typing import Any


class Snapshot:
    """What `restore` puts back: the vocabulary's tables, the tokenizer, and every component.

    Components keep their identity. Their insides are copied, but for what they share with the pipeline.
    """

    def __init__(self, nlp: Any, *, parts: bool = True) -> None:
        """parts: Save the tokenizer and the components too; what nobody has yet needs only the vocabulary."""
        self.nlp = nlp
        vocab = nlp.vocab
        self.tables = {"vectors": vocab.vectors, "lookups": vocab.lookups}
        self.cfg = dict(vocab.cfg)
        self.components: list[tuple[Any, dict[str, Any] | None, bytes | None]] = []
        self.tokenizer: bytes | None = None
        if parts:
            if hasattr(nlp.tokenizer, "to_bytes"):
                self.tokenizer = nlp.tokenizer.to_bytes(exclude=["vocab"])
            self.components = [(component, *self._saved(component)) for _, component in nlp._components]

    def _saved(self, component: Any) -> tuple[dict[str, Any] | None, bytes | None]:
        if not hasattr(component, "from_disk"):
            return None, None
        shared = [self.nlp, self.nlp.vocab, getattr(component, "broadcast", None)]
        memo = {id(thing): thing for thing in shared if thing is not None}
        try:
            return copy.deepcopy(component.__dict__, memo), None
        except Exception:
            # Compiled, or with something that cannot be copied.
            return None, component.to_bytes(exclude=["vocab"])

    def restore(self) -> None:
        """Put everything back as it was."""
        vocab = self.nlp.vocab
        for name, table in self.tables.items():
            if getattr(vocab, name) is not table:
                setattr(vocab, name, table)
        vocab.cfg.clear()
        vocab.cfg.update(self.cfg)
        if self.tokenizer is not None:
            self.nlp.tokenizer.from_bytes(self.tokenizer, exclude=["vocab"])
        for component, state, data in self.components:
            if state is not None:
                component.__dict__.clear()
                component.__dict__.update(state)
            elif data is not None:
                component.from_bytes(data, exclude=["vocab"])
        self.nlp._link_components()
