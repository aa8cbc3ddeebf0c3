"""Annotated files in the formats of the field, read as Docs."""
