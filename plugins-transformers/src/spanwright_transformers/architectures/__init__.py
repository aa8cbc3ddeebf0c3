"""Architectures, one file for each stem of registered names."""
