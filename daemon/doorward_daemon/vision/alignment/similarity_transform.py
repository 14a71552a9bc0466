"""The least-squares similarity between two sets of points."""

import math

import numpy as np
from numpy.typing import NDArray


def similarity_transform(points: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64] | None:
    """Finds rotation, uniform scale and shift, without reflection, that bring points closest to target.

    Plain numbers instead of a singular value decomposition: in two dimensions the best rotation has a closed form, and
    this runs for every face of every frame.

    Args:
        points: (N, 2), N >= 2.
        target: (N, 2).

    Returns:
        (2, 3) float64, [scaled rotation | shift]; None where the points are not finite or all in one place.

    Source: S. Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991. In two
        dimensions the sum over products of centred points, taken as complex numbers, is scale and rotation at once.
    """
    source = [complex(x, y) for x, y in points.tolist()]
    wanted = [complex(x, y) for x, y in target.tolist()]
    middle, aim = sum(source) / len(source), sum(wanted) / len(wanted)
    if not (math.isfinite(middle.real) and math.isfinite(middle.imag)):
        return None
    spread = sum(abs(point - middle) ** 2 for point in source)
    if spread < 1e-9 * len(source):
        return None
    product = sum((point - middle).conjugate() * (end - aim) for point, end in zip(source, wanted, strict=True))
    turn = product / spread
    if not abs(turn) > 1e-9:
        return None
    shift = aim - turn * middle
    return np.array([[turn.real, -turn.imag, shift.real], [turn.imag, turn.real, shift.imag]])
