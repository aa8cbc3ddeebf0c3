"""The component entity_linker: which entry of a knowledge base a named entity means."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from thinc.api import CosineDistance

from spanwright.errors import InvalidTypeError, InvalidValueError, PipelineError, UnsupportedError
from spanwright.language import Language
from spanwright.pipe import check_get_examples
from spanwright.tokens import Doc
from spanwright_tokens.io import dump_msgpack, read_msgpack, read_parts, replace_folder

from ..knowledge_base import Candidate, InMemoryLookupKB, KnowledgeBase, get_candidates, get_candidates_batch
from ..sentences import sentence_starts, window
from .choice import best, look_up
from .context import Context, encode_contexts
from .gold import gold_entities, some_entity, with_gold_entities
from .kb_class import check_class, class_name, warn_of_class, write_class
from .learning import LinkLearner

if TYPE_CHECKING:
    import numpy
    from thinc.api import Model

    from spanwright.tokens import Example, Span
    from spanwright.vocab import Vocab

__all__ = [
    "DEFAULT_NEL_MODEL",
    "Candidate",
    "EntityLinker",
    "InMemoryLookupKB",
    "KnowledgeBase",
    "entity_linker_score",
    "get_candidates",
    "get_candidates_batch",
    "make_entity_linker",
]

NIL = "NIL"
DEFAULT_NEL_MODEL: dict[str, Any] = {
    "@architectures": "spacy.EntityLinker.v2",
    "tok2vec": {
        "@architectures": "spacy.HashEmbedCNN.v2",
        "pretrained_vectors": None,
        "width": 96,
        "depth": 2,
        "embed_size": 2000,
        "window_size": 1,
        "maxout_pieces": 3,
        "subword_features": True,
    },
}


def entity_linker_score(examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
    """Scores of links, as spacy.entity_linker_scorer.v1 gives them."""
    from spanwright.scorer import Scorer

    return Scorer.score_links(examples, negative_labels=[NIL], **kwargs)


@Language.factory(
    "entity_linker",
    requires=["doc.ents", "doc.sents", "token.ent_iob", "token.ent_type"],
    assigns=["token.ent_kb_id"],
    default_config={
        "model": DEFAULT_NEL_MODEL,
        "labels_discard": [],
        "n_sents": 0,
        "incl_prior": True,
        "incl_context": True,
        "entity_vector_length": 64,
        "get_candidates": {"@misc": "spacy.CandidateGenerator.v1"},
        "get_candidates_batch": {"@misc": "spacy.CandidateBatchGenerator.v1"},
        "generate_empty_kb": {"@misc": "spacy.EmptyKB.v2"},
        "overwrite": True,
        "scorer": {"@scorers": "spacy.entity_linker_scorer.v1"},
        "use_gold_ents": True,
        "candidates_batch_size": 1,
        "threshold": None,
    },
    default_score_weights={"nel_micro_f": 1.0, "nel_micro_r": None, "nel_micro_p": None},
)
def make_entity_linker(
    nlp: Language,
    name: str,
    model: Model,
    *,
    labels_discard: Iterable[str],
    n_sents: int,
    incl_prior: bool,
    incl_context: bool,
    entity_vector_length: int,
    get_candidates: Callable[[KnowledgeBase, Span], Iterable[Candidate]],
    get_candidates_batch: Callable[[KnowledgeBase, Iterable[Span]], Iterable[Iterable[Candidate]]],
    generate_empty_kb: Callable[[Vocab, int], KnowledgeBase],
    overwrite: bool,
    scorer: Callable | None,
    use_gold_ents: bool,
    candidates_batch_size: int,
    threshold: float | None = None,
) -> EntityLinker:
    """entity_linker: sets the knowledge-base id of each named entity (`Token.ent_kb_id`).

    model: Gives a vector for each entity, such as spacy.EntityLinker.v2: list of Docs in, float32 matrix out.
    labels_discard: Labels of entities that are never linked.
    n_sents: How many sentences to read before and after the one that an entity stands in. Advised: 0 to 2.
    incl_prior: Whether prior probabilities of the knowledge base count.
    incl_context: Whether the context of the entity counts.
    entity_vector_length: Width of the vectors of an empty knowledge base.
    get_candidates: Gives the candidates of a mention.
    get_candidates_batch: Gives the candidates of several mentions; asked once for each Doc, if `candidates_batch_size`
        is more than 1.
    generate_empty_kb: Makes the knowledge base that files are loaded into.
    overwrite: Whether to replace ids that are set already.
    scorer: Scores predictions.
    use_gold_ents: Whether to train and score on the gold entities; otherwise another component must set entities.
    candidates_batch_size: 1 asks `get_candidates`, more asks `get_candidates_batch`.
    threshold: An entity whose best score is lower is not linked. None links each that has candidates.
    """
    settings: dict[str, Any] = {
        "labels_discard": labels_discard,
        "n_sents": n_sents,
        "incl_prior": incl_prior,
        "incl_context": incl_context,
        "entity_vector_length": entity_vector_length,
        "get_candidates": get_candidates,
        "overwrite": overwrite,
        "scorer": scorer,
    }
    if not model.attrs.get("include_span_maker", False):
        from .whole_docs import EntityLinker_v1

        # As in spaCy, a network of early pipelines has neither gold entities nor a threshold.
        return EntityLinker_v1(nlp.vocab, model, name, **settings)
    return EntityLinker(
        nlp.vocab,
        model,
        name,
        get_candidates_batch=get_candidates_batch,
        generate_empty_kb=generate_empty_kb,
        use_gold_ents=use_gold_ents,
        candidates_batch_size=candidates_batch_size,
        threshold=threshold,
        **settings,
    )


class EntityLinker(LinkLearner):
    """Links named entities to a knowledge base (`Token.ent_kb_id`).

    vocab: The vocabulary shared with the pipeline.
    model: Gives a vector for each entity: list of Docs in, float32 matrix out. *Shape:* (entities, width).
    name: The component's name in its pipeline.
    The other settings: see `make_entity_linker`.

    Raises InvalidValueError (a ValueError) for settings that cannot be.
    """

    NIL = NIL  # stands for "in no entry"

    def __init__(
        self,
        vocab: Vocab,
        model: Model,
        name: str = "entity_linker",
        *,
        labels_discard: Iterable[str],
        n_sents: int,
        incl_prior: bool,
        incl_context: bool,
        entity_vector_length: int,
        get_candidates: Callable[[KnowledgeBase, Span], Iterable[Candidate]],
        get_candidates_batch: Callable[[KnowledgeBase, Iterable[Span]], Iterable[Iterable[Candidate]]],
        generate_empty_kb: Callable[[Vocab, int], KnowledgeBase],
        overwrite: bool = True,
        scorer: Callable | None = entity_linker_score,
        use_gold_ents: bool,
        candidates_batch_size: int,
        threshold: float | None = None,
    ) -> None:
        super().__init__(vocab, model, name, overwrite=overwrite)
        _check_settings(name, n_sents, candidates_batch_size, threshold)
        functions = {"get_candidates": get_candidates, "get_candidates_batch": get_candidates_batch}
        _check_functions(name, {**functions, "generate_empty_kb": generate_empty_kb})
        self.labels_discard = _labels(name, labels_discard)
        self.n_sents = n_sents
        self.incl_prior = incl_prior
        self.incl_context = incl_context
        self.get_candidates = get_candidates
        self.get_candidates_batch = get_candidates_batch
        self.distance = CosineDistance(normalize=False)
        self.kb: Any = generate_empty_kb(vocab, entity_vector_length)
        self._made_kb = class_name(self.kb)
        self.use_gold_ents = use_gold_ents
        self.candidates_batch_size = candidates_batch_size
        self.threshold = threshold
        self.scorer = scorer
        self._rehearsal_model: Model | None = None

    # The knowledge base

    def set_kb(self, kb_loader: Callable[[Vocab], KnowledgeBase]) -> None:
        """Take the knowledge base that a function makes for this component's vocabulary, in place of the present one.

        Raises NoLoaderError (a TypeError and ValueError) for what is no function, or makes no knowledge base.
        """
        if not callable(kb_loader):
            raise NoLoaderError(
                f"set_kb of component '{self.name}' takes a function that makes a knowledge base for a Vocab, "
                f"but got {type(kb_loader).__name__}. Pass `lambda vocab: kb`."
            )
        kb = kb_loader(self.vocab)
        if not callable(getattr(kb, "get_candidates", None)):
            raise NoLoaderError(
                f"The kb_loader of component '{self.name}' must give a knowledge base, but gave {type(kb).__name__}."
            )
        self.kb = kb
        if isinstance(kb, InMemoryLookupKB) and kb.vocab is not self.vocab:
            # Saved pipelines keep the names in their own vocabulary.
            for name in (*kb.get_entity_strings(), *kb.get_alias_strings()):
                self.vocab.strings.add(name)

    def validate_kb(self) -> None:
        """Raise PipelineError (a ValueError) if there is no knowledge base, or an empty one."""
        missing = self.kb is None
        if missing or (hasattr(self.kb, "is_empty") and self.kb.is_empty()):
            raise PipelineError(
                f"Component '{self.name}' has {'no' if missing else 'an empty'} knowledge base. Name a saved one in "
                f'the config ([initialize.components.{self.name}.kb_loader] @misc = "spacy.KBFromFile.v1"), '
                f"or call set_kb. `spanwright init kb` builds one from CSV or JSONL."
            )

    # Annotating

    def predict(self, docs: Iterable[Doc]) -> list[str]:
        """The id of each entity of each Doc, in order; "NIL" for those in no entry. Equal scores: the first candidate.

        Raises PipelineError (a ValueError) without a knowledge base, and, if the context counts, for a Doc with
        entities and without sentence boundaries.
        """
        self.validate_kb()
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        chosen: list[str] = []
        open_choices: list[tuple[int, list[Any], Context | None]] = []
        for place, doc in enumerate(docs):
            self._choose_without_scores(place, doc, chosen, open_choices)
        contexts = [context for _, _, context in open_choices if context is not None]
        vectors = self._encode(docs, contexts) if contexts else {}
        for number, candidates, context in open_choices:
            vector = None if context is None else vectors[context]
            found = best(candidates, vector, self.incl_prior, self.threshold, component=self.name)
            chosen[number] = NIL if found is None else found.entity_
        return chosen

    def _choose_without_scores(
        self, place: int, doc: Doc, chosen: list[str], open_choices: list[tuple[int, list[Any], Context | None]]
    ) -> None:
        """Settle the entities of a Doc that have no candidate or only one; note where scores must decide."""
        ents = doc.ents
        wanted = [ent for ent in ents if ent.label_ not in self.labels_discard]
        if not wanted:
            chosen.extend([NIL] * len(ents))
            return
        found = iter(look_up(self, wanted))
        starts = sentence_starts(doc, missing="raise", component=self.name) if self.incl_context else []
        firsts = [ent.start for ent in ents]
        for ent in ents:
            candidates = [] if ent.label_ in self.labels_discard else next(found)
            if len(candidates) == 1 and self.threshold is None:
                chosen.append(candidates[0].entity_)
                continue
            if candidates:
                context = self._context(place, doc, firsts, ent, starts) if self.incl_context else None
                open_choices.append((len(chosen), candidates, context))
            chosen.append(NIL)

    def _context(self, place: int, doc: Doc, firsts: Sequence[int], ent: Span, starts: Sequence[int]) -> Context:
        """Where an entity is read. firsts: First token of each entity. starts: First token of each sentence."""
        start, end = window(starts, len(doc), ent.start, ent.end, self.n_sents)
        # As published, a window is read where its first entity stands.
        first = firsts[bisect_left(firsts, start)]
        return Context(place, start, end, *window(starts, len(doc), first, first + 1, 0))

    def _encode(self, docs: Sequence[Doc], contexts: Sequence[Context]) -> dict[Context, numpy.ndarray]:
        return encode_contexts(self.model, docs, contexts)

    def set_annotations(self, docs: Iterable[Doc], kb_ids: Sequence[str]) -> None:
        """Set the ids that `predict` chose. Raises InvalidValueError (a ValueError) if there are more or fewer."""
        docs = [docs] if isinstance(docs, Doc) else list(docs)
        ents = [ent for doc in docs for ent in doc.ents]
        if len(ents) != len(kb_ids):
            raise InvalidValueError(f"The Docs have {len(ents)} entities, and there are {len(kb_ids)} ids to set.")
        overwrite = self.cfg["overwrite"]
        for ent, kb_id in zip(ents, kb_ids, strict=True):
            for token in ent:
                if overwrite or token.ent_kb_id == 0:
                    token.ent_kb_id_ = kb_id

    def score(self, examples: Iterable[Example], **kwargs: Any) -> dict[str, Any]:
        """Score links; if the gold entities are used, those of the gold entities, set on copies."""
        if self.scorer is None or not self.use_gold_ents:
            return super().score(examples, **kwargs)
        copies = with_gold_entities(list(examples))
        for copy, doc in zip(copies, self.pipe(copy.predicted for copy in copies), strict=True):
            copy.predicted = doc
        return super().score(copies, **kwargs)

    # Training

    def initialize(  # type: ignore[override]
        self,
        get_examples: Callable[[], Iterable[Example]],
        *,
        nlp: Language | None = None,
        kb_loader: Callable[[Vocab], KnowledgeBase] | None = None,
    ) -> None:
        """Take a knowledge base and allocate the model's weights.

        get_examples: Gives a representative sample of Examples each time it is called.
        nlp: The pipeline that the component is part of.
        kb_loader: Makes the knowledge base for a Vocab, such as spacy.KBFromFile.v1 does; it replaces the present one.
        """
        check_get_examples(get_examples, f"{type(self).__name__}.initialize")
        if kb_loader is not None:
            self.set_kb(kb_loader)
        self.validate_kb()
        sample = self._sample(get_examples)
        width = self.kb.entity_vector_length
        self._check_width(width)
        docs = [example.x for example in sample]
        if not any(len(doc) for doc in docs):
            raise PipelineError(
                f"Component '{self.name}' cannot be initialized with empty Docs: none of the first {len(docs)} "
                f"Examples has a token. Put some with text first."
            )
        with gold_entities(sample, use=self.use_gold_ents), some_entity(docs):
            self._initialize_model(docs, self.model.ops.alloc2f(len(docs), width))

    def _check_width(self, width: int) -> None:
        outputs = self._output_width()
        if outputs is not None and outputs != width:
            raise PipelineError(
                f"The model of component '{self.name}' gives vectors of width {outputs} (nO), and the knowledge base "
                f"has vectors of width {width}. Set nO = null, or build the knowledge base anew."
            )

    def add_label(self, label: str) -> int:
        """An entity linker has no labels. Raises UnsupportedError (a NotImplementedError)."""
        raise UnsupportedError(
            f"Component '{self.name}' has no labels: it links to the entities of its knowledge base."
        )

    # Files

    def to_bytes(self, *, exclude: Iterable[str] = ()) -> bytes:
        """The component as bytes.

        exclude: Fields to leave out: "cfg", "vocab", "kb", "model".
        """
        exclude = tuple(exclude)
        parts = read_msgpack(super().to_bytes(exclude=exclude))
        if "kb" not in exclude and self.kb is not None:
            parts["kb"] = self.kb.to_bytes()
        return dump_msgpack(parts)

    def from_bytes(self, bytes_data: bytes, *, exclude: Iterable[str] = ()) -> EntityLinker:
        """Load what `to_bytes` gave. Raises DataFormatError or ModelDataError (both ValueErrors)."""
        exclude = tuple(exclude)
        parts = read_parts(bytes_data, where=f"component '{self.name}'", names=("cfg", "vocab", "kb", "model"))
        take = None
        if "kb" in parts and "kb" not in exclude:
            take = self._prepared("prepare_bytes", "from_bytes", parts["kb"])
        super().from_bytes(bytes_data, exclude=exclude)
        if take is not None:
            take()
        return self

    def to_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> None:
        """Save the component to a folder, whole or not at all.

        exclude: Fields to leave out: "cfg", "vocab", "kb", "model".
        """
        exclude = tuple(exclude)
        with replace_folder(path) as folder:
            super().to_disk(folder, exclude=exclude)
            if "kb" not in exclude and self.kb is not None:
                warn_of_class(self.kb, self._made_kb, self.name)
                self.kb.to_disk(folder / "kb")
                write_class(folder, self.kb)

    def from_disk(self, path: str | Path, *, exclude: Iterable[str] = ()) -> EntityLinker:
        """Load the component from a folder; with an InMemoryLookupKB it is unchanged if the files do not fit.

        Raises MissingFileError (a FileNotFoundError), DataFormatError, ModelDataError or PipelineError (ValueErrors).
        """
        exclude = tuple(exclude)
        take = None
        if "kb" not in exclude:
            self._check_kb()
            check_class(Path(path), self.kb, self.name)
            take = self._prepared("prepare", "from_disk", Path(path) / "kb")
        super().from_disk(path, exclude=exclude)
        if take is not None:
            take()
        return self

    def _check_kb(self) -> None:
        if self.kb is None:
            raise PipelineError(
                f"Component '{self.name}' has no knowledge base to load one into. Set "
                f"[components.{self.name}.generate_empty_kb], or leave 'kb' out."
            )

    def _prepared(self, method: str, load: str, data: Any) -> Callable[[], Any]:
        """A function that loads the knowledge base, after it has been checked, where its class can do that."""
        self._check_kb()
        prepare = getattr(self.kb, method, None)
        return prepare(data) if prepare is not None else lambda: getattr(self.kb, load)(data)


class NoLoaderError(InvalidTypeError, ValueError):
    """No function that makes a knowledge base; spaCy users catch ValueError."""


def _check_settings(name: str, n_sents: int, candidates_batch_size: int, threshold: float | None) -> None:
    if threshold is not None and not 0 <= threshold <= 1:
        raise InvalidValueError(f"Component '{name}': the threshold must lie between 0 and 1, found {threshold}.")
    if n_sents < 0:
        raise InvalidValueError(f"Component '{name}': n_sents must be 0 or more sentences, found {n_sents}.")
    if candidates_batch_size < 1:
        raise InvalidValueError(
            f"Component '{name}': candidates_batch_size must be 1 or more, found {candidates_batch_size}."
        )


def _check_functions(name: str, functions: dict[str, Any]) -> None:
    for setting, function in functions.items():
        if not callable(function):
            raise InvalidTypeError(
                f"Component '{name}': {setting} must be a function, found {function!r}. Name a registered one in its "
                f'block of the config (@misc = "...").'
            )


def _labels(name: str, labels: Any) -> list[str]:
    found = None if isinstance(labels, (str, bytes)) or not isinstance(labels, Iterable) else list(labels)
    if found is None or not all(isinstance(label, str) for label in found):
        raise InvalidTypeError(f"Component '{name}': labels_discard must be a list of labels, found {labels!r}.")
    return found
