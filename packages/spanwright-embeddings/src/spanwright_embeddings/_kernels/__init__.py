"""Compiled arithmetic: arrays in, arrays out."""
