"""Small sets of rules that meet every branch of the tokenizer."""

from __future__ import annotations

PREFIX = r"^[(\[\"“'$]|^\.\.+|^--|^US\$"
SUFFIX = r"[)\]\"”',;:!?]$|\.\.+$|['’]s$|(?<=[0-9])(?:km|m|%)$|(?<=[a-z)])\.$|(?<=[A-Z]{2})\.$"
INFIX = r"\.\.+|--|(?<=[a-z])\.(?=[A-Z])|(?<=[a-zA-Z])[-,/](?=[a-zA-Z])|(?<=[0-9])[+*](?=[0-9])|(?<=x)(?=Y)"
TOKEN_MATCH = r"^co-[a-z]+$|^\(c\)$|^9+$"
URL_MATCH = r"(?iu)^(?:https?://)?(?:[a-z0-9-]+\.)+(?:com|org)(?:/\S*)?$"
RULES = {
    "don't": [{"ORTH": "do"}, {"ORTH": "n't", "NORM": "not"}],
    "can't.": [{"ORTH": "ca", "NORM": "can"}, {"ORTH": "n't"}, {"ORTH": "."}],
    "e.g.": [{"ORTH": "e.g."}],
    "a.m.": [{"ORTH": "a.m."}],
    "U.S.": [{"ORTH": "U.S."}],
    ":)": [{"ORTH": ":)"}],
    ":-)": [{"ORTH": ":-)"}],
    "(:": [{"ORTH": "(:"}],
    "--:": [{"ORTH": "--"}, {"ORTH": ":"}],
    "New York": [{"ORTH": "New York", "NORM": "NYC"}],
    "a. b. c": [{"ORTH": "a. b."}, {"ORTH": " "}, {"ORTH": "c"}],
    "b. c": [{"ORTH": "b. c"}],
    "I.": [{"ORTH": "I."}],
    "x-y": [{"ORTH": "x"}, {"ORTH": "-y"}],
    "é.": [{"ORTH": "é."}],
    "\n": [{"ORTH": "\n"}],
}
SETTINGS = {
    "prefix_search": PREFIX,
    "suffix_search": SUFFIX,
    "infix_finditer": INFIX,
    "token_match": TOKEN_MATCH,
    "url_match": URL_MATCH,
}
ATOMS = [
    *RULES, *"()[]\"“”'’.,;:!?-–/$%+*xY", "...", "--", "US$", "km", "10", "99", "co-op", "(c)", "www.a.com",
    "a.ORG/b?c=1", "https://x-y.com", "'s", "’s", "word", "Word", "WORD", "été", "É.", "naïve", "ſ", "İ", "日本", "ب",
    "🙂", "\u0301", " ", " ", " ", "  ", "\n", "\t", "\r\n", "\xa0", "\u3000", "\u2028", "\x1f", "\x85", "New",
    "York", "a.", "b.", "c", "I",
]  # fmt: skip
