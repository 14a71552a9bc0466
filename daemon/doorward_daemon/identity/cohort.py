"""The cohort of a pack: mean faces of many portraits, which tell how many people a face resembles."""

import base64
import binascii

import numpy as np
from numpy.typing import NDArray

_LEVELS = 127.0
"""Largest number of a signed byte; a cohort travels as such bytes, which move a comparison score by less than 0.01."""
CLOSEST = 5
"""Mean faces whose scores make the crowding. Source: held-out halves of the portraits, docs/evaluation.md."""


class Cohort:
    """Mean faces of a population, no one's template. Thread-safe: never changes.

    An embedder parts people of populations that were rare in its training less well than others, and lets strangers of
    them pass a threshold that was measured elsewhere. Such faces lie close to many others, and so to some of these.

    Source: adaptive score normalisation of speaker recognition (Karam et al. 2011, Matejka et al. 2017), the mean
    without the deviation, so that a shift of the threshold in units of the score comes out.

    Args:
        vectors: (K, D) float32, length 1 each.

    Raises:
        ValueError: they are not finite, or fewer than CLOSEST.
    """

    def __init__(self, vectors: NDArray[np.float32]) -> None:
        lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
        if len(vectors) < CLOSEST or not np.isfinite(vectors).all() or not (lengths > 0.0).all():
            raise ValueError(f"cohort: expected {CLOSEST} or more finite directions, found {len(vectors)}")
        self._vectors = np.ascontiguousarray(vectors / lengths, np.float32)
        self._vectors.flags.writeable = False

    def __len__(self) -> int:
        return len(self._vectors)

    def crowding(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """How many people faces resemble.

        Args:
            vectors: (N, D) float32, length 1 each.

        Returns:
            (N,) float32, -1..1: mean comparison score with the closest mean faces; higher = resembles more people.
        """
        scores = vectors @ self._vectors.T
        place = len(self._vectors) - CLOSEST
        crowding: NDArray[np.float32] = np.partition(scores, place, axis=1)[:, place:].mean(axis=1)
        return crowding

    def encoded(self) -> str:
        """The cohort as text for a pack's recipe."""
        whole = np.rint(self._vectors / np.abs(self._vectors).max(axis=1, keepdims=True) * _LEVELS).astype(np.int8)
        return base64.b64encode(whole.tobytes()).decode()


def decode_cohort(text: str, dimension: int) -> Cohort | None:
    """Reads what `Cohort.encoded` wrote.

    Args:
        text: base64, white space allowed; empty for a pack without a cohort.
        dimension: numbers per vector.

    Returns:
        The cohort; None for an empty text.

    Raises:
        ValueError: it is no cohort of this dimension.
    """
    if not text.strip():
        return None
    try:
        content = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error as error:
        raise ValueError(f"cohort: expected base64, found {error}") from error
    if len(content) % dimension:
        raise ValueError(f"cohort: expected vectors of {dimension} bytes, found {len(content)} bytes")
    return Cohort(np.frombuffer(content, np.int8).reshape(-1, dimension).astype(np.float32))
