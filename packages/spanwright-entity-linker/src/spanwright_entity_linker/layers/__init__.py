"""Layers of the linker's network."""
