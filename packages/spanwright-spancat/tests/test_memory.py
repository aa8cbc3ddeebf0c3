"""Memory does not grow with the number of candidates."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import resource, sys
import numpy
from spanwright import blank
from spanwright.tokens import Doc, Example, Span
tokens, most = map(int, sys.argv[1:])
cnn = {"@architectures": "spacy.HashEmbedCNN.v2", "width": 96, "depth": 1, "embed_size": 200, "window_size": 1,
       "maxout_pieces": 2, "subword_features": False, "pretrained_vectors": None}
model = {"@architectures": "spacy.SpanCategorizer.v1", "tok2vec": cnn,
         "reducer": {"@layers": "spacy.mean_max_reducer.v1", "hidden_size": 128},
         "scorer": {"@layers": "spacy.LinearLogistic.v1"}}
nlp = blank("xx")
suggester = {"@misc": "spacy.ngram_range_suggester.v1", "min_size": 1, "max_size": 12}
spancat = nlp.add_pipe("spancat", config={"model": model, "suggester": suggester, "threshold": 1.0})
gold = nlp.make_doc("a b")
gold.spans["sc"] = [Span(gold, 0, 1, label=label) for label in "ABCDEF"]
nlp.initialize(lambda: [Example(nlp.make_doc("a b"), gold)])
numbers = numpy.random.default_rng(0).integers(0, 5000, tokens)
nlp(Doc(nlp.vocab, words=[f"w{number}" for number in numbers]))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
assert peak < most, f"{peak:.0f} MiB"
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs the peak of memory in KiB")
@pytest.mark.parametrize(("kernels", "tokens", "most"), [("on", 100_000, 1024), ("off", 20_000, 1024)])
def test_a_long_doc_with_very_many_candidates(kernels: str, tokens: int, most: int) -> None:
    """1.2 million candidates; and 240,000 node by node, which in one piece would take 1.8 GB."""
    environment = {**os.environ, "SPANWRIGHT_KERNELS": kernels, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", SCRIPT, str(tokens), str(most)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stderr[-2000:]
