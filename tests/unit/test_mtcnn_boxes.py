"""Box arithmetic of the MTCNN stages."""

import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.vision.detection.mtcnn_boxes import Boxes, best_apart, not_inside_better, regressed, squared


def boxes(*rows: tuple[float, float, float, float, float]) -> Boxes:
    table = np.array(rows, np.float32).reshape(-1, 5)
    return Boxes(table[:, :4], table[:, 4])


def table(*rows: tuple[float, float, float, float]) -> NDArray[np.float32]:
    return np.array(rows, np.float32)


def test_of_overlapping_boxes_the_best_stays_and_the_best_comes_first():
    found = best_apart(boxes((0, 0, 10, 10, 0.8), (1, 0, 11, 10, 0.9), (50, 50, 60, 60, 0.95)), 0.5, 10)
    assert found.tolist() == [2, 1]


def test_boxes_that_share_less_than_allowed_all_stay():
    assert sorted(best_apart(boxes((0, 0, 10, 10, 0.8), (8, 0, 18, 10, 0.9)), 0.5, 10).tolist()) == [0, 1]


def test_no_more_boxes_stay_than_asked_for_and_they_are_the_best():
    many = boxes(*((20 * place, 0, 20 * place + 10, 10, 0.5 + place / 1000) for place in range(300)))
    assert best_apart(many, 0.5, 3).tolist() == [299, 298, 297]


@pytest.mark.parametrize("suppress", [best_apart, not_inside_better])
def test_nothing_in_nothing_out(suppress):
    assert suppress(boxes(), 0.5, 10).tolist() == []


def test_a_small_box_within_a_better_one_goes_and_one_beside_it_stays():
    found = not_inside_better(boxes((20, 20, 30, 30, 0.8), (0, 0, 100, 100, 0.9), (98, 0, 130, 30, 0.7)), 0.7, 10)
    assert found.tolist() == [1, 2]


def test_a_large_box_around_a_better_small_one_goes():
    assert not_inside_better(boxes((20, 20, 30, 30, 0.9), (0, 0, 100, 100, 0.8)), 0.7, 10).tolist() == [0]


def test_offsets_move_edges_by_shares_of_the_box_itself():
    moved = regressed(table((10, 20, 30, 60)), table((-0.1, 0.25, 0.5, 0.0)))
    assert np.allclose(moved, [[8, 30, 40, 60]])
    assert moved.dtype == np.float32


def test_a_square_keeps_the_middle_and_covers_the_longer_side():
    assert squared(table((10, 20, 30, 60))).tolist() == [[0, 20, 40, 60]]
    assert squared(table((10, 20, 30, 60)), 0.5).tolist() == [[10, 30, 30, 50]]
