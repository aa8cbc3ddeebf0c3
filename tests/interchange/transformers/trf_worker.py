"""What either library makes of the same Docs with the same transformer: run in the environment of each.

    python trf_worker.py annotate LIBRARY MODEL ROWS.json GETTERS.json OUT.npz
    python trf_worker.py init CONFIG MODEL TRAIN.spacy FOLDER              (the peer: a pipeline it has initialized)
    python trf_worker.py steps LIBRARY FOLDER TRAIN.spacy OUT.npz [frozen] [descent] [whole] [packages=FOLDER]
    python trf_worker.py say LIBRARY FOLDER ROWS.json OUT.json
    python trf_worker.py save LIBRARY FOLDER TO

ROWS are dicts with words, spaces and sent_starts, so that tokenizers play no part.
"""

from __future__ import annotations

import importlib
import json
import os
import random
import site
import sys
from pathlib import Path
from typing import Any

import numpy

os.environ["HF_HUB_OFFLINE"] = "1"
STEPS, DOCS = 20, 2  # steps, and Docs of ten sentences in each


def read_docs(library: str, vocab: Any, rows_path: str) -> list[Any]:
    doc = importlib.import_module(f"{library}.tokens").Doc
    rows = json.loads(Path(rows_path).read_text(encoding="utf8"))
    return [doc(vocab, words=row["words"], spaces=row["spaces"], sent_starts=row.get("sent_starts")) for row in rows]


