"""Components that follow rules and tables."""
