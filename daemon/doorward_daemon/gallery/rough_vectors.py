"""Vectors in a byte per number, and how far their products can be from the true ones.

A vector v is kept as a scale s and whole numbers q in -127..127, v = s q + e with a remainder e that is measured, not
estimated. For a template (s q + e) and a probe p = t u + f the product is

    (s q + e) p = s t (q u) + (s q + e) f + e (t u),

so that s t (q u), which needs whole numbers only, differs from it by at most |template| |f| + |e| |t u| (Cauchy and
Schwarz). To this comes what rounding does to the product in float32: at most D 2^-24 |template| |probe| for any order
of summation, to first order (Higham, Accuracy and Stability of Numerical Algorithms, section 3.1); twice that is
allowed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.gallery.byte_products import byte_products

_LEVELS = 127
_CHUNK = 256
"""Rows made rough at once: the working copy stays small and is wiped."""
_ROUNDING = 2.0**-23
_UPWARD = 1.0 + 1e-9
"""More than the rounding of a norm in float64."""
_NEXT = 1e-37
"""More than what the smallest float32 numbers lose."""


@dataclass(frozen=True, slots=True)
class Roughness:
    """What a number of rough vectors have in common."""

    longest: float
    """No vector is longer."""
    roughest: float
    """No remainder is longer."""


def roughen(vectors: NDArray[np.float32], rough: NDArray[np.int8], scales: NDArray[np.float32]) -> Roughness:
    """Makes rough vectors of true ones.

    Args:
        vectors: (N, D) float32.
        rough: (N, D) int8, written.
        scales: (N,) float32, written.
    """
    longest = roughest = 0.0
    for first in range(0, len(vectors), _CHUNK):
        rows = slice(first, first + _CHUNK)
        exact = vectors[rows].astype(np.float64)
        longest = max(longest, _longest(exact))
        scales[rows] = np.abs(exact).max(axis=1, initial=0.0) / _LEVELS
        step = scales[rows].astype(np.float64)[:, None]
        whole = np.divide(exact, step, out=np.zeros_like(exact), where=step > 0.0)
        np.clip(np.rint(whole, out=whole), -_LEVELS, _LEVELS, out=whole)
        rough[rows] = whole
        exact -= np.multiply(whole, step, out=whole)
        roughest = max(roughest, _longest(exact))
        # Copies of templates are not left behind in freed memory.
        exact.fill(0.0)
        whole.fill(0.0)
    return Roughness(longest, roughest)


class RoughProbe:
    """A probe, ready to be compared with rough templates.

    Args:
        probe: (D,) float32, finite.
    """

    def __init__(self, probe: NDArray[np.float32]) -> None:
        self._whole = np.zeros((1, len(probe)), np.int8)
        scales = np.zeros(1, np.float32)
        made = roughen(probe[None], self._whole, scales)
        self._scale = float(scales[0])
        self._longest, self._remainder = made.longest, made.roughest

    def width(self, longest: float, roughest: float) -> float:
        """How far a rough score is from the score in float32 at most.

        Args:
            longest: length of the longest template.
            roughest: length of the longest remainder of one.
        """
        length, template = self._longest + self._remainder, longest + roughest
        rounding = (self._whole.shape[1] + 16) * _ROUNDING * length * template
        return (longest * self._remainder + roughest * length) * (1.0 + 1e-6) + rounding + _NEXT * (1.0 + self._scale)

    def scores(self, rough: NDArray[np.int8], scales: NDArray[np.float32], out: NDArray[np.float32]) -> None:
        """Rough scores.

        Args:
            rough: (N, D) int8.
            scales: (N,) float32.
            out: (N,) float32, written.
        """
        byte_products(self._whole, rough, out)
        out *= scales
        out *= np.float32(self._scale)


def _longest(vectors: NDArray[np.float64]) -> float:
    return float(np.sqrt(np.vecdot(vectors, vectors).max(initial=0.0))) * _UPWARD
