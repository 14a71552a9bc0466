"""The pattern of a screen's pixels: found where there is one, in no living face, and only asked when needed."""

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.gate_loop.fusion import fuse_liveness
from doorward_daemon.model.face import Face
from doorward_daemon.model.liveness import LivenessAssessment, LivenessCue, LivenessReason, LivenessVerdict
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.liveness import LivenessSettings, find_screen_pattern
from doorward_daemon.vision.liveness.screen_pattern import COLOUR_ID, LUMINANCE_ID
from doorward_daemon.vision.recapture import Recapture, RecaptureSpecies, compress, recapture
from doorward_testing.pictures import astronaut

BOX = np.asarray([175, 60, 275, 190], np.float32)
Pixels = NDArray[np.uint8]
SURE_AND_NOT = LivenessCue("tests.1", 3.0, 2.0), LivenessCue("tests.2", 1.0, 2.0)
CUT = LivenessAssessment(LivenessVerdict.UNSURE, 0.9, (0.5, 0.4), LivenessReason.SURROUNDINGS_CUT)


def living(scale: float = 1.0, way: int = cv2.INTER_CUBIC) -> Pixels:
    bgr_hwc = np.ascontiguousarray(np.asarray(astronaut())[..., ::-1])
    return np.asarray(cv2.resize(bgr_hwc, None, fx=scale, fy=scale, interpolation=way), np.uint8)


def face(scale: float = 1.0) -> Face:
    return Face(BOX * np.float32(scale), np.zeros((5, 2), np.float32), 0.9)


def found_in(bgr_hwc: Pixels, scale: float = 1.0) -> set[str]:
    return {cue.algorithm_id for cue in find_screen_pattern(bgr_hwc, face(scale)) if cue.is_found}


def striped(period_px: float, tilt_deg: float, *channels: int) -> Pixels:
    """The astronaut behind faint stripes in some channels."""
    bgr_hwc = living().astype(np.float32)
    y, x = np.mgrid[0 : bgr_hwc.shape[0], 0 : bgr_hwc.shape[1]].astype(np.float32)
    turn = np.radians(tilt_deg)
    wave = 16.0 * np.sin((x * np.cos(turn) + y * np.sin(turn)) * 2.0 * np.pi / period_px)
    for channel in channels:
        bgr_hwc[..., channel] += wave
    return np.clip(bgr_hwc, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("period_px", [2.7, 4.0, 5.0])
def test_stripes_are_found_where_they_are_light_and_where_they_are_coloured(period_px: float):
    assert found_in(striped(period_px, 7.0, 0, 1, 2)) == {LUMINANCE_ID}
    assert COLOUR_ID in found_in(striped(period_px, 7.0, 2))


@pytest.mark.parametrize("scale", [0.5, 0.8, 1.0, 1.3, 2.0])
def test_a_living_face_shows_none_at_any_size_compression_and_noise(scale: float):
    whole = living(scale)
    rng = np.random.default_rng(5)
    noisy = np.clip(whole + rng.normal(0.0, 8.0, whole.shape), 0, 255).astype(np.uint8)
    for seen in (whole, noisy, *(compress(whole, quality) for quality in (60, 75, 95))):
        assert found_in(seen, scale) == set()
    assert found_in(living(2.0, cv2.INTER_NEAREST), 2.0) == set()


def test_most_screens_that_fill_the_picture_show_one_and_some_still_do_behind_a_jpeg():
    stolen = Picture(living())
    seen = [
        recapture(stolen, face(), Recapture(RecaptureSpecies.SCREEN_CLOSE, seed)).picture.bgr_hwc for seed in range(12)
    ]
    middle = Face(np.asarray([220, 120, 420, 380], np.float32), np.zeros((5, 2), np.float32), 0.9)

    def shows(bgr_hwc: Pixels) -> bool:
        return any(cue.is_found for cue in find_screen_pattern(bgr_hwc, middle))

    assert sum(map(shows, seen)) >= 10
    assert sum(shows(compress(bgr_hwc, 80)) for bgr_hwc in seen) >= 3


@pytest.mark.parametrize("box", [[np.nan, 0, 10, 10], [0, 0, np.inf, 10]], ids=["nan", "infinite"])
def test_a_box_that_is_none_shows_nothing(box: list[float]):
    nowhere = Face(np.asarray(box, np.float32), np.zeros((5, 2), np.float32), 0.9)
    assert find_screen_pattern(living(), nowhere) == ()


def test_a_face_outside_or_in_a_picture_too_small_raises_nothing():
    far = Face(np.asarray([9e5, -9e5, 9.1e5, -8e5], np.float32), np.zeros((5, 2), np.float32), 0.9)
    assert len(find_screen_pattern(living(), far)) == 2
    assert find_screen_pattern(np.zeros((127, 640, 3), np.uint8), face()) == ()
    flat = find_screen_pattern(np.zeros((128, 128, 3), np.uint8), face())
    assert [cue.native_value for cue in flat] == [0.0, 0.0]


def test_one_cue_settles_the_doubt_about_a_face_that_is_too_near():
    settings = LivenessSettings()
    weighed = settings.weigh(CUT, SURE_AND_NOT)
    assert (weighed.verdict, weighed.reason) == (LivenessVerdict.SPOOF, LivenessReason.SCREEN_PATTERN)
    assert (weighed.cues, weighed.effective_scale_ratios) == (SURE_AND_NOT, (0.5, 0.4))
    # What it is worth is a verdict of SPOOF again where scores are fused.
    assert settings.verdict(weighed.score or 1.0, CUT.effective_scale_ratios).verdict is LivenessVerdict.SPOOF
    doubt = settings.weigh(CUT, SURE_AND_NOT[1:])
    assert (doubt.verdict, doubt.reason, doubt.score) == (CUT.verdict, CUT.reason, CUT.score)
    assert doubt.cues == SURE_AND_NOT[1:]


def test_cues_are_looked_for_in_that_doubt_only_and_may_be_switched_off():
    settings = LivenessSettings()
    assert settings.looks_for_cues(CUT)
    assert not LivenessSettings(screen_pattern=False).looks_for_cues(CUT)
    assert not any(settings.looks_for_cues(settings.judge((score,), (1.0,))) for score in (0.1, 0.5, 0.9))
    assert not settings.looks_for_cues(settings.judge((0.01,), (0.4,)))


def test_what_settled_the_doubt_is_told_of_the_whole_visit():
    settings = LivenessSettings()
    attack = settings.weigh(CUT, SURE_AND_NOT)
    fused = fuse_liveness([attack, CUT, attack], settings, 1)
    assert (fused.verdict, fused.reason, fused.cues) == (attack.verdict, attack.reason, attack.cues)
