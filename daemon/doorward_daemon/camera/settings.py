"""What an operator says about a camera."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval, MaxLen, MinLen


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSettings:
    """One camera; the configuration holds a list of them."""

    camera_id: Annotated[str, MinLen(1), MaxLen(64)]
    """Its name: letters, digits, dot, dash, underscore."""
    source: Annotated[str, MinLen(1)]
    """`demo`, a device (/dev/video0), an address (rtsp://, http://), a video file or a folder of pictures."""
    door_id: str = ""
    """The door it looks at; empty for a camera that only shows."""
    width_px: Annotated[int, Interval(ge=160, le=4096)] = 640
    """Width asked of a device."""
    height_px: Annotated[int, Interval(ge=120, le=4096)] = 480
    """Height asked of a device."""
    frames_per_s: Annotated[float, Interval(gt=0, le=120)] = 5.0
    """Pictures per second of a folder."""
    loops: bool = True
    """Whether a file or a folder starts again at its end."""
    seed: int = 0
    """Of the demonstration's noise."""
    stall_s: Annotated[float, Interval(gt=0, le=60)] = 3.0
    """A live camera that gives no frame for so long is stalled, seconds."""
    freeze_s: Annotated[float, Interval(gt=0, le=60)] = 4.0
    """A live camera that gives identical frames for so long is frozen, seconds."""
