"""Functions that make models."""
