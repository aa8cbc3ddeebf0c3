"""The vocabulary: strings and their ids, lexemes, vectors, look-up tables, morphology."""

from .arena import Arena
from .base_vectors import BaseVectors
from .create import create_vocab
from .lex_attrs import LEX_ATTRS
from .lexeme import OOV_RANK, Lexeme
from .lookups import Lookups, Table
from .morphology import MorphAnalysis, Morphology
from .norms import BASE_NORMS
from .strings import StringStore, get_string_id
from .vectors import Vectors
from .vocab import Vocab

__all__ = [
    "BASE_NORMS",
    "LEX_ATTRS",
    "OOV_RANK",
    "Arena",
    "BaseVectors",
    "Lexeme",
    "Lookups",
    "MorphAnalysis",
    "Morphology",
    "StringStore",
    "Table",
    "Vectors",
    "Vocab",
    "create_vocab",
    "get_string_id",
]
