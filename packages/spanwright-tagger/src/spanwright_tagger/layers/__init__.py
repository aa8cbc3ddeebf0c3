"""Parts that the components share."""
