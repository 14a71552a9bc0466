"""Cameras: the newest frame wins, a lost one comes back, one never blocks another."""

import itertools
import random
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from doorward_daemon.camera import (
    CameraLimits,
    Cameras,
    CameraSettings,
    CameraState,
    CameraThread,
    FrameSlot,
    SourceLostError,
    make_source,
)
from doorward_daemon.camera.backoff import Backoff
from doorward_daemon.camera.demonstration import SCENES, DemonstrationSource
from doorward_daemon.camera.demonstration.scene import scene_at
from doorward_daemon.camera.opencv_source import without_credentials
from doorward_daemon.camera.pace import Pace
from doorward_daemon.model.frame import Frame

FAST = CameraLimits(stall_s=0.2, freeze_s=0.15, backoff=Backoff(base_s=0.01, cap_s=0.02))


class ScriptedSource:
    """A real source that does what it is told: gives frames, freezes, is lost, or hangs."""

    is_live = True

    def __init__(self, plan: str, hang: threading.Event) -> None:
        self._plan, self._hang, self._count = plan, hang, 0

    def open(self) -> None:
        if self._plan == "absent":
            raise SourceLostError("it is not there")

    def read(self):
        self._count += 1
        if self._plan == "lost" and self._count > 3:
            raise SourceLostError("unplugged")
        if self._plan == "hangs" and self._count > 3:
            self._hang.wait(10)
        if self._plan == "ends" and self._count > 3:
            return None
        time.sleep(0.005)
        value = 7 if self._plan == "frozen" else self._count
        return np.full((4, 6, 3), value % 256, np.uint8)

    def close(self) -> None:
        pass


@pytest.fixture
def hang():
    event = threading.Event()
    yield event
    event.set()


def _run(plans: list[str], hang: threading.Event) -> CameraThread:
    left = iter(plans)
    last = plans[-1]
    camera = CameraThread("gate", lambda: ScriptedSource(next(left, last), hang), FAST)
    camera.start()
    return camera


def _until(condition, within_s: float = 5.0) -> None:
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.002)


def _frame(number: int) -> Frame:
    return Frame("gate", number, np.zeros((2, 2, 3), np.uint8), time.monotonic_ns(), datetime.now(UTC))


def test_the_newest_frame_wins_and_the_lost_ones_are_counted():
    slot = FrameSlot()
    for number in (1, 2, 3):
        slot.put(_frame(number))
    taken = slot.take(1.0)
    assert taken is not None
    assert taken.number == 3
    assert slot.dropped_frames == 2
    assert slot.take(0.0) is None


def test_who_waits_for_a_frame_is_woken_when_the_slot_closes():
    slot = FrameSlot()
    found: list[object] = []
    waiting = threading.Thread(target=lambda: found.append(slot.take(30.0)))
    waiting.start()
    slot.close()
    waiting.join(5.0)
    assert found == [None]


def test_a_lost_camera_is_opened_again(hang: threading.Event):
    camera = _run(["lost", "good"], hang)
    _until(lambda: camera.status().frames > 10 and camera.status().state is CameraState.STREAMING)
    assert camera.status().reconnects == 1
    assert camera.stop(2.0)


def test_a_missing_camera_says_what_is_wrong_and_is_tried_again(hang: threading.Event):
    camera = _run(["absent", "absent", "good"], hang)
    _until(lambda: camera.status().reconnects >= 1)
    _until(lambda: camera.status().state is CameraState.STREAMING)
    assert camera.status().problem == ""
    assert camera.stop(2.0)


def test_a_frozen_picture_is_noticed_and_the_camera_opened_again(hang: threading.Event):
    camera = _run(["frozen", "good"], hang)
    _until(lambda: camera.status().reconnects >= 1)
    _until(lambda: camera.status().state is CameraState.STREAMING)
    assert camera.stop(2.0)


def test_a_camera_streams_from_its_first_frame_on_and_not_from_an_open_line(hang: threading.Event):
    asked = threading.Event()

    class Mute(ScriptedSource):
        def read(self):
            asked.set()
            hang.wait(10)
            return super().read()

    camera = CameraThread("gate", lambda: Mute("good", hang), FAST)
    camera.start()
    assert asked.wait(5.0)
    assert camera.status().state is CameraState.CONNECTING
    hang.set()
    _until(lambda: camera.status().state is CameraState.STREAMING)
    assert camera.status().returns == 0
    assert camera.stop(2.0)


def test_a_frozen_camera_that_is_opened_again_stays_frozen(hang: threading.Event):
    camera = _run(["frozen"], hang)
    _until(lambda: camera.status().state is CameraState.FROZEN)
    while camera.slot.take(0.0) is not None:
        pass
    states, frames = set(), []
    while camera.status().reconnects < 3:
        states.add(camera.status().state)
        frames.append(camera.slot.take(0.01))
    assert states == {CameraState.FROZEN}
    # A frozen picture of somebody who is known would open the door again and again.
    assert frames == [None] * len(frames)
    assert camera.stop(2.0)


