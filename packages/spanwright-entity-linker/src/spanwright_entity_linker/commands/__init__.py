"""Commands that this distribution announces."""
