"""Retired versions of registered names, kept so that old pipelines still run."""
