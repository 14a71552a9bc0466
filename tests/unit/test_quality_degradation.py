"""Spoiling is repeatable, leaves the original alone, and gets worse with its severity."""

import cv2
import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.degradation import MISPLACED, Degradation, DegradationKind, misplace, spoil

FACE = Face(
    np.array([60, 40, 140, 150], np.float32),
    np.array([[80, 80], [120, 80], [100, 100], [85, 125], [115, 125]], np.float32),
    0.9,
)


PIXELS = [kind for kind in DegradationKind if kind not in MISPLACED]
# Beyond half the way a negative comes nearer again in contrast, and a turned head leaves the picture.
GROWING = [kind for kind in PIXELS if kind is not DegradationKind.PROFILE]


def picture() -> Picture:
    rng = np.random.default_rng(1)
    coarse = rng.integers(0, 255, (25, 25, 3), np.uint8)
    return Picture(cv2.resize(coarse, (200, 200), interpolation=cv2.INTER_CUBIC))


def difference(first: Picture, second: Picture) -> float:
    return float(np.abs(first.bgr_hwc.astype(int) - second.bgr_hwc).mean())


@pytest.mark.parametrize("kind", PIXELS)
def test_the_same_degradation_gives_the_same_pixels_and_leaves_the_original_alone(kind):
    good = picture()
    before = good.bgr_hwc.copy()
    way = Degradation(kind, 0.6, seed=7)
    assert np.array_equal(spoil(good, FACE, way).bgr_hwc, spoil(good, FACE, way).bgr_hwc)
    assert np.array_equal(good.bgr_hwc, before)


@pytest.mark.parametrize("kind", GROWING)
def test_more_severity_takes_the_picture_further_away(kind):
    good = picture()
    far = [difference(good, spoil(good, FACE, Degradation(kind, severity, seed=5))) for severity in (0.1, 0.5, 1.0)]
    assert far == sorted(far)
    assert far[2] > far[0]


@pytest.mark.parametrize(
    "kind",
    [
        DegradationKind.MOTION_BLUR,
        DegradationKind.LOW_LIGHT,
        DegradationKind.NOISE,
        DegradationKind.OCCLUSION,
        DegradationKind.MASK,
        DegradationKind.RECAPTURE,
        DegradationKind.ELASTIC,
        DegradationKind.SIDE_SHADOW,
    ],
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


def test_a_mask_covers_the_mouth_and_leaves_the_eyes():
    worn = spoil(picture(), FACE, Degradation(DegradationKind.MASK, 1.0, 2))
    changed = np.abs(worn.bgr_hwc.astype(int) - picture().bgr_hwc).sum(axis=2)
    assert (changed[118:132, 90:110] > 0).mean() > 0.9
    assert changed[70:84].max() == 0


def test_a_head_turns_to_either_side_and_the_rest_of_the_picture_stays():
    left, right = (
        spoil(picture(), FACE, Degradation(DegradationKind.PROFILE, 0.6, seed))
        for seed in (
            0,
            1,
        )
    )
    sides = {turned.bgr_hwc.tobytes() for turned in (left, right)}
    sides |= {
        spoil(picture(), FACE, Degradation(DegradationKind.PROFILE, 0.6, seed)).bgr_hwc.tobytes()
        for seed in range(2, 8)
    }
    assert len(sides) == 2
    assert np.array_equal(left.bgr_hwc[:, :35], picture().bgr_hwc[:, :35])


def test_a_misaligned_face_moves_further_with_severity_and_keeps_its_shape():
    moved = [misplace(picture(), FACE, Degradation(DegradationKind.MISALIGNMENT, step, 4)) for step in (0.0, 0.4, 1.0)]
    far = [float(np.abs(face.landmarks_px - FACE.landmarks_px).mean()) for face in moved]
    assert far == sorted(far)
    assert far[0] == pytest.approx(0.0, abs=1e-4)
    before, after = (np.linalg.norm(f.landmarks_px - f.landmarks_px.mean(axis=0), axis=1) for f in (FACE, moved[2]))
    np.testing.assert_allclose(after / before, np.full(5, (after / before)[0]), rtol=1e-3)


def test_what_is_no_face_lies_beside_the_face():
    wide = Picture(np.ascontiguousarray(np.tile(picture().bgr_hwc, (1, 3, 1))))
    for seed in range(6):
        beside = misplace(wide, FACE, Degradation(DegradationKind.NON_FACE, 1.0, seed))
        assert beside.xyxy_px[0] >= FACE.xyxy_px[2] or beside.xyxy_px[1] >= FACE.xyxy_px[3] or beside.xyxy_px[3] <= 40


def test_pixels_and_places_are_not_mixed_up():
    with pytest.raises(ValueError, match="use misplace"):
        spoil(picture(), FACE, Degradation(DegradationKind.NON_FACE, 0.5))
    with pytest.raises(ValueError, match="use spoil"):
        misplace(picture(), FACE, Degradation(DegradationKind.NOISE, 0.5))
