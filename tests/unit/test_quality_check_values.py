"""The components map what they measured to 0..100 as the check values of ISO/IEC 29794-5's reference implementation."""

import math

import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.alignment import ARCFACE_112, Aligner
from doorward_daemon.vision.quality import measure_components
from doorward_daemon.vision.quality.colour import distance_to_skin
from doorward_daemon.vision.quality.face_region import CHEEKS, find_face_region

TEMPLATE = np.array(ARCFACE_112.template_px, np.float32)
# The crop is the picture moved by this: what is painted into the picture is what is measured.
SHIFT = 50
GREY = 128


def measure(bgr: np.ndarray, landmarks: np.ndarray = TEMPLATE + SHIFT) -> dict[str, tuple[float, int]]:
    picture = Picture(np.ascontiguousarray(bgr))
    landmarks = landmarks.astype(np.float32)
    face = Face(np.array([60, 60, 150, 160], np.float32), landmarks, 0.9)
    crop = Aligner(ARCFACE_112).align(picture.bgr_hwc, landmarks)
    return {item.name: (item.native_value, item.score) for item in measure_components(picture, face, crop, ())}


def face_pixels() -> tuple[np.ndarray, np.ndarray]:
    picture = Picture(np.zeros((220, 220, 3), np.uint8))
    crop = Aligner(ARCFACE_112).align(picture.bgr_hwc, TEMPLATE + SHIFT)
    rows, columns = np.nonzero(find_face_region(picture, crop, 5.0).visible)
    return rows + SHIFT, columns + SHIFT


def painted(share: float, colour: int) -> np.ndarray:
    """A grey picture with a share of the face's pixels in another shade."""
    bgr = np.full((220, 220, 3), GREY, np.uint8)
    rows, columns = face_pixels()
    count = round(share * len(rows))
    bgr[rows[:count], columns[:count]] = colour
    return bgr


@pytest.mark.parametrize(("share", "score"), [(0.0, 100), (0.8, 90), (0.9, 52), (1.0, 0)])
def test_under_exposure_prevention_maps_as_the_check_values(share, score):
    native, mapped = measure(painted(share, 0))["UnderExposurePrevention"]
    assert native == pytest.approx(share, abs=2e-4)
    assert mapped == score


@pytest.mark.parametrize(("share", "score"), [(0.0, 100), (0.01, 50), (0.05, 17), (0.2, 5)])
def test_over_exposure_prevention_maps_as_the_check_values(share, score):
    native, mapped = measure(painted(share, 255))["OverExposurePrevention"]
    assert native == pytest.approx(share, abs=2e-4)
    assert mapped == score


@pytest.mark.parametrize(("overlap", "score"), [(0.1, 50), (0.5, 81), (1.0, 100)])
def test_illumination_uniformity_maps_as_the_check_values(overlap, score):
    bgr = np.full((220, 220, 3), GREY, np.uint8)
    rows, columns = CHEEKS[0]
    cheek = np.full(144, 30, np.uint8)
    cheek[: round(overlap * 144)] = GREY
    bgr[rows.start + SHIFT : rows.stop + SHIFT, columns.start + SHIFT : columns.stop + SHIFT] = cheek.reshape(12, 12, 1)
    native, mapped = measure(bgr)["IlluminationUniformity"]
    assert native == pytest.approx(overlap, abs=0.005)
    assert mapped == score


def test_a_face_that_shows_all_256_levels_evenly_has_the_whole_dynamic_range():
    encoded = np.arange(256) / 255.0
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4) * 255
    blue, green, red = (axis.ravel() for axis in np.meshgrid(*[np.arange(0, 256, 3)] * 3))
    levels = np.rint(0.0722 * linear[blue] + 0.7152 * linear[green] + 0.2126 * linear[red]).astype(int)
    wanted, first = np.unique(levels, return_index=True)
    assert len(wanted) == 256
    colours = np.stack([blue[first], green[first], red[first]], axis=-1).astype(np.uint8)
    bgr = np.full((220, 220, 3), GREY, np.uint8)
    rows, columns = face_pixels()
    bgr[rows, columns] = colours[np.arange(len(rows)) % 256]
    native, mapped = measure(bgr)["DynamicRange"]
    assert native == pytest.approx(8.0, abs=0.002)
    assert mapped == 100


def test_luminance_mean_and_variance_map_by_the_formulas():
    measured = measure(painted(0.5, 255))
    mean, mean_score = measured["LuminanceMean"]
    rise, fall = 1 / (1 + math.exp((0.2 - mean) / 0.05)), 1 / (1 + math.exp((0.8 - mean) / 0.05))
    assert mean_score == round(100 * rise * (1 - fall))
    variance, variance_score = measured["LuminanceVariance"]
    assert variance_score == round(100 * math.sin(math.pi * 60 * variance / (60 * variance + 1)))


@pytest.mark.parametrize(("size", "score"), [(0.3, 9), (0.4, 54), (0.45, 100), (0.6, 9)])
def test_head_size_maps_as_the_check_values(size, score):
    eyes_to_mouth = size * 220 / 1.54
    landmarks = np.array([[90, 60], [130, 60], [110, 80], [95, 60], [125, 60]], np.float32)
    landmarks[3:, 1] += eyes_to_mouth
    native, mapped = measure(np.full((220, 220, 3), GREY, np.uint8), landmarks)["HeadSize"]
    assert native == pytest.approx(size, abs=1e-4)
    assert mapped == score


@pytest.mark.parametrize(
    ("name", "room"),
    [
        ("LeftwardCropOfTheFaceImage", (0.9, 0.0)),
        ("RightwardCropOfTheFaceImage", (0.9, 0.0)),
        ("MarginAboveOfTheFaceImage", (0.0, 1.4)),
        ("MarginBelowOfTheFaceImage", (0.0, 1.8)),
    ],
)
def test_margins_are_half_way_at_the_midpoint_of_the_standard(name, room):
    eye_px, mouth_px = 40.0, 50.0
    across, down = room[0] * eye_px, room[1] * mouth_px * 1.54
    x = across if name.startswith("Left") else 220 - across - eye_px if name.startswith("Right") else 90.0
    y = down if "Above" in name else 220 - down if "Below" in name else 60.0
    landmarks = np.array([[0, 0], [40, 0], [20, 25], [5, 50], [35, 50]], np.float32) + np.float32([x, y])
    native, mapped = measure(np.full((220, 220, 3), GREY, np.uint8), landmarks)[name]
    assert native == pytest.approx(max(room), abs=1e-4)
    assert mapped == 50


@pytest.mark.parametrize(
    ("red", "yellow", "distance"),
    [(15, 20, 0), (5, 35, 0), (30, 20, 5), (15, 2, 3), (2, 1, 5), (-1, 20, 100), (15, -1, 100)],
)
def test_distance_to_skin_is_that_to_the_box_of_the_standard(red, yellow, distance):
    assert distance_to_skin(red, yellow) == pytest.approx(distance)


def test_skin_is_natural_grey_is_not_and_green_is_not_at_all():
    def score(*bgr: int) -> int:
        return measure(np.full((220, 220, 3), bgr, np.uint8))["NaturalColour"][1]

    assert score(120, 150, 200) == 100
    assert 0 < score(120, 120, 120) < 80
    assert score(60, 200, 60) == 0
