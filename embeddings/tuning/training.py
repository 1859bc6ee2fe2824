"""Trains the encoder with sentence-transformers' loss."""

import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

from embeddings.encoders.blob import Blob
from embeddings.encoders.unpacking import PREFIX
from embeddings.tuning.pairs import Alike, Pair, batches
from embeddings.tuning.scales import learned, prepare

BATCH = 48
STEPS = 80
RATE = 1e-3
WARM_UP = 0.1
CLIPPED = 1.0  # length that a gradient has at most
TOKENS = 64  # of a phrasing; what is longer is cut while training

Progress = Callable[[int, int], None]


def train(
    folder: Path,
    blob: Blob,
    entries: Sequence[Sequence[str]],
    alike: Alike,
    minutes: float,
    progress: Progress,
    steps: int = STEPS,
) -> bytes:
    """Return a file of weights tuned on `entries` (normalised phrasings of each).

    `folder` holds the unpacked weights of `blob`. Training ends after `steps`, or before
    when `minutes` are over.
    """
    torch.manual_seed(7)
    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    model.max_seq_length = TOKENS
    network: Any = model[0].auto_model
    prepare(network, blob)
    shown = [batch for batch in batches(entries, alike, BATCH, steps) if len(batch) > 1]
    _run(model, shown, minutes, progress)
    return blob.with_(learned(network, blob))


def _run(
    model: SentenceTransformer, shown: Sequence[list[Pair]], minutes: float, progress: Progress
) -> None:
    """Take a step for each batch, at a rate that first rises and then falls to nothing."""
    until = time.monotonic() + minutes * 60
    loss = MultipleNegativesRankingLoss(model)
    learned_ones = [one for one in model.parameters() if one.requires_grad]
    optimiser = torch.optim.AdamW(learned_ones, lr=RATE, weight_decay=0.0)
    rate = torch.optim.lr_scheduler.LambdaLR(optimiser, _rates(len(shown)))
    model.train()
    for done, batch in enumerate(shown, start=1):
        sides = ([pair.anchor for pair in batch], [pair.positive for pair in batch])
        features = [model.preprocess([PREFIX + text for text in side]) for side in sides]
        loss(features, torch.arange(len(batch))).backward()
        torch.nn.utils.clip_grad_norm_(learned_ones, CLIPPED)
        optimiser.step()
        rate.step()
        optimiser.zero_grad()
        progress(done, len(shown))
        if time.monotonic() >= until:
            break
    model.eval()


def _rates(steps: int) -> Callable[[int], float]:
    """Return the share of the rate at each step, as transformers' linear schedule has it."""
    rising = max(1, round(WARM_UP * steps))
    return lambda step: min((step + 1) / rising, max(0.0, (steps - step) / max(1, steps - rising)))
