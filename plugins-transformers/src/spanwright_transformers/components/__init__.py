"""The component that shares a transformer with others of its pipeline."""
