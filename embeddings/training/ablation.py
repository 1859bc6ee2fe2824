"""What each feature brings: fits the ranker without it, and ranks a file of questions.

`python -m embeddings.training.ablation --corpus F --queries F --out-of-scope F --cache F
BASE.jsonl …`: the corpus is searched, the bases are fitted on (as for the shipped numbers).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from embeddings.cache import VectorCache
from embeddings.encoders import load_encoder
from embeddings.index import query as queries
from embeddings.index.evidence import DENSE_FEATURES, LEXICAL_FEATURES, Evidence, gather, names
from embeddings.index.ranker import MARGINS, Ranker, linear
from embeddings.index.scale import measure
from embeddings.index.segment import build
from embeddings.metrics import auroc
from embeddings.text.normalise import normalise
from embeddings.training.fitting import cases_of, fit, read_documents

SPECS = ("e5", "use")
GROUPS: dict[str, tuple[str, ...]] = {
    "nothing left out": (),
    **{f"without {name}": (f"{name}_0", f"{name}_1") for name in DENSE_FEATURES},
    "without the base's metric": ("adapted_",),
    **{f"without {name}": (name,) for name in LEXICAL_FEATURES},
    "without any words": LEXICAL_FEATURES,
    "without e5": tuple(f"{name}_0" for name in DENSE_FEATURES),
    "without use": tuple(f"{name}_1" for name in DENSE_FEATURES),
}


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("bases", nargs="+", type=Path)
    for name in ("corpus", "queries", "out-of-scope", "cache"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    options = parser.parse_args()
    cache = VectorCache(options.cache)
    encoders = [load_encoder(spec) for spec in SPECS]
    scales = [measure(encoder, cache) for encoder in encoders]
    segment = build(read_documents(options.corpus), encoders, cache)
    ids = [row["id"] for row in _rows(options.corpus)]

    def asked(rows: list[dict[str, Any]]) -> list[Evidence]:
        forms = [normalise(row["text"]) for row in rows]
        vectors = [cache.encode(encoder, forms) for encoder in encoders]
        return [
            gather(
                segment,
                queries.weigh(row["text"], tuple(found[at] for found in vectors), [segment]),
                scales,
            )
            for at, row in enumerate(rows)
        ]

    wanted = _rows(options.queries)
    inside, outside = asked(wanted), asked(_rows(options.out_of_scope))
    held = cases_of(options.bases, encoders, cache)
    _say(f"{'':<28}{'recall@1':>10}{'lenient@1':>10}{'recall@5':>10}{'AUROC':>10}")
    for title, without in GROUPS.items():
        fitted = fit(*held, len(SPECS), without)
        known = names(len(SPECS))
        ranker = Ranker(
            linear(fitted["scoring"], known), linear(fitted["answering"], [*known, *MARGINS])
        )
        figures = _figures(ranker, wanted, ids, inside, outside)
        _say(f"{title:<28}" + "".join(f"{one:>10.4f}" for one in figures))


def _figures(
    ranker: Ranker,
    wanted: list[dict[str, Any]],
    ids: Sequence[str],
    inside: Sequence[Evidence],
    outside: Sequence[Evidence],
) -> tuple[float, float, float, float]:
    first, lenient, five = [], [], []
    for row, found in zip(wanted, inside, strict=True):
        order = np.argsort(-ranker.scores(found.features), kind="stable")
        ranked = [ids[at] for at in found.positions[order].tolist()]
        gold = set(row["gold"])
        first.append(ranked[0] in gold)
        lenient.append(ranked[0] in gold | set(row.get("also_ok", ())))
        five.append(bool(gold & set(ranked[:5])))
    chances = [
        [ranker.answerable(one.features, ranker.scores(one.features)) for one in group]
        for group in (inside, outside)
    ]
    means = [float(np.mean(values)) for values in (first, lenient, five)]
    return (means[0], means[1], means[2], auroc(*chances))


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


def _rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


if __name__ == "__main__":
    main()
