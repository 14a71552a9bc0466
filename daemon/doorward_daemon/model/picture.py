"""A decoded still picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from doorward_daemon.model.array import freeze

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """A decoded picture, upright, three channels."""

    bgr_hwc: NDArray[np.uint8]
    """(H, W, 3) uint8, channels blue, green, red; EXIF orientation applied; read-only."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.bgr_hwc, "bgr_hwc", (None, None, 3), "uint8")

    @property
    def width_px(self) -> int:
        """Width in pixels."""
        return int(self.bgr_hwc.shape[1])

    @property
    def height_px(self) -> int:
        """Height in pixels."""
        return int(self.bgr_hwc.shape[0])
