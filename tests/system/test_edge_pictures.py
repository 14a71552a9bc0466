"""Pictures at the edge, over real gRPC: enrolment refuses them by name, verification says which one is to blame."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from doorward_api.v1.decision_pb2 import VerificationOutcome, VerificationSide
from doorward_api.v1.quality_pb2 import Guidance, QualityReason
from doorward_client import Conflict, DoorwardClient, Target
from doorward_daemon.model.face import Face
from doorward_daemon.model.picture import Picture
from doorward_daemon.packs.manifest import InstalledPack
from doorward_daemon.vision.degradation import Degradation, DegradationKind, spoil
from doorward_testing.daemon import RunningDaemon, give_pack, run_command
from doorward_testing.pictures import astronaut, cameraman

pytestmark = [pytest.mark.system, pytest.mark.models]
CALM = {"DOORWARD__RECOGNITION__LIVENESS": "off"}


def encoded(picture: Image.Image, kind: str = "PNG") -> bytes:
    content = io.BytesIO()
    picture.save(content, kind, quality=90)
    return content.getvalue()


@pytest.fixture(scope="module")
def home(compact_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    give_pack(home, compact_pack)
    return home


@pytest.fixture(scope="module")
def client(home: Path) -> Iterator[DoorwardClient]:
    target = Target(f"unix:{home}/run/enroller.sock")
    with RunningDaemon(home, **CALM, DOORWARD__GATE__MASK="hard"), DoorwardClient(target) as client:
        client.create_subject("ada")
        client.add_reference("ada", encoded(astronaut()))
        client.create_subject("bob")
        yield client


def refused(client: DoorwardClient, subject_id: str, picture: Image.Image, **allowed: bool) -> Conflict:
    with pytest.raises(Conflict) as caught:
        client.add_reference(subject_id, encoded(picture), **allowed)
    return caught.value


def masked(client: DoorwardClient) -> Image.Image:
    """The astronaut with a mask painted over mouth and nose."""
    found = client.detect(encoded(astronaut())).faces[0]
    box = np.asarray([found.box.left_px, found.box.top_px, found.box.right_px, found.box.bottom_px], np.float32)
    seen = found.landmarks
    five = (seen.right_eye, seen.left_eye, seen.nose_tip, seen.right_mouth_corner, seen.left_mouth_corner)
    points = np.asarray([[point.x_px, point.y_px] for point in five], np.float32)
    picture = Picture(np.ascontiguousarray(np.asarray(astronaut())[..., ::-1]))
    worn = spoil(picture, Face(box, points, 0.9), Degradation(DegradationKind.MASK, 0.5, seed=1))
    return Image.fromarray(np.ascontiguousarray(worn.bgr_hwc[..., ::-1]))


def cut(share: float) -> Image.Image:
    """The astronaut with so much of the face outside the picture."""
    return astronaut().crop((round(175 + share * 100), 0, 512, 512))


def test_a_masked_picture_is_not_enrolled_where_masks_are_refused_and_the_mask_is_named(client: DoorwardClient):
    for allowed in (False, True):
        error = refused(client, "bob", masked(client), allow_low_quality=allowed)
        assert error.reason == "QUALITY_TOO_LOW"
        assert error.metadata["reasons"].split(",")[0] == "MASK"
        assert error.metadata["guidance"].split(",")[0] == "TAKE_THE_MASK_OFF"


def test_somebody_enrolled_under_another_name_is_a_duplicate_and_the_other_is_named(client: DoorwardClient):
    again = astronaut(scale=0.8, brightness=0.9)
    error = refused(client, "bob", again)
    assert (error.reason, error.metadata["subject_id"]) == ("SUBJECT_DUPLICATE", "ada")
    assert not client.get_subject("bob").subject.references


def test_somebody_else_among_the_references_of_a_subject_is_an_outlier_and_not_kept(client: DoorwardClient):
    error = refused(client, "ada", cameraman().convert("RGB"))
    assert (error.reason, error.metadata["subject_id"]) == ("REFERENCE_OUTLIER", "ada")
    assert len(client.get_subject("ada").subject.references) == 1


def test_two_faces_at_one_distance_enrol_nobody_and_are_counted(client: DoorwardClient):
    both = Image.new("RGB", (1024, 512), (128, 128, 128))
    both.paste(astronaut(), (0, 0))
    both.paste(astronaut(), (512, 0))
    error = refused(client, "bob", both)
    assert (error.reason, error.metadata["face_count"]) == ("MULTIPLE_FACES", "2")


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_a_picture_of_one_shade_shows_no_face_to_any_call(client: DoorwardClient, shade: int):
    flat = Image.new("RGB", (320, 320), (shade, shade, shade))
    assert refused(client, "bob", flat).reason == "NO_FACE"
    assert not client.detect(encoded(flat)).faces
    found = client.verify(encoded(astronaut()), encoded(flat)).verification
    assert found.outcome == VerificationOutcome.VERIFICATION_OUTCOME_NO_FACE
    assert list(found.poor_sides) == [VerificationSide.VERIFICATION_SIDE_REFERENCE]


@pytest.mark.parametrize("share", [0.5, 0.7, 0.9])
def test_a_face_cut_by_the_border_enrols_nobody(client: DoorwardClient, share: float):
    error = refused(client, "bob", cut(share))
    assert error.reason in ("NO_FACE", "QUALITY_TOO_LOW")
    assert error.reason == "NO_FACE" or {"FACE_CROPPED", "FACE_TOO_LARGE"} & set(error.metadata["reasons"].split(","))


def test_templates_of_another_pack_are_counted_told_and_never_compared(
    compact_pack: InstalledPack, starter_pack: InstalledPack, tmp_path: Path
):
    give_pack(tmp_path, compact_pack)
    store = starter_pack.folder.parents[1]
    pulled = run_command("doorwardd", "models", "pull", "starter", "--from", str(store), "--offline", home=tmp_path)
    assert pulled.code == 0, pulled.stderr
    target = Target(f"unix:{tmp_path}/run/enroller.sock")
    with RunningDaemon(tmp_path, **CALM), DoorwardClient(target) as first:
        first.create_subject("ada")
        first.add_reference("ada", encoded(astronaut()))
    with RunningDaemon(tmp_path, **CALM, DOORWARD__PACK__NAME="starter"), DoorwardClient(target) as second:
        gallery = second.get_status().gallery
        assert (gallery.references, gallery.foreign_references) == (0, 1)
        with pytest.raises(Conflict) as searched:
            second.identify(encoded(astronaut()))
        with pytest.raises(Conflict) as compared:
            second.verify(encoded(astronaut()), subject_id="ada")
        assert [searched.value.reason, compared.value.reason] == ["EMBEDDING_MISMATCH", "SUBJECT_WITHOUT_REFERENCES"]
        second.add_reference("ada", encoded(astronaut()))
        assert second.identify(encoded(astronaut())).identification.match.subject_id == "ada"


WAYS = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "pixels": Image.Resampling.NEAREST,
}
BLURRED = {QualityReason.QUALITY_REASON_BLUR, QualityReason.QUALITY_REASON_FACE_TOO_SMALL}
HELPS = {Guidance.GUIDANCE_HOLD_STILL, Guidance.GUIDANCE_COME_CLOSER}


@pytest.mark.parametrize(
    ("way", "side_px"), [*((way, 40) for way in WAYS), *((way, 80) for way in WAYS if way != "pixels")]
)
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
@pytest.mark.parametrize("bad_side", ["PROBE", "REFERENCE"])
def test_a_portrait_enlarged_from_few_pixels_is_named_and_neither_a_match_nor_a_stranger(
    client: DoorwardClient, way: str, side_px: int, kind: str, bad_side: str
):
    enlarged = encoded(astronaut(scale=side_px / 512).resize((400, 400), WAYS[way]), kind)
    good = encoded(astronaut(scale=0.9))
    pictures = (enlarged, good) if bad_side == "PROBE" else (good, enlarged)
    found = client.verify(*pictures).verification
    assert not found.trusted
    assert found.outcome in (
        VerificationOutcome.VERIFICATION_OUTCOME_LOW_QUALITY,
        VerificationOutcome.VERIFICATION_OUTCOME_NO_FACE,
    )
    blamed = VerificationSide.Value(f"VERIFICATION_SIDE_{bad_side}")
    assert list(found.poor_sides) == [blamed]
    assert [advice.side for advice in found.advice] == [blamed]
    if found.outcome == VerificationOutcome.VERIFICATION_OUTCOME_LOW_QUALITY:
        assert BLURRED & set(found.advice[0].reasons)
        assert HELPS & set(found.advice[0].guidance)
    # Against an enrolled subject it is no different: only the probe can be to blame.
    enrolled = client.verify(enlarged, subject_id="ada").verification
    assert (enrolled.outcome, enrolled.trusted) == (found.outcome, False)
