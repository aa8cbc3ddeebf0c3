"""What the installed plugin's module of the factory `merge_entities` defines."""

from .._lookup import plugin_names

__getattr__, __dir__ = plugin_names(__name__, {}, rest="factories:merge_entities")
