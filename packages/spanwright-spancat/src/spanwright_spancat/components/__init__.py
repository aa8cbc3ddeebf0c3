"""Components that find and label spans, which may overlap."""
