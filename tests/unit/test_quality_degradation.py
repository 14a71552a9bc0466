"""Spoiling is repeatable, leaves the original alone, and gets worse with its severity."""

import cv2
import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import Degradation, DegradationKind, spoil

FACE = Face(
    np.array([60, 40, 140, 150], np.float32),
    np.array([[80, 80], [120, 80], [100, 100], [85, 125], [115, 125]], np.float32),
    0.9,
)


def picture() -> Picture:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (25, 25, 3), np.uint8)
    return Picture(cv2.resize(coarse, (200, 200), interpolation=cv2.INTER_CUBIC))


def difference(first: Picture, second: Picture) -> float:
    return float(np.abs(first.bgr_hwc.astype(int) - second.bgr_hwc).mean())


@pytest.mark.parametrize("kind", list(DegradationKind))
def test_the_same_degradation_gives_the_same_pixels_and_leaves_the_original_alone(kind):
    good = picture()
    before = good.bgr_hwc.copy()
    way = Degradation(kind, 0.6, seed=7)
    assert np.array_equal(spoil(good, FACE, way).bgr_hwc, spoil(good, FACE, way).bgr_hwc)
    assert np.array_equal(good.bgr_hwc, before)


@pytest.mark.parametrize("kind", list(DegradationKind))
def test_more_severity_takes_the_picture_further_away(kind):
    good = picture()
    far = [difference(good, spoil(good, FACE, Degradation(kind, severity, seed=5))) for severity in (0.1, 0.5, 1.0)]
    assert far == sorted(far)
    assert far[2] > far[0]


@pytest.mark.parametrize(
    "kind", [DegradationKind.MOTION_BLUR, DegradationKind.LOW_LIGHT, DegradationKind.NOISE, DegradationKind.OCCLUSION]
)
def test_another_seed_spoils_in_another_way(kind):
    first, second = (spoil(picture(), FACE, Degradation(kind, 0.6, seed)) for seed in (0, 3))
    assert difference(first, second) > 0.0


def test_a_cover_lies_on_the_face_only():
    for seed in range(8):
        covered = spoil(picture(), FACE, Degradation(DegradationKind.OCCLUSION, 1.0, seed))
        rows, columns = np.nonzero(np.abs(covered.bgr_hwc.astype(int) - picture().bgr_hwc).sum(axis=2))
        assert 50 <= columns.min() <= columns.max() <= 150
        assert 25 <= rows.min() <= rows.max() <= 160


@pytest.mark.parametrize(("severity", "seed"), [(-0.1, 0), (1.1, 0), (float("nan"), 0), (0.5, -1)])
def test_nonsense_is_refused(severity, seed):
    with pytest.raises(ValueError, match="expected severity"):
        Degradation(DegradationKind.NOISE, severity, seed)
