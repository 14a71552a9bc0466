"""The desk enrols what may be enrolled and names the reason for everything else."""

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from doorward_daemon.enrolment import EnrolmentSample, EnrolmentSettings
from doorward_daemon.enrolment.field_check import FieldCheck
from doorward_daemon.errors import AlreadyExists, Conflict, DoorwardError, ErrorReason, InvalidInput, NotFound
from doorward_daemon.gallery import WriteRequest
from doorward_daemon.model.picture import Picture
from doorward_testing.enrolment_site import EnrolmentSite, judge_portrait, open_site, portrait, template_of


def refused(site: EnrolmentSite, subject_id: str, picture: Picture, **allowed: bool) -> DoorwardError:
    before = (site.gallery.status(), site.gallery.unfinished())
    with pytest.raises(DoorwardError) as error:
        site.desk.add_reference(site.request(), subject_id, picture, **allowed)
    assert (site.gallery.status(), site.gallery.unfinished()) == before
    return error.value


def test_an_enrolled_subject_is_found_and_its_answer_says_everything(tmp_path: Path):
    with open_site(tmp_path) as site:
        created = site.desk.create_subject(site.request(), "anna", "Anna Ångström")
        assert (created.subject_id, created.display_name, created.references) == ("anna", "Anna Ångström", ())
        result = site.desk.add_reference(site.request(), "anna", portrait(1))
        assert result.subject.references == (result.reference,)
        assert result.subject == site.gallery.subject("anna")
        sample = judge_portrait(portrait(1))
        assert np.array_equal(result.judged.face.xyxy_px, sample.judged.face.xyxy_px)
        assert np.array_equal(result.judged.face.landmarks_px, sample.judged.face.landmarks_px)
        assert result.judged.quality.score == 0.9
        assert math.isnan(result.judged.quality.components[0].native_value)
        assert site.gallery.index().search(template_of(1, 5).vector, 1)[0].reference_id == result.reference.reference_id


def test_a_subject_without_an_id_gets_one(tmp_path: Path):
    with open_site(tmp_path) as site:
        one, other = (site.desk.create_subject(site.request(), "", "") for _ in range(2))
        assert one.subject_id != other.subject_id
        assert site.gallery.subject(one.subject_id) == one


