"""One-to-one evaluation, from what was seen to what is reported."""

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.tools.eval_verification import measure
from doorward_testing.lab_faces import direction, group_of, lab_face, survey_of

FOLDER = Path("people")
TWO_PERSONS = [group_of("ann", 3), group_of("bob", 2)]


def measured(angles):
    faces = [None if angle is None else lab_face(direction(angle)) for angle in angles]
    return measure(FOLDER, "test", TWO_PERSONS, survey_of(faces))


def test_people_who_are_told_apart_are_reported_without_error():
    report = measured([0, 5, 10, 90, 95])
    assert (report.n_images, report.n_failed_to_enrol, report.n_genuine, report.n_impostor) == (5, 0, 4, 6)
    assert (report.auc, report.eer, report.balanced_accuracy) == (1.0, 0.0, 1.0)
    assert report.fnmr_at_fmr == {"1e-2": 0.0, "1e-3": 0.0}
    assert report.images_per_s == 5.0


def test_photos_without_a_face_fail_to_enrol_and_are_in_no_pair():
    report = measured([0, None, 10, 90, 95])
    assert (report.n_failed_to_enrol, report.n_genuine, report.n_impostor) == (1, 2, 4)


def test_a_person_seen_as_another_is_a_miss_at_a_strict_threshold():
    # The third photo of ann looks like bob: two of her three pairs and none of his are missed.
    report = measured([0, 5, 80, 90, 95])
    assert report.fnmr_at_fmr["1e-3"] == pytest.approx(2 / 4)
    assert report.edc[0].fnmr == report.fnmr_at_fmr["1e-3"]


def test_the_report_is_json_without_nan():
    document = json.loads(json.dumps(asdict(measured([0, 5, 80, 90, 95])), allow_nan=False))
    assert set(document) == {
        "pack", "n_images", "n_failed_to_enrol", "n_genuine", "n_impostor", "auc", "eer", "balanced_accuracy",
        "fnmr_at_fmr", "threshold_at_fmr", "edc", "images_per_s",
    }  # fmt: skip
    assert set(document["edc"][0]) == {"discard", "fnmr"}


def test_a_threshold_of_the_report_can_be_used_as_it_is_written():
    document = json.loads(json.dumps(asdict(measured([0, 5, 80, 90, 95]))))
    assert document["threshold_at_fmr"]["1e-3"] == measured([0, 5, 80, 90, 95]).threshold_at_fmr["1e-3"]


@pytest.mark.parametrize("angles", [[0, None, None, 90, None], [0, 5, 10, None, None], [None] * 5])
def test_too_few_faces_are_an_error_and_not_nan(angles):
    with pytest.raises(InvalidInput, match="people") as caught:
        measured(angles)
    assert caught.value.reason is ErrorReason.FIELD_INVALID
