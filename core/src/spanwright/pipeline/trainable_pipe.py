"""The class TrainablePipe, at the place where programs also look for it."""

from ..pipe import TrainablePipe

__all__ = ["TrainablePipe"]
