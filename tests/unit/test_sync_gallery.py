"""Gallery revisions: which record wins, what a delta does, and that both ends end up with the same gallery."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from doorward_sync.centre_gallery import LARGEST_DISAGREEMENTS, CentreGallery
from doorward_sync.centre_storage import GalleryRead, ReadGallery
from doorward_sync.device_gallery import DeviceGallery
from doorward_sync.device_storage import AcknowledgeLocal, LocalChangesRead, ReadLocalChanges
from doorward_sync.gallery_messages import (
    GalleryDelta,
    GalleryDeltaResult,
    LocalSubject,
    ReferenceRecord,
    SubjectRecord,
)
from doorward_sync.gallery_state import GalleryDigest, given_of, is_settled, plan_delta, subject_digest, winner

ANN = SubjectRecord(subject_id="ann", version=3, display_name="Ann")
GONE = SubjectRecord(subject_id="ann", version=3, erased=True)
RECORDS = st.builds(
    SubjectRecord,
    subject_id=st.sampled_from("abcd"),
    version=st.integers(1, 9),
    display_name=st.sampled_from(["Ann", "Bea"]),
    erased=st.booleans(),
)


def _digest(records):
    digest = GalleryDigest()
    for record in records:
        digest = digest.with_(record)
    return digest


def _delta(before, revision, changes):
    after = {**before, **{one.subject_id: one for one in changes}}
    digest = _digest(after.values())
    return GalleryDelta(
        from_revision=revision,
        to_revision=revision + 1,
        subjects=tuple({one.subject_id: one for one in changes}.values()),
        digest=digest.value,
        living=digest.living,
    )


def test_the_higher_version_wins_and_the_centre_wins_a_tie():
    assert winner(ANN, replace(ANN, version=4, display_name="Anna")).display_name == "Anna"
    assert winner(ANN, replace(ANN, version=2, display_name="Anna")) is ANN
    assert winner(ANN, replace(ANN, display_name="Anna")) is ANN
    assert winner(None, ANN) is ANN


def test_an_erasure_beats_every_version_up_to_its_own():
    assert winner(ANN, GONE) is GONE
    assert winner(GONE, ANN) is GONE
    assert winner(replace(ANN, version=2), GONE) is GONE
    assert winner(GONE, replace(ANN, version=2)) is GONE
    assert not winner(GONE, replace(ANN, version=4)).erased


@given(st.lists(st.lists(RECORDS, max_size=4), max_size=8))
@settings(max_examples=60, deadline=None)
def test_a_replica_that_applies_every_delta_has_the_same_digest_and_subjects(rounds):
    centre: dict[str, SubjectRecord] = {}
    replica: dict[str, SubjectRecord] = {}
    digest = GalleryDigest()
    for revision, changes in enumerate(rounds):
        delta = _delta(centre, revision, changes)
        centre.update({one.subject_id: one for one in changes})
        plan = plan_delta(revision, digest, delta, replica.get, lambda: replica)
        assert plan.result == GalleryDeltaResult(revision=revision + 1, digest_agreed=True)
        assert plan.named == {one.subject_id: given_of(one) for one in delta.subjects}
        replica.update({one.subject_id: one for one in delta.subjects})
        digest = plan.digest
    assert replica == centre
    assert digest == _digest(centre.values())


def test_a_delta_on_another_revision_changes_nothing_and_needs_no_snapshot():
    plan = plan_delta(4, GalleryDigest(), _delta({}, 5, [ANN]), {}.get, list)
    assert (plan.named, plan.result.revision, plan.result.digest_agreed) == ({}, 4, True)
    assert "builds on revision 5" in plan.result.problem


def test_a_wrong_digest_changes_nothing():
    delta = replace(_delta({}, 0, [ANN]), digest=bytes(32))
    plan = plan_delta(0, GalleryDigest(), delta, {}.get, list)
    assert (plan.named, plan.result.revision, plan.result.digest_agreed) == ({}, 0, False)


def test_a_snapshot_replaces_whatever_was_there():
    bea = SubjectRecord(subject_id="bea", version=1)
    delta = replace(_delta({}, 8, [ANN]), snapshot=True)
    plan = plan_delta(2, _digest([bea]), delta, {"bea": bea}.get, lambda: ["bea"])
    assert (plan.vanished, plan.named, plan.result.revision) == (("bea",), {"ann": given_of(ANN)}, 9)


@pytest.mark.parametrize("changed", [{"version": 4}, {"display_name": "x"}, {"subject_id": "b"}])
def test_every_part_of_a_subject_enters_the_digest(changed):
    assert subject_digest(replace(ANN, **changed)) != subject_digest(ANN)


def test_the_order_of_references_does_not_enter_the_digest():
    one, two = (
        ReferenceRecord(
            reference_id=name, template=b"t", embedding_id="e", precision="f32", quality_score=1, create_time_us=0
        )
        for name in "ab"
    )
    assert subject_digest(replace(ANN, references=(one, two))) == subject_digest(replace(ANN, references=(two, one)))
    assert subject_digest(replace(ANN, references=(one,))) != subject_digest(replace(ANN, references=(one, two)))


def test_a_local_change_is_kept_until_the_centres_answer_has_come_down():
    local = LocalSubject(change=2, subject=GONE)
    assert not is_settled(local, acked_change=1, given=GONE)
    assert not is_settled(local, acked_change=2, given=replace(ANN, version=2))
    assert is_settled(local, acked_change=2, given=GONE)


def test_a_device_that_disagrees_gets_a_snapshot_and_not_for_ever():
    gallery = CentreGallery(1, 2)
    for place in range(LARGEST_DISAGREEMENTS):
        assert gallery.next_read(0.0) == ReadGallery(from_revision=1, snapshot=place > 0)
        gallery.was_read(GalleryRead(_delta({}, 1, [ANN])), 0.0)
        assert gallery.next_read(0.0) is None
        assert gallery.taken(GalleryDeltaResult(revision=1, digest_agreed=False))
    assert gallery.next_read(0.0) is None
    gallery.changed(3)
    assert gallery.next_read(0.0) == ReadGallery(from_revision=1, snapshot=True)


def test_local_changes_go_up_one_message_at_a_time_until_confirmed():
    gallery = DeviceGallery(2, 0)
    assert gallery.next_read() == ReadLocalChanges(after_change=0, limit=16)
    gallery.changes_read(LocalChangesRead(after_change=0, subjects=(LocalSubject(change=2, subject=ANN),)), 0.0)
    assert gallery.next_read() is None
    assert gallery.acknowledged(3) == []
    assert gallery.acknowledged(2) == [AcknowledgeLocal(through_change=2)]
    assert gallery.next_read() is None
