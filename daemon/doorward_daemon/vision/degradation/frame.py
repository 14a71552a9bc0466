"""The face's own axes in the picture, so that a mask or a turn follows a tilted head."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.face import Face


@dataclass(frozen=True, slots=True, eq=False)
class FaceFrame:
    """Origin between the eyes; unit = distance of eye line and mouth line, or of the eyes, whichever is longer."""

    origin_px: NDArray[np.float64]
    """(2,) float64: x, y of the middle between the eyes."""
    right: NDArray[np.float64]
    """(2,) float64, length 1: along the eyes, towards the right of an upright picture."""
    down: NDArray[np.float64]
    """(2,) float64, length 1: square to it, towards the chin."""
    unit_px: float
    """Size of the face in pixels; a turned head narrows the eyes, not this."""

    @classmethod
    def of(cls, face: Face) -> "FaceFrame":
        """The frame of a face with five landmarks."""
        points = face.landmarks_px.astype(np.float64)
        origin, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
        eyes = points[1] - points[0]
        width = float(np.linalg.norm(eyes))
        right = eyes / width if width > 1e-6 else np.array([1.0, 0.0])
        down = np.array([-right[1], right[0]])
        return cls(origin, right, down, max(width, float(abs((mouth - origin) @ down)), 1.0))

    def to_picture(self, places: NDArray[np.float64]) -> NDArray[np.float64]:
        """Pixels of places on the face.

        Args:
            places: (..., 2) float64: right and down, in units.
        """
        return self.origin_px + self.unit_px * (places[..., :1] * self.right + places[..., 1:] * self.down)

    def of_pixels(self, height_px: int, width_px: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Right and down, in units, of every pixel of a picture; two (H, W) float64."""
        y, x = np.mgrid[0:height_px, 0:width_px]
        dx, dy = (x - self.origin_px[0]) / self.unit_px, (y - self.origin_px[1]) / self.unit_px
        return dx * self.right[0] + dy * self.right[1], dx * self.down[0] + dy * self.down[1]
