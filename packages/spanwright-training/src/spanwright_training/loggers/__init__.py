"""Loggers: what a person sees, and keeps, of a training run."""
