"""What can be trained so that the bundled engine can still serve it, to the last bit.

Its matrices are numbers of 4 bits times a scale for each 32. Training changes the scales,
the biases and the layer norms of the upper layers and leaves the 4-bit numbers alone, so a
tuned encoder is packed again without rounding (Kim et al. 2023, PEQA; Zaken et al. 2022,
BitFit), and serves as fast and in as little memory as the untuned one.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn.utils import parametrize

from embeddings.encoders.blob import BLOCK, Blob
from embeddings.encoders.unpacking import names

UPPER_LAYERS = 6


class Scaled(torch.nn.Module):
    """A matrix of 4-bit numbers; its parameter is a factor for each block's scale."""

    def __init__(self, blob: Blob, name: str, rows: int) -> None:
        super().__init__()
        scales, codes = blob.blocks(name)
        weights = torch.from_numpy(codes * scales[:, None])
        self.weights: torch.Tensor
        self.register_buffer("weights", weights.reshape(rows, -1, BLOCK), persistent=False)

    def forward(self, factors: torch.Tensor) -> torch.Tensor:
        """Return the matrix, (rows, columns), for factors (rows, blocks of a row)."""
        whole = self.weights * factors[:, :, None]
        return whole.reshape(len(factors), -1)

    def right_inverse(self, matrix: torch.Tensor) -> torch.Tensor:
        """Return the factors that leave the matrix as it is."""
        return torch.ones(len(matrix), matrix.shape[1] // BLOCK)


def prepare(network: torch.nn.Module, blob: Blob) -> None:
    """Let training change what the engine can serve, in the upper layers, and nothing else."""
    network.requires_grad_(False)
    for name, module, kind in _places(network, blob):
        if blob.packed(name):
            matrix = Scaled(blob, name, len(module.weight))
            parametrize.register_parametrization(module, kind, matrix, unsafe=True)
            module.parametrizations.weight.original.requires_grad_(True)
        else:
            getattr(module, kind).requires_grad_(True)


def learned(network: torch.nn.Module, blob: Blob) -> dict[str, NDArray[Any]]:
    """Return what `Blob.with_` takes: the new scales, biases and layer norms."""
    found: dict[str, NDArray[Any]] = {}
    for name, module, kind in _places(network, blob):
        if blob.packed(name):
            factors = module.parametrizations.weight.original.detach().numpy().reshape(-1)
            found[name] = blob.blocks(name)[0] * factors
        else:
            found[name] = getattr(module, kind).detach().numpy().astype(np.float32)
    return found


def _places(network: torch.nn.Module, blob: Blob) -> Iterator[tuple[str, Any, str]]:
    """Yield the tensors of the upper layers: their name in the blob, their module, its field."""
    lower = blob.shape.layers - UPPER_LAYERS
    for name, long in names(blob.shape.layers).items():
        if name.startswith("l") and int(name[1 : name.index(".")]) >= lower:
            path, _, kind = long.rpartition(".")
            yield name, network.get_submodule(path), kind
