"""The Scorer: evaluates a pipeline's predictions against gold annotation."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from . import cats, deps, spans, tokens
from .columns import MISSING_VALUES

DEFAULT_PIPELINE = ("senter", "tagger", "morphologizer", "parser", "ner", "textcat")


class Scorer:
    """Computes evaluation scores for Examples.

    nlp: the pipeline whose components score themselves. Without one, the scores of a standard pipeline
        (`default_pipeline`) are computed; no plugin need be installed for that.
    default_lang: language code of the stand-in pipeline; it has no influence on the scores.
    default_pipeline: names of the components that score when no `nlp` is given.
    cfg: settings handed to every component's `score`.

    The static methods score one kind of annotation each. They take Examples whose `predicted` Doc is scored
    against the `reference` Doc; tokens are compared through the alignment of the two. A score is None if the
    references hold no annotation of that kind.
    """

    def __init__(
        self,
        nlp: Any = None,
        default_lang: str = "xx",
        default_pipeline: Iterable[str] = DEFAULT_PIPELINE,
        **cfg: Any,
    ) -> None:
        if nlp is None:
            from .standard import StandardPipeline

            nlp = StandardPipeline(default_lang, default_pipeline)
        self.nlp = nlp
        self.cfg = cfg

    def score(self, examples: Iterable[Any], *, per_component: bool = False) -> dict[str, Any]:
        """Score everything that the pipeline's components annotate.

        examples: the Examples to score; read once for each component.
        per_component: give the scores in a dict per component (`tokenizer` among them) instead of one flat dict.

        Returns the scores by name, such as `token_acc`, `tag_acc`, `sents_f`.
        """
        examples = list(examples)
        tokenizer = self.nlp.tokenizer
        score_tokenizer = getattr(tokenizer, "score", None) or self.score_tokenization
        parts = {"tokenizer": score_tokenizer(examples, **self.cfg)}
        for name, component in self.nlp.pipeline:
            if hasattr(component, "score"):
                parts[name] = component.score(examples, **self.cfg)
        if per_component:
            return parts
        return {key: value for scores in parts.values() for key, value in scores.items()}

    @staticmethod
    def score_tokenization(examples: Iterable[Any], **cfg: Any) -> dict[str, float | None]:
        """Score the token boundaries. Whitespace tokens do not count.

        examples: the Examples; a reference with unknown spaces is passed over.

        Returns `token_acc` (share of predicted tokens that align to one gold token) and `token_p`, `token_r`,
        `token_f` (of the tokens' character offsets).
        """
        return tokens.score_tokenization(examples, **cfg)

    @staticmethod
    def score_token_attr(
        examples: Iterable[Any],
        attr: str,
        *,
        getter: Callable[[Any, str], Any] = getattr,
        missing_values: Collection[Any] = MISSING_VALUES,
        **cfg: Any,
    ) -> dict[str, float | None]:
        """Score the accuracy of a token attribute.

        examples: the Examples.
        attr: name of the attribute, for instance `"tag"`; also the prefix of the result's key.
        getter: function (token, attr) that returns the value; the default reads the attribute.
        missing_values: values that mean "not annotated" in the reference.

        Returns `{attr}_acc`.
        """
        return tokens.score_token_attr(examples, attr, getter=getter, missing_values=missing_values, **cfg)

    @staticmethod
    def score_token_attr_per_feat(
        examples: Iterable[Any],
        attr: str,
        *,
        getter: Callable[[Any, str], Any] = getattr,
        missing_values: Collection[Any] = MISSING_VALUES,
        **cfg: Any,
    ) -> dict[str, Any]:
        """Score a token attribute in the form `Feat=Val|Feat=Val`, feature by feature.

        examples: the Examples.
        attr: name of the attribute, usually `"morph"`; also the prefix of the result's keys.
        getter: function (token, attr) that returns the string id of the analysis.
        missing_values: values that mean "not annotated" in the reference.

        Returns `{attr}_micro_p`, `_micro_r`, `_micro_f` and `{attr}_per_feat` (p, r, f by feature name).
        """
        return tokens.score_token_attr_per_feat(examples, attr, getter=getter, missing_values=missing_values, **cfg)

    @staticmethod
    def score_spans(
        examples: Iterable[Any],
        attr: str,
        *,
        getter: Callable[[Any, str], Iterable[Any]] = getattr,
        has_annotation: Callable[[Any], bool] | None = None,
        labeled: bool = True,
        allow_overlap: bool = False,
        **cfg: Any,
    ) -> dict[str, Any]:
        """Score labelled or bare spans.

        examples: the Examples.
        attr: name of the attribute, for instance `"ents"`; also the prefix of the result's keys.
        getter: function (doc, attr) that returns the spans of a Doc; the default reads the attribute.
        has_annotation: function that says whether a Doc is annotated at all; References that are not are passed
            over, predictions that are not count as having no spans. Default: all are.
        labeled: compare labels too; otherwise boundaries only.
        allow_overlap: whether predicted spans may share gold tokens.

        Returns `{attr}_p`, `{attr}_r`, `{attr}_f` and, if labeled, `{attr}_per_type`.
        """
        return spans.score_spans(
            examples,
            attr,
            getter=getter,
            has_annotation=has_annotation,
            labeled=labeled,
            allow_overlap=allow_overlap,
            **cfg,
        )

    @staticmethod
    def score_cats(
        examples: Iterable[Any],
        attr: str,
        *,
        getter: Callable[[Any, str], Any] = getattr,
        labels: Iterable[str] = (),
        multi_label: bool = True,
        positive_label: str | None = None,
        threshold: float | None = None,
        thresholds: Mapping[str, float] | None = None,
        **cfg: Any,
    ) -> dict[str, Any]:
        """Score document labels: a dict from label to a score between 0 and 1.

        examples: the Examples.
        attr: name of the attribute, usually `"cats"`; also the prefix of the result's keys.
        getter: function (doc, attr) that returns the dict of a Doc; the default reads the attribute.
        labels: the labels to score; others are ignored.
        multi_label: whether labels may co-occur. If not, a missing gold label counts as 0.
        positive_label: with two exclusive labels, the one whose F-score is the overall score.
        threshold: from which score a label counts as predicted, if labels may co-occur; default 0.5.
        thresholds: the same for single labels, by label.

        Returns `{attr}_score` (macro AUC if labels may co-occur, else the positive label's F or macro F),
        `{attr}_score_desc` that says which, `{attr}_micro_p/_micro_r/_micro_f`, `{attr}_macro_p/_macro_r/_macro_f`,
        `{attr}_macro_auc`, `{attr}_f_per_type`, `{attr}_auc_per_type`.

        Raises UnknownLabelError (a KeyError) if `positive_label` is none of two exclusive labels.
        """
        return cats.score_cats(
            examples,
            attr,
            getter=getter,
            labels=labels,
            multi_label=multi_label,
            positive_label=positive_label,
            threshold=threshold,
            thresholds=thresholds,
            **cfg,
        )

    @staticmethod
    def score_links(examples: Iterable[Any], *, negative_labels: Collection[str], **cfg: Any) -> dict[str, Any]:
        """Score the knowledge-base ids of entities whose boundaries are right, so that recognition does not count.

        examples: the Examples.
        negative_labels: ids that stand for "no entry", such as `"NIL"`.

        Returns `nel_score` (the micro F-score), `nel_score_desc`, `nel_micro_p/r/f`, `nel_macro_p/r/f` and
        `nel_f_per_type`.
        """
        return spans.score_links(examples, negative_labels=negative_labels, **cfg)

    @staticmethod
    def score_deps(
        examples: Iterable[Any],
        attr: str,
        *,
        getter: Callable[[Any, str], Any] = getattr,
        head_attr: str = "head",
        head_getter: Callable[[Any, str], Any] = getattr,
        ignore_labels: Iterable[str] = (),
        missing_values: Collection[Any] = MISSING_VALUES,
        **cfg: Any,
    ) -> dict[str, Any]:
        """Score a dependency parse.

        examples: the Examples.
        attr: name of the label's attribute, usually `"dep"`; also the prefix of the result's keys.
        getter: function (token, attr) that returns the label.
        head_attr: name of the attribute that holds the head.
        head_getter: function (token, head_attr) that returns the head, a Token.
        ignore_labels: labels that do not count, such as those of punctuation.
        missing_values: labels that mean "not annotated" in the reference.

        Returns `{attr}_uas`, `{attr}_las` (F-scores of heads; of heads and labels) and `{attr}_las_per_type`.
        """
        return deps.score_deps(
            examples,
            attr,
            getter=getter,
            head_attr=head_attr,
            head_getter=head_getter,
            ignore_labels=ignore_labels,
            missing_values=missing_values,
            **cfg,
        )
