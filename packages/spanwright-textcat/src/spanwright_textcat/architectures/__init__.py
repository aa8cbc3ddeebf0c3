"""Networks that score the categories of Docs."""
