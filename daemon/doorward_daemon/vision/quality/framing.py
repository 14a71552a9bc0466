"""Size, pose and place of the face in the picture, from its box and landmarks."""

import math
from collections.abc import Sequence

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import QualityComponent
from doorward_daemon.vision.quality.component import ComponentName, component, logistic
from doorward_daemon.vision.quality.head_pose import HeadPose

# Eyes to chin over eyes to mouth: menton and stomion of an average face (112 mm and 73 mm below the pupils).
_CHIN_PER_MOUTH = 1.54
# Beyond 80 degrees the eyes cannot be told apart; the division must not explode.
_MIN_COSINE = math.cos(math.radians(80.0))


def measure_inter_eye_distance(face: Face, pose: HeadPose) -> QualityComponent:
    """Measures the distance of the eye centres in pixels of the picture, as a frontal face would have it.

    Args:
        face: the face.
        pose: its pose.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: distance / cos(yaw).
    """
    foreshortening = max(_MIN_COSINE, abs(math.cos(math.radians(pose.yaw_deg))))
    distance = inter_eye_px(face) / foreshortening
    return component(
        ComponentName.INTER_EYE_DISTANCE, "inter_eye_distance", distance, lambda x: 100 * logistic(x, 70.0, 20.0)
    )


def measure_pose(pose: HeadPose) -> tuple[QualityComponent, ...]:
    """Gives HeadPoseYaw, HeadPosePitch and HeadPoseRoll, native values in degrees.

    Args:
        pose: the pose.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: 100 * max(0, cos)^2; our pose estimate.
    """
    angles = (
        (ComponentName.HEAD_POSE_YAW, "head_pose_yaw", pose.yaw_deg),
        (ComponentName.HEAD_POSE_PITCH, "head_pose_pitch", pose.pitch_deg),
        (ComponentName.HEAD_POSE_ROLL, "head_pose_roll", pose.roll_deg),
    )
    return tuple(component(name, algorithm, angle, _pose_score) for name, algorithm, angle in angles)


def measure_single_face(face: Face, other_faces: Sequence[Face]) -> QualityComponent:
    """Measures how large the largest other face is: its area over that of this face.

    Args:
        face: the face.
        other_faces: all others of the picture.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: 100 * (1 - x).
    """
    largest = max((other.area_px for other in other_faces), default=0.0)
    share = largest / face.area_px if face.area_px > 0.0 else math.nan
    return component(
        ComponentName.SINGLE_FACE_PRESENT, "single_face_present", min(1.0, share), lambda x: 100 * (1.0 - x)
    )


def measure_margins(picture: Picture, face: Face) -> tuple[QualityComponent, ...]:
    """Measures the room around the face: LeftwardCrop, RightwardCrop, MarginAbove, MarginBelow.

    Approximate: there is no chin landmark, the chin is taken 1.54 eye-mouth distances below the eyes.

    Args:
        picture: the picture.
        face: the face.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: room over inter-eye distance, over eye-chin distance.
    """
    right_eye, left_eye = (complex(x, y) for x, y in face.landmarks_px[:2].tolist())
    eyes, eye_px, chin_px = (right_eye + left_eye) / 2, abs(left_eye - right_eye), _eyes_to_chin_px(face)
    first_eye_x, last_eye_x = sorted((right_eye.real, left_eye.real))
    name = ComponentName
    rooms = (
        (name.LEFTWARD_CROP, "leftward_crop", first_eye_x, eye_px, 0.9),
        (name.RIGHTWARD_CROP, "rightward_crop", picture.width_px - last_eye_x, eye_px, 0.9),
        (name.MARGIN_ABOVE, "margin_above", eyes.imag, chin_px, 1.4),
        (name.MARGIN_BELOW, "margin_below", picture.height_px - eyes.imag, chin_px, 1.8),
    )
    return tuple(_margin(*room) for room in rooms)


def measure_head_size(picture: Picture, face: Face) -> QualityComponent:
    """Measures the distance from eyes to chin over the height of the picture; 0.45 is a passport's portrait.

    Approximate, with the chin of measure_margins(). Of a gate's camera it says how near somebody stands.

    Args:
        picture: the picture.
        face: the face.

    Source: ISO/IEC 29794-5 as implemented by OFIQ: 200 * (1 - S(|x - 0.45|; 0, 0.05)), S the logistic.
    """
    return component(
        ComponentName.HEAD_SIZE,
        "head_size",
        _eyes_to_chin_px(face) / picture.height_px,
        lambda x: 200 * (1.0 - logistic(abs(x - 0.45), 0.0, 0.05)),
    )


def measure_inside(outside_share: float) -> QualityComponent:
    """Measures how much of the aligned face lies outside the picture.

    Args:
        outside_share: that share, 0..1.
    """
    return component(ComponentName.FACE_INSIDE_PICTURE, "face_inside_picture", outside_share, lambda x: 100 * (1.0 - x))


def inter_eye_px(face: Face) -> float:
    """Distance of the eyes in the picture, pixels."""
    (right_x, right_y), (left_x, left_y) = face.landmarks_px[:2].tolist()
    return math.hypot(left_x - right_x, left_y - right_y)


def _eyes_to_chin_px(face: Face) -> float:
    right_eye, left_eye, _, right_corner, left_corner = (complex(x, y) for x, y in face.landmarks_px.tolist())
    return _CHIN_PER_MOUTH * abs(right_corner + left_corner - right_eye - left_eye) / 2


def _margin(name: ComponentName, algorithm: str, room_px: float, unit_px: float, midpoint: float) -> QualityComponent:
    room = room_px / unit_px if unit_px > 0.0 else math.nan
    return component(name, algorithm, room, lambda x: 100 * logistic(x, midpoint, 0.1))


def _pose_score(angle_deg: float) -> float:
    return 100 * max(0.0, math.cos(math.radians(angle_deg))) ** 2
