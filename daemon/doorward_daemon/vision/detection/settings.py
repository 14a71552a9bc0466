"""What an operator can say about the search for faces."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectionSettings:
    """How faces are looked for."""

    score_threshold: Annotated[float, Interval(gt=0, le=1)] = 0.6
    """Detections below are no faces, 0..1."""
    nms_iou: Annotated[float, Interval(gt=0, le=1)] = 0.3
    """Detections that share more than this with a better one are the same face (intersection over union)."""
    min_face_px: Annotated[int, Interval(ge=8, le=1000)] = 20
    """Width of the smallest face looked for, pixels of the picture; above 64 the search gets cheaper by its square."""
    max_faces: Annotated[int, Interval(ge=1, le=1000)] = 64
    """Most faces of one picture; the best ones are kept."""
    max_side_px: Annotated[int, Interval(ge=320, le=4096)] = 960
    """Larger pictures are searched at this length of their longer side."""
