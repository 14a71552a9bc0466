"""A gate with the real models, one situation at a time: who is let in, how often, what happens when things go wrong."""

import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.access import AccessReason, DoorPolicy, DoorState
from doorward_daemon.camera.demonstration.figure import Figure, load_figures
from doorward_daemon.door import DoorSettings
from doorward_daemon.errors import Overloaded
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.quality import Guidance
from doorward_daemon.packs.manifest import InstalledPack
from doorward_sync.payload import decode_payload
from doorward_testing.gate_site import DOOR, GateSite, frame_of, open_gate

pytestmark = pytest.mark.models

OPEN_TO_ALL = DoorPolicy(liveness=LivenessPolicy.OFF)


@pytest.fixture(scope="module")
def figures() -> dict[Figure, NDArray[np.uint8]]:
    pytest.importorskip("skimage")
    return load_figures()


@pytest.fixture
def gate(
    tmp_path: Path, any_pack: InstalledPack, figures: dict[Figure, NDArray[np.uint8]], request: pytest.FixtureRequest
) -> Iterator[GateSite]:
    policy = getattr(request, "param", OPEN_TO_ALL)
    with open_gate(tmp_path, any_pack, policy) as site:
        site.enrol("astronaut", figures[Figure.ASTRONAUT])
        yield site


