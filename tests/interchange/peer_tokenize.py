"""Run by the peer's Python: the tokens that its tokenizer, with a published pipeline's rules, makes of texts.

peer_tokenize.py FOLDER TEXTS.json OUT.json
"""

import json
import sys
import warnings
from pathlib import Path

import spacy

warnings.simplefilter("ignore")
folder, texts, out = map(Path, sys.argv[1:])
parts = [path.name for path in folder.iterdir() if path.name not in ("vocab", "tokenizer")]
nlp = spacy.load(folder, exclude=parts)
rows = [
    [[token.text, token.norm_, token.idx] for token in nlp.tokenizer(text)]
    for text in json.loads(texts.read_text(encoding="utf8"))
]
out.write_text(json.dumps(rows), encoding="utf8")
