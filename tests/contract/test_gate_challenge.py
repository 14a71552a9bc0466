"""A gate that challenges, with the real models: who does what is asked is let in, once; nobody and nothing else is."""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.access import ChallengeSettings, DoorPolicy
from doorward_daemon.camera.demonstration.figure import Figure, load_figures
from doorward_daemon.gate_loop import GateLoopSettings, GateView
from doorward_daemon.model.liveness import ChallengePolicy, LivenessPolicy
from doorward_daemon.model.quality import Guidance
from doorward_daemon.packs.manifest import InstalledPack
from doorward_sync.payload import decode_payload
from doorward_testing.gate_site import GateSite, open_gate
from doorward_testing.turned_head import turn_head, turn_picture

pytestmark = pytest.mark.models

POLICY = DoorPolicy(liveness=LivenessPolicy.OFF, challenge=ChallengePolicy.TURN)
SETTINGS = GateLoopSettings(challenge=ChallengeSettings(step_s=1.2), retry_after_s=1.0)
SIDES = {Guidance.TURN_LEFT: 44, Guidance.TURN_RIGHT: -44}
"""The subject's left is the right of the picture."""
STEP_DEG = 4

Picture = NDArray[np.uint8]
Mover = Callable[[int], Picture]
"""Shows somebody whose head is turned by so many degrees."""


@pytest.fixture(scope="module")
def figures() -> dict[Figure, Picture]:
    pytest.importorskip("skimage")
    return load_figures()


def before_wall(picture: Picture, height: int, left: int) -> Picture:
    frame = np.full((480, 640, 3), 128, np.uint8)
    small = cv2.resize(picture, (height * picture.shape[1] // picture.shape[0], height), interpolation=cv2.INTER_AREA)
    frame[480 - height :, left : left + small.shape[1]] = small
    return frame


@pytest.fixture
def gate(tmp_path: Path, any_pack: InstalledPack, figures: dict[Figure, Picture]) -> Iterator[GateSite]:
    with open_gate(tmp_path, any_pack, POLICY, SETTINGS) as site:
        site.enrol("astronaut", figures[Figure.ASTRONAUT])
        yield site


@pytest.fixture
def head(gate: GateSite, figures: dict[Figure, Picture]) -> Mover:
    """The astronaut in the flesh."""
    frame = before_wall(figures[Figure.ASTRONAUT], 430, 105)
    face = gate.models.detector.detect(frame).largest_first()[0]
    return cache(lambda yaw: turn_head(frame, face, yaw))


@pytest.fixture
def page(figures: dict[Figure, Picture]) -> Mover:
    """A photo of the astronaut."""
    frame = before_wall(figures[Figure.ASTRONAUT], 430, 105)
    return cache(lambda yaw: turn_picture(frame, yaw))


def visit(gate: GateSite, mover: Mover, obeys: Callable[[Guidance], Guidance], frames: int = 240) -> list[Guidance]:
    """Somebody who watches the screen and turns at 120 degrees per second; gives what was asked, once each."""
    yaw, wanted, asked = 0, 0, []
    for _ in range(frames):
        _, view = gate.show(mover(yaw))
        track = view.tracks[0] if view.tracks else None
        step = track.guidance[0] if track and track.guidance else Guidance.LOOK_AT_THE_CAMERA
        if step in SIDES and (not asked or asked[-1] is not step or wanted == 0):
            asked.append(step)
        wanted = SIDES.get(obeys(step), 0)
        yaw += max(-STEP_DEG, min(STEP_DEG, wanted - yaw))
        if gate.recorder.kinds():
            break
    return asked


def outcome_of(gate: GateSite) -> tuple[str, str, str | None]:
    payload = decode_payload(gate.recorder.events[0].payload or b"")
    return payload["reason"], payload["challenge"], payload["challenge_failure"]


def test_who_does_what_is_asked_is_let_in_once(gate: GateSite, head: Mover):
    asked = visit(gate, head, lambda step: step)
    assert gate.recorder.kinds() == ["access.granted", "door.opened"]
    assert outcome_of(gate) == ("IDENTIFIED", "PASSED", None)
    payload = decode_payload(gate.recorder.events[0].payload or b"")
    assert [step.value for step in asked] == payload["challenge_steps"]
    for _ in range(20):
        gate.show(head(0))
    assert gate.door.pulses == 1


def test_who_stands_still_is_denied_when_the_time_is_over(gate: GateSite, head: Mover):
    visit(gate, head, lambda _: Guidance.HOLD_STILL)
    assert outcome_of(gate) == ("LIVENESS_NOT_SHOWN", "FAILED", "TIMED_OUT")
    assert gate.door.pulses == 0


def test_who_does_the_opposite_is_denied_at_once(gate: GateSite, head: Mover):
    other = {Guidance.TURN_LEFT: Guidance.TURN_RIGHT, Guidance.TURN_RIGHT: Guidance.TURN_LEFT}
    visit(gate, head, lambda step: other.get(step, step))
    assert outcome_of(gate) == ("LIVENESS_NOT_SHOWN", "FAILED", "WRONG_MOVE")
    assert gate.door.pulses == 0


def test_a_photo_that_is_turned_as_asked_does_not_pass(gate: GateSite, page: Mover):
    visit(gate, page, lambda step: step)
    assert outcome_of(gate)[:2] == ("LIVENESS_NOT_SHOWN", "FAILED")
    assert gate.door.pulses == 0


def test_who_fails_is_asked_something_else_after_a_while(gate: GateSite, head: Mover):
    visit(gate, head, lambda _: Guidance.HOLD_STILL)
    first = decode_payload(gate.recorder.events[0].payload or b"")["challenge_steps"]
    gate.recorder.events.clear()
    visit(gate, head, lambda step: step, frames=400)
    assert outcome_of(gate) == ("IDENTIFIED", "PASSED", None)
    assert decode_payload(gate.recorder.events[0].payload or b"")["challenge_steps"] != first


def test_somebody_else_cannot_do_it_for_the_person(gate: GateSite, head: Mover, figures: dict[Figure, Picture]):
    """The photo of one person is recognised, another one turns the head, and the photo comes back."""
    stranger = before_wall(figures[Figure.CAMERAMAN], 480, 40)

    def swapped(yaw: int) -> Picture:
        return head(yaw) if abs(yaw) < 8 else stranger

    visit(gate, swapped, lambda step: step)
    assert gate.door.pulses == 0
    for event in gate.recorder.events:
        assert decode_payload(event.payload or b"")["challenge"] != "PASSED"


def test_who_leaves_in_the_middle_is_on_record(gate: GateSite, head: Mover):
    empty = np.full((480, 640, 3), 128, np.uint8)
    for _ in range(15):
        gate.show(head(0))
    for _ in range(60):
        gate.show(empty)
    assert outcome_of(gate) == ("LIVENESS_NOT_SHOWN", "FAILED", "FACE_LOST")


def test_while_a_challenge_runs_nothing_else_is_asked(gate: GateSite, head: Mover):
    gate.show(head(0))
    views: list[GateView] = [gate.show(head(0))[1] for _ in range(5)]
    for view in views:
        assert len(view.tracks[0].guidance) == 1
        assert view.tracks[0].guidance[0] in SIDES
        assert view.tracks[0].outcome is None