def before_wall(*people: tuple[NDArray[np.uint8], int, int]) -> NDArray[np.uint8]:
    """A frame with pictures of a height at a left edge, standing on its lower edge."""
    frame = np.full((480, 640, 3), 128, np.uint8)
    for picture, height, left in people:
        small = cv2.resize(picture, (height * picture.shape[1] // picture.shape[0], height))
        shown = small[:, : 640 - left]
        frame[480 - height :, left : left + shown.shape[1]] = shown
    return frame


@pytest.fixture(scope="module")
def astronaut(figures: dict[Figure, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    return before_wall((figures[Figure.ASTRONAUT], 460, 90))


@pytest.fixture(scope="module")
def stranger(figures: dict[Figure, NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """The cameraman, his face where the astronaut's is."""
    return before_wall((figures[Figure.CAMERAMAN], 480, 40))


EMPTY = before_wall()


def test_one_visit_opens_the_door_once_and_the_identity_leaves_with_the_track(
    gate: GateSite, astronaut: NDArray[np.uint8]
):
    outcomes = [gate.show(astronaut)[1].outcome for _ in range(40)]
    assert outcomes[-1] is Outcome.MATCHED
    assert gate.door.pulses == 1
    for _ in range(40):
        gate.show(EMPTY)
    _, view = gate.show(astronaut)
    assert view.tracks[0].track_id == 2
    assert gate.door.pulses == 2


def test_the_door_locks_again_by_itself(gate: GateSite, astronaut: NDArray[np.uint8]):
    gate.show(astronaut)
    assert gate.door.state() is DoorState.UNLOCKED
    gate.clock.pass_s(3.0)
    assert gate.door.state() is DoorState.LOCKED


def test_somebody_else_in_the_place_of_who_was_let_in_is_somebody_else(
    gate: GateSite, astronaut: NDArray[np.uint8], stranger: NDArray[np.uint8]
):
    for _ in range(5):
        gate.show(astronaut)
    views = [gate.show(stranger)[1] for _ in range(60)]
    assert views[-1].tracks[0].outcome is Outcome.UNKNOWN
    assert views[-1].tracks[0].track_id != 1
    assert gate.door.pulses == 1


def test_a_stranger_is_denied_once_and_looked_at_again_after_a_while(gate: GateSite, stranger: NDArray[np.uint8]):
    for _ in range(60):
        gate.show(stranger)
    assert gate.recorder.kinds() == ["access.denied"]
    for _ in range(60):
        gate.show(stranger)
    assert gate.recorder.kinds() == ["access.denied"] * 2


def test_a_stranger_who_is_enrolled_meanwhile_is_let_in(gate: GateSite, stranger: NDArray[np.uint8]):
    for _ in range(10):
        gate.show(stranger)
    gate.enrol("cameraman", stranger)
    for _ in range(100):
        gate.show(stranger)
    assert gate.recorder.kinds() == ["access.denied", "access.granted", "door.opened"]


@pytest.mark.parametrize(
    "gate", [DoorPolicy(liveness=LivenessPolicy.OFF, one_person_at_a_time=True)], indirect=True, ids=["one-person"]
)
def test_one_person_at_a_time_waits_until_the_second_one_has_gone(
    gate: GateSite, figures: dict[Figure, NDArray[np.uint8]]
):
    person = figures[Figure.ASTRONAUT]
    both = before_wall((person, 440, 0), (person[:, ::-1], 400, 330))
    view = [gate.show(both)[1] for _ in range(20)][-1]
    assert (view.is_crowded, view.guidance) == (True, (Guidance.ONE_PERSON_AT_A_TIME,))
    assert (gate.door.pulses, gate.recorder.kinds()) == (0, ["access.denied"])
    alone = before_wall((person, 440, 0))
    for _ in range(120):
        gate.show(alone)
    assert gate.door.pulses == 1


def test_two_persons_are_both_looked_at_where_the_door_lets_them(
    gate: GateSite, figures: dict[Figure, NDArray[np.uint8]]
):
    person = figures[Figure.ASTRONAUT]
    both = before_wall((person, 440, 0), (person[:, ::-1], 400, 330))
    view = [gate.show(both)[1] for _ in range(5)][-1]
    assert [track.outcome for track in view.tracks] == [Outcome.MATCHED] * 2
    assert view.tracks[0].guidance == ()


def test_a_late_decision_is_stale_opens_nothing_and_is_tried_again(gate: GateSite, astronaut: NDArray[np.uint8]):
    captured_ns = gate.clock.now_ns
    gate.clock.pass_s(1.5)
    (record,) = gate.loop.process(frame_of(astronaut, 1, captured_ns))
    assert (record.access.reason, gate.door.pulses) == (AccessReason.STALE, 0)
    assert gate.loop.hub.latest is not None
    assert gate.loop.hub.latest.tracks[0].outcome is Outcome.STALE
    for _ in range(100):
        gate.show(astronaut)
    assert gate.door.pulses == 1


def test_who_was_asked_to_come_closer_and_left_is_on_record(gate: GateSite, astronaut: NDArray[np.uint8]):
    # As far as both detectors still see a face.
    blurred = np.asarray(cv2.blur(astronaut, (25, 1)), np.uint8)
    for _ in range(15):
        gate.show(blurred)
    for _ in range(60):
        gate.show(EMPTY)
    assert gate.recorder.kinds() == ["access.denied"]
    payload = gate.recorder.events[0].payload
    assert payload is not None
    assert decode_payload(payload)["outcome"] == "LOW_QUALITY"


def test_a_gate_without_its_disk_lets_the_person_try_again(gate: GateSite, astronaut: NDArray[np.uint8]):
    gate.recorder.disk = "slow"
    _, view = gate.show(astronaut)
    assert (gate.door.pulses, view.tracks[0].let_in) == (0, False)
    gate.recorder.come_back()
    for _ in range(120):
        _, view = gate.show(astronaut)
    assert (gate.door.pulses, view.tracks[0].let_in) == (1, True)
    assert gate.recorder.kinds()[:2] == ["access.granted", "door.fault"]


def test_a_door_that_does_not_answer_is_on_record_and_the_person_is_looked_at_again(
    tmp_path: Path, any_pack: InstalledPack, figures: dict[Figure, NDArray[np.uint8]], astronaut: NDArray[np.uint8]
):
    quick = (DoorSettings(door_id=DOOR, answer_ms=20),)
    with open_gate(tmp_path, any_pack, OPEN_TO_ALL, door_settings=quick, door_answers=False) as gate:
        gate.enrol("astronaut", figures[Figure.ASTRONAUT])
        _, view = gate.show(astronaut)
        assert (view.outcome, view.tracks[0].let_in) == (Outcome.MATCHED, False)
        for _ in range(120):
            gate.show(astronaut)
        assert gate.recorder.kinds() == ["access.granted", "door.fault"] * 2
        fault = gate.recorder.events[1].payload
        assert fault is not None
        assert decode_payload(fault)["problem"]
        assert gate.loop.is_healthy


def test_capture_times_that_go_back_neither_open_twice_nor_end_a_track(gate: GateSite, astronaut: NDArray[np.uint8]):
    for number, back_s in enumerate((0.0, 0.5, 20.0, 0.0, 300.0, 0.1), start=1):
        gate.clock.pass_s(0.03)
        gate.loop.process(frame_of(astronaut, number, gate.clock.now_ns - round(back_s * 1e9)))
    latest = gate.loop.hub.latest
    assert latest is not None
    assert [track.track_id for track in latest.tracks] == [1]
    assert gate.door.pulses == 1
    assert gate.recorder.kinds() == ["access.granted", "door.opened"]


def test_what_is_owed_is_recorded_while_the_camera_runs_and_nobody_is_there(
    gate: GateSite, astronaut: NDArray[np.uint8]
):
    gate.recorder.disk = "broken"
    gate.show(astronaut)
    gate.recorder.come_back()
    assert gate.recorder.events == []
    for _ in range(40):
        gate.show(EMPTY)
    assert gate.recorder.kinds() == ["access.granted", "door.fault"]


def test_watchers_get_the_newest_view_and_hold_nobody_up(gate: GateSite, astronaut: NDArray[np.uint8]):
    with gate.loop.hub.watch() as slow, gate.loop.hub.watch() as quick:
        for _ in range(5):
            gate.show(astronaut)
            assert quick.take(0.0) is not None
        view = slow.take(0.0)
        assert view is not None
        assert (view.frame.number, slow.skipped, quick.skipped) == (5, 4, 0)
        assert view.preview.jpeg()[:3] == b"\xff\xd8\xff"
        assert view.preview.jpeg() is view.preview.jpeg()
    assert gate.loop.hub.watchers == 0


def test_watchers_are_bounded(gate: GateSite):
    hub = gate.loop.hub
    with ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(hub.watch())
        with pytest.raises(Overloaded):
            stack.enter_context(hub.watch())


def _wait_until(done: threading.Event, what: str) -> None:
    assert done.wait(30.0), what


def test_the_thread_takes_frames_makes_progress_and_stops(gate: GateSite, astronaut: NDArray[np.uint8]):
    seen = threading.Event()
    with gate.loop.hub.watch(seen.set) as watcher:
        gate.loop.start()
        gate.camera.slot.put(frame_of(astronaut, 1, gate.clock.now_ns))
        _wait_until(seen, "no view came")
        before = gate.loop.progress
        deadline = time.monotonic() + 30.0
        while gate.loop.progress < before + 2 and time.monotonic() < deadline:
            watcher.take(0.1)
        assert gate.loop.progress >= before + 2
        assert gate.loop.stop(10.0)
        assert watcher.is_closed
    assert (gate.door.pulses, gate.loop.is_healthy) == (1, True)


def test_frames_that_cannot_be_judged_make_it_unhealthy_and_a_good_one_heals_it(
    gate: GateSite, astronaut: NDArray[np.uint8]
):
    gate.loop.start()
    # No detector takes a picture without a pixel.
    nothing = np.zeros((0, 0, 3), np.uint8)
    deadline = time.monotonic() + 60.0
    number = 0
    while gate.loop.is_healthy and time.monotonic() < deadline:
        number += 1
        gate.camera.slot.put(frame_of(nothing.copy(), number, gate.clock.now_ns))
        threading.Event().wait(0.01)
    assert not gate.loop.is_healthy
    assert gate.loop.problem
    seen = threading.Event()
    with gate.loop.hub.watch(seen.set):
        gate.camera.slot.put(frame_of(astronaut, number + 1, gate.clock.now_ns))
        _wait_until(seen, "the loop did not go on")
    assert gate.loop.stop(10.0)
    assert gate.loop.is_healthy