def test_a_subject_is_created_once(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", "Anna")
        with pytest.raises(AlreadyExists) as error:
            site.desk.create_subject(site.request(), "anna", "Another")
        assert error.value.reason is ErrorReason.SUBJECT_EXISTS
        assert site.gallery.subject("anna").display_name == "Anna"


def test_a_name_can_be_changed_and_is_shown_with_the_next_match(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        before = site.gallery.index()
        changed = site.desk.update_subject(site.request(), "anna", "Anna B.")
        assert changed.display_name == site.gallery.index().name_of("anna") == "Anna B."
        assert before.name_of("anna") == "Name of anna"
        assert len(changed.references) == 1
        with pytest.raises(NotFound) as error:
            site.desk.update_subject(site.request(), "bert", "")
        assert error.value.reason is ErrorReason.SUBJECT_NOT_FOUND


def test_a_picture_of_nobody_is_refused(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", "")
        error = refused(site, "anna", portrait(1, face=False), allow_low_quality=True, allow_duplicate=True)
        assert (type(error), error.reason) == (Conflict, ErrorReason.NO_FACE)


@pytest.mark.parametrize(("size", "is_refused"), [(59, False), (60, True), (100, True)])
def test_a_second_face_of_similar_size_is_refused(tmp_path: Path, size: int, is_refused: bool):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", "")
        picture = portrait(1, second_face=size)
        if is_refused:
            assert refused(site, "anna", picture, allow_low_quality=True).reason is ErrorReason.MULTIPLE_FACES
        else:
            assert site.desk.add_reference(site.request(), "anna", picture).reference


def test_a_poor_picture_is_refused_with_its_reasons_unless_allowed(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", "")
        error = refused(site, "anna", portrait(1, quality=59))
        assert error.reason is ErrorReason.QUALITY_TOO_LOW
        assert error.metadata["reasons"] == "BLUR,TOO_DARK"
        assert error.metadata["guidance"] == "HOLD_STILL"
        assert site.desk.add_reference(site.request(), "anna", portrait(1, quality=59), allow_low_quality=True)
        assert site.desk.add_reference(site.request(), "anna", portrait(1, 1, quality=60))


def test_a_rejected_picture_is_never_enrolled(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", "")
        error = refused(site, "anna", portrait(1, quality=39), allow_low_quality=True)
        assert error.reason is ErrorReason.QUALITY_TOO_LOW
        assert site.desk.add_reference(site.request(), "anna", portrait(1, quality=40), allow_low_quality=True)


def test_a_face_without_assessment_or_embedding_is_never_enrolled(tmp_path: Path):
    whole = judge_portrait(portrait(1))
    broken = [
        replace(whole, embedding=None),
        replace(whole, judged=replace(whole.judged, quality=None)),
        replace(whole, judged=replace(whole.judged, quality=replace(whole.judged.quality, score=math.nan))),
    ]
    for number, sample in enumerate(broken):
        with open_site(tmp_path / str(number), judge=lambda _, sample=sample: sample) as site:
            site.desk.create_subject(site.request(), "anna", "")
            error = refused(site, "anna", portrait(1), allow_low_quality=True)
            assert error.reason is ErrorReason.QUALITY_TOO_LOW


def test_somebody_who_is_enrolled_already_is_named_unless_allowed(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        site.desk.create_subject(site.request(), "twin", "")
        error = refused(site, "twin", portrait(1, 1))
        assert error.reason is ErrorReason.SUBJECT_DUPLICATE
        assert error.metadata == {"subject_id": "anna"}
        site.desk.add_reference(site.request(), "twin", portrait(1, 1), allow_duplicate=True)
        assert site.gallery.index().holds("twin")


def test_a_subjects_own_references_are_no_duplicates(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=5)
        assert len(site.gallery.subject("anna").references) == 5


def test_somebody_else_under_the_same_name_is_an_outlier_unless_allowed(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1)
        assert refused(site, "anna", portrait(2)).reason is ErrorReason.REFERENCE_OUTLIER
        site.desk.add_reference(site.request(), "anna", portrait(2), allow_duplicate=True)
        # One reference that resembles it is enough.
        site.desk.add_reference(site.request(), "anna", portrait(2, 1))


def test_a_subject_has_as_many_references_as_allowed(tmp_path: Path):
    with open_site(tmp_path, settings=EnrolmentSettings(max_references=2)) as site:
        site.enrol("anna", 1, shots=2)
        error = refused(site, "anna", portrait(1, 3))
        assert (error.reason, error.metadata["max_references"]) == (ErrorReason.TOO_MANY_REFERENCES, "2")
        removed = site.gallery.subject("anna").references[0]
        site.desk.remove_reference(site.request(), "anna", removed.reference_id)
        site.desk.add_reference(site.request(), "anna", portrait(1, 3))


def test_a_picture_for_nobody_is_refused_before_it_is_judged(tmp_path: Path):
    def judge(picture: Picture) -> EnrolmentSample:
        raise AssertionError("judged in vain")

    with open_site(tmp_path, judge=judge) as site:
        assert refused(site, "nobody", portrait(1)).reason is ErrorReason.SUBJECT_NOT_FOUND


def test_a_removed_reference_is_searched_no_more_and_the_others_are(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=3)
        first, second, third = site.gallery.subject("anna").references
        subject = site.desk.remove_reference(site.request(), "anna", second.reference_id)
        assert subject == site.gallery.subject("anna")
        assert subject.references == (first, third)
        assert site.gallery.index().references_of("anna") == {first.reference_id, third.reference_id}
        for reference_id in (second.reference_id, "unknown"):
            with pytest.raises(NotFound) as error:
                site.desk.remove_reference(site.request(), "anna", reference_id)
            assert error.value.reason is ErrorReason.REFERENCE_NOT_FOUND
        with pytest.raises(NotFound) as error:
            site.desk.remove_reference(site.request(), "bert", first.reference_id)
        assert error.value.reason is ErrorReason.SUBJECT_NOT_FOUND


def test_an_erased_subject_can_be_enrolled_again(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.enrol("anna", 1, shots=2)
        receipt = site.desk.erase_subject(site.request(), "anna")
        assert (receipt.subject_id, receipt.erased_references) == ("anna", 2)
        assert receipt.gallery_revision == site.gallery.status().revision
        assert site.journal.holds(receipt.receipt_id)
        assert site.gallery.index().search(template_of(1).vector, 3) == ()
        for again in (lambda: site.gallery.subject("anna"), lambda: site.desk.erase_subject(site.request(), "anna")):
            with pytest.raises(NotFound):
                again()
        site.enrol("anna", 3)
        assert site.gallery.index().search(template_of(3).vector, 3)[0].subject_id == "anna"


def test_every_change_raises_the_revision_and_reading_does_not(tmp_path: Path):
    with open_site(tmp_path) as site:
        revisions = [site.gallery.status().revision]

        def note(_: object) -> None:
            revisions.append(site.gallery.status().revision)

        note(site.desk.create_subject(site.request(), "anna", ""))
        note(site.desk.add_reference(site.request(), "anna", portrait(1)))
        note(site.desk.update_subject(site.request(), "anna", "A"))
        note(site.desk.erase_subject(site.request(), "anna"))
        assert all(later > earlier for earlier, later in pairwise(revisions))
        last = revisions[-1]
        site.gallery.subjects()
        site.gallery.index()
        assert site.gallery.status().revision == last


def test_all_wrong_fields_are_named_at_once(tmp_path: Path):
    with open_site(tmp_path) as site, pytest.raises(InvalidInput) as error:
        site.desk.create_subject(WriteRequest("", b""), "an na", "x" * 201)
    assert error.value.reason is ErrorReason.FIELD_INVALID
    assert [problem.field for problem in error.value.problems] == ["request_id", "subject_id", "display_name"]


@pytest.mark.parametrize("subject_id", ["", "a" * 65, "a/b", "a b", "ä", "a\n", "a\x00", "ａ"])
def test_a_subject_id_of_other_characters_is_refused(subject_id: str):
    with pytest.raises(InvalidInput):
        FieldCheck().subject_id(subject_id).finish()


@given(st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True))
def test_a_subject_id_of_the_stated_characters_is_accepted(subject_id: str):
    FieldCheck().subject_id(subject_id).reference_id(subject_id).finish()


@pytest.mark.parametrize("name", ["", "李小龍", "Zoë 🙂", "O'Neil; DROP TABLE subjects --", "‏שלום", "x" * 200])
def test_a_display_name_a_screen_can_show_is_accepted_and_kept(tmp_path: Path, name: str):
    with open_site(tmp_path) as site:
        site.desk.create_subject(site.request(), "anna", name)
        assert site.gallery.subject("anna").display_name == name


@pytest.mark.parametrize("name", ["a\nb", "a\x00b", "a\x1b[31m", "a\u2028b", "\ud800", "user\u202egnp.exe", "a\u2066b"])
def test_a_display_name_that_tricks_a_screen_is_refused(name: str):
    with pytest.raises(InvalidInput) as error:
        FieldCheck().display_name(name).finish()
    assert error.value.problems[0].field == "display_name"
