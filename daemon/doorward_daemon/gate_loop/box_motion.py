"""Where a face is expected next: boxes, their overlap, and constant velocity."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Half of the velocity is renewed by every look: boxes of a detector jitter by a few pixels.
_NEW_SHARE = 0.5
# Nobody is followed further than this: beyond it the velocity says nothing.
_LONGEST_EXTRAPOLATION_S = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class BoxMotion:
    """A box at one moment and how it moves. Times are monotonic nanoseconds."""

    xyxy_px: NDArray[np.float32]
    """(4,) float32: left, top, right, bottom in pixels of the frame."""
    velocity_px_s: NDArray[np.float32]
    """(4,) float32: pixels per second of each side."""
    mono_ns: int
    """When it was there."""

    @classmethod
    def at_rest(cls, xyxy_px: NDArray[np.float32], mono_ns: int) -> "BoxMotion":
        """A box seen for the first time."""
        return cls(xyxy_px, np.zeros(4, np.float32), mono_ns)

    def expected_at(self, mono_ns: int) -> NDArray[np.float32]:
        """Where the box is expected, (4,) float32; moments before it was seen count as that moment."""
        elapsed_s = min(_LONGEST_EXTRAPOLATION_S, max(0, mono_ns - self.mono_ns) / 1e9)
        return self.xyxy_px + self.velocity_px_s * np.float32(elapsed_s)

    def seen(self, xyxy_px: NDArray[np.float32], mono_ns: int) -> "BoxMotion":
        """The motion after another look.

        Args:
            xyxy_px: (4,) float32, where it is now.
            mono_ns: now.
        """
        elapsed_s = (mono_ns - self.mono_ns) / 1e9
        if elapsed_s <= 0.0:
            return BoxMotion(xyxy_px, self.velocity_px_s, self.mono_ns)
        found = (xyxy_px - self.xyxy_px) / np.float32(elapsed_s)
        velocity = (found * _NEW_SHARE + self.velocity_px_s * (1.0 - _NEW_SHARE)).astype(np.float32)
        return BoxMotion(xyxy_px, velocity, mono_ns)


def overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Intersection over union of two boxes, 0..1; 0 where a box is empty."""
    low, high = np.maximum(first[:2], second[:2]), np.minimum(first[2:], second[2:])
    common = float(np.prod(np.maximum(high - low, 0.0)))
    union = _area(first) + _area(second) - common
    return common / union if union > 0.0 else 0.0


def are_neighbours(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    """Whether two boxes are of like size and nearer than one face: a small face that moves fast does not overlap."""
    sizes = np.maximum(first[2:] - first[:2], 1e-3), np.maximum(second[2:] - second[:2], 1e-3)
    ratio = float(sizes[0][0] / sizes[1][0])
    distance = float(np.linalg.norm((first[:2] + first[2:] - second[:2] - second[2:]) / 2.0))
    return 0.5 <= ratio <= 2.0 and distance <= float(max(sizes[0].max(), sizes[1].max()))


def _area(xyxy_px: NDArray[np.float32]) -> float:
    return float(np.prod(np.maximum(xyxy_px[2:] - xyxy_px[:2], 0.0)))
