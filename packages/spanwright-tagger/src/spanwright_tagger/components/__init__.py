"""Components that set one label on each token."""
