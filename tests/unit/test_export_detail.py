"""What the component FineDetail is fitted with, and which cues of a screen are measured beside each other."""

import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.vision.quality.fine_detail import RINGS
from doorward_export.detail_fit import Detailed, copies_of, eyes_of, fit
from doorward_export.photographs import Photograph
from doorward_export.screen_cues import WAYS, measure_cues
from doorward_testing.pictures import astronaut

LANDMARKS = np.array([[200, 102], [247, 103], [220, 125], [199, 143], [240, 144]], np.float32)
FACE = Face(np.array([178, 63, 268, 176], np.float32), LANDMARKS, 0.9)
PIXELS = np.ascontiguousarray(np.asarray(astronaut())[..., ::-1])
PHOTO = Photograph("unmasked/astronaut.jpg", PIXELS, FACE)


def drawn(n: int, seed: int) -> Detailed:
    """Copies whose person is lost where the sixth ring is weak, whatever the others say."""
    rng = np.random.default_rng(seed)
    powers = rng.normal(-2.0, 1.0, (n, RINGS))
    cosine = np.clip(0.47 + 0.2 * (powers[:, 5] + 2.0), -1.0, 1.0)
    return Detailed(("drawn",) * n, powers, cosine)


def test_the_weights_find_what_parts_kept_from_lost_on_copies_they_never_saw():
    weights = fit(drawn(600, 1))
    other = drawn(400, 2)
    sure = np.abs(other.cosine - 0.47) > 0.1
    right = (other.logits(weights) > 0.0) == (other.cosine > 0.47)
    assert right[sure].mean() > 0.98
    assert int(np.argmax(np.abs(weights[1:]))) == 5


def test_every_photo_is_shrunk_in_several_ways_and_the_clean_one_comes_first():
    copies = list(copies_of(PHOTO, 0))
    kinds = [kind for kind, _ in copies]
    assert kinds[0] == "clean"
    assert copies[0][1] is PIXELS
    assert len(kinds) == len(set(kinds))
    assert {"5 px linear", "7 px cubic jpeg", "24 px lanczos", "defocus 0.06"} <= set(kinds)
    assert eyes_of(PHOTO) == pytest.approx(47.0, abs=0.1)


@pytest.mark.parametrize("way", WAYS)
def test_every_cue_is_measured_in_every_way_a_camera_sees(way: str):
    seen = WAYS[way](PIXELS, np.random.default_rng(0))
    scale = seen.shape[0] / PIXELS.shape[0]
    found = measure_cues(seen, Face(FACE.xyxy_px * np.float32(scale), LANDMARKS * np.float32(scale), 0.9))
    assert {"screen_pattern_luminance", "screen_pattern_colour", "banding_empty_levels"} <= set(found)
    assert np.isfinite(list(found.values())).all()
    assert measure_cues(seen[:100], FACE) == {}
