"""Head pose from five landmarks: a rigid mean face seen from far away."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

# Right eye, left eye, nose tip, right and left mouth corner: x right, y down, z towards the camera, unit = distance of
# the pupils. x and y: median of near-frontal YuNet landmarks on 76 portraits, mixed with the ArcFace template, which
# MTCNN landmarks follow. z: the depth of the nose that explains 1,297 portraits of all yaws best, 0.45 to 0.55 (about
# 30 mm on a head whose pupils are 63 mm apart). Mouth corners lie in the plane of the pupils within what can be told.
_MEAN_FACE = np.array(
    [[-0.5, 0.5, 0.0, -0.42, 0.42], [0.0, 0.0, 0.56, 1.05, 1.05], [0.0, 0.0, 0.5, 0.0, 0.0]], np.float64
)
_CENTRED = _MEAN_FACE - _MEAN_FACE.mean(axis=1, keepdims=True)
_INVERSE = np.linalg.pinv(_CENTRED)
# Square pixels per squared pupil distance: landmarks in one place or on one line have no pose.
_SHORTEST_NORMAL = 1e-9


@dataclass(frozen=True, slots=True)
class HeadPose:
    """Euler angles of a head, degrees; NaN where the landmarks allow none."""

    yaw_deg: float
    """Positive when the nose points to the right of the picture (the subject's left)."""
    pitch_deg: float
    """Positive when the nose points down."""
    roll_deg: float
    """Positive when the head is tilted clockwise in the picture; the angle of the line through the eyes."""


_NO_POSE = HeadPose(float("nan"), float("nan"), float("nan"))


def estimate_head_pose(landmarks_px: NDArray[np.float32]) -> HeadPose:
    """Estimates the pose by fitting a scaled, turned mean face to the landmarks (scaled orthographic camera).

    Roll is exact to the landmarks. Yaw and pitch carry what an individual face differs from the mean one: about 5
    degrees in yaw, 10 in pitch; a mouth or a nose of another length looks like a nod.

    Args:
        landmarks_px: (5, 2) float32, pixels, in the order of LANDMARK_NAMES.

    Source: least-squares affine camera projected to the nearest scaled rotation (C. J. Poelman, T. Kanade, A
        paraperspective factorization method, IEEE TPAMI 19(3), 1997, section 2).
    """
    points = landmarks_px.astype(np.float64)
    # Rows of the camera, image x and y over the face's own axes. The centre of the landmarks falls out by itself.
    (xx, xy, xz), (yx, yy, yz) = (points.T @ _INVERSE).tolist()
    # The nearest rotation's third row is the cross product of the two, made unit length: finding the nearest rotation
    # turns them within their plane only. Roll, applied last in roll * pitch * yaw, does not reach it.
    depth = (xy * yz - xz * yy, xz * yx - xx * yz, xx * yy - xy * yx)
    length = math.hypot(*depth)
    if not _SHORTEST_NORMAL < length < math.inf:
        return _NO_POSE
    (first_x, first_y), (last_x, last_y) = points[:2].tolist()
    return HeadPose(
        yaw_deg=math.degrees(math.atan2(-depth[0], depth[2])),
        pitch_deg=math.degrees(math.asin(min(1.0, max(-1.0, -depth[1] / length)))),
        roll_deg=math.degrees(math.atan2(last_y - first_y, last_x - first_x)),
    )
