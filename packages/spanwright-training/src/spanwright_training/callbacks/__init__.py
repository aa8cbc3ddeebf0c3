"""Callbacks that a config can name."""
