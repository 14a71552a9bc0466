"""The least-squares similarity between two sets of points."""

import numpy as np
from numpy.typing import NDArray


def similarity_transform(points: NDArray[np.floating], target: NDArray[np.floating]) -> NDArray[np.float64] | None:
    """Finds rotation, uniform scale and shift, without reflection, that bring points closest to target.

    Args:
        points: (N, 2), N >= 2.
        target: (N, 2).

    Returns:
        (2, 3) float64, [scaled rotation | shift]; None where the points are not finite or all in one place.

    Source: S. Umeyama, Least-squares estimation of transformation parameters between two point patterns, 1991.
    """
    source = np.asarray(points, np.float64)
    wanted = np.asarray(target, np.float64)
    if not np.isfinite(source).all():
        return None
    source_mean, wanted_mean = source.mean(axis=0), wanted.mean(axis=0)
    centred, wanted_centred = source - source_mean, wanted - wanted_mean
    variance = float(np.square(centred).sum() / len(source))
    if variance < 1e-9:
        return None
    left, sizes, right = np.linalg.svd(wanted_centred.T @ centred / len(source))
    sign = np.array([1.0, np.sign(np.linalg.det(left) * np.linalg.det(right)) or 1.0])
    rotation = (left * sign) @ right
    scale = float((sizes * sign).sum()) / variance
    if not np.isfinite(scale) or scale <= 1e-9:
        return None
    shift = wanted_mean - scale * rotation @ source_mean
    return np.column_stack([scale * rotation, shift])
