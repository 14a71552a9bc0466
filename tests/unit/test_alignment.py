"""The least-squares similarity and the crop it cuts."""

import cv2
import numpy as np
import pytest

from doorward_daemon.packs.manifest import Alignment
from doorward_daemon.vision.alignment import ARCFACE_112, Aligner, similarity_transform

TEMPLATE = np.array(ARCFACE_112.template_px)


def turned(points: np.ndarray, degrees: float, scale: float, shift: tuple[float, float]) -> np.ndarray:
    angle = np.radians(degrees)
    rotation = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return scale * points @ rotation.T + shift


@pytest.mark.parametrize("degrees", [0, 17, -90, 180])
@pytest.mark.parametrize("scale", [0.01, 1.0, 40.0])
def test_a_similarity_is_found_exactly(degrees: float, scale: float):
    picture = turned(TEMPLATE, degrees, scale, (300, -20))
    matrix = similarity_transform(picture, TEMPLATE)
    assert matrix is not None
    np.testing.assert_allclose(picture @ matrix[:, :2].T + matrix[:, 2], TEMPLATE, atol=1e-8)


def test_noise_is_met_half_way_as_least_squares_do():
    picture = turned(TEMPLATE, 10, 2.0, (50, 60)) + np.random.default_rng(5).normal(0, 2, (5, 2))
    matrix = similarity_transform(picture, TEMPLATE)
    assert matrix is not None

    def error(candidate: np.ndarray) -> float:
        return float(np.square(picture @ candidate[:, :2].T + candidate[:, 2] - TEMPLATE).sum())

    best = error(matrix)
    for index in np.ndindex(2, 2):
        for step in (-1e-3, 1e-3):
            # Along the similarities: a turn or a growth changes both rows together.
            other = matrix.copy()
            turn = np.array([[0, -1], [1, 0]]) if index[0] else np.eye(2)
            other[:, :2] = (np.eye(2) + step * turn) @ matrix[:, :2]
            other[:, 2] = TEMPLATE.mean(axis=0) - other[:, :2] @ picture.mean(axis=0)
            assert error(other) > best


def test_a_mirror_image_is_turned_but_never_mirrored():
    mirrored = TEMPLATE * (-1, 1)
    matrix = similarity_transform(mirrored, TEMPLATE)
    assert matrix is None or np.linalg.det(matrix[:, :2]) > 0


@pytest.mark.parametrize(
    "landmarks",
    [np.zeros((5, 2)), np.full((5, 2), 77.0), np.full((5, 2), np.nan), np.full((5, 2), np.inf)],
    ids=["origin", "one place", "nan", "infinity"],
)
def test_landmarks_without_a_shape_give_a_black_crop_and_no_exception(landmarks: np.ndarray):
    found = Aligner(ARCFACE_112).align(np.full((50, 50, 3), 200, np.uint8), landmarks.astype(np.float32))
    assert found.bgr_hwc.shape == (112, 112, 3)
    assert found.bgr_hwc.sum() == 0
    assert (found.matrix == 0).all()
    assert found.scale == 0


def test_landmarks_of_the_crop_lie_on_the_template():
    picture = np.zeros((400, 400, 3), np.uint8)
    landmarks = turned(TEMPLATE, 25, 2.0, (120, 40)).astype(np.float32)
    for x, y in landmarks:
        cv2.circle(picture, (round(float(x)), round(float(y))), 5, (255, 255, 255), -1)
    crop = Aligner(ARCFACE_112).align(picture, landmarks)
    for x, y in TEMPLATE:
        assert crop.bgr_hwc[round(y), round(x)].min() > 200
    assert crop.scale == pytest.approx(0.5, rel=1e-4)


def test_the_identity_copies_pixels_and_outside_is_black():
    picture = np.random.default_rng(2).integers(1, 256, (112, 80, 3)).astype(np.uint8)
    crop = Aligner(ARCFACE_112).align(picture, TEMPLATE.astype(np.float32)).bgr_hwc
    # Landmarks are float32, so the last bits of the identity are lost; one grey level is allowed for that.
    assert np.abs(crop[:, :79].astype(int) - picture[:, :79].astype(int)).max() <= 1
    assert crop[:, 81:].sum() == 0


def test_the_side_is_that_of_the_alignment():
    double = Alignment(size_px=224, template_px=tuple((2 * x, 2 * y) for x, y in ARCFACE_112.template_px))
    crop = Aligner(double).align(np.zeros((9, 9, 3), np.uint8), TEMPLATE.astype(np.float32))
    assert crop.bgr_hwc.shape == (224, 224, 3)
    assert crop.scale == pytest.approx(2.0)


def test_crops_are_read_only():
    crop = Aligner(ARCFACE_112).align(np.zeros((9, 9, 3), np.uint8), TEMPLATE.astype(np.float32))
    with pytest.raises(ValueError, match="read-only"):
        crop.bgr_hwc[:] = 1
