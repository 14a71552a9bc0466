"""Pictures of pictures: repeatable by seed, each instrument leaves its own traces, and it is known where it is."""

import numpy as np
import pytest

from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.vision.recapture import Recapture, Recaptured, RecaptureSpecies, compress, recapture
from doorward_daemon.vision.recapture.surface import FINE, glossy_photo, printed_page, screen
from doorward_testing.pictures import astronaut, coffee

FACE = Face(np.asarray([175, 60, 275, 190], np.float32), np.zeros((5, 2), np.float32), 0.9)
GREY = np.full((12, 20, 3), 128, np.uint8)


def picture_of(image) -> Picture:
    return Picture(np.ascontiguousarray(np.asarray(image)[..., ::-1]))


def shown(species: RecaptureSpecies, seed: int = 1) -> Recaptured:
    return recapture(picture_of(astronaut()), FACE, Recapture(species, seed), picture_of(coffee()))


@pytest.mark.parametrize("species", list(RecaptureSpecies))
def test_the_same_seed_gives_the_same_pixels_and_another_one_others(species: RecaptureSpecies):
    first, again, other = shown(species), shown(species), shown(species, seed=2)
    assert first.picture.bgr_hwc.shape == (480, 640, 3)
    assert np.array_equal(first.picture.bgr_hwc, again.picture.bgr_hwc)
    assert not np.array_equal(first.picture.bgr_hwc, other.picture.bgr_hwc)


def test_a_face_is_on_the_instrument_or_it_is_not():
    seen = shown(RecaptureSpecies.PHONE)
    middle = seen.corners_px.mean(axis=0)
    inside = np.asarray([*(middle - 20), *(middle + 20)], np.float32)
    outside = np.asarray([600, 430, 638, 478], np.float32)
    points = np.zeros((5, 2), np.float32)
    assert seen.shows(Face(inside, points, 0.9))
    assert not seen.shows(Face(outside, points, 0.9))


def test_a_close_screen_has_its_rim_outside_the_picture():
    for seed in range(5):
        corners = shown(RecaptureSpecies.SCREEN_CLOSE, seed).corners_px
        assert (corners[[0, 1], 1] < 15).all()
        assert (corners[[2, 3], 1] > 465).all()


def test_a_screen_is_made_of_red_green_and_blue_stripes():
    light = screen(GREY, np.random.default_rng(3))
    for channel, place in ((2, 0), (1, 1), (0, 2)):
        own = light[:, place::FINE, channel].mean()
        others = np.delete(light[..., channel], np.s_[place::FINE], axis=1).mean()
        assert own > 2 * others


def test_a_page_has_dots_where_the_picture_has_none_and_a_photo_has_not():
    def grain(surface: np.ndarray) -> float:
        middle = surface[9:-9, 9:-9].mean(axis=2)
        return float(middle.std() / middle.mean())

    grey = np.full((40, 40, 3), 110, np.uint8)
    assert grain(printed_page(grey, np.random.default_rng(3))) > 0.03
    photo = glossy_photo(grey, np.random.default_rng(3))
    assert np.abs(np.diff(photo[..., 1], axis=1)).max() < 0.02


def test_paper_gives_back_neither_black_nor_white():
    stripes = np.repeat(np.asarray([0, 255], np.uint8), 20)[None, :, None].repeat(20, 0).repeat(3, 2)
    surface = printed_page(stripes, np.random.default_rng(5))
    assert surface[:, :30].mean() > 0.01
    assert surface[:, -30:].mean() < 0.95


def test_a_camera_that_sends_jpeg_keeps_little_of_fine_colours():
    seen = shown(RecaptureSpecies.SCREEN_CLOSE).picture.bgr_hwc
    sent = compress(seen, 80)
    assert sent.shape == seen.shape

    def fine_colour(bgr_hwc: np.ndarray) -> float:
        colour = bgr_hwc[..., 2].astype(np.float32) - bgr_hwc[..., 1]
        return float(np.diff(colour, axis=1).var())

    assert fine_colour(sent) < 0.5 * fine_colour(seen)


def test_a_negative_seed_is_refused():
    with pytest.raises(ValueError, match="seed >= 0"):
        Recapture(RecaptureSpecies.PHONE, -1)
