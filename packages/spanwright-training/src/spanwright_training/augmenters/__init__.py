"""Augmenters: variants of examples made while training."""
