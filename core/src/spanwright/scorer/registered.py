"""The registered scorers. Each name's maker is `<stem>_vN`; what it returns scores the Examples of a component.

A component hands its settings on as keyword arguments (`labels`, `threshold`, `spans_key`, ...); scorers take what
they know and ignore the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from .cats import score_cats, score_cats_v1
from .columns import lower_label, morph_key
from .deps import score_deps
from .spans import get_ner_prf, score_links, score_spans
from .tokens import score_token_attr, score_token_attr_per_feat

ScorerFunction = Callable[..., dict[str, Any]]

DEFAULT_SPANS_KEY = "ruler"
SPANS_PREFIX = "spans_"
NIL = "NIL"


def tagger_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Accuracy of the fine-grained tags: `tag_acc`."""
    return score_token_attr(examples, "tag", **kwargs)


def lemmatizer_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Accuracy of the lemmas: `lemma_acc`."""
    return score_token_attr(examples, "lemma", **kwargs)


def morphologizer_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Coarse tags and morphology: `pos_acc`, `morph_acc`, `morph_micro_p/r/f`, `morph_per_feat`."""
    examples = list(examples)
    return {
        **score_token_attr(examples, "pos", **kwargs),
        **score_token_attr(examples, "morph", getter=morph_key, **kwargs),
        **score_token_attr_per_feat(examples, "morph", getter=morph_key, **kwargs),
    }


def attribute_ruler_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """All that an attribute ruler can set: tags, coarse tags, morphology and lemmas."""
    examples = list(examples)
    return {
        **tagger_score(examples, **kwargs),
        **morphologizer_score(examples, **kwargs),
        **lemmatizer_score(examples, **kwargs),
    }


def _has_sents(doc: Any) -> bool:
    return doc.has_annotation("SENT_START")


def senter_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Sentence boundaries: `sents_p`, `sents_r`, `sents_f`."""
    scores = score_spans(examples, "sents", has_annotation=_has_sents, **kwargs)
    # Sentences have no labels.
    scores.pop("sents_per_type", None)
    return scores


def parser_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Sentences, and the parse without punctuation: `sents_p/r/f`, `dep_uas`, `dep_las`, `dep_las_per_type`."""
    examples = list(examples)
    deps_settings = {"getter": lower_label, "ignore_labels": ("p", "punct"), **kwargs}
    return {**senter_score(examples, **kwargs), **score_deps(examples, "dep", **deps_settings)}


def ner_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Entities: `ents_p`, `ents_r`, `ents_f`, `ents_per_type`."""
    return get_ner_prf(examples, **kwargs)


def entity_ruler_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Entities: `ents_p`, `ents_r`, `ents_f`, `ents_per_type`."""
    return get_ner_prf(examples)


def entity_linker_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Knowledge-base ids of the entities: `nel_score` and others."""
    return score_links(examples, negative_labels=[NIL], **kwargs)


def _group(doc: Any, attr: str) -> Iterable[Any]:
    return doc.spans.get(attr[len(SPANS_PREFIX) :], [])


def _group_settings(key: str, kwargs: dict[str, Any], **defaults: Any) -> dict[str, Any]:
    """Settings of `score_spans` for the span group `key`; the keyword arguments of the caller win."""

    def has_group(doc: Any) -> bool:
        return key in doc.spans

    settings = {
        "attr": f"{SPANS_PREFIX}{key}",
        "getter": _group,
        "has_annotation": has_group,
        "allow_overlap": True,
    }
    return {**settings, **defaults, **kwargs}


def spancat_score(examples: Iterable[Any], *, spans_key: str, **kwargs: Any) -> dict[str, Any]:
    """Labelled spans of the group `spans_key`: `spans_{key}_p`, `_r`, `_f`, `_per_type`."""
    return score_spans(examples, **_group_settings(spans_key, kwargs))


def overlapping_labeled_spans_score(
    examples: Iterable[Any], *, spans_key: str = DEFAULT_SPANS_KEY, **kwargs: Any
) -> dict[str, Any]:
    """Labelled spans of the group `spans_key`: `spans_{key}_p`, `_r`, `_f`, `_per_type`."""
    return score_spans(examples, **_group_settings(spans_key, kwargs, labeled=True))


def span_finder_score(examples: Iterable[Any], *, spans_key: str, **kwargs: Any) -> dict[str, Any]:
    """Boundaries of the spans of the group `spans_key`: `spans_{key}_p`, `_r`, `_f`."""
    settings = _group_settings(spans_key, kwargs, labeled=False)
    scores = score_spans(examples, **settings)
    scores.pop(f"{settings['attr']}_per_type", None)
    return scores


def textcat_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Exclusive document labels, of which the highest counts: `cats_score` and others."""
    return score_cats(examples, "cats", **{**kwargs, "multi_label": False})


