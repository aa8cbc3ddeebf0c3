"""Look for faults in training and dev data: figures, missing and rare labels, overlaps, white space, and more.

spanwright debug data config.cfg --paths.train train.spacy --paths.dev dev.spacy
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from spanwright.config import load_config

from ..debug_data.checks import Context, check_component
from ..debug_data.figures import Figures, count
from ..debug_data.findings import Findings, listed, share
from .init_config import require_config
from .train import check_overrides, import_code

FEW_DOCS, MIN_DOCS = 2000, 100


def debug_data(
    config_path: str | Path,
    *,
    config_overrides: Mapping[str, Any] = {},
    code: str | Path | None = None,
    ignore_warnings: bool = False,
    verbose: bool = False,
    silent: bool = True,
) -> Findings:
    """Look at the data of a config: whether the pipeline can be initialized with it, and what each component gets.

    config_path: The config.
    config_overrides: Changed settings by dotted path.
    code: Python file to import first, with functions that the config names.
    ignore_warnings: Print no warnings.
    verbose: Print all labels with their counts, and other details.
    silent: Print nothing.

    Returns the findings; those of kind "fail" keep a component from learning. Raises ConfigError (a ValueError),
    MissingFileError (a FileNotFoundError), EmptyCorpusError (a ValueError).
    """
    from ..initialize import init_nlp
    from ..settings import read_settings

    require_config(config_path)
    import_code(code)
    config = load_config(config_path, overrides=config_overrides)
    check_overrides(config_path, config, config_overrides)
    nlp = init_nlp(config)
    settings = read_settings(nlp, nlp.config.interpolate())
    train, dev = count(settings.train_corpus(nlp)), count(settings.dev_corpus(nlp))
    out = Findings()
    _check_corpora(out, nlp, settings, train, dev)
    _check_words(out, nlp, train, dev)
    for name, component in nlp.pipeline:
        check_component(nlp.get_pipe_meta(name).factory, Context(name, component, train, dev, out))
    if not silent:
        print(out.render(verbose=verbose, ignore_warnings=ignore_warnings))
    return out


def _check_corpora(out: Findings, nlp: Any, settings: Any, train: Figures, dev: Figures) -> None:
    out.begin("Data")
    out.good("The pipeline can be initialized with the data")
    out.info(f"Language: {nlp.lang}. Components: {', '.join(nlp.pipe_names)}")
    if settings["frozen_components"]:
        out.info(f"Frozen: {', '.join(settings['frozen_components'])}")
    for corpus, name in ((train, "training"), (dev, "dev")):
        mean = corpus.tokens / max(1, corpus.docs)
        out.info(
            f"{name}: {corpus.docs:,} Docs, {corpus.tokens:,} tokens ({mean:.0f} a Doc, the longest {corpus.longest:,})"
        )
    if not dev.docs:
        out.fail("There are no dev Docs.")
    if train.docs < FEW_DOCS:
        report = out.fail if train.docs < MIN_DOCS and train.sentences < MIN_DOCS else out.warn
        report(f"There are few training Docs ({train.docs:,}); {FEW_DOCS:,} and more are good, {MIN_DOCS} the least.")
    repeated = sum(number - 1 for number in train.texts.values())
    if repeated:
        out.warn(f"{repeated:,} training Docs ({share(repeated, train.docs)}) repeat the text of another.")
    both = [text for text in dev.texts if text in train.texts]
    if both:
        out.warn(
            f"{len(both):,} dev texts are in the training data too, which makes scores too good; the first: "
            f"'{both[0][:60]}'"
        )
    else:
        out.good("No dev text is in the training data")


def _check_words(out: Findings, nlp: Any, train: Figures, dev: Figures) -> None:
    out.begin("Words")
    out.info(f"{train.tokens:,} words in the training data, {len(train.words):,} different")
    new = sum(number for word, number in dev.words.items() if word not in train.words)
    out.info(f"{share(new, dev.tokens)} of the dev words are not in the training data")
    out.detail(f"Most frequent: {listed(dict(train.words.most_common(10)))}")
    for corpus, name in ((train, "training"), (dev, "dev")):
        if corpus.misaligned:
            out.warn(
                f"{corpus.misaligned:,} gold tokens of the {name} data ({share(corpus.misaligned, corpus.tokens)}) are "
                "cut otherwise by the tokenizer. What they are annotated with is hard to learn, and scored as wrong."
            )
        else:
            out.good(f"The tokenizer cuts the {name} data as the gold annotation does")
    if train.white_space:
        out.info(f"{train.white_space:,} tokens of the training data are white space")
    vectors = nlp.vocab.vectors
    if not len(vectors):
        out.info("No word vectors")
        return
    out.info(f"Word vectors: {len(vectors):,} of {nlp.vocab.vectors_length} numbers")
    without = {word: number for word, number in train.words.items() if not nlp.vocab.has_vector(word)}
    missing = sum(without.values())
    if missing:
        out.warn(f"{missing:,} words of the training data ({share(missing, train.tokens)}) have no vector.")
        out.detail(f"Most frequent without a vector: {listed(without)}")


def add_arguments(parser: ArgumentParser) -> None:
    """Options of the command."""
    parser.add_argument("config_path", help="the config")
    parser.add_argument("--code", "--code-path", "-c", help="Python file to import first")
    parser.add_argument("--ignore-warnings", "-IW", action="store_true", help="show figures and errors only")
    parser.add_argument("--verbose", "-V", action="store_true", help="show all labels, and other details")
    parser.add_argument(
        "--no-format", "-NF", action="store_true", help="accepted, as elsewhere: the output is plain text"
    )


def run(args: Namespace) -> int:
    """Look at the data; the status is 1 if something keeps a component from learning."""
    findings = debug_data(
        args.config_path,
        config_overrides=args.overrides,
        code=args.code,
        ignore_warnings=args.ignore_warnings,
        verbose=args.verbose,
        silent=False,
    )
    return 1 if findings.of("fail") else 0
