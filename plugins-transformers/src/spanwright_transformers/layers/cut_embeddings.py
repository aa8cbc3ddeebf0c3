"""The table of word embeddings in a training step whose rows run in several parts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

__all__ = ["CutEmbeddings"]


class CutEmbeddings:
    """Cuts the table of word embeddings off the parts of a step, and gives it the gradients of all of them at once.

    Each backward pass through the table makes gradients for all words that there are, nearly all zeros: for a small
    model that is as much work as a sentence. The sums are the same.

    table: A `torch.nn.Embedding`.
    """

    def __init__(self, table: Any) -> None:
        self.table = table
        self._cut: list[tuple[Any, Any]] = []

    @classmethod
    def of(cls, transformer: Any) -> CutEmbeddings | None:
        """For a transformer's own table; None if it has none of the usual kind, or one that does not learn."""
        import torch

        try:
            table = transformer.get_input_embeddings()
        except (AttributeError, NotImplementedError):
            return None
        return cls(table) if type(table) is torch.nn.Embedding and table.weight.requires_grad else None

    @contextmanager
    def cutting(self) -> Iterator[None]:
        """Cut what the table gives to forward passes meanwhile."""
        handle = self.table.register_forward_hook(self._keep)
        try:
            yield
        finally:
            handle.remove()

    def _keep(self, table: Any, inputs: tuple[Any, ...], output: Any) -> Any:
        import torch

        if not torch.is_grad_enabled() or len(inputs) != 1:
            return output
        output = output.detach().requires_grad_()
        self._cut.append((inputs[0], output))
        # A copy: some transformers change what they get in its place, which a leaf does not allow.
        return output.clone()

    def backprop(self) -> None:
        """Run the table's own backward pass, after those of the parts."""
        import torch

        found = [(ids.reshape(-1), output.grad) for ids, output in self._cut if output.grad is not None]
        self._cut.clear()
        if found:
            gradients = torch.cat([gradient.reshape(-1, gradient.shape[-1]) for _, gradient in found])
            self.table(torch.cat([ids for ids, _ in found])).backward(gradients)
