"""The base norms: how typographic variants are written plainly, in every language.

Embeddings use NORM, so the table is part of what a trained pipeline means. It stands in no pipeline folder.
"""

from __future__ import annotations

# norm -> the words that have it
_VARIANTS = {
    "'s": "'s 'S ’s ’S",
    "'": "’ ‘ ´ `",
    '"': "” “ '' `` ´´ „ » « ‘‘ ’’",
    "?": "？",
    "!": "！",
    ",": "，",
    ";": "；",
    ":": "：",
    ".": "。 ।",
    "...": "…",
    "-": "— – -- --- ——",
    "$": "€ £ ¥ ฿ US$ C$ A$ ₺ ₹ ৳ ₩ Mex$ ₣ E£",
}

BASE_NORMS: dict[str, str] = {word: norm for norm, words in _VARIANTS.items() for word in words.split()}
