"""The stop words of Spanish, as `STOP_WORDS`."""

from .._data import language_names

__getattr__, __dir__ = language_names(__name__, "es", "Spanish")
