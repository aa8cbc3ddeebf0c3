"""What is asked of options and of dicts that are drawn as they are."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from typing import Any

from ..errors import InvalidTypeError, InvalidValueError, SpanwrightWarning, nearest

NUMBERS = (
    *("distance", "word_spacing", "offset_x", "arrow_stroke", "arrow_width", "arrow_spacing"),
    *("top_offset", "top_offset_step", "span_label_offset"),
)
# Of all styles: a program may draw several with the same options.
OPTIONS = (
    *NUMBERS,
    *("fine_grained", "add_lemma", "collapse_punct", "collapse_phrases", "compact", "color", "bg", "font"),
    *("ents", "colors", "template", "kb_url_template", "spans_key"),
)
# What a dict must have, and may leave out, to be drawn; everything is a list but a text.
NEEDED = {"dep": ("words",), "ent": ("text",), "span": ("tokens",)}
LISTS = {"dep": ("words", "arcs"), "ent": ("ents",), "span": ("tokens", "spans")}


class OptionError(InvalidTypeError, ValueError):
    """An option, or a dict to be drawn, is not what it must be."""


def check_options(options: Any, style: str = "dep") -> Mapping[str, Any]:
    """The options themselves; warns of those that no style has.

    Raises OptionError (a TypeError and ValueError) that names the wrong one.
    """
    if not isinstance(options, Mapping):
        raise OptionError(f"options of render are a dict, found {options!r}.")
    for name in options:
        if name not in OPTIONS:
            warnings.warn(
                f"render has no option {name!r}, and it is ignored.{nearest(str(name), OPTIONS)}",
                SpanwrightWarning,
                stacklevel=3,
            )
    for name in NUMBERS:
        value = options.get(name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
            raise OptionError(f"The option {name} of render is a number of pixels, found {value!r}.")
    labels = options.get("ents")
    if labels is not None and (isinstance(labels, str) or not isinstance(labels, Iterable)):
        raise OptionError(f"The option ents of render is a list of labels, found {labels!r}.")
    colors = options.get("colors")
    if colors is not None and not (
        isinstance(colors, Mapping) and all(isinstance(color, (str, type(None))) for color in colors.values())
    ):
        raise OptionError(f"The option colors of render is a dict of labels and colours, found {colors!r}.")
    _check_template(options.get("template"), style)
    return options


def _check_template(template: Any, style: str) -> None:
    if template is None or style not in ("ent", "span"):
        return
    parts = ("span", "slice", "start")
    if style == "ent" and not isinstance(template, str):
        raise OptionError(f"The option template of render is a text in the style 'ent', found {template!r}.")
    if style == "span" and not (
        isinstance(template, Mapping) and all(isinstance(template.get(part), str) for part in parts)
    ):
        raise OptionError(
            "The option template of render is a dict of texts in the style 'span', with the keys "
            f"{', '.join(parts)}; found {template!r}."
        )


def check_data(data: Any, style: str) -> Any:
    """A dict that is drawn as it is. Raises OptionError (a TypeError and ValueError) that names the wrong key."""
    if not isinstance(data, Mapping):
        raise OptionError(f"With manual=True, render takes dicts, not {type(data).__name__}.")
    for key in NEEDED.get(style, ()):
        if key not in data:
            raise OptionError(f"A dict to draw in the style '{style}' needs '{key}', found: {sorted(map(str, data))}.")
    for key in LISTS.get(style, ()):
        value = data.get(key, ())
        if isinstance(value, (str, Mapping)) or not isinstance(value, Iterable):
            raise OptionError(f"'{key}' of a dict to draw in the style '{style}' is a list, found {value!r}.")
    return data


def filled(name: str, template: str, *values: Any, **named: Any) -> str:
    """A template with its values. Raises InvalidValueError (a ValueError) for one that asks for others."""
    try:
        return template.format(*values, **named)
    except (IndexError, KeyError, ValueError) as error:
        known = ", ".join(f"{{{key}}}" for key in named) or "{}"
        raise InvalidValueError(
            f"The option {name} of render is HTML with {known}; {template!r} cannot be filled: "
            f"{type(error).__name__} {error}. Write other braces twice."
        ) from None
