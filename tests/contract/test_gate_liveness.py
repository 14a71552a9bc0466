"""A door's policy on liveness, with the real models: attacks stay outside, doubt passes flagged or not at all."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.access import AccessReason, DoorPolicy
from doorward_daemon.camera.demonstration.figure import Figure, load_figures
from doorward_daemon.entry import EntryRecord
from doorward_daemon.model.liveness import LivenessPolicy, LivenessVerdict
from doorward_daemon.model.picture import Picture as Stolen
from doorward_daemon.model.quality import Guidance
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.vision.liveness import LivenessChecker
from doorward_daemon.vision.recapture import Recapture, RecaptureSpecies, recapture
from doorward_sync.payload import decode_payload
from doorward_testing.gate_site import GateSite, open_gate

pytestmark = pytest.mark.models

REQUIRED, PREFERRED = LivenessPolicy.REQUIRED, LivenessPolicy.PREFERRED
Picture = NDArray[np.uint8]


@pytest.fixture(scope="module")
def astronaut() -> Picture:
    pytest.importorskip("skimage")
    return load_figures()[Figure.ASTRONAUT]


def sample(assets: Path, name: str) -> Picture:
    return np.asarray(cv2.imread(str(assets / "images" / "spoof" / f"{name}.jpg")), np.uint8)


def first_record(gate: GateSite, *frames: Picture, times: int = 20) -> EntryRecord | None:
    """Shows frames in turn until something is recorded."""
    for turn in range(times):
        records, _ = gate.show(frames[turn % len(frames)])
        if records:
            return records[0]
    return None


@pytest.mark.parametrize(("policy", "granted"), [(REQUIRED, False), (PREFERRED, True)], ids=["required", "preferred"])
def test_a_pack_without_liveness_opens_no_door_that_requires_it(
    tmp_path: Path, starter_pack: InstalledPack, astronaut: Picture, policy: LivenessPolicy, granted: bool
):
    with open_gate(tmp_path, starter_pack, DoorPolicy(liveness=policy)) as gate:
        gate.enrol("astronaut", astronaut)
        record = first_record(gate, astronaut)
        assert record is not None
        assert record.access.granted is granted
        assert record.access.reason is (AccessReason.IDENTIFIED if granted else AccessReason.LIVENESS_NOT_SHOWN)
        assert record.access.audit is granted
        assert decode_payload(gate.recorder.events[0].payload or b"")["liveness"] == "NOT_CHECKED"
        assert gate.door.pulses == int(granted)


@pytest.mark.assets
@pytest.mark.parametrize("policy", [REQUIRED, PREFERRED])
@pytest.mark.parametrize("name", ["attack_print", "attack_screen"])
def test_an_attack_is_denied_as_one(
    tmp_path: Path, compact_pack: InstalledPack, assets: Path, name: str, policy: LivenessPolicy
):
    with open_gate(tmp_path, compact_pack, DoorPolicy(liveness=policy)) as gate:
        gate.enrol("victim", sample(assets, name))
        record = first_record(gate, sample(assets, name))
        assert record is not None
        assert (record.access.granted, record.access.reason) == (False, AccessReason.SPOOF)
        assert gate.door.pulses == 0


@pytest.mark.assets
@pytest.mark.parametrize("policy", [REQUIRED, PREFERRED])
def test_a_living_person_is_let_in_unflagged(
    tmp_path: Path, compact_pack: InstalledPack, assets: Path, policy: LivenessPolicy
):
    with open_gate(tmp_path, compact_pack, DoorPolicy(liveness=policy)) as gate:
        gate.enrol("somebody", sample(assets, "bona_fide"))
        record = first_record(gate, sample(assets, "bona_fide"))
        assert record is not None
        assert (record.access.granted, record.access.audit) == (True, False)
        assert decode_payload(gate.recorder.events[0].payload or b"")["liveness"] == "LIVE"


@pytest.mark.assets
@pytest.mark.parametrize("policy", [REQUIRED, PREFERRED])
def test_a_living_stranger_does_not_lend_his_liveness_to_a_photo(
    tmp_path: Path, compact_pack: InstalledPack, assets: Path, policy: LivenessPolicy
):
    """The photo of an enrolled person and the attacker's own face take turns in one place."""
    with open_gate(tmp_path, compact_pack, DoorPolicy(liveness=policy)) as gate:
        photo, attacker = sample(assets, "attack_print"), sample(assets, "bona_fide")
        gate.enrol("victim", photo)
        for pattern in ((photo, attacker), (photo, attacker, attacker), (attacker, attacker, attacker, photo)):
            for turn in range(20):
                gate.show(pattern[turn % len(pattern)])
        assert gate.door.pulses == 0


