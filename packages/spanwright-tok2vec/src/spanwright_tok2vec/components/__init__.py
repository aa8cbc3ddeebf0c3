"""The component that shares token vectors with others of its pipeline."""
