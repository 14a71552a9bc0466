"""Which frames are searched: all where somebody moves or is decided about, few where nothing does."""

from datetime import UTC, datetime

import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.gate_loop import SearchSettings
from doorward_daemon.gate_loop.attention import Attention
from doorward_daemon.gate_loop.schedule import WhereNeeded
from doorward_daemon.model.frame import Frame
from doorward_daemon.vision.motion import MotionGauge

FRAME_NS = 33_333_334
LEVELS = SearchSettings().motion_levels


def _wall(brightness: float = 100.0, noise: float = 4.0, seed: int = 0, side: tuple[int, int] = (480, 640)):
    """A wall with a pattern, before a sensor with noise."""
    rows = np.linspace(0, 60, side[0])[:, None, None]
    chance = np.random.default_rng(seed)
    pixels = np.full((*side, 3), brightness) + rows + chance.normal(0, noise, (*side, 3))
    return np.clip(pixels, 0, 255).astype(np.uint8)


def _with_person(left: int, size: int = 40, seed: int = 0) -> NDArray[np.uint8]:
    frame = _wall(seed=seed)
    frame[200 : 200 + size, left : left + size] = 180
    return frame


def _searched(frames: list[NDArray[np.uint8]], attention: Attention = Attention.NOBODY) -> list[int]:
    schedule = WhereNeeded(SearchSettings())
    moment = datetime(2026, 11, 1, tzinfo=UTC)
    taken = [Frame("gate", number, frame, number * FRAME_NS, moment) for number, frame in enumerate(frames)]
    return [frame.number for frame in taken if schedule.is_due(frame, attention)]


def test_an_empty_gate_is_searched_twice_a_second_and_noise_alone_changes_nothing():
    assert _searched([_wall(seed=number) for number in range(61)]) == [0, 15, 30, 45, 60]


def test_whoever_appears_is_searched_for_in_the_same_frame_and_while_moving():
    frames = [_wall(seed=number) for number in range(20)]
    frames[7:12] = [_with_person(100 + 20 * number, seed=number) for number in range(5)]
    # 7 to 11 is the walk, 12 the first frame without the person.
    assert _searched(frames)[:7] == [0, 7, 8, 9, 10, 11, 12]


def test_who_comes_nearer_by_a_pixel_a_frame_is_noticed_although_no_two_frames_differ_much():
    frames = [_with_person(100 + number, size=60, seed=number) for number in range(30)]
    assert len(_searched(frames)) > 4


def test_who_stands_still_before_the_camera_is_opened_waits_for_half_a_second_at_most():
    found = _searched([_with_person(100, seed=number) for number in range(46)])
    assert max(np.diff(found)) * FRAME_NS <= 0.5e9 + FRAME_NS


@pytest.mark.parametrize("step", [-30.0, 30.0])
def test_a_step_of_exposure_is_no_motion(step: float):
    gauge = MotionGauge(LEVELS)
    gauge.sees_change(_wall())
    gauge.keep()
    assert not gauge.sees_change(_wall(100.0 + step, seed=1))


def test_while_somebody_is_decided_about_every_frame_is_searched():
    assert _searched([_wall(seed=number) for number in range(10)], Attention.GATHERING) == list(range(10))


def test_where_everybody_is_decided_about_and_stands_still_five_frames_a_second_are_searched():
    assert _searched([_wall(seed=number) for number in range(19)], Attention.SETTLED) == [0, 6, 12, 18]


@pytest.mark.parametrize("side", [(1, 1), (24, 32), (25, 3000), (1080, 1920)])
def test_a_frame_of_any_size_is_compared_and_one_of_another_size_too(side: tuple[int, int]):
    gauge = MotionGauge(LEVELS)
    assert gauge.sees_change(_wall(side=side, noise=0.0))
    gauge.keep()
    assert not gauge.sees_change(_wall(side=side, noise=0.0))
    gauge.sees_change(_wall())
