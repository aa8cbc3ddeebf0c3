"""Layers of the networks, and the passes that run several of them at once."""
