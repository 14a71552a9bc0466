"""The head as a torch network, and its training."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from doorward_daemon.packs.quality_head import CLIP, OUTPUTS


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingSettings:
    """How a head is trained."""

    seed: int = 7
    """Of everything drawn; the same one on the same machine gives the same head."""
    members: int = 4
    """Heads trained side by side and averaged; side by side they are one head with a wider hidden layer."""
    hidden: int = 64
    """Width of each."""
    epochs: int = 12
    """Passes over the samples."""
    batch: int = 256
    """Samples per step."""
    learning_rate: float = 1e-3
    """Peak of the one-cycle schedule."""
    weight_decay: float = 0.1
    """Of AdamW."""
    input_dropout: float = 0.25
    """Share of inputs left out."""
    hidden_dropout: float = 0.3
    """Share of hidden units left out."""


@dataclass(frozen=True, slots=True, eq=False)
class TrainedLayers:
    """A trained head: logits = relu(z @ hidden + hidden_bias) @ last + last_bias, z standardised and clipped."""

    mean: NDArray[np.float32]
    """(D,)."""
    std: NDArray[np.float32]
    """(D,)."""
    hidden: NDArray[np.float32]
    """(D, H)."""
    hidden_bias: NDArray[np.float32]
    """(H,)."""
    last: NDArray[np.float32]
    """(H, 3)."""
    last_bias: NDArray[np.float32]
    """(3,)."""

    def logits(self, inputs: NDArray[np.floating]) -> NDArray[np.float32]:
        """(N, 3) logits of (N, D) inputs, as the fused graph computes them."""
        scaled = np.clip((inputs.astype(np.float32) - self.mean) / self.std, -CLIP, CLIP)
        return np.asarray(np.maximum(scaled @ self.hidden + self.hidden_bias, 0) @ self.last + self.last_bias)


def train(
    inputs: NDArray[np.float16], targets: NDArray[np.float32], weights: NDArray[np.float32], settings: TrainingSettings
) -> TrainedLayers:
    """Trains the members one after the other and joins them.

    Args:
        inputs: (N, D).
        targets: (N, 3) quality, mask, cover, each 0..1; NaN where unknown.
        weights: (N,) of the samples.
        settings: of the training.
    """
    # One thread: sums are added up in one order, whatever the machine has.
    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    mean = inputs.astype(np.float32).mean(axis=0)
    std = np.maximum(inputs.astype(np.float32).std(axis=0), 1e-4)
    scaled = np.clip((inputs.astype(np.float32) - mean) / std, -CLIP, CLIP)
    z, y, w = torch.from_numpy(scaled), torch.from_numpy(targets), torch.from_numpy(weights)
    nets = [_train_one(z, y, w, settings, settings.seed + member) for member in range(settings.members)]
    first, last = [net[1] for net in nets], [net[4] for net in nets]
    return TrainedLayers(
        mean,
        std,
        np.concatenate([_numbers(layer.weight).T for layer in first], axis=1),
        np.concatenate([_numbers(layer.bias) for layer in first]),
        np.asarray(np.concatenate([_numbers(layer.weight).T for layer in last]) / len(nets), np.float32),
        np.mean([_numbers(layer.bias) for layer in last], axis=0).astype(np.float32),
    )


def _train_one(
    z: torch.Tensor, y: torch.Tensor, w: torch.Tensor, settings: TrainingSettings, seed: int
) -> nn.Sequential:
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Dropout(settings.input_dropout),
        nn.Linear(z.shape[1], settings.hidden),
        nn.ReLU(),
        nn.Dropout(settings.hidden_dropout),
        nn.Linear(settings.hidden, len(OUTPUTS)),
    )
    optimiser = torch.optim.AdamW(net.parameters(), settings.learning_rate, weight_decay=settings.weight_decay)
    steps = settings.epochs * -(-len(z) // settings.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, settings.learning_rate, total_steps=steps)
    for _ in range(settings.epochs):
        for rows in torch.randperm(len(z)).split(settings.batch):
            optimiser.zero_grad()
            _loss(net(z[rows]), y[rows], w[rows]).backward()
            optimiser.step()
            schedule.step()
    return net.eval()


def _loss(logits: torch.Tensor, targets: torch.Tensor, weights: torch.Tensor) -> torch.Tensor:
    known = ~torch.isnan(targets)
    each = functional.binary_cross_entropy_with_logits(logits, torch.nan_to_num(targets), reduction="none")
    shares = torch.tensor([1.0, 0.3, 0.3])  # what a mask or cover looks like must not cost the score anything
    return (each * known * shares * weights[:, None]).sum() / weights.sum()


def _numbers(tensor: torch.Tensor) -> NDArray[np.float32]:
    return np.asarray(tensor.detach().numpy(), np.float32)
