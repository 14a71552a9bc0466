"""Whom a verification blames: the picture that is not to be trusted, whatever its score."""

from dataclasses import replace

from doorward_daemon.model.decision import VerificationSide
from doorward_daemon.model.quality import QualityBand, QualityComponent
from doorward_daemon.recognition.face_judge import Judgement
from doorward_daemon.recognition.verification import Sides
from doorward_daemon.vision.quality import ComponentName
from doorward_testing.gate_values import judgement_of


def without_detail(judgement: Judgement) -> Judgement:
    """The same face, enlarged from a few pixels."""
    quality = judgement.judged.quality
    assert quality is not None
    detail = QualityComponent(ComponentName.FINE_DETAIL.value, "tests", -3.0, 5)
    return replace(judgement, judged=replace(judgement.judged, quality=replace(quality, components=(detail,))))


def test_a_fine_score_without_detail_is_blamed_before_a_fair_one_with_it():
    enlarged, fair = without_detail(judgement_of(QualityBand.HIGH)), judgement_of(QualityBand.MEDIUM)
    for sides, blamed in (
        (Sides(probe=enlarged, other=fair, enrolled=None), VerificationSide.PROBE),
        (Sides(probe=fair, other=enlarged, enrolled=None), VerificationSide.REFERENCE),
    ):
        assert sides.rejected() == (blamed,)
        assert sides.judged() is enlarged.judged
        assert sides.advice()[0].side is blamed


def test_a_picture_without_a_face_is_the_poorest():
    sides = Sides(probe=without_detail(judgement_of(QualityBand.HIGH)), other=None, enrolled=None)
    assert [advice.side for advice in sides.advice()] == [VerificationSide.REFERENCE, VerificationSide.PROBE]
