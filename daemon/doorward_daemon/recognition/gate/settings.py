"""When a face is worth embedding, and what its score means."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval

from doorward_daemon.model.quality import MaskPolicy

_Share = Annotated[float, Interval(ge=0.0, le=1.0)]
_Degrees = Annotated[float, Interval(ge=0.0, le=90.0)]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateSettings:
    """Bands of the quality score, and the limits beyond which a face is refused before it is embedded.

    The defaults of the limits are where identity was lost in nearly all of 9,000 degraded copies of 1,281 portraits.
    """

    high_from: _Share = 0.8
    """Quality score of band high: one such frame decides."""
    medium_from: _Share = 0.6
    """Quality score of band medium: decides, flagged for audit."""
    low_from: _Share = 0.4
    """Quality score of band low: another look; what is below is rejected and never compared."""
    mask: MaskPolicy = MaskPolicy.SOFT
    """What is made of masks where there is no door: still pictures and streams. off, soft, hard as at a door."""
    mask_from: _Share = 0.5
    """Likelihood from which a pack is believed that a mask covers mouth and nose."""
    cover_from: _Share = 0.5
    """Likelihood from which a pack is believed that something else covers part of the face."""
    min_inter_eye_px: Annotated[float, Interval(ge=0.0, le=1000.0)] = 14.0
    """Smallest distance of the eyes, pixels of the picture."""
    max_yaw_deg: _Degrees = 75.0
    """Largest turn of the head to a side."""
    max_pitch_deg: _Degrees = 50.0
    """Largest nod."""
    max_roll_deg: _Degrees = 60.0
    """Largest tilt to a shoulder."""
    min_sharpness: Annotated[float, Interval(ge=0.0, le=5.0)] = 1.15
    """Smallest native value of Sharpness; 1 = no fine structure at all."""
    max_outside_share: _Share = 0.5
    """Largest share of the face outside the picture."""
    min_dynamic_range_bits: Annotated[float, Interval(ge=0.0, le=8.0)] = 1.0
    """Smallest entropy of the face's luminance: below, all is black, white or grey."""
    max_over_exposed_share: _Share = 0.95
    """Largest share of white pixels in the face."""

    def __post_init__(self) -> None:
        """Raises ValueError where the bands are not in order."""
        if not self.high_from >= self.medium_from >= self.low_from:
            found = f"{self.high_from}, {self.medium_from}, {self.low_from}"
            raise ValueError(f"high_from, medium_from, low_from: expected falling limits, found {found}")
