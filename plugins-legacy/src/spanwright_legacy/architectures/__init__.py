"""Retired architectures, one file for each stem."""
