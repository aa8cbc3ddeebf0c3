"""Batchers: how many examples make a step."""
