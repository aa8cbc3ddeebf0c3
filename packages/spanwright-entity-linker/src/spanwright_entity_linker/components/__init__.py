"""The component that links entities."""
