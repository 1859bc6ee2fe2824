"""Fit the ranker on bases: `python -m embeddings.training BASE.jsonl … --out ranker.json`.

A base is one JSON object a line with `question` or `standard_question` and
`similar_questions`. Only its own phrasings are used, each held out in turn; no
labelled queries. What is written are numbers, none of the bases' texts.
"""

import argparse
import json
from pathlib import Path

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.index import ranker as ranking
from embeddings.training.fitting import cases_of, fit

ENCODERS = (("e5", "use"), ("e5",))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bases", nargs="+", type=Path)
    parser.add_argument("--out", type=Path, default=ranking.DATA)
    parser.add_argument("--cache", type=Path, required=True, help="a file for vectors")
    options = parser.parse_args()
    cache = VectorCache(options.cache)
    fitted = {}
    for specs in ENCODERS:
        encoders = [load_encoder(spec) for spec in specs]
        cases = cases_of(options.bases, encoders, cache)
        fitted[f"encoders_{len(specs)}"] = fit(*cases, len(specs))
    options.out.write_text(json.dumps(fitted, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
