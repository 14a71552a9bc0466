"""A detector that points beside the face, or at something that is none."""

import numpy as np

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation.degradation import MISPLACED, Degradation, DegradationKind

_MAX_SHIFT, _MAX_TURN_DEG, _MAX_GROWTH = 0.45, 40.0, 0.45
_TRIES = 40


def misplace(picture: Picture, face: Face, degradation: Degradation) -> Face:
    """The face where a detector that fails would put it.

    Args:
        picture: it was found in.
        face: as it was found.
        degradation: MISALIGNMENT: shifted by up to 0.45 eye distances, turned by up to 40 degrees, and scaled, about
            its middle; NON_FACE: moved to where it overlaps the true face least, as far as the picture allows.

    Raises:
        ValueError: the kind changes pixels, `spoil` does that.
    """
    if degradation.kind not in MISPLACED:
        raise ValueError(f"{degradation.kind} changes the picture, not the face: use spoil")
    rng = np.random.default_rng(degradation.seed)
    if degradation.kind is DegradationKind.NON_FACE:
        return _beside(picture, face, rng)
    eye_px = float(np.linalg.norm(face.landmarks_px[1] - face.landmarks_px[0]))
    direction = rng.uniform(0.0, 2 * np.pi)
    strength = degradation.severity * rng.dirichlet((1.0, 1.0, 1.0)) * 3.0
    shift = eye_px * _MAX_SHIFT * strength[0] * np.array([np.cos(direction), np.sin(direction)])
    turn = np.radians(_MAX_TURN_DEG) * strength[1] * rng.choice((-1.0, 1.0))
    growth = np.exp(_MAX_GROWTH * strength[2] * rng.choice((-1.0, 1.0)))
    return _moved(face, shift, growth, turn)


def _beside(picture: Picture, face: Face, rng: np.random.Generator) -> Face:
    size = np.array([picture.width_px, picture.height_px], np.float64)
    centre = face.landmarks_px.mean(axis=0)
    best, best_overlap = face, np.inf
    for _ in range(_TRIES):
        growth = float(np.exp(rng.uniform(-1.2, 0.1)))
        half = growth * max(face.width_px, face.height_px) / 2
        place = rng.uniform(np.minimum(half, size / 2), np.maximum(size - half, size / 2))
        moved = _moved(face, place - centre, growth, 0.0)
        overlap = _overlap(moved, face)
        if overlap < best_overlap:
            best, best_overlap = moved, overlap
        if overlap == 0.0:
            break
    return best


def _moved(face: Face, shift_px: np.ndarray, growth: float, turn_rad: float) -> Face:
    centre = face.landmarks_px.mean(axis=0)
    cosine, sine = growth * np.cos(turn_rad), growth * np.sin(turn_rad)
    rotation = np.array([[cosine, -sine], [sine, cosine]])
    landmarks = (face.landmarks_px - centre) @ rotation.T + centre + shift_px
    middle = (face.xyxy_px[:2] + face.xyxy_px[2:]) / 2
    half = (face.xyxy_px[2:] - face.xyxy_px[:2]) / 2 * growth
    moved_middle = (middle - centre) @ rotation.T + centre + shift_px
    box = np.concatenate([moved_middle - half, moved_middle + half])
    return Face(box.astype(np.float32), landmarks.astype(np.float32), face.score)


def _overlap(moved: Face, face: Face) -> float:
    low = np.maximum(moved.xyxy_px[:2], face.xyxy_px[:2])
    high = np.minimum(moved.xyxy_px[2:], face.xyxy_px[2:])
    return float(np.prod(np.maximum(high - low, 0.0))) / max(moved.area_px, 1e-6)
