"""One frame of a camera."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from doorward_daemon.model.array import freeze

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One frame as it left the camera."""

    camera_id: str
    """The camera."""
    number: int
    """1, 2, 3, ... since the camera was opened by this daemon; gaps are frames nobody took."""
    bgr_hwc: NDArray[np.uint8]
    """(H, W, 3) uint8, blue, green, red; read-only."""
    captured_mono_ns: int
    """Monotonic clock at capture, nanoseconds; the age of a frame is measured by it alone."""
    captured_at: datetime
    """Wall clock at capture, aware, UTC; for records, never for ages."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.bgr_hwc, "bgr_hwc", (None, None, 3), "uint8")

    def age_ms(self, now_mono_ns: int) -> float:
        """Milliseconds since capture; never negative."""
        return max(0, now_mono_ns - self.captured_mono_ns) / 1e6
