"""Compiled passes over spans."""
