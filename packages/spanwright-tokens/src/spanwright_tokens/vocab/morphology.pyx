"""Morphological analyses: `Case=Nom|Number=Sing`, known by the id of that string."""
import warnings

from .._types cimport attr_t
from .strings cimport StringStore

from ..errors import InvalidValueError, SpanwrightWarning
from ..parts_of_speech import IDS as POS_IDS
from ..symbols import IDS as SYMBOLS

cdef attr_t EMPTY = SYMBOLS["_"]
cdef int POS = SYMBOLS["POS"]
cdef frozenset PARTS_OF_SPEECH = frozenset(POS_IDS.values())


cdef dict parse(str features):
    cdef dict result = {}
    cdef str feature, field, sign, values
    if not features or features == "_":
        return result
    for feature in features.split("|"):
        field, sign, values = feature.partition("=")
        if not sign or "=" in values:
            raise InvalidValueError(
                f"Morphological features are written 'Field=Value|Field=Value', found {feature!r} in {features!r}."
            )
        result[field] = sorted_values(values)
    return result


cdef str sorted_values(str values):
    return ",".join(sorted(values.split(","))) if "," in values else values


cdef object part_of_speech(value):
    # The id of a part of speech; a name that is none stays as it is, and an id that is none gives None.
    if isinstance(value, str):
        return POS_IDS.get(value.upper(), value)
    return None if isinstance(value, int) and value not in PARTS_OF_SPEECH else value


cdef class Morphology:
    """The morphological analyses of a vocabulary.

    An analysis is known by the id of its normalised string: features sorted, the values of each feature sorted;
    `_` is the empty analysis, and the id 0 none at all.

    strings: the string store of the vocabulary.
    """

    FEATURE_SEP = "|"
    FIELD_SEP = "="
    VALUE_SEP = ","
    EMPTY_MORPH = "_"

    def __init__(self, StringStore strings):
        self.strings = strings
        self._known = {}
        self._features = {}

    def __reduce__(self):
        return Morphology, (self.strings,)

    cdef attr_t add_text(self, str features) except? 0:
        found = self._known.get(features)
        if found is not None:
            return found
        cdef attr_t key = self.strings.intern(self.normalize_features(features))
        if len(self._known) < 65536:
            self._known[features] = key
        return key

    def add(self, features):
        """The id of an analysis, which is kept for good.

        features: a string as in the FEATS column of CoNLL-U, or a dict field -> value(s) joined by a comma.
        Anything else warns and counts as empty.
        """
        if isinstance(features, str):
            return self.add_text(features)
        cdef attr_t key = self.strings.intern(self.normalize_features(features))
        return key

    def normalize_features(self, features):
        """The normalised string of an analysis given as a string or a dict; `_` if it is empty."""
        if isinstance(features, str):
            features = parse(features)
        elif not isinstance(features, dict):
            _warn(features)
            features = {}
        pairs = self.normalize_attrs(features)
        texts = [f"{self.strings.as_string(field)}={self.strings.as_string(value)}" for field, value in pairs.items()]
        return "|".join(sorted(texts)) or "_"

    def normalize_attrs(self, attrs):
        """A dict of features with strings for ids, sorted values, and the part of speech as an id."""
        result = {}
        for field, value in dict(attrs).items():
            if field == POS or str(field).upper() == "POS":
                part = part_of_speech(value)
                if part is None:
                    _warn({field: value})
                else:
                    result[POS] = part
            elif isinstance(field, (int, str)) and isinstance(value, (int, str)):
                result[self.strings.as_string(field)] = sorted_values(self.strings.as_string(value))
            else:
                _warn({field: value})
        return result

    def get(self, morph):
        """The string of an analysis by its id; an empty string for an id that is none."""
        cdef attr_t key = morph
        text = self.strings.find(key, None) if key else None
        return "" if text is None else text

    cdef tuple features_of(self, attr_t key):
        cdef tuple found = self._features.get(key)
        cdef str text
        if found is not None:
            return found
        text = self.strings.find(key, None) if key else None
        features = []
        if text is None:
            # It may be added yet.
            return ()
        for field, values in sorted(parse(text).items()):
            features.extend(f"{field}={value}" for value in values.split(","))
        found = tuple(features)
        self._features[key] = found
        return found

    @staticmethod
    def feats_to_dict(feats):
        """The dict field -> values of a string of features. Raises InvalidValueError for another form."""
        return parse(feats) if feats else {}

    @staticmethod
    def dict_to_feats(feats_dict):
        """The string of features of a dict field -> values; empty for an empty dict."""
        return "|".join(sorted(f"{field}={sorted_values(values)}" for field, values in feats_dict.items()))


cdef class MorphAnalysis:
    """The morphological features of a token.

    vocab: the vocabulary. features: a string `Field=Value|Field=Value` or a dict.
    """

    def __init__(self, vocab, features=None):
        self.vocab = vocab
        self.key = vocab.morphology.add({} if features is None else features)
        self._features = None

    @classmethod
    def from_id(cls, vocab, attr_t key):
        """The analysis with a given id; one without features for an id that is none."""
        cdef MorphAnalysis morph = MorphAnalysis.__new__(MorphAnalysis)
        morph.vocab = vocab
        morph.key = key
        morph._features = None
        return morph

    cdef tuple items(self):
        if self._features is None:
            self._features = (<Morphology?>self.vocab.morphology).features_of(self.key)
        return self._features

    def __contains__(self, feature):
        """Whether a feature, `Field=Value`, is part of the analysis."""
        return self.vocab.strings.as_string(feature) in self.items()

    def __iter__(self):
        """The features, each as `Field=Value`."""
        return iter(self.items())

    def __len__(self):
        """The number of features; each of several values counts."""
        return len(self.items())

    def __hash__(self):
        return hash(self.key)

    def __eq__(self, other):
        if isinstance(other, MorphAnalysis):
            return self.key == (<MorphAnalysis>other).key
        if isinstance(other, str):
            raise InvalidValueError(
                f"A MorphAnalysis is no string: compare str(morph) with {other!r}, or ask {other!r} in morph."
            )
        return NotImplemented

    def __ne__(self, other):
        return not self == other

    def get(self, field, default=None):
        """The values of a field, a list of strings; the default, or an empty list, if it is missing."""
        start = self.vocab.strings.as_string(field) + "="
        values = [feature[len(start):] for feature in self.items() if feature.startswith(start)]
        return values or ([] if default is None else default)

    def to_json(self):
        """The analysis as a string `Field=Value|Field=Value`; empty if it has no features."""
        text = self.vocab.morphology.get(self.key)
        return "" if text == "_" else text

    def to_dict(self):
        """The analysis as a dict field -> values joined by a comma."""
        return parse(self.to_json())

    def __str__(self):
        return self.to_json()

    def __repr__(self):
        return self.to_json()

    def __reduce__(self):
        return MorphAnalysis, (self.vocab, self.to_json())


def _warn(features):
    warnings.warn(
        f"Morphological features must be a string 'Field=Value|Field=Value' or a dict of strings; ignored: {features!r}.",
        SpanwrightWarning,
        stacklevel=3,
    )
