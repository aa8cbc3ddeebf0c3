"""Retired layers, one file for each stem."""
