"""Trains the encoder with sentence-transformers' own trainer and loss."""

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, cast

import torch
from sentence_transformers import SentenceTransformer

from embeddings.encoders.blob import Blob
from embeddings.encoders.unpacking import PREFIX
from embeddings.tuning.pairs import Alike, Pair, batches
from embeddings.tuning.scales import learned, prepare

BATCH = 48
STEPS = 80
RATE = 1e-3
WARM_UP = 0.1
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
    with tempfile.TemporaryDirectory(prefix="hotline-tune-") as aside:
        _run(model, shown, Path(aside), minutes, progress)
    return blob.with_(learned(network, blob))


def _run(
    model: SentenceTransformer,
    shown: Sequence[list[Pair]],
    aside: Path,
    minutes: float,
    progress: Progress,
) -> None:
    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.losses import MultipleNegativesRankingLoss
    from transformers import PrinterCallback, TrainerCallback

    class Watch(TrainerCallback):
        """Tells how far it is, and ends it in time."""

        until = time.monotonic() + minutes * 60

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> Any:  # noqa: ARG002
            progress(state.global_step, len(shown))
            control.should_training_stop |= time.monotonic() >= self.until
            return control

    pairs = [pair for batch in shown for pair in batch]
    data = Dataset.from_dict(
        {
            "anchor": [PREFIX + pair.anchor for pair in pairs],
            "positive": [PREFIX + pair.positive for pair in pairs],
        }
    )
    wanted = SentenceTransformerTrainingArguments(
        output_dir=str(aside),
        max_steps=len(shown),
        per_device_train_batch_size=BATCH,
        learning_rate=RATE,
        warmup_steps=WARM_UP,
        batch_sampler=cast("Any", lambda *_, **__: _InOrder(shown)),
        save_strategy="no",
        logging_strategy="no",
        report_to="none",
        disable_tqdm=True,
        use_cpu=True,
        seed=7,
    )
    model.model_card_data.generate_widget_examples = False
    trainer = SentenceTransformerTrainer(
        model=model,
        args=wanted,
        train_dataset=data,
        loss=MultipleNegativesRankingLoss(model),
        callbacks=[Watch()],
    )
    trainer.remove_callback(PrinterCallback)
    trainer.train()


class _InOrder:
    """Batches of rows as `pairs.batches` put them together."""

    def __init__(self, shown: Sequence[list[Pair]]) -> None:
        self._sizes = [len(batch) for batch in shown]

    def __iter__(self) -> Iterator[list[int]]:
        start = 0
        for size in self._sizes:
            yield list(range(start, start + size))
            start += size

    def __len__(self) -> int:
        return len(self._sizes)
