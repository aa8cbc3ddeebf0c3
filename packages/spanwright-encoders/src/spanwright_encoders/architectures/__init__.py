"""Architectures that give each token vector its context, one file for each registered name."""
