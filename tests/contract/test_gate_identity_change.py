"""A gate with the real models before which one person takes another one's place without a break."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.camera.demonstration import SCENES, DemonstrationSource
from doorward_daemon.camera.demonstration.figure import Figure, load_figures
from doorward_daemon.entry import EntryRecord
from doorward_daemon.gate_loop import GateLoopSettings
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.packs.manifest import InstalledPack
from doorward_sync.payload import decode_payload
from doorward_testing.campaign import Campaign
from doorward_testing.gate_site import GateSite, open_gate

pytestmark = pytest.mark.models

Picture = NDArray[np.uint8]
TWO_LOOKS = DoorPolicy(liveness=LivenessPolicy.OFF, high_from=1.0, medium_from=0.5, low_from=0.4)
"""A door that trusts no single look: two of them are fused, as after shadows and turned heads."""
SINGER_FROM, AUDIENCE_FROM = 82, 211
"""Frames in which the clip goes over to another picture."""


@pytest.fixture(scope="module")
def figures() -> dict[Figure, Picture]:
    pytest.importorskip("skimage")
    return load_figures()


@pytest.fixture
def gate(tmp_path: Path, any_pack: InstalledPack, figures: dict[Figure, Picture]) -> Iterator[GateSite]:
    with open_gate(tmp_path, any_pack, TWO_LOOKS) as site:
        site.enrol("astronaut", figures[Figure.ASTRONAUT])
        site.enrol("cameraman", np.asarray(cv2.resize(figures[Figure.CAMERAMAN], (480, 480)), np.uint8))
        yield site


def face_of(site: GateSite, frame: Picture) -> NDArray[np.float32]:
    face: NDArray[np.float32] = site.models.detector.detect(frame).largest_first()[0].xyxy_px
    return face


def in_place_of(site: GateSite, frame: Picture, other: Picture, share: float = 1.0) -> Picture:
    """The frame with another face where its own is.

    Args:
        site: finds the faces.
        frame: shows somebody.
        other: a picture of somebody else.
        share: size of the other face over that of the own one; below 1 it is a picture held before it.
    """
    left, top, right, bottom = face_of(site, frame)
    their_left, their_top, their_right, their_bottom = face_of(site, other)
    scale = share * (bottom - top) / (their_bottom - their_top)
    small = np.asarray(cv2.resize(other, None, fx=float(scale), fy=float(scale)), np.uint8)
    centre_x, centre_y = (their_left + their_right) / 2 * scale, (their_top + their_bottom) / 2 * scale
    row, column = round((top + bottom) / 2 - centre_y), round((left + right) / 2 - centre_x)
    shown = frame.copy()
    seen = small[max(0, -row) : frame.shape[0] - row, max(0, -column) : frame.shape[1] - column]
    row, column = max(0, row), max(0, column)
    shown[row : row + seen.shape[0], column : column + seen.shape[1]] = seen
    return shown


@pytest.fixture
def cameraman(figures: dict[Figure, Picture]) -> Picture:
    frame = np.full((480, 640, 3), 128, np.uint8)
    frame[:, 40:520] = cv2.resize(figures[Figure.CAMERAMAN], (480, 480))
    return frame


def facts_of(records: Sequence[EntryRecord]) -> list[dict[str, Any]]:
    events = [record.event for record in records]
    return [decode_payload(event.payload) for event in events if event is not None and event.payload is not None]


@pytest.mark.parametrize("share", [1.0, 0.75], ids=["steps-into-the-place", "holds-a-picture-before-the-face"])
def test_looks_at_two_persons_are_not_fused_and_the_second_one_is_decided_about_alone(
    gate: GateSite, figures: dict[Figure, Picture], cameraman: Picture, share: float
):
    astronaut = in_place_of(gate, cameraman, figures[Figure.ASTRONAUT], share)
    assert gate.show(cameraman)[0] == ()
    assert gate.show(astronaut)[0] == ()
    facts = [fact for _ in range(5) for fact in facts_of(gate.show(astronaut)[0])]
    decided = [(fact["track_id"], fact["subject_id"], fact["frames_used"], fact["follows_track"]) for fact in facts]
    assert decided == [(2, "astronaut", 2, 1)]


def test_nobody_is_shown_as_the_one_who_was_let_in_before_them(
    gate: GateSite, figures: dict[Figure, Picture], cameraman: Picture
):
    astronaut = in_place_of(gate, cameraman, figures[Figure.ASTRONAUT])
    for _ in range(5):
        _, view = gate.show(cameraman)
    assert (view.tracks[0].subject_id, view.tracks[0].let_in) == ("cameraman", True)
    names = [gate.show(astronaut)[1].tracks[0].subject_id for _ in range(40)]
    # A face in exactly the same place is looked at within a second, one that is elsewhere in that very frame.
    assert "cameraman" not in names[31:]
    assert names[-1] == "astronaut"
    assert gate.recorder.kinds() == ["access.granted", "door.opened"] * 2


def test_the_demonstration_splits_no_track(tmp_path: Path, compact_pack: InstalledPack, campaign: Campaign):
    pytest.importorskip("skimage")
    source = DemonstrationSource(0, paced=False)
    source.open()
    frames = (source.read() for _ in range(sum(scene.frames for scene in SCENES)))
    splits = splits_in(tmp_path, compact_pack, [frame for frame in frames if frame is not None])
    campaign.note("demonstration", splits=len(splits))
    assert splits == []


@pytest.mark.assets
@pytest.mark.parametrize("recheck_s", [1.0, 0.2])
def test_a_singer_who_turns_about_is_one_person_and_another_picture_is_others(
    tmp_path: Path, assets: Path, any_pack: InstalledPack, campaign: Campaign, recheck_s: float
):
    film = cv2.VideoCapture(str(next((assets / "clips").glob("*.mp4"))))
    frames: list[Picture] = []
    while (read := film.read())[0]:
        frames.append(np.asarray(read[1], np.uint8))
    splits = splits_in(tmp_path, any_pack, frames, recheck_s)
    campaign.note(f"clip, looked at every {recheck_s} s", frames=len(frames), splits=splits)
    assert [at for at in splits if SINGER_FROM <= at < AUDIENCE_FROM] == []
    # One face of the audience is where the singer's was.
    assert [at for at in splits if at >= AUDIENCE_FROM]


def splits_in(folder: Path, pack: InstalledPack, frames: Sequence[Picture], recheck_s: float = 1.0) -> list[int]:
    """Frames in which somebody else was found in the place of a track."""
    policy = DoorPolicy(liveness=LivenessPolicy.OFF)
    splits: list[int] = []
    with open_gate(folder, pack, policy, GateLoopSettings(recheck_s=recheck_s)) as site:
        site.enrol("astronaut", load_figures()[Figure.ASTRONAUT])
        for number, frame in enumerate(frames):
            site.show(frame)
            splits += [number] * site.identifier.count.split
    return splits
