"""Architectures that classify tokens, one file for each registered name."""
