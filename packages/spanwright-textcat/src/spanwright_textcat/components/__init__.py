"""The components textcat and textcat_multilabel."""
