"""The stop words of English, as `STOP_WORDS`."""

from .._data import language_names

__getattr__, __dir__ = language_names(__name__, "en", "English")
