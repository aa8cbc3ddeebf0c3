"""Score a pipeline on annotated data (a .spacy file, or a folder with them).

spanwright evaluate en_core_web_sm dev.spacy --output scores.json
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import MissingFileError
from ._output import progress, table, write_json
from ._setup import add_pipeline_arguments, load_pipeline

# What is printed -> key of the score. Scores are shares of 1 and printed as percentages.
METRICS = {
    "TOK": "token_acc",
    "TAG": "tag_acc",
    "POS": "pos_acc",
    "MORPH": "morph_acc",
    "LEMMA": "lemma_acc",
    "UAS": "dep_uas",
    "LAS": "dep_las",
    "NER P": "ents_p",
    "NER R": "ents_r",
    "NER F": "ents_f",
    "TEXTCAT": "cats_score",
    "SENT P": "sents_p",
    "SENT R": "sents_r",
    "SENT F": "sents_f",
    "SPAN P": "spans_{key}_p",
    "SPAN R": "spans_{key}_r",
    "SPAN F": "spans_{key}_f",
    "SPEED": "speed",
}
PER_TYPE = {
    "morph_per_feat": "MORPH (per feature)",
    "dep_las_per_type": "LAS (per type)",
    "ents_per_type": "NER (per type)",
    "cats_f_per_type": "TEXTCAT (per label)",
    "spans_{key}_per_type": "SPANS (per type)",
    "cats_auc_per_type": "TEXTCAT ROC AUC (per label)",
}


def evaluate(
    model: str | Path,
    data_path: str | Path,
    output: str | Path | None = None,
    *,
    gold_preproc: bool = False,
    silent: bool = True,
    spans_key: str = "sc",
    per_component: bool = False,
    batch_size: int | None = None,
    displacy_path: str | Path | None = None,
    displacy_limit: int = 25,
    nlp: Any = None,
) -> dict[str, Any]:
    """Score a pipeline, and return the scores.

    model: Name or folder of the pipeline; `nlp`, if given, is used instead.
    data_path: .spacy file, or a folder that is searched for them.
    output: JSON file to write the scores to.
    gold_preproc: Give the pipeline single sentences with gold tokens.
    silent: Do not print tables.
    spans_key: Span group that the SPAN rows show.
    per_component: Group the scores by component.
    batch_size: Texts in a batch; by default the pipeline's.
    displacy_path: Folder to write pictures of the first Docs to, as annotated: parses.html, entities.html, spans.html.
    displacy_limit: How many Docs are drawn.

    Raises MissingFileError if there is no data, or no folder for pictures.
    """
    data = Path(data_path)
    pictures = Path(displacy_path) if displacy_path else None
    if pictures is not None and not pictures.is_dir():
        raise MissingFileError(f"There is no folder {pictures} to write pictures to. Make it first.")
    if not data.exists():
        raise MissingFileError(f"There is no data {data}. Expected a .spacy file or a folder with them.")
    pipeline = nlp if nlp is not None else load_pipeline(model)
    examples = list(progress(read_examples(pipeline, data, gold_preproc=gold_preproc), unit="examples"))
    settings = {} if batch_size is None else {"batch_size": batch_size}
    scores: dict[str, Any] = pipeline.evaluate(examples, per_component=per_component, **settings)
    if not silent:
        print(render_scores(scores, spans_key, per_component=per_component))
    if output is not None:
        write_json(output, scores)
    if pictures is not None:
        texts = [example.reference.text for example in examples[:displacy_limit]]
        draw(list(pipeline.pipe(texts)), pictures, spans_key)
    return scores


def draw(docs: list[Any], folder: Path, spans_key: str = "sc") -> list[Path]:
    """Write pages with pictures of the annotation that the Docs have, and return their paths."""
    from ..drawing import render

    pages: tuple[tuple[str, str, list[Any], dict[str, Any]], ...] = (
        ("parses.html", "dep", [doc for doc in docs if len(doc) and doc.has_annotation("DEP")], {"compact": True}),
        ("entities.html", "ent", docs if any(doc.ents for doc in docs) else [], {}),
        ("spans.html", "span", [doc for doc in docs if doc.spans.get(spans_key)], {"spans_key": spans_key}),
    )
    written = []
    for name, style, drawn, options in pages:
        if drawn:
            markup = render(drawn, style=style, page=True, jupyter=False, options=options)
            (folder / name).write_text(markup, encoding="utf8")
            written.append(folder / name)
    return written


def read_examples(nlp: Any, data: Path, *, gold_preproc: bool = False) -> Iterator[Any]:
    """Pairs of a Doc to annotate and its gold annotation."""
    from ..tokens import Doc, DocBin, Example

    files = sorted(data.rglob("*.spacy")) if data.is_dir() else [data]
    if not files:
        raise MissingFileError(f"{data} has no .spacy files.")
    for file in files:
        for gold in DocBin().from_disk(file).get_docs(nlp.vocab):
            parts = [sent.as_doc() for sent in gold.sents] if gold_preproc else [gold]
            for part in parts:
                if gold_preproc or part.has_unknown_spaces:
                    words, spaces = [token.text for token in part], [bool(token.whitespace_) for token in part]
                    yield Example(Doc(nlp.vocab, words=words, spaces=spaces), part)
                else:
                    yield Example(nlp.make_doc(part.text), part)


def render_scores(scores: Mapping[str, Any], spans_key: str = "sc", *, per_component: bool = False) -> str:
    """The scores as tables: one row a metric, then tables by label."""
    if per_component:
        groups = [(name, values) for name, values in scores.items() if isinstance(values, Mapping)]
        return "\n\n".join(f"{name}\n{render_scores(values, spans_key)}" for name, values in groups)
    rows = []
    for label, key in METRICS.items():
        value = scores.get(key.format(key=spans_key))
        if isinstance(value, (int, float)):
            rows.append((label, f"{value:.0f}" if label == "SPEED" else f"{value * 100:.2f}"))
    blocks = [table(rows)]
    for key, title in PER_TYPE.items():
        per_type = scores.get(key.format(key=spans_key))
        if per_type:
            blocks.append(f"{title}\n{_per_type_table(per_type)}")
    return "\n\n".join(block for block in blocks if block)


def _per_type_table(per_type: Mapping[str, Any]) -> str:
    first = next(iter(per_type.values()))
    if not isinstance(first, Mapping):
        return table([(name, f"{value:.2f}") for name, value in per_type.items() if value is not None])
    rows = [(name, *(f"{row[key] * 100:.2f}" for key in "prf")) for name, row in per_type.items()]
    return table(rows, ("", "P", "R", "F"))


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("model", help="name or folder of a pipeline")
    parser.add_argument("data_path", help=".spacy file, or a folder with them")
    parser.add_argument("--output", "-o", help="JSON file to write the scores to")
    parser.add_argument("--gold-preproc", "-G", action="store_true", help="single sentences with gold tokens")
    parser.add_argument("--spans-key", "-sk", default="sc", help="span group to show")
    parser.add_argument("--per-component", "-P", action="store_true", help="group the scores by component")
    parser.add_argument("--batch-size", "-b", type=int, help="texts in a batch")
    parser.add_argument("--displacy-path", "-dp", help="folder to write pictures of the first Docs to")
    parser.add_argument("--displacy-limit", "-dl", type=int, default=25, help="how many Docs are drawn (25)")
    add_pipeline_arguments(parser)


def run(args: Namespace) -> int:
    """Print the scores."""
    nlp = load_pipeline(args.model, code=args.code, gpu_id=args.gpu_id)
    evaluate(
        args.model,
        args.data_path,
        args.output,
        gold_preproc=args.gold_preproc,
        silent=False,
        spans_key=args.spans_key,
        per_component=args.per_component,
        batch_size=args.batch_size,
        displacy_path=args.displacy_path,
        displacy_limit=args.displacy_limit,
        nlp=nlp,
    )
    return 0
