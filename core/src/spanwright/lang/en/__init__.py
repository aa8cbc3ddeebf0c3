"""English; its data lives in the distribution spanwright-languages and is imported when asked for."""

from .._data import language_names

__getattr__, __dir__ = language_names(__name__, "en", "English")
