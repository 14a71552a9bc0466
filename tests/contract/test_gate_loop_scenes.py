"""A gate before the demonstration camera: who is let in, who is not, what each is told, with the real models."""

from dataclasses import dataclass, field

import numpy as np
import pytest
from numpy.typing import NDArray

from doorward_daemon.access import DoorPolicy
from doorward_daemon.camera.demonstration import SCENES, DemonstrationSource
from doorward_daemon.camera.demonstration.figure import Figure, load_figures
from doorward_daemon.camera.demonstration.scene import scene_at
from doorward_daemon.gate_loop import GateView
from doorward_daemon.model.decision import Outcome
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.quality import Guidance, QualityBand
from doorward_daemon.packs.manifest import InstalledPack
from doorward_sync.payload import decode_payload
from doorward_testing.gate_site import open_gate

pytestmark = pytest.mark.models

OPEN_TO_ALL = DoorPolicy(liveness=LivenessPolicy.OFF)
FAR, BLURRED, DARK, COVERED = range(4)


@dataclass(slots=True)
class Visit:
    """What the gate said while one phase of a scene lasted."""

    outcomes: list[Outcome] = field(default_factory=list)
    subjects: list[object] = field(default_factory=list)
    openings: int = 0
    guidance: set[Guidance] = field(default_factory=set)
    bands: list[QualityBand | None] = field(default_factory=list)


@pytest.fixture(scope="module")
def figures() -> dict[Figure, NDArray[np.uint8]]:
    pytest.importorskip("skimage")
    return load_figures()


@pytest.fixture(scope="module")
def round_of_scenes(
    tmp_path_factory: pytest.TempPathFactory, compact_pack: InstalledPack, figures: dict[Figure, NDArray[np.uint8]]
) -> dict[tuple[str, int], Visit]:
    """One round before the gate; by scene and phase."""
    visits: dict[tuple[str, int], Visit] = {}
    source = DemonstrationSource(0, paced=False)
    source.open()
    with open_gate(tmp_path_factory.mktemp("gate"), compact_pack, OPEN_TO_ALL) as site:
        site.enrol("astronaut", figures[Figure.ASTRONAUT])
        by_track: dict[int, Visit] = {}
        # Half of the next round's first scene: who left last is decided about then.
        for number in range(sum(scene.frames for scene in SCENES) + 30):
            scene, phase, _ = scene_at(number)
            if number < sum(scene.frames for scene in SCENES):
                visit = visits.setdefault((scene.name, scene.phases.index(phase)), Visit())
            bgr_hwc = source.read()
            assert bgr_hwc is not None
            records, view = site.show(bgr_hwc)
            for track in view.tracks:
                by_track[track.track_id] = visit
            _note(visit, view)
            for record in records:
                assert record.event is not None
                assert record.event.payload is not None
                facts = decode_payload(record.event.payload)
                # A track that left belongs to the phase it was seen in last.
                where = by_track[facts["track_id"]]
                where.outcomes.append(Outcome(facts["outcome"]))
                where.subjects.append(facts["subject_id"])
                where.openings += record.door_opened
    return visits


def _note(visit: Visit, view: GateView) -> None:
    visit.guidance |= set(view.guidance)
    visit.bands.append(view.tracks[0].band if view.tracks else None)


def of_scene(visits: dict[tuple[str, int], Visit], name: str) -> list[Visit]:
    return [visit for (scene, _), visit in visits.items() if scene == name]


@pytest.mark.parametrize("name", [scene.name for scene in SCENES])
def test_every_scene_ends_with_its_outcome(round_of_scenes: dict[tuple[str, int], Visit], name: str):
    expected = next(scene.outcome for scene in SCENES if scene.name == name)
    found = [outcome for visit in of_scene(round_of_scenes, name) for outcome in visit.outcomes]
    if expected is None:
        assert found == []
    else:
        assert expected in found
        assert Outcome.MATCHED not in found or expected is Outcome.MATCHED


def test_the_door_opens_for_nobody_but_the_astronaut(round_of_scenes: dict[tuple[str, int], Visit]):
    openings = {scene: visit.openings for (scene, _), visit in round_of_scenes.items() if visit.openings}
    assert set(openings) == {"the astronaut walks up"}
    named = {name for visit in round_of_scenes.values() for name in visit.subjects if name is not None}
    assert named == {"astronaut"}


@pytest.mark.parametrize(
    ("phase", "wanted"),
    [
        (FAR, {Guidance.COME_CLOSER}),
        (BLURRED, {Guidance.HOLD_STILL}),
        (DARK, {Guidance.MORE_LIGHT}),
    ],
)
def test_the_astronaut_is_told_what_to_do(
    round_of_scenes: dict[tuple[str, int], Visit], phase: int, wanted: set[Guidance]
):
    assert wanted <= round_of_scenes["the astronaut walks up", phase].guidance


def test_a_covered_face_is_asked_to_uncover_or_is_not_high(round_of_scenes: dict[tuple[str, int], Visit]):
    visit = round_of_scenes["the astronaut walks up", COVERED]
    assert Guidance.UNCOVER_THE_FACE in visit.guidance or QualityBand.HIGH not in visit.bands


def test_blurred_and_dark_frames_open_nothing(round_of_scenes: dict[tuple[str, int], Visit]):
    assert [round_of_scenes["the astronaut walks up", phase].openings for phase in (BLURRED, DARK)] == [0, 0]


def test_a_wall_that_is_taken_for_a_face_is_neither_spoken_to_nor_recorded(
    round_of_scenes: dict[tuple[str, int], Visit],
):
    # Motion blur makes the detector see a huge face around the real one.
    visit = round_of_scenes["the astronaut runs past", 0]
    assert visit.outcomes == [Outcome.LOW_QUALITY]
    assert visit.guidance & {Guidance.UNCOVER_THE_FACE, Guidance.ONE_PERSON_AT_A_TIME} == set()


@pytest.mark.parametrize("phase", [FAR, COVERED])
def test_far_and_covered_frames_open_nothing(round_of_scenes: dict[tuple[str, int], Visit], phase: int):
    assert round_of_scenes["the astronaut walks up", phase].openings == 0
