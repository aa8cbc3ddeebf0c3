"""Find patterns of tokens in a Doc: token patterns, phrases, trees, and the choice among overlapping spans."""

from ._levenshtein import levenshtein
from .dependencymatcher import DependencyMatcher
from .fuzzy import levenshtein_compare
from .matcher import Matcher
from .patterns import MatchPatternError
from .phrasematcher import PhraseMatcher
from .spans import filter_spans

__all__ = [
    "DependencyMatcher",
    "MatchPatternError",
    "Matcher",
    "PhraseMatcher",
    "filter_spans",
    "levenshtein",
    "levenshtein_compare",
]