def textcat_multilabel_score(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Document labels that may co-occur: `cats_score` and others."""
    return score_cats(examples, "cats", **{**kwargs, "multi_label": True})


def textcat_score_v1(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Exclusive document labels as the first version counts them: with a threshold, and all annotated labels."""
    return score_cats_v1(examples, "cats", **{**kwargs, "multi_label": False})


def textcat_multilabel_score_v1(examples: Iterable[Any], **kwargs: Any) -> dict[str, Any]:
    """Document labels that may co-occur as the first version counts them: all annotated labels."""
    return score_cats_v1(examples, "cats", **{**kwargs, "multi_label": True})


def attribute_ruler_scorer_v1() -> ScorerFunction:
    """spacy.attribute_ruler_scorer.v1: tags, coarse tags, morphology and lemmas."""
    return attribute_ruler_score


def entity_linker_scorer_v1() -> ScorerFunction:
    """spacy.entity_linker_scorer.v1: knowledge-base ids of entities; `NIL` means no entry."""
    return entity_linker_score


def entity_ruler_scorer_v1() -> ScorerFunction:
    """spacy.entity_ruler_scorer.v1: entities."""
    return entity_ruler_score


def lemmatizer_scorer_v1() -> ScorerFunction:
    """spacy.lemmatizer_scorer.v1: lemmas."""
    return lemmatizer_score


def morphologizer_scorer_v1() -> ScorerFunction:
    """spacy.morphologizer_scorer.v1: coarse tags and morphology."""
    return morphologizer_score


def ner_scorer_v1() -> ScorerFunction:
    """spacy.ner_scorer.v1: entities."""
    return ner_score


def overlapping_labeled_spans_scorer_v1(spans_key: str = DEFAULT_SPANS_KEY) -> ScorerFunction:
    """spacy.overlapping_labeled_spans_scorer.v1: labelled spans of one group, which may overlap.

    spans_key: the group in `doc.spans`; default "ruler".
    """
    return partial(overlapping_labeled_spans_score, spans_key=spans_key)


def parser_scorer_v1() -> ScorerFunction:
    """spacy.parser_scorer.v1: sentence boundaries, heads and labels, without punctuation."""
    return parser_score


def senter_scorer_v1() -> ScorerFunction:
    """spacy.senter_scorer.v1: sentence boundaries."""
    return senter_score


def span_finder_scorer_v1() -> ScorerFunction:
    """spacy.span_finder_scorer.v1: boundaries of the spans of one group."""
    return span_finder_score


def spancat_scorer_v1() -> ScorerFunction:
    """spacy.spancat_scorer.v1: labelled spans of one group."""
    return spancat_score


def tagger_scorer_v1() -> ScorerFunction:
    """spacy.tagger_scorer.v1: fine-grained tags."""
    return tagger_score


def textcat_multilabel_scorer_v1() -> ScorerFunction:
    """spacy.textcat_multilabel_scorer.v1: labels that may co-occur; labels of other components count too."""
    return textcat_multilabel_score_v1


def textcat_multilabel_scorer_v2() -> ScorerFunction:
    """spacy.textcat_multilabel_scorer.v2: labels that may co-occur; only the component's own."""
    return textcat_multilabel_score


def textcat_scorer_v1() -> ScorerFunction:
    """spacy.textcat_scorer.v1: exclusive labels; the threshold applies and labels of other components count too."""
    return textcat_score_v1


def textcat_scorer_v2() -> ScorerFunction:
    """spacy.textcat_scorer.v2: exclusive labels; no threshold, and only the component's own labels."""
    return textcat_score
