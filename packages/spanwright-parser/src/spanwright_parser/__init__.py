"""Transition-based parser and entity recogniser: components parser, ner, beam_parser and beam_ner."""
