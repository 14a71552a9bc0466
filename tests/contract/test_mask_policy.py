"""The mask policy with the real models: at a door, over a stream of frames, and on still pictures."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from doorward_daemon.access import AccessReason, DoorPolicy, decide_access
from doorward_daemon.gate_loop.opening import door_gate
from doorward_daemon.model.decision import DecisionRule, Outcome, VerificationOutcome, VerificationSide
from doorward_daemon.model.liveness import LivenessPolicy
from doorward_daemon.model.quality import Guidance, MaskPolicy, QualityBand, QualityReason
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.gate import GateSettings
from doorward_daemon.recognition.gate.detail import guidance_of
from doorward_daemon.recognition.self_test import golden_picture
from doorward_testing.masked_faces import MaskedFaces, open_masked_faces

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory, any_pack: InstalledPack) -> Iterator[MaskedFaces]:
    with open_masked_faces(tmp_path_factory.mktemp("masked"), any_pack) as faces:
        yield faces


@pytest.fixture
def faces(opened: MaskedFaces) -> MaskedFaces:
    opened.dresser.mask = opened.dresser.cover = None
    return opened


@pytest.fixture(scope="module")
def astronaut() -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(golden_picture())) as picture:
        return np.ascontiguousarray(np.asarray(picture.convert("RGB"))[:, :, ::-1])


def policy(mask: MaskPolicy, **bands: float) -> DoorPolicy:
    return DoorPolicy(liveness=LivenessPolicy.OFF, mask=mask, **bands)  # type: ignore[arg-type] # floats only


def test_a_hard_door_never_decides_about_a_masked_face_and_puts_on_record_why(faces, astronaut):
    faces.dresser.mask = 0.97
    (decision,) = faces.walk(policy(MaskPolicy.HARD), [astronaut] * 12)
    found = decision.identification
    assert found.outcome is Outcome.LOW_QUALITY
    assert found.explanation.rule is DecisionRule.MASK_POLICY
    assert found.explanation.mask_policy is MaskPolicy.HARD
    assert found.explanation.gates_passed == ("detect", "pre_gate")
    assert found.candidates == ()
    assert found.judged is not None
    assert found.judged.quality is not None
    assert found.judged.quality.reasons[0] is QualityReason.MASK
    assert found.judged.quality.guidance[0] is Guidance.TAKE_THE_MASK_OFF
    access = decide_access(found, policy(MaskPolicy.HARD), 20.0)
    assert (access.granted, access.reason) == (False, AccessReason.LOW_QUALITY)


def test_a_soft_door_takes_two_looks_at_a_masked_face_where_an_open_one_takes_one(faces, astronaut):
    decided = {}
    for mask in (None, 0.97):
        faces.dresser.mask = mask
        (decision,) = faces.walk(policy(MaskPolicy.SOFT), [astronaut] * 5)
        decided[mask] = decision.identification
    assert decided[None].explanation.frames_used == 1
    assert decided[None].explanation.quality_band is QualityBand.HIGH
    assert decided[0.97].explanation.frames_used == 2
    assert decided[0.97].explanation.quality_band is QualityBand.MEDIUM
    assert decided[0.97].outcome is Outcome.UNKNOWN


def test_a_door_that_does_not_mind_masks_decides_at_once(faces, astronaut):
    faces.dresser.mask = 0.97
    (decision,) = faces.walk(policy(MaskPolicy.OFF), [astronaut] * 3)
    assert decision.identification.explanation.frames_used == 1
    assert decision.identification.explanation.quality_band is QualityBand.HIGH


def test_a_door_may_have_bands_of_its_own(faces, astronaut):
    own = policy(MaskPolicy.OFF, high_from=1.0, medium_from=1.0, low_from=0.4)
    (decision,) = faces.walk(own, [astronaut] * 12)
    assert decision.identification.outcome is Outcome.LOW_QUALITY
    assert decision.identification.explanation.quality_band is QualityBand.LOW
    gate = GateSettings(min_inter_eye_px=20.0)
    assert door_gate(gate, own) == GateSettings(
        mask=MaskPolicy.OFF, high_from=1.0, medium_from=1.0, low_from=0.4, min_inter_eye_px=20.0
    )
    assert door_gate(gate, policy(MaskPolicy.HARD)) == GateSettings(mask=MaskPolicy.HARD, min_inter_eye_px=20.0)


@pytest.mark.parametrize(
    "bands", [{"high_from": 0.9}, {"high_from": 0.5, "medium_from": 0.6, "low_from": 0.4}], ids=["one", "order"]
)
def test_bands_of_a_door_that_make_no_sense_are_refused(bands):
    with pytest.raises(ValueError, match="high_from, medium_from, low_from"):
        policy(MaskPolicy.OFF, **bands)


def test_a_still_picture_of_a_masked_face_is_not_compared_where_the_setting_is_hard(faces):
    faces.dresser.mask = 0.97
    hard = faces.recogniser(mask=MaskPolicy.HARD).identify(golden_picture())
    assert (hard.outcome, hard.explanation.rule) == (Outcome.LOW_QUALITY, DecisionRule.MASK_POLICY)
    assert hard.explanation.comparison_score is None
    soft = faces.recogniser(mask=MaskPolicy.SOFT).identify(golden_picture())
    assert (soft.outcome, soft.explanation.quality_band) == (Outcome.UNKNOWN, QualityBand.MEDIUM)
    off = faces.recogniser(mask=MaskPolicy.OFF).identify(golden_picture())
    assert (off.outcome, off.explanation.quality_band) == (Outcome.UNKNOWN, QualityBand.HIGH)


def test_a_verification_names_the_side_to_blame_and_what_would_help(faces):
    recogniser = faces.recogniser(mask=MaskPolicy.HARD)
    good = recogniser.verify(golden_picture(), golden_picture(), None)
    assert good.outcome is VerificationOutcome.MATCHED
    assert good.advice == ()
    assert good.explanation.comparison_score == good.comparison_score
    small = io.BytesIO()
    with Image.open(io.BytesIO(golden_picture())) as picture:
        picture.convert("RGB").resize((24, 24)).resize((512, 512)).save(small, "PNG")
    poor = recogniser.verify(golden_picture(), small.getvalue(), None)
    assert poor.outcome is VerificationOutcome.LOW_QUALITY
    assert poor.poor_sides == (VerificationSide.REFERENCE,)
    assert poor.probe is not None
    assert poor.probe.quality is not None
    assert [advice.side for advice in poor.advice] == [VerificationSide.REFERENCE]
    assert poor.reference is not None
    assert poor.reference.quality is not None
    # What the gate says, behind what would bring the detail back that an enlarged picture lacks.
    assert poor.advice[0].guidance == guidance_of(poor.reference.quality) != ()
    assert poor.advice[0].guidance[:2] == (Guidance.HOLD_STILL, Guidance.COME_CLOSER)
    faces.dresser.mask = 0.97
    masked = recogniser.verify(golden_picture(), golden_picture(), None)
    assert masked.outcome is VerificationOutcome.LOW_QUALITY
    assert masked.explanation.rule is DecisionRule.MASK_POLICY
    assert not masked.trusted
    assert {advice.side for advice in masked.advice} == set(VerificationSide)
    assert all(advice.guidance == (Guidance.TAKE_THE_MASK_OFF,) for advice in masked.advice)


def test_a_picture_without_a_face_is_named_before_a_poor_one(faces):
    blank = io.BytesIO()
    Image.new("RGB", (200, 200), (90, 90, 90)).save(blank, "PNG")
    found = faces.recogniser().verify(golden_picture(), blank.getvalue(), None)
    assert found.outcome is VerificationOutcome.NO_FACE
    assert [advice.side for advice in found.advice] == [VerificationSide.REFERENCE]
    assert found.advice[0].guidance == ()
