"""A gate that searches only where it is needed, with the real models: nobody waits longer for it."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.camera.demonstration.figure import Figure, load_figures
from doorward_daemon.gate_loop import GateLoopSettings, SearchSettings
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.gate_site import GateSite, open_gate

pytestmark = pytest.mark.models

OPEN_TO_ALL = DoorPolicy(liveness=LivenessPolicy.OFF)
EMPTY = np.full((480, 640, 3), 128, np.uint8)


@pytest.fixture(scope="module")
def portrait() -> NDArray[np.uint8]:
    pytest.importorskip("skimage")
    return load_figures()[Figure.ASTRONAUT]


@pytest.fixture(scope="module")
def astronaut(portrait: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """She stands before the wall."""
    frame = EMPTY.copy()
    small = cv2.resize(portrait, (460 * portrait.shape[1] // portrait.shape[0], 460))
    frame[20:, 90 : 90 + small.shape[1]] = small
    return frame


@pytest.fixture
def gate(tmp_path: Path, any_pack: InstalledPack, portrait: NDArray[np.uint8]) -> Iterator[GateSite]:
    with open_gate(tmp_path, any_pack, OPEN_TO_ALL) as site:
        site.enrol("astronaut", portrait)
        yield site


@pytest.mark.parametrize("frames_before", [0, 1, 20])
def test_whoever_appears_is_let_in_in_the_same_frame_as_by_a_gate_that_searches_each_one(
    tmp_path: Path,
    any_pack: InstalledPack,
    portrait: NDArray[np.uint8],
    astronaut: NDArray[np.uint8],
    frames_before: int,
):
    let_in: list[int] = []
    for when in ("always", "needed"):
        settings = GateLoopSettings(search=SearchSettings(when=when))
        with open_gate(tmp_path / when, any_pack, OPEN_TO_ALL, settings) as gate:
            gate.enrol("astronaut", portrait)
            for _ in range(frames_before):
                gate.show(EMPTY)
            shown = (gate.show(astronaut)[1].outcome for _ in range(40))
            let_in.append(next(number for number, outcome in enumerate(shown) if outcome is Outcome.MATCHED))
    assert let_in[0] == let_in[1]


def test_an_empty_gate_searches_few_frames(gate: GateSite):
    searched = 0
    for _ in range(60):
        gate.show(EMPTY)
        searched += gate.was_searched
    assert searched <= 5


def test_who_was_let_in_and_stands_still_is_followed_with_few_searches_and_gone_when_gone(
    gate: GateSite, astronaut: NDArray[np.uint8]
):
    for _ in range(30):
        _, view = gate.show(astronaut)
    assert view.outcome is Outcome.MATCHED
    searched = 0
    for _ in range(60):
        _, view = gate.show(astronaut)
        searched += gate.was_searched
        assert view.tracks[0].outcome is Outcome.MATCHED
    assert searched <= 20
    gate.show(EMPTY)
    assert gate.was_searched
    for _ in range(40):
        _, view = gate.show(EMPTY)
    assert view.tracks == ()
    assert gate.door.pulses == 1
