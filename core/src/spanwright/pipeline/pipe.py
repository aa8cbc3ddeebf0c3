"""The class Pipe, at the place where programs also look for it."""

from ..pipe import Pipe

__all__ = ["Pipe"]
