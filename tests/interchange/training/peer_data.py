"""Run by the peer's Python: converts files, reads a corpus with augmentation, and makes batches, to compare with ours.

python peer_data.py JOBS.json OUTPUT.json
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path

import spacy
from spacy.cli.convert import convert
from spacy.training import Corpus, augment, batchers

BATCHERS = {
    "words": batchers.configure_minibatch_by_words,
    "padded": batchers.configure_minibatch_by_padded_size,
    "sequence": batchers.configure_minibatch,
}
AUGMENTERS = {
    "lower": augment.create_lower_casing_augmenter,
    "orth": augment.create_orth_variants_augmenter,
    "combined": augment.create_combined_augmenter,
}


def main(jobs_path, output_path):
    jobs = json.loads(Path(jobs_path).read_text(encoding="utf8"))
    for job in jobs["convert"]:
        convert(Path(job["input"]), Path(job["folder"]), file_type="spacy", **job["settings"])
    nlp = spacy.blank("xx")
    results = {"corpora": [], "batches": []}
    for job in jobs["corpora"]:
        settings = dict(job["settings"])
        if "augmenter" in settings:
            name, arguments = settings.pop("augmenter")
            settings["augmenter"] = AUGMENTERS[name](**arguments)
        random.seed(job["seed"])
        results["corpora"].append([example.to_dict() for example in Corpus(job["path"], **settings)(nlp)])
    for job in jobs["batches"]:
        lengths = job["lengths"]
        settings = {"get_length": lengths.__getitem__} if job["kind"] == "words" else {}
        items = [range(length) for length in lengths] if job["kind"] == "padded" else list(range(len(lengths)))
        made = BATCHERS[job["kind"]](size=iter(job["sizes"]), **job["settings"], **settings)
        results["batches"].append(
            [[len(one) if job["kind"] == "padded" else one for one in batch] for batch in made(items)]
        )
    for corpus in results["corpora"]:
        for row in corpus:
            row["doc_annotation"].pop("links", None)
    Path(output_path).write_text(json.dumps(results), encoding="utf8")


if __name__ == "__main__":
    main(*sys.argv[1:])
