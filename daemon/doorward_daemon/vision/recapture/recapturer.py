"""Makes a picture of a picture: what a gate's camera sees when a stolen one is held before it."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from doorward_daemon.model.array import freeze
from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.recapture.light import photograph, to_light
from doorward_daemon.vision.recapture.scene import OVERSAMPLING, Placement, bend, hold, paint_wall
from doorward_daemon.vision.recapture.species import Recapture, RecaptureSpecies
from doorward_daemon.vision.recapture.surface import FINE, glossy_photo, printed_page, screen

_CAMERA_PX = (640, 480)
_SCREEN_HEIGHT_PX = 320
"""Pixels of a screen, dots of a page: few enough that a camera of 640x480 nearly resolves them, as it does up close."""
_PAPERS = (RecaptureSpecies.PRINT_FLAT, RecaptureSpecies.PRINT_BENT)


@dataclass(frozen=True, slots=True, eq=False)
class Recaptured:
    """What the camera saw."""

    picture: Picture
    """Its picture."""
    corners_px: NDArray[np.float32]
    """(4, 2) float32: corners of the instrument, clockwise from upper left; may lie outside the picture."""

    def __post_init__(self) -> None:
        """Raises ValueError on another shape or type."""
        freeze(self.corners_px, "corners_px", (4, 2), "float32")

    def shows(self, face: Face) -> bool:
        """Whether a face found in the picture is on the instrument."""
        centre = (float(face.xyxy_px[[0, 2]].mean()), float(face.xyxy_px[[1, 3]].mean()))
        return cv2.pointPolygonTest(self.corners_px.reshape(-1, 1, 2), centre, measureDist=False) >= 0.0


def recapture(stolen: Picture, face: Face, way: Recapture, scene: Picture | None = None) -> Recaptured:
    """Shows a stolen picture to a camera.

    Args:
        stolen: the picture.
        face: whom the attacker wants to be taken for.
        way: instrument and seed.
        scene: who holds it, for PHONE_BEFORE_PERSON; None, and for the others, a wall.

    Source: the chain of recapture of Thongkamwitoon, Muammar and Dragotti, An image recapture detection algorithm based
        on learning dictionaries of edge profiles, IEEE TIFS 10(5), 2015, section II: display, optics, aliasing, camera.
    """
    rng = np.random.default_rng((way.seed, list(RecaptureSpecies).index(way.species)))
    content, face_share = _content(stolen, face, way.species, rng)
    instrument = _instrument(content, way.species, rng)
    placement = _placement(instrument.shape[0] / (content.shape[0] * FINE * face_share), way.species, rng)
    backdrop = _backdrop(scene, way.species, rng)
    held = hold(backdrop, instrument, placement, rng)
    seen = photograph(held, OVERSAMPLING, rng)
    return Recaptured(Picture(seen), placement.corners_px(instrument.shape[1] / instrument.shape[0]))


def _content(
    stolen: Picture, face: Face, species: RecaptureSpecies, rng: np.random.Generator
) -> tuple[NDArray[np.uint8], float]:
    """What the instrument shows: head and shoulders; and the share of its height that the face takes."""
    aspect = {RecaptureSpecies.SCREEN_CLOSE: 4 / 3, RecaptureSpecies.PHOTO_PAPER: 3 / 4}.get(species, 0.62)
    wanted = face.height_px * float(rng.uniform(1.9, 2.7))
    height = min(wanted, float(stolen.height_px), stolen.width_px / aspect)
    centre = (float(face.xyxy_px[[0, 2]].mean()), float(face.xyxy_px[[1, 3]].mean()) + 0.1 * face.height_px)
    left = float(np.clip(centre[0] - height * aspect / 2, 0.0, stolen.width_px - height * aspect))
    top = float(np.clip(centre[1] - height / 2, 0.0, stolen.height_px - height))
    crop = stolen.bgr_hwc[round(top) : round(top + height), round(left) : round(left + height * aspect)]
    size = (round(_SCREEN_HEIGHT_PX * aspect), _SCREEN_HEIGHT_PX)
    interpolation = cv2.INTER_AREA if height > _SCREEN_HEIGHT_PX else cv2.INTER_CUBIC
    shown = np.asarray(cv2.resize(crop, size, interpolation=interpolation), np.uint8)
    return shown, min(1.0, face.height_px / height)


def _instrument(content: NDArray[np.uint8], species: RecaptureSpecies, rng: np.random.Generator) -> NDArray[np.float32]:
    if species is RecaptureSpecies.PHOTO_PAPER:
        return _rimmed(glossy_photo(content, rng), 0.04, 0.8)
    if species in _PAPERS:
        page = _rimmed(printed_page(content, rng), float(rng.uniform(0.03, 0.12)), 0.8)
        return page if species is RecaptureSpecies.PRINT_FLAT else bend(page, float(rng.uniform(0.5, 1.1)))
    return _rimmed(screen(content, rng), float(rng.uniform(0.02, 0.07)), float(rng.uniform(0.004, 0.03)))


def _rimmed(surface: NDArray[np.float32], share: float, light: float) -> NDArray[np.float32]:
    rim = round(surface.shape[0] * share)
    return np.asarray(
        cv2.copyMakeBorder(surface, rim, rim, rim, rim, cv2.BORDER_CONSTANT, value=(light, light, light)), np.float32
    )


def _placement(height_per_face: float, species: RecaptureSpecies, rng: np.random.Generator) -> Placement:
    """A place where the face is as large as at a gate; a phone in somebody's hand is held beside the head."""
    is_in_hand_of_somebody = species is RecaptureSpecies.PHONE_BEFORE_PERSON
    face_px = rng.uniform(80.0, 120.0) if is_in_hand_of_somebody else rng.uniform(110.0, 180.0)
    height_px = float(face_px) * height_per_face
    if species is RecaptureSpecies.SCREEN_CLOSE:
        height_px = _CAMERA_PX[1] * float(rng.uniform(1.25, 1.45))
    centre_x = rng.uniform(0.42, 0.58)
    if is_in_hand_of_somebody:
        centre_x = rng.choice([rng.uniform(0.16, 0.24), rng.uniform(0.76, 0.84)])
    centre = (_CAMERA_PX[0] * float(centre_x), _CAMERA_PX[1] * float(rng.uniform(0.46, 0.56)))
    skew = rng.uniform(-0.05, 0.05, (4, 2)).astype(np.float32)
    return Placement(centre, height_px, float(rng.uniform(-8.0, 8.0)), skew)


def _backdrop(scene: Picture | None, species: RecaptureSpecies, rng: np.random.Generator) -> NDArray[np.float32]:
    size = (_CAMERA_PX[0] * OVERSAMPLING, _CAMERA_PX[1] * OVERSAMPLING)
    wall = paint_wall(*size, rng)
    if scene is None or species is not RecaptureSpecies.PHONE_BEFORE_PERSON:
        return wall
    scale = size[1] / scene.height_px
    width = min(size[0], round(scene.width_px * scale))
    person = cv2.resize(to_light(scene.bgr_hwc), (width, size[1]), interpolation=cv2.INTER_LINEAR)
    left = (size[0] - width) // 2
    wall[:, left : left + width] = person
    return wall
