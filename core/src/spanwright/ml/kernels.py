"""Whether layers run in compiled passes of their own, or node by node."""

from __future__ import annotations

import os

from ..errors import InvalidValueError

__all__ = ["VARIABLE", "use_kernels"]

VARIABLE = "SPANWRIGHT_KERNELS"


def use_kernels() -> bool:
    """Whether a layer may compute several nodes at once: what SPANWRIGHT_KERNELS says, "on" (default) or "off".

    Both ways give the same numbers up to rounding. With "off" the nodes run one after another, as spaCy runs them: with
    the same version of thinc and BLIS, training then gives the same weights as spaCy to the last bit, and takes about
    twice as long as with kernels.

    Raises InvalidValueError (a ValueError) for any other value.
    """
    value = os.environ.get(VARIABLE, "on")
    if value not in ("on", "off"):
        raise InvalidValueError(f"The environment variable {VARIABLE} is '{value}', and must be 'on' or 'off'.")
    return value == "on"
