"""One-to-many evaluation: who is enrolled, who is a stranger, what the pack's own rule makes of it."""

import numpy as np
import pytest

from doorward_daemon.identity import OpenSetRule, OpenSetSettings
from doorward_daemon.tools.eval_identification import measure as measure_splits
from doorward_daemon.tools.half_splits import all_splits, two_splits
from doorward_daemon.tools.lab import LabFace
from doorward_daemon.tools.probe_set import ProbeSet, clean_probes
from doorward_testing.lab_faces import group_of, lab_face, manifest_of

PERSONS = [group_of(name, 4) for name in ("ann", "bob", "cleo", "dan")]
MANIFEST = manifest_of(dimension=4, threshold=0.5, margin=0.05)
RULE = OpenSetRule(MANIFEST.calibration, OpenSetSettings())


def measure(manifest, persons, faces, rule):
    return measure_splits(manifest, two_splits(persons), clean_probes(faces), rule)


def own_axis(person):
    return np.eye(4, dtype=np.float32)[[group.name for group in PERSONS].index(person.name)]


def all_faces(**changed: LabFace | None):
    """Every photo shows its person on an axis of its own; `changed` replaces the photo `name_number`."""
    return {
        photo: changed.get(f"{person.name}_{number}", lab_face(own_axis(person)))
        for person in PERSONS
        for number, photo in enumerate(person.photos)
    }


def test_people_apart_are_named_and_strangers_are_not():
    report = measure(MANIFEST, PERSONS, all_faces(), RULE)
    assert (report.fpir, report.fnir, report.rank1) == (0.0, 0.0, 1.0)
    # Four people, one probe each beside three references; two strangers with four photos on each side.
    assert (report.n_mated, report.n_nonmated) == (4, 16)
    assert (report.threshold, report.margin) == (0.5, 0.05)
    assert [split.enrolled for split in report.splits] == ["even", "odd"]
    assert [(split.subjects, split.references) for split in report.splits] == [(2, 6), (2, 6)]


def test_a_probe_that_resembles_another_person_is_a_miss_and_not_rank_one():
    report = measure(MANIFEST, PERSONS, all_faces(ann_3=lab_face(np.eye(4, dtype=np.float32)[2])), RULE)
    assert report.fnir == pytest.approx(1 / 4)
    assert report.rank1 == pytest.approx(3 / 4)
    assert report.splits[0].fnir == pytest.approx(1 / 2)


def test_a_stranger_that_resembles_an_enrolled_person_is_a_false_positive():
    report = measure(MANIFEST, PERSONS, all_faces(bob_0=lab_face(np.eye(4, dtype=np.float32)[0])), RULE)
    # bob's photo is a stranger's probe in the even split, and a reference in the odd one.
    assert report.fpir == pytest.approx((1 + 4) / 16)


def test_a_probe_between_two_people_is_ambiguous_and_therefore_a_miss():
    between = np.asarray([1, 0, 0.99, 0], np.float32) / np.float32(np.hypot(1, 0.99))
    report = measure(MANIFEST, PERSONS, all_faces(ann_3=lab_face(between)), RULE)
    assert report.fnir == pytest.approx(1 / 4)
    assert report.rank1 == 1.0


def test_what_the_gate_refuses_names_nobody():
    refused = {
        "ann_3": lab_face(np.eye(4, dtype=np.float32)[0], refused=True),
        "bob_1": lab_face(np.eye(4, dtype=np.float32)[0], refused=True),
        "dan_3": None,
    }
    report = measure(MANIFEST, PERSONS, all_faces(**refused), RULE)
    assert report.fpir == 0.0
    assert report.fnir == pytest.approx(2 / 4)
    assert (report.n_mated, report.n_nonmated) == (4, 16)


def test_a_photo_the_gate_refuses_is_not_enrolled():
    faces = all_faces(ann_0=lab_face(np.eye(4, dtype=np.float32)[0], quality=0.2, refused=True))
    report = measure(MANIFEST, PERSONS, faces, RULE)
    assert report.splits[0].references == 5
    assert report.fnir == 0.0


def test_a_person_without_any_reference_is_missed():
    faces = all_faces(ann_0=None, ann_1=None, ann_2=None)
    report = measure(MANIFEST, PERSONS, faces, RULE)
    assert report.splits[0].subjects == 1
    assert report.fnir == pytest.approx(1 / 4)


def test_an_odd_number_of_people_gives_the_stricter_threshold():
    curve = manifest_of(dimension=4, threshold=0.5, margin=0.05)
    rule = OpenSetRule(curve.calibration, OpenSetSettings(target_fpir=1e-4))
    report = measure(curve, PERSONS[:3], all_faces(), rule)
    assert report.threshold == max(split.threshold for split in report.splits)


def test_all_splits_take_every_half_once_and_give_a_bound_by_photo():
    splits = all_splits(PERSONS, seed=0)
    assert len(splits) == 6
    assert len({split.name for split in splits}) == 6
    assert all(len(split.enrolled) == len(split.strangers) == 2 for split in splits)
    report = measure_splits(MANIFEST, splits, clean_probes(all_faces()), RULE)
    assert (report.n_nonmated, report.n_stranger_photos, report.n_strangers_named) == (6 * 8, 16, 0)
    # No error in n trials: 3.84 / (n + 3.84).
    assert report.fpir_upper_95 == pytest.approx(3.84 / (48 + 3.84), abs=1e-3)
    assert report.fpir_upper_95_by_photo == pytest.approx(3.84 / (16 + 3.84), abs=1e-3)


def test_of_many_people_a_seeded_sample_of_splits_is_drawn():
    many = [group_of(f"p{number:02}", 4) for number in range(20)]
    splits = all_splits(many, seed=3, most=50)
    assert 40 <= len(splits) <= 50
    assert splits == all_splits(many, seed=3, most=50)
    assert splits != all_splits(many, seed=4, most=50)


def test_every_spoiled_copy_of_a_stranger_is_a_probe_and_one_of_no_face_names_nobody():
    faces = all_faces()
    copies = {photo: (face, None) for photo, face in faces.items()}
    lure = lab_face(np.eye(4, dtype=np.float32)[0])
    copies[PERSONS[1].photos[0]] = (lure, lure)
    report = measure_splits(MANIFEST, two_splits(PERSONS), ProbeSet(faces, copies), RULE)
    assert (report.n_mated, report.n_nonmated) == (8, 32)
    assert report.n_strangers_named == 2
    assert report.fnir == pytest.approx(1 / 2)


def test_distractors_are_enrolled_beside_and_compete():
    near_ann = np.asarray([1, 0, 0, 0.02], np.float32)
    report = measure_splits(
        MANIFEST, two_splits(PERSONS), clean_probes(all_faces()), RULE, [near_ann / np.linalg.norm(near_ann)]
    )
    assert report.n_distractors == 1
    assert report.splits[0].subjects == 3
    # Whoever resembles ann so much makes her ambiguous, and her pictures as a stranger's belong to the distractor.
    assert report.fnir == pytest.approx(1 / 4)
    assert report.n_strangers_named == 4
