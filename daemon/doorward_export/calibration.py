"""Where the scores of a trained head lie: 0.4 is to mean the same in every pack."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from doorward_export.network import TrainedLayers
from doorward_export.samples import Samples

_ROOM_BELOW = float(np.log(0.4 / 0.6))
"""Where identity is lost as often as kept the score is to be 0.4, not 0.5."""


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
