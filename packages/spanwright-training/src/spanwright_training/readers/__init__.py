"""Corpora: examples from files, lazily."""
