"""Fast paths of the encoders."""
