"""Architectures that give one vector per token, one file for each registered name."""