def test_a_frozen_camera_streams_when_its_picture_changes(hang: threading.Event):
    camera = _run(["frozen", "frozen", "good"], hang)
    _until(lambda: camera.status().state is CameraState.FROZEN)
    _until(lambda: camera.status().state is CameraState.STREAMING)
    assert camera.status().reconnects >= 2
    assert camera.status().returns == 1
    assert "has not changed" in camera.status().last_problem
    assert camera.stop(2.0)


def test_a_read_that_hangs_is_seen_from_outside(hang: threading.Event):
    camera = _run(["hangs"], hang)
    _until(lambda: camera.status().state is CameraState.STALLED)
    assert camera.status().frames_per_s == 0.0
    hang.set()
    assert camera.stop(2.0)


def test_a_hanging_camera_does_not_block_another(hang: threading.Event):
    stuck, good = _run(["hangs"], hang), _run(["good"], hang)
    _until(lambda: stuck.status().state is CameraState.STALLED)
    before = good.status().frames
    _until(lambda: good.status().frames > before + 10)
    hang.set()
    assert good.stop(2.0)
    assert stuck.stop(2.0)


def test_a_source_that_ends_has_ended(hang: threading.Event):
    camera = _run(["ends"], hang)
    _until(lambda: camera.status().state is CameraState.ENDED)
    assert camera.stop(2.0)


def test_a_box_without_cameras_starts_and_stops():
    with Cameras([]) as cameras:
        assert len(cameras) == 0
        assert cameras.statuses() == ()


def test_cameras_that_are_not_there_are_named_with_their_problem(tmp_path: Path):
    settings = [
        CameraSettings(camera_id="usb", source="/dev/video77"),
        CameraSettings(camera_id="file", source=str(tmp_path / "nowhere.mp4")),
    ]
    with Cameras(settings) as cameras:
        _until(lambda: all(status.state is CameraState.LOST for status in cameras.statuses()))
        problems = [status.problem for status in cameras.statuses()]
    assert "/dev/video77" in problems[0]
    assert "nowhere.mp4" in problems[1]


def test_a_folder_of_pictures_is_a_camera(tmp_path: Path):
    for number in range(3):
        Image.new("RGB", (8, 6), (number * 40, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "note.txt").write_text("not a picture")
    source = make_source(CameraSettings(camera_id="f", source=str(tmp_path), frames_per_s=100.0, loops=False))
    source.open()
    reds = []
    while (picture := source.read()) is not None:
        reds.append(int(picture[0, 0, 2]))
    assert reds == [0, 40, 80]


@pytest.mark.assets
def test_a_video_file_plays_at_its_own_pace_and_ends(assets: Path):
    clip = next((assets / "clips").glob("*.mp4"))
    source = make_source(CameraSettings(camera_id="v", source=str(clip), loops=False))
    source.open()
    started = time.monotonic()
    for _ in range(15):
        picture = source.read()
        assert picture is not None
        assert picture.shape == (360, 640, 3)
    assert time.monotonic() - started > 14 / 30 * 0.8
    source.close()


def test_the_demonstration_is_the_same_for_a_seed_and_never_frozen():
    first, second, other = (DemonstrationSource(seed, paced=False) for seed in (1, 1, 2))
    for source in (first, second, other):
        source.open()
    frames = [first.read() for _ in range(20)]
    assert all(np.array_equal(frame, second.read()) for frame in frames)
    assert not np.array_equal(frames[0], other.read())
    assert all(not np.array_equal(one, two) for one, two in itertools.pairwise(frames))
    assert frames[0] is not None
    assert frames[0].shape == (480, 640, 3)


def test_the_scenes_of_the_demonstration_follow_one_another_endlessly():
    round_frames = sum(scene.frames for scene in SCENES)
    assert scene_at(0)[0] is SCENES[0]
    assert scene_at(round_frames - 1)[0] is SCENES[-1]
    assert scene_at(round_frames * 1000 + 1)[0] is SCENES[0]
    assert {scene.outcome for scene in SCENES} >= {None}


def test_a_late_tick_does_not_make_the_next_ones_hurry():
    now, slept = [0.0], []

    def sleep(duration_s: float) -> None:
        slept.append(duration_s)
        now[0] += duration_s

    pace = Pace(10.0, clock=lambda: now[0], sleep=sleep)
    pace.wait()
    pace.wait()
    now[0] += 5.0
    pace.wait()
    pace.wait()
    assert slept[0] == pytest.approx(0.1)
    assert now[0] >= 5.1


def test_waits_grow_with_jitter_up_to_the_cap():
    backoff, chance = Backoff(base_s=1.0, cap_s=30.0), random.Random(1)
    waits = [[backoff.wait_s(attempt, chance) for _ in range(200)] for attempt in (0, 3, 20)]
    assert max(waits[0]) <= 1.0
    assert max(waits[1]) <= 8.0
    assert 20.0 < max(waits[2]) <= 30.0
    assert min(min(some) for some in waits) >= 0.05


def test_credentials_of_a_stream_are_never_shown():
    assert without_credentials("rtsp://user:secret@host/one") == "rtsp://host/one"
    assert without_credentials("rtsp://host/one") == "rtsp://host/one"
