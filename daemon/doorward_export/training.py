"""From photographs to a calibrated head: gather, train, calibrate."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from pathlib import Path
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.packs.quality_head import QualityHead, Statistic, Tap
from doorward_export.network import TrainedLayers, TrainingSettings, train
from doorward_export.non_faces import surroundings, things
from doorward_export.photographs import Photograph, parts_of, photo_names, read_photograph
from doorward_export.recipe import MORE_WAYS, WARPED_WEIGHT, WAYS, soft_target
from doorward_export.samples import Samples, gather, suite_versions
from doorward_export.tapped import TappedPack, open_tapped
from doorward_export.things import TRAINED_PICTURES, shipped_pictures
from doorward_export.versions import Round, Version, versions_of

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

_WARPED = ("bulge", "pull", "stretch")
_SUITE_COPIES = 1
_ROOM_BELOW = float(np.log(0.4 / 0.6))
"""Where identity is lost as often as kept the score is to be 0.4, not 0.5."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How much is gathered, and how it is learned."""

    versions: int = 12
    """Of every photo without a mask in the first round."""
    more_versions: int = 4
    """The same in the second round."""
    masked_versions: int = 2
    """Of every masked photo, in the first round."""
    things: int = 1500
    """Crops without a face."""
    most_photos: int = 0
    """Photos looked at; 0 = all."""
    network: TrainingSettings = field(default_factory=TrainingSettings)
    """The network's training."""


def train_head(pack: InstalledPack, assets: Path, course: Course) -> QualityHead:
    """Trains and calibrates the head of a pack.

    Args:
        pack: installed; its embedder stays as it is.
        assets: folder with train_faces.
        course: how much, how long, with what seed.

    Raises:
        InvalidInput: FIELD_INVALID, there are no photos.
        Conflict, Fault: the pack cannot be opened.
    """
    quality = pack.manifest.quality
    lost, kept = (quality.lost_cosine, quality.kept_cosine) if quality else (0.3, 0.5)
    taps = TAPS[pack.manifest.name]
    seed = course.network.seed
    with open_tapped(pack, taps, threads=1) as tapped:
        photos = read_part(tapped, assets, "train", course.most_photos)
        learned = gather(tapped, photos, training_versions(tapped, photos, course))
        checked = read_part(tapped, assets, "calibrate", course.most_photos)
        spoiled = gather(tapped, checked, suite(tapped, checked, seed))
    layers = train(learned.inputs, targets_of(learned, lost, kept), weights_of(learned), course.network)
    layers = calibrate(layers, spoiled, lost)
    return QualityHead(
        embedder=tapped.entry.name,
        embedder_sha256=tapped.entry.source_sha256,
        higher_is_better=True,
        taps=taps,
        mean=layers.mean,
        std=layers.std,
        hidden=layers.hidden,
        hidden_bias=layers.hidden_bias,
        last=layers.last,
        last_bias=layers.last_bias,
    )


def read_part(tapped: TappedPack, assets: Path, part: str, most: int) -> list[Photograph]:
    """The photos of one part in which the pack finds a face.

    Args:
        tapped: finds faces.
        assets: folder with train_faces.
        part: train, calibrate or held_out.
        most: at most so many, spread over the list; 0 = all.
    """
    parts = parts_of()
    names = [name for name in photo_names(assets) if parts.get(name) == part]
    step = max(1, len(names) // most) if most else 1
    found = (read_photograph(assets, name, tapped) for name in names[::step])
    return [photo for photo in found if photo is not None]


def training_versions(tapped: TappedPack, photos: Sequence[Photograph], course: Course) -> Iterator[Version]:
    """All versions a head is trained on besides the clean photos."""
    seed = course.network.seed
    first = Round(WAYS, course.versions, course.masked_versions, (seed,))
    second = Round(MORE_WAYS, course.more_versions, 0, (seed, 5))
    made = [
        chain.from_iterable(versions_of(tapped, photo, index, one) for index, photo in enumerate(photos))
        for one in (first, second)
    ]
    no_faces = things(tapped, shipped_pictures(TRAINED_PICTURES), course.things, seed)
    return chain(made[0], surroundings(tapped, photos, seed), no_faces, made[1])


def suite(tapped: TappedPack, photos: Sequence[Photograph], seed: int) -> Iterator[Version]:
    """Photos without a mask spoiled in every way of the evaluation suite, each at two strengths drawn for it."""
    for index, photo in enumerate(photos):
        if not photo.is_masked:
            rng = np.random.default_rng([seed, 3, index])
            severities = rng.uniform(0.1, 1.0, _SUITE_COPIES).tolist()
            yield from suite_versions(tapped, photo, index, severities, int(rng.integers(2**31)))


def targets_of(samples: Samples, lost: float, kept: float) -> NDArray[np.float32]:
    """What the head is to say: quality, mask, cover; NaN where nobody knows."""
    quality = np.minimum(soft_target(samples.cosine, lost, kept), samples.cap)
    return np.stack([quality, samples.mask, samples.cover], axis=1).astype(np.float32)


def weights_of(samples: Samples) -> NDArray[np.float32]:
    """How much each sample counts in training."""
    return np.where(np.isin(np.array(samples.kind), _WARPED), WARPED_WEIGHT, 1.0).astype(np.float32)


def calibrate(layers: TrainedLayers, spoiled: Samples, lost: float) -> TrainedLayers:
    """Folds a logistic fit into the last layer: score 0.4 where a copy is as likely lost as kept.

    The fit weighs lost and kept copies two to three, however many the suite's strengths happen to make.

    Args:
        layers: as trained.
        spoiled: copies of photos that were not trained on.
        lost: cosine below which identity is lost.
    """
    is_copy = np.array([kind != "clean" for kind in spoiled.kind]) & (spoiled.photo >= 0)
    logits = layers.logits(spoiled.inputs[is_copy])[:, 0].astype(np.float64)
    slope, offset = _logistic_fit(logits, spoiled.cosine[is_copy] >= lost)
    last, bias = layers.last.copy(), layers.last_bias.copy()
    last[:, 0] *= slope
    bias[0] = bias[0] * slope + offset + _ROOM_BELOW
    return replace(layers, last=last, last_bias=bias)


def _logistic_fit(logits: NDArray[np.float64], hits: NDArray[np.bool_]) -> tuple[float, float]:
    """Newton's method for P(hit) = logistic(slope * logit + offset), with three hits on two misses."""
    weight = np.where(hits, 0.6 / max(1, hits.sum()), 0.4 / max(1, (~hits).sum()))
    design = np.stack([logits, np.ones_like(logits)], axis=1)
    found = np.array([1.0, 0.0])
    for _ in range(25):
        chance = 1.0 / (1.0 + np.exp(-np.clip(design @ found, -30, 30)))
        curvature = (design * (weight * chance * (1.0 - chance))[:, None]).T @ design + 1e-9 * np.eye(2)
        found = found + np.linalg.solve(curvature, design.T @ (weight * (hits - chance)))
    return float(found[0]), float(found[1])
