"""Transition systems: which actions there are, what they do to a state, and what they cost against gold annotation."""

from .arc_eager import ArcEager
from .biluo import Biluo
from .greedy import PackedWeights, parse, parse_parts
from .states import States
from .system import TransitionSystem

__all__ = ["ArcEager", "Biluo", "PackedWeights", "States", "TransitionSystem", "parse", "parse_parts"]
