"""Layers that the embedding architectures are made of."""