def test_who_stands_too_near_for_liveness_is_sent_back_and_not_believed(
    tmp_path: Path, compact_pack: InstalledPack, astronaut: Picture
):
    near = np.asarray(cv2.resize(astronaut[20:260, 120:360], (480, 480)), np.uint8)
    with open_gate(tmp_path, compact_pack, DoorPolicy(liveness=REQUIRED)) as gate:
        gate.enrol("astronaut", astronaut)
        _, view = gate.show(near)
        assert view.tracks[0].guidance[0] is Guidance.STEP_BACK
        record = first_record(gate, near)
        assert record is not None
        assert record.access.reason is AccessReason.LIVENESS_NOT_SHOWN
        facts = decode_payload(gate.recorder.events[0].payload or b"")
        assert (facts["liveness"], facts["liveness_reason"]) == ("UNSURE", "SURROUNDINGS_CUT")


def test_a_screen_that_fills_the_picture_is_denied_for_the_pattern_of_its_pixels(
    tmp_path: Path, compact_pack: InstalledPack, astronaut: Picture
):
    with open_gate(tmp_path, compact_pack, DoorPolicy(liveness=PREFERRED)) as gate:
        gate.enrol("astronaut", astronaut)
        face = gate.models.detector.detect(astronaut).largest_first()[0]
        way = Recapture(RecaptureSpecies.SCREEN_CLOSE, seed=3)
        record = first_record(gate, recapture(Stolen(astronaut), face, way).picture.bgr_hwc)
        assert record is not None
        assert (record.access.granted, record.access.reason) == (False, AccessReason.SPOOF)
        facts = decode_payload(gate.recorder.events[0].payload or b"")
        assert (facts["liveness"], facts["liveness_reason"]) == ("SPOOF", "SCREEN_PATTERN")
        assert max(facts["liveness_cues"].values()) > 2.3
        assert gate.door.pulses == 0


def _verdicts(gate: GateSite, checker: LivenessChecker, picture: Picture) -> list[LivenessVerdict]:
    found = []
    for scale in (0.5, 0.75, 1.0, 1.5, 2.0):
        for interpolation in (cv2.INTER_AREA, cv2.INTER_CUBIC):
            sized = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=interpolation)
            for quality in (60, 85):
                encoded = cv2.imencode(".jpg", sized, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
                shown = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
                face = gate.models.detector.detect(shown).largest_first()[0]
                found.append(checker.assess(shown, face).verdict)
    return found


@pytest.mark.assets
@pytest.mark.parametrize(
    ("name", "verdict"),
    [
        ("bona_fide", LivenessVerdict.LIVE),
        ("attack_print", LivenessVerdict.SPOOF),
        ("attack_screen", LivenessVerdict.SPOOF),
    ],
)
def test_the_samples_are_told_apart_at_any_size_and_compression(
    tmp_path: Path, compact_pack: InstalledPack, assets: Path, name: str, verdict: LivenessVerdict
):
    with open_gate(tmp_path, compact_pack, DoorPolicy()) as gate:
        assert gate.models.liveness is not None
        assert set(_verdicts(gate, gate.models.liveness, sample(assets, name))) == {verdict}