def annotate(library: str, model: str, rows_path: str, getters_path: str, out: str) -> None:
    module = importlib.import_module(library)
    arrays: dict[str, Any] = {}
    for name, (getter, settings) in json.loads(Path(getters_path).read_text()).items():
        nlp = module.blank("en")
        spans = {"@span_getters": f"spacy-transformers.{getter}_spans.v1", **settings}
        config = {"@architectures": "spacy-transformers.TransformerModel.v3", "name": model, "get_spans": spans}
        config |= {"tokenizer_config": {"use_fast": True}}
        pipe = nlp.add_pipe("transformer", config={"model": config})
        pipe.model.initialize()
        pooling = importlib.import_module("thinc.api").reduce_mean()
        to_arrays = importlib.import_module(
            f"{'spacy' if library == 'spacy' else 'spanwright'}_transformers.layers.trfs2arrays"
        ).trfs2arrays(pooling, 1.0)
        for index, doc in enumerate(pipe.pipe(read_docs(library, nlp.vocab, rows_path), batch_size=64)):
            data = doc._.trf_data
            key = f"{name}/{index}"
            lengths = [int(length) for length in data.wordpieces.lengths]
            rows = range(len(lengths))
            arrays[f"{key}/strings"] = numpy.array([s for r in rows for s in data.wordpieces.strings[r][: lengths[r]]])
            arrays[f"{key}/ids"] = numpy.concatenate([data.wordpieces.input_ids[r][: lengths[r]] for r in rows])
            arrays[f"{key}/rows"] = numpy.array(lengths)
            state = data.model_output["last_hidden_state"]
            arrays[f"{key}/pieces"] = numpy.concatenate([state[r][: lengths[r]] for r in rows])
            arrays[f"{key}/pooler"] = data.model_output["pooler_output"]
            # Batches are padded differently; the place of a piece is its row and its place there.
            flat, longest = numpy.asarray(data.align.dataXd), state.shape[1]
            arrays[f"{key}/align"] = numpy.stack([flat // longest, flat % longest])
            arrays[f"{key}/align_lengths"] = numpy.asarray(data.align.lengths)
            arrays[f"{key}/tokens"] = to_arrays.predict([data])[0]
            arrays[f"{key}/keys"] = numpy.array(list(data.model_output))
    numpy.savez(out, **arrays)


def initialize(config_path: str, model: str, data: str, folder: str) -> None:
    import spacy
    from spacy.training.initialize import init_nlp

    still = {"hidden_dropout_prob": 0.0, "attention_probs_dropout_prob": 0.0}
    overrides = {"paths.train": data, "paths.dev": data, "paths.transformer": model}
    config = spacy.util.load_config(config_path, overrides=overrides)
    config["components"]["transformer"]["model"]["transformer_config"] = still
    init_nlp(config).to_disk(folder)


def steps(library: str, folder: str, data: str, out: str, *options: str) -> None:
    for option in options:
        if option.startswith("packages="):
            site.addsitedir(option.partition("=")[2])
    module = importlib.import_module(library)
    example = importlib.import_module(f"{library}.training").Example
    tokens = importlib.import_module(f"{library}.tokens")
    nlp = module.load(folder)
    registry = importlib.import_module(f"{library}.util").registry
    optimizer = registry.resolve({"optimizer": nlp.config["training"]["optimizer"]})["optimizer"]
    if "descent" in options:
        optimizer = importlib.import_module("thinc.api").SGD(0.001, L2=0.0, grad_clip=1.0)
    if "whole" in options and library != "spacy":
        trf = nlp.get_pipe("transformer")  # one padded batch a step, as the peer has it
        trf.cfg["max_batch_items"] = trf.model.cpu_pieces = trf.model.cpu_cost = 1 << 40
    exclude = ["transformer"] if "frozen" in options else []
    docs = list(tokens.DocBin().from_disk(data).get_docs(nlp.vocab))
    rows = []
    for step in range(STEPS):
        batch = []
        for gold in docs[step * DOCS : (step + 1) * DOCS]:
            spaces = [bool(token.whitespace_) for token in gold]
            batch.append(example(tokens.Doc(nlp.vocab, words=[t.text for t in gold], spaces=spaces), gold))
        losses: dict[str, float] = {}
        random.seed(step)  # the cuts of long Docs
        numpy.random.seed(step)  # the parser's own dropout, which no setting ends
        annotates = ["transformer"] if exclude else []
        nlp.update(batch, drop=0.0, sgd=False, losses=losses, exclude=exclude, annotates=annotates)
        # As the training loop does it: the peer's update(sgd=optimizer) moves an upstream a step late.
        for name, pipe in nlp.pipeline:
            if name not in exclude:
                pipe.finish_update(optimizer)
        optimizer.step_schedules()
        rows.append([losses.get(name, 0.0) for name in nlp.pipe_names])
    arrays = {"losses": numpy.array(rows)}
    for component, pipe in nlp.pipeline:
        for index, node in enumerate(pipe.model.walk()):
            for parameter in node.param_names:
                if node.has_param(parameter):
                    arrays[f"weights/{component}.{index}.{node.name}.{parameter}"] = node.get_param(parameter)
            for shim in node.shims:
                for name, tensor in shim._model.state_dict().items():
                    arrays[f"weights/{component}.{name}"] = tensor.numpy()
    numpy.savez(out, **arrays)


def say(library: str, folder: str, rows_path: str, out: str) -> None:
    nlp = importlib.import_module(library).load(folder)
    answers, vectors = [], []
    for doc in nlp.pipe(read_docs(library, nlp.vocab, rows_path)):
        answers.append({"tags": [t.tag_ for t in doc], "heads": [t.head.i for t in doc], "deps": [t.dep_ for t in doc]})
        data = doc._.trf_data
        state = data.model_output["last_hidden_state"]
        vectors.append(
            numpy.concatenate([row[:length] for row, length in zip(state, data.wordpieces.lengths, strict=True)])
        )
    Path(out).write_text(json.dumps(answers), encoding="utf8")
    numpy.savez(Path(out).with_suffix(".npz"), *vectors)


def save(library: str, folder: str, to: str) -> None:
    importlib.import_module(library).load(folder).to_disk(to)


if __name__ == "__main__":
    {"annotate": annotate, "init": initialize, "steps": steps, "say": say, "save": save}[sys.argv[1]](*sys.argv[2:])
