"""`FeatureExtractor`: the layer of the installed plugin that offers spacy.FeatureExtractor.v1."""

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(__name__, {"FeatureExtractor": "=layers:spacy.FeatureExtractor.v1"})
