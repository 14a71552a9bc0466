"""Bad pictures with the real models: nothing raises, nothing is compared that should not be, ties are decided once."""

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from doorward_daemon.model.decision import DecisionRule, Outcome
from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.model.quality import MaskPolicy, QualityBand, QualityReason
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.recognition.self_test import golden_picture
from doorward_daemon.recognition.stage_clock import StageClock
from doorward_daemon.vision.alignment import ARCFACE_112
from doorward_testing.masked_faces import MaskedFaces, open_masked_faces

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def faces(tmp_path_factory: pytest.TempPathFactory, any_pack: InstalledPack) -> Iterator[MaskedFaces]:
    with open_masked_faces(tmp_path_factory.mktemp("bad"), any_pack) as opened:
        yield opened


def png(picture: Image.Image) -> bytes:
    content = io.BytesIO()
    picture.save(content, "PNG")
    return content.getvalue()


def golden() -> Image.Image:
    with Image.open(io.BytesIO(golden_picture())) as picture:
        return picture.convert("RGB")


@pytest.fixture(scope="module")
def twins() -> bytes:
    """The same person twice, at the same distance."""
    one = golden()
    frame = Image.new("RGB", (2 * one.width, one.height), (128, 128, 128))
    frame.paste(one, (0, 0))
    frame.paste(one, (one.width, 0))
    return png(frame)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_crop_of_one_shade_that_is_embedded_all_the_same_stays_rejected(faces: MaskedFaces, shade: int):
    picture = Picture(np.full((240, 240, 3), shade, np.uint8))
    landmarks = np.array(ARCFACE_112.template_px, np.float32) + 60
    found = Face(np.array([70, 60, 170, 190], np.float32), landmarks, 0.95)
    judged = faces.judge.judge(picture, found, (), StageClock(), embed_always=True)
    assert judged.refused_by is DecisionRule.PRE_GATE
    assert judged.judged.quality is not None
    assert judged.judged.quality.band is QualityBand.REJECTED


def test_two_faces_at_one_distance_are_refused_where_one_person_is_asked_for(faces: MaskedFaces, twins: bytes):
    found = faces.recogniser(one_person_at_a_time=True).identify(twins)
    assert (found.outcome, found.face_count) == (Outcome.MULTIPLE_FACES, 2)
    assert found.explanation.rule is DecisionRule.ONE_PERSON_AT_A_TIME


def test_of_two_faces_at_one_distance_the_same_one_is_judged_every_time(faces: MaskedFaces, twins: bytes):
    recogniser = faces.recogniser(mask=MaskPolicy.OFF)
    answers = [recogniser.identify(twins) for _ in range(3)]
    assert {answer.outcome for answer in answers} == {Outcome.UNKNOWN}
    boxes = [answer.judged.face.xyxy_px.tolist() for answer in answers if answer.judged is not None]
    assert boxes[0] == boxes[1] == boxes[2]
    assert answers[0].judged is not None
    assert answers[0].judged.quality is not None
    assert QualityReason.SEVERAL_FACES in answers[0].judged.quality.reasons


@pytest.mark.parametrize("cut", [0.3, 0.5, 0.62, 0.75])
def test_a_face_cut_by_the_border_is_answered_and_never_raised(faces: MaskedFaces, cut: float):
    whole = golden()
    content = png(whole.crop((round(cut * whole.width), 0, whole.width, whole.height)))
    found = faces.recogniser(mask=MaskPolicy.OFF).identify(content)
    assert found.outcome in (Outcome.UNKNOWN, Outcome.LOW_QUALITY, Outcome.NO_FACE)
    verified = faces.recogniser().verify(golden_picture(), content, None)
    if found.outcome is Outcome.LOW_QUALITY and found.judged is not None and found.judged.quality is not None:
        assert found.judged.quality.guidance
    assert verified.trusted == (verified.poor_sides == ())
