"""Beam search and learning from it."""

from .beam import Beam, beam_parse, scored_ents, scored_parses, set_best
from .learning import update_beam

__all__ = ["Beam", "beam_parse", "scored_ents", "scored_parses", "set_best", "update_beam"]
