"""Networks that score spans, one file for each registered name."""
