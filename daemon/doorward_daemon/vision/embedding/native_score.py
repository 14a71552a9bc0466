"""The pack's own quality score: numbers of a network become shares."""

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.packs.manifest import Polarity, QualityOutput


@dataclass(frozen=True, slots=True)
class NativeScores:
    """What a pack says of one crop besides its vector; None where it says nothing."""

    quality: float | None = None
    """Quality score, 0..1, higher is better; NaN where the network gave no number, which every gate rejects."""
    mask: float | None = None
    """How likely a mask is worn, 0..1."""
    cover: float | None = None
    """How likely something else covers the face, 0..1."""


NOTHING = NativeScores()
"""Of a pack without a quality score."""


def read_scores(outputs: Mapping[str, NDArray[np.float32]], quality: QualityOutput, index: int) -> NativeScores:
    """Reads the scores of one crop.

    Args:
        outputs: of one run, each (N, K) or (N,).
        quality: which of them count, and how.
        index: of the crop in the run.

    Raises:
        KeyError: the network has no such output.
    """
    sign = 1.0 if quality.polarity is Polarity.HIGHER_IS_BETTER else -1.0
    raw = _number(outputs, quality.output, index)
    return NativeScores(
        _logistic(sign * quality.slope * (raw - quality.midpoint)),
        _logistic(_number(outputs, quality.mask_output, index)) if quality.mask_output else None,
        _logistic(_number(outputs, quality.cover_output, index)) if quality.cover_output else None,
    )


def _number(outputs: Mapping[str, NDArray[np.float32]], name: str, index: int) -> float:
    return float(np.mean(outputs[name][index], dtype=np.float64))


def _logistic(value: float) -> float:
    # tanh does not overflow; NaN stays NaN.
    return 0.5 * (1.0 + math.tanh(0.5 * value))
