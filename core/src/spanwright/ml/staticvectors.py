"""`StaticVectors`: the layer of the installed plugin that offers spacy.StaticVectors.v2."""

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(__name__, {"StaticVectors": "=layers:spacy.StaticVectors.v2"})
