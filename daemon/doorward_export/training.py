"""From photographs to a calibrated head: gather, train, calibrate."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.manifest import InstalledPack, ModelRole
from doorward_daemon.packs.quality_head import QualityHead, Statistic, Tap
from doorward_daemon.tools.quality_sample import cosines_of
from doorward_export.calibration import calibrate
from doorward_export.emphasis import EMPHASIS, Emphasis
from doorward_export.gathering import Gathered, Gathering, gather_all
from doorward_export.network import TrainedLayers, TrainingSettings, train
from doorward_export.recipe import soft_target
from doorward_export.samples import Samples

_POOLED = (Statistic.MEAN, Statistic.MAX)
_SPREAD = (*_POOLED, Statistic.STD)
_PLACED = (Statistic.ROWS, Statistic.COLUMNS)
TAPS: Mapping[str, tuple[Tap, ...]] = MappingProxyType(
    {
        # A middle block (128 x 14 x 14), the one before the end (128 x 7 x 7) with the places of things, and the last
        # map before the global convolution (512 x 7 x 7).
        "compact": (
            Tap("/features/features.11/Add_output_0", _SPREAD),
            Tap("/features/features.14/Add_output_0", _PLACED),
            Tap("/conv2/conv2.2/Clip_output_0", _POOLED),
        ),
        # The last maps of 64 x 17 x 17, 128 x 8 x 8, 256 x 4 x 4 and 256 x 2 x 2, and the vector itself.
        "starter": (
            Tap("value_39", _SPREAD),
            Tap("value_56", _SPREAD),
            Tap("value_74", _POOLED),
            Tap("value_81", _POOLED),
            Tap("embedding", (Statistic.VALUE,)),
        ),
    }
)
"""What the head of each pack reads; names are those of the embedder's graph as its builder writes it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How much is gathered, and how it is learned."""

    gathering: Gathering = field(default_factory=Gathering)
    """How much."""
    network: TrainingSettings = field(default_factory=TrainingSettings)
    """The network's training."""


def train_head(pack: InstalledPack, assets: Path, course: Course, kept_in: Path | None = None) -> QualityHead:
    """Trains and calibrates the head of a pack; the same call on the same machine gives the same head.

    Args:
        pack: installed; its embedder stays as it is.
        assets: folder with train_faces.
        course: how much, how long, with what seed.
        kept_in: folder for what was gathered, for trials; None = nothing is kept.

    Raises:
        InvalidInput: FIELD_INVALID, there are no photos.
        Conflict, Fault: the pack cannot be opened.
    """
    taps = TAPS[pack.manifest.name]
    gathered = gather_all(pack, taps, assets, course.gathering, kept_in)
    layers = learn(gathered, pack, course.network)
    embedder = pack.manifest.of_role(ModelRole.EMBEDDER)[0]
    return QualityHead(
        embedder=embedder.name,
        embedder_sha256=embedder.source_sha256,
        higher_is_better=True,
        taps=taps,
        mean=layers.mean,
        std=layers.std,
        hidden=layers.hidden,
        hidden_bias=layers.hidden_bias,
        last=layers.last,
        last_bias=layers.last_bias,
    )


def learn(gathered: Gathered, pack: InstalledPack, settings: TrainingSettings) -> TrainedLayers:
    """Trains on one part and calibrates on the other.

    Args:
        gathered: of both.
        pack: whose head it becomes.
        settings: of the network.
    """
    samples, (lost, kept) = gathered.learned, cosines_of(pack.manifest)
    emphasis = EMPHASIS[pack.manifest.name]
    targets = targets_of(samples, emphasis, lost, kept)
    layers = train(samples.inputs, targets, emphasis.weights_of(samples), settings)
    return calibrate(layers, gathered.chosen_with, lost)


def targets_of(samples: Samples, emphasis: Emphasis, lost: float, kept: float) -> NDArray[np.float32]:
    """What the head is to say: quality, mask, cover; NaN where nobody knows."""
    quality = np.minimum(soft_target(samples.cosine, lost, kept), emphasis.caps_of(samples))
    return np.stack([quality, samples.mask, samples.cover], axis=1).astype(np.float32)
