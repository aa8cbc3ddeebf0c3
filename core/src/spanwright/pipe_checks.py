"""What components check and share: Examples and error handlers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from .errors import PipelineError, SpanwrightError

if TYPE_CHECKING:
    from spanwright_tokens.tokens import Doc


def raise_error(proc_name: str, proc: Any, docs: Sequence[Doc], error: Exception) -> None:
    """The error handler of a component that has no other: raise."""
    raise explained(proc_name, error, mixed=of_another_vocabulary(proc, docs))


def of_another_vocabulary(proc: Any, docs: Sequence[Doc] | None) -> bool:
    """Whether a component got Docs whose strings it does not know."""
    vocab = getattr(proc, "vocab", None)
    return vocab is not None and any(getattr(doc, "vocab", vocab) is not vocab for doc in docs or ())


class ComponentKeyError(PipelineError, KeyError):
    """A component failed with a KeyError, which says little by itself."""

    __str__ = Exception.__str__  # a KeyError would show its text in quotes


def explained(name: str | None, error: Exception, *, mixed: bool = False) -> Exception:
    """The error, but for a bare KeyError one that names the component and keeps the cause.

    mixed: Whether the Docs and the component have different vocabularies.
    """
    if not isinstance(error, KeyError) or isinstance(error, ValueError):
        return error
    text = f"The component '{name}' failed with a KeyError: {str(error).removesuffix('.')}."
    if mixed:
        text += " The Doc belongs to another vocabulary than the component, as Docs of another pipeline do: make it "
        text += "with nlp.make_doc, or give both pipelines one vocabulary (spanwright.load(..., vocab=nlp.vocab))."
    elif not isinstance(error, SpanwrightError):  # ours say themselves what to do
        text += " If it was made by nlp.add_pipe and not loaded, it may lack its labels or data: call "
        text += "nlp.initialize() first."
    found = ComponentKeyError(text)
    found.__cause__ = error
    return found


@contextmanager
def explaining(name: str) -> Iterator[None]:
    """Explain an error of the component of this name."""
    try:
        yield
    except KeyError as error:
        if isinstance(error, ValueError):
            raise
        raise explained(name, error) from error


def check_examples(examples: Any, where: str) -> None:
    """Raise InvalidTypeError (a TypeError) unless `examples` is an iterable of Example objects.

    where: The method that got them, for the error.
    """
    from spanwright_tokens.tokens.example import validate_examples

    validate_examples(examples, where)


def check_get_examples(get_examples: Any, where: str) -> None:
    """Raise InvalidTypeError (a TypeError) unless `get_examples` is a function that gives at least one Example."""
    from spanwright_tokens.tokens.example import validate_get_examples

    validate_get_examples(get_examples, where)
