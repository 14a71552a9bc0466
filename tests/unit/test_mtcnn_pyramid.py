"""The pyramid that MTCNN searches: where its pixels come from."""

import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.vision.detection.mtcnn_pyramid import PicturePyramid


def ramp(height: int, width: int) -> NDArray[np.uint8]:
    """Blue grows by one per column, green by one per row, red is 200."""
    rows, columns = np.mgrid[0:height, 0:width]
    return np.stack([columns, rows, np.full_like(rows, 200)], axis=2).astype(np.uint8)


def pixels(network_input: NDArray[np.float32]) -> NDArray[np.float32]:
    """Undoes the network's scaling: (N, 3, H, W), RGB, 0..255."""
    return network_input * 128 + 127.5


def squares(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)


def test_levels_fall_by_the_factor_until_a_side_is_too_short():
    sizes = list(PicturePyramid(ramp(100, 200), 1280).level_sizes(0.6, 0.5, 12))
    assert sizes == [(120, 60), (60, 30), (30, 15)]


@pytest.mark.parametrize("size", [(1, 1), (11, 500), (1, 5000)])
def test_a_picture_smaller_than_a_cell_has_no_level(size: tuple[int, int]):
    pyramid = PicturePyramid(np.zeros((*size, 3), np.uint8), 1280)
    assert list(pyramid.level_sizes(1.0, 0.7, 12)) == []
    assert min(pyramid.width_px, pyramid.height_px) == 1 or size[0] == 11


def test_a_large_picture_is_searched_at_the_length_allowed():
    pyramid = PicturePyramid(np.zeros((3000, 1500, 3), np.uint8), 1000)
    assert (pyramid.width_px, pyramid.height_px) == (500, 1000)


def test_channels_are_red_green_blue_and_scaled():
    found = PicturePyramid(ramp(48, 48), 1280).level(48, 48)
    assert found.dtype == np.float32
    assert found[0, 0, 0, 0] == pytest.approx((200 - 127.5) / 128)
    assert pixels(found)[0, 2, 5, 30] == pytest.approx(30)
    assert pixels(found)[0, 1, 5, 30] == pytest.approx(5)


def test_a_crop_of_whole_pixels_is_the_picture_itself():
    crop = pixels(PicturePyramid(ramp(100, 100), 1280).crops(squares((20, 30, 68, 78)), 48))
    assert np.allclose(crop[0, 2, 7], np.arange(20, 68), atol=0.6)
    assert np.allclose(crop[0, 1, :, 7], np.arange(30, 78), atol=0.6)


@pytest.mark.parametrize("side", [30, 48, 70, 100, 200])
def test_a_crop_shows_the_same_place_from_whichever_size_it_is_cut(side: int):
    crop = pixels(PicturePyramid(ramp(240, 240), 1280).crops(squares((20, 10, 20 + side, 10 + side)), 48))
    middles = (np.arange(48) + 0.5) / 48 * side - 0.5
    assert np.abs(crop[0, 2, 20] - (20 + middles)).max() < 1.1
    assert np.abs(crop[0, 1, :, 20] - (10 + middles)).max() < 1.1


def test_outside_of_the_picture_is_black_and_crops_keep_their_order():
    crops = pixels(
        PicturePyramid(np.full((100, 100, 3), 255, np.uint8), 1280).crops(
            squares((-96, 0, 0, 96), (2, 2, 98, 98), (76, 76, 124, 124)), 24
        )
    )
    assert crops[0, :, :, :23].max() == 0
    assert crops[1].min() == 255
    assert crops[2, 0, 5, 5] == 255
    assert crops[2, 0, 20, 5] == 0
