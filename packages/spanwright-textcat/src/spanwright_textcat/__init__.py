"""The TextCat architectures and the components textcat and textcat_multilabel."""
