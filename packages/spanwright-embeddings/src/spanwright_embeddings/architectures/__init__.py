"""Architectures that turn Docs into one vector per token, one file for each registered name."""
