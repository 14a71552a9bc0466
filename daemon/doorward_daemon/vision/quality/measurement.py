"""Measures all components of one face."""

import math
from collections.abc import Sequence

import numpy as np

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.alignment import AlignedFace
from doorward_daemon.vision.quality import colour, fine_detail, framing, luminance, sharpness
from doorward_daemon.vision.quality.face_region import find_face_region
from doorward_daemon.vision.quality.head_pose import estimate_head_pose


def measure_components(
    picture: Picture, face: Face, crop: AlignedFace, other_faces: Sequence[Face]
) -> tuple[QualityComponent, ...]:
    """Measures the components of one face; what cannot be measured gets score -1, nothing raises.

    Args:
        picture: the picture.
        face: the face to judge.
        crop: that face aligned to the ArcFace template, (112, 112, 3).
        other_faces: the other faces of the picture.

    Returns:
        One component per ComponentName, always in the same order.
    """
    face = _without_infinity(face)
    pose = estimate_head_pose(face.landmarks_px)
    region = find_face_region(picture, crop, sharpness.FILTER_REACH_PX)
    return (
        framing.measure_inter_eye_distance(face, pose),
        *framing.measure_pose(pose),
        framing.measure_single_face(face, other_faces),
        *framing.measure_margins(picture, face),
        framing.measure_inside(region.outside_share),
        *luminance.measure_light(crop.bgr_hwc, region),
        sharpness.measure_sharpness(crop, region),
        framing.measure_head_size(picture, face),
        colour.measure_natural_colour(crop.bgr_hwc, region),
        fine_detail.measure_fine_detail(crop),
    )


def _without_infinity(face: Face) -> Face:
    # Infinity minus infinity warns on its way to NaN; NaN goes through everything and ends as "not assessed".
    if all(map(math.isfinite, face.xyxy_px.tolist() + face.landmarks_px.ravel().tolist())):
        return face
    nowhere = np.full(14, np.nan, np.float32)
    return Face(nowhere[:4].copy(), nowhere[4:].reshape(5, 2).copy(), face.score)
