"""The gallery between device and centre: what a delta does, what goes up, what a killed process leaves."""

from contextlib import contextmanager
from dataclasses import replace

import pytest

from doorward_daemon.errors import ErrorReason, Overloaded
from doorward_daemon.gallery import FleetGallery, OperationKind
from doorward_daemon.model.subject import ReferenceKind
from doorward_sync.gallery_state import GalleryDigest
from doorward_sync.wire_gallery import from_wire_subject, to_wire_subject
from doorward_testing.enrolment_site import SPACE, open_site, portrait, template_of
from doorward_testing.fleet_centre import Centre, reference, subject, tombstone


@contextmanager
def fleet_site(folder, record=None):
    with open_site(folder) as site:
        receipts = []
        fleet = FleetGallery(site.gallery, site.desk.undisturbed, record or receipts.append)
        yield site, fleet, receipts


@pytest.fixture
def room(tmp_path):
    with fleet_site(tmp_path) as opened:
        yield opened


def best(site, person):
    return [found.subject_id for found in site.gallery.index().search(template_of(person).vector, 1)]


def test_a_subject_of_the_centre_is_searched_named_and_not_told_back(room):
    site, fleet, _ = room
    told = []
    fleet.subscribe(told.append)
    result = fleet.apply(Centre().delta(subject("anna", 1, reference(1), name="Anna")))
    assert (result.revision, result.problem, fleet.revision()) == (1, "", 1)
    assert best(site, 1) == ["anna"]
    assert site.gallery.index().name_of("anna") == "Anna"
    assert (fleet.changes(), fleet.local_changes(0, 16), told) == ((0, 0), (), [])


def test_what_is_enrolled_here_goes_up_whole_and_its_echo_changes_nothing(room):
    site, fleet, _ = room
    told = []
    fleet.subscribe(told.append)
    site.enrol("bert", 2, shots=2)
    (local,) = fleet.local_changes(0, 16)
    assert told == [1, 2, 3]
    assert (local.change, local.subject.version, len(local.subject.references)) == (3, 3, 2)
    assert local.subject.references[0].template == template_of(2).vector.astype("<f4").tobytes()
    revision = site.gallery.index().revision
    fleet.acknowledge_changes(3)
    assert fleet.changes() == (3, 3)
    fleet.apply(Centre().delta(replace(local.subject, gallery_revision=1)))
    assert (site.gallery.index().revision, fleet.changes(), fleet.local_changes(0, 16)) == (revision, (3, 3), ())


def test_every_kind_of_local_change_raises_the_version(room):
    site, fleet, _ = room
    site.enrol("bert", 2, shots=2)
    versions = [fleet.local_changes(0, 1)[0].subject.version]
    site.desk.update_subject(site.request(), "bert", "Bert")
    versions.append(fleet.local_changes(0, 1)[0].subject.version)
    assert fleet.local_changes(0, 1)[0].subject.display_name == "Bert"
    gone = site.gallery.subject("bert").references[0].reference_id
    site.desk.remove_reference(site.request(), "bert", gone)
    (local,) = fleet.local_changes(0, 16)
    versions.append(local.subject.version)
    assert len(local.subject.references) == 1
    site.desk.erase_subject(site.request(), "bert")
    (local,) = fleet.local_changes(0, 16)
    assert local.subject == tombstone("bert", versions[-1] + 1)
    assert versions == sorted(set(versions))


def test_an_erasure_of_the_centre_leaves_nobody_and_one_receipt(room):
    site, fleet, receipts = room
    centre = Centre()
    fleet.apply(centre.delta(subject("anna", 1, reference(1), reference(1, shot=1)), subject("bo", 1, reference(2))))
    fleet.apply(centre.delta(tombstone("anna", 2)))
    assert best(site, 1) == ["bo"]
    assert "anna" not in site.gallery.index().names
    (receipt,) = receipts
    assert (receipt.kind, receipt.subject_id) == (OperationKind.ERASE_SUBJECT, "anna")
    assert (receipt.references_destroyed, receipt.centre_revision) == (2, 2)
    assert fleet.local_changes(0, 16) == ()


def test_no_byte_of_whom_the_centre_erased_is_left_in_any_file(tmp_path):
    with fleet_site(tmp_path) as (site, fleet, _):
        centre = Centre()
        fleet.apply(centre.delta(subject("anna", 1, reference(1), name="Anna Unmistakable")))
        files = [path for path in tmp_path.rglob("gallery.db*") if path.is_file()]
        assert any(b"Anna Unmistakable" in path.read_bytes() for path in files)
        fleet.apply(centre.delta(tombstone("anna", 2)))
        assert not any(b"Anna Unmistakable" in path.read_bytes() for path in files if path.exists())
        assert not site.gallery.index().references


def test_a_wrong_digest_or_an_unknown_beginning_changes_nothing(room):
    site, fleet, _ = room
    delta = Centre().delta(subject("anna", 1, reference(1)))
    refused = fleet.apply(replace(delta, digest=bytes(32)))
    assert (refused.revision, refused.digest_agreed) == (0, False)
    late = fleet.apply(replace(delta, from_revision=4))
    assert (late.digest_agreed, bool(late.problem)) == (True, True)
    assert (fleet.revision(), site.gallery.index().names) == (0, {})


def test_a_snapshot_erases_whom_it_does_not_name_and_keeps_what_is_on_its_way_up(room):
    site, fleet, receipts = room
    centre = Centre()
    fleet.apply(centre.delta(subject("anna", 1, reference(1)), subject("bo", 1, reference(2))))
    site.enrol("local", 3)
    result = fleet.apply(centre.delta(subject("bo", 1, reference(2)), snapshot=True))
    assert result.problem == ""
    assert set(site.gallery.index().names) == {"bo", "local"}
    assert [receipt.subject_id for receipt in receipts] == ["anna"]
    assert [local.subject.subject_id for local in fleet.local_changes(0, 16)] == ["local"]


def test_what_a_centre_had_confirmed_and_lost_is_offered_again(room):
    site, fleet, _ = room
    site.enrol("local", 3)
    last, _ = fleet.changes()
    fleet.acknowledge_changes(last)
    told = []
    fleet.subscribe(told.append)
    fleet.apply(Centre().delta(snapshot=True))
    assert told == [last + 1]
    assert [local.subject.subject_id for local in fleet.local_changes(last, 16)] == ["local"]


def test_a_local_erasure_beats_the_state_it_erased_until_the_centre_agrees(room):
    site, fleet, receipts = room
    centre = Centre()
    anna = subject("anna", 4, reference(1))
    fleet.apply(centre.delta(anna))
    site.desk.erase_subject(site.request(), "anna")
    (local,) = fleet.local_changes(0, 16)
    assert local.subject == tombstone("anna", 5)
    fleet.apply(centre.delta(anna))
    fleet.apply(centre.delta(replace(anna, version=5, display_name="renamed elsewhere")))
    assert "anna" not in site.gallery.index().names
    fleet.acknowledge_changes(local.change)
    assert fleet.apply(centre.delta(tombstone("anna", 5))).problem == ""
    assert (fleet.local_changes(0, 16), receipts) == ((), [])
    # A deliberate change after it starts from the tombstone's version.
    site.desk.create_subject(site.request(), "anna", "Anna again")
    assert fleet.local_changes(0, 16)[0].subject.version == 6


def test_the_centre_wins_at_equal_versions_and_a_later_change_of_here_wins_over_it(room):
    site, fleet, _ = room
    centre = Centre()
    fleet.apply(centre.delta(subject("anna", 1, name="first")))
    site.desk.update_subject(site.request(), "anna", "here")
    fleet.apply(centre.delta(subject("anna", 2, name="there")))
    assert (site.gallery.index().name_of("anna"), fleet.local_changes(0, 16)) == ("there", ())
    site.desk.update_subject(site.request(), "anna", "here")
    fleet.apply(centre.delta(subject("anna", 2, name="late")))
    assert site.gallery.index().name_of("anna") == "here"
    assert fleet.local_changes(0, 16)[0].subject.version == 3


def test_references_come_go_and_are_replaced_with_their_subject(room):
    site, fleet, receipts = room
    centre = Centre()
    fleet.apply(centre.delta(subject("anna", 1, reference(1), reference(1, shot=1))))
    fleet.apply(centre.delta(subject("anna", 2, reference(5, "reference-1-0"))))
    assert site.gallery.index().references == 1
    assert site.gallery.index().search(template_of(5).vector, 1)[0].score > 0.99
    assert [receipt.kind for receipt in receipts] == [OperationKind.REMOVE_REFERENCE]


def test_a_reference_of_somebody_else_crosses_the_wire_as_such(room):
    site, fleet, _ = room
    sent = subject("anna", 1, reference(1), replace(reference(2), negative=True))
    received = from_wire_subject(to_wire_subject(sent))
    assert received == sent
    result = fleet.apply(Centre().delta(received))
    assert (result.revision, result.problem) == (1, "")
    kinds = {one.reference_id: one.kind for one in site.gallery.subject("anna").references}
    assert kinds == {
        sent.references[0].reference_id: ReferenceKind.POSITIVE,
        sent.references[1].reference_id: ReferenceKind.NEGATIVE,
    }
    assert len(site.gallery.index().negatives_of("anna")) == 1


def test_references_of_another_space_are_kept_and_not_searched(room):
    site, fleet, _ = room
    fleet.apply(Centre().delta(subject("anna", 1, reference(1, "here"), reference(2, "other", "another-space"))))
    index = site.gallery.index()
    assert (index.references, index.foreign_references) == (1, 1)
    site.desk.update_subject(site.request(), "anna", "Anna")
    (local,) = fleet.local_changes(0, 16)
    assert [one.embedding_id for one in local.subject.references] == [SPACE, "another-space"]


@pytest.mark.parametrize(
    "broken",
    [
        {"template": bytes(64 * 4)},
        {"template": b"\x00\x00\xc0\x7f" * 64},
        {"template": template_of(1).vector[:32].tobytes()},
        {"template": b"odd"},
        {"quality_score": float("nan")},
        {"create_time_us": 2**62},
        {"embedding_id": ""},
        {"reference_id": "reference-2-0"},
    ],
    ids=lambda broken: next(iter(broken)),
)
def test_a_reference_that_is_none_keeps_nobody_else_out(room, broken):
    site, fleet, _ = room
    centre = Centre()
    fleet.apply(centre.delta(subject("bo", 1, reference(2)), subject("carl", 1, reference(3))))
    wrong = replace(reference(1), **broken)
    result = fleet.apply(centre.delta(subject("anna", 1, wrong), tombstone("carl", 2), subject("not an id", 1)))
    assert (result.problem, site.gallery.index().references) == ("", 1)
    assert set(site.gallery.index().names) == {"bo", "anna"}
    assert site.gallery.failure is None


def test_a_receipt_that_could_not_be_recorded_is_recorded_later_even_after_a_kill(tmp_path):
    def refuse(receipt):
        raise Overloaded(ErrorReason.STORAGE_FULL, "the journal is full")

    class Killed(BaseException):
        """The process ends here."""

    def die(receipt):
        raise Killed

    centre = Centre()
    with fleet_site(tmp_path, refuse) as (_, fleet, _):
        fleet.apply(centre.delta(subject("anna", 1, reference(1)), subject("bo", 1, reference(2))))
        assert fleet.apply(centre.delta(tombstone("anna", 2))).revision == 2
    with fleet_site(tmp_path, die) as (_, fleet, _), pytest.raises(Killed):
        fleet.apply(centre.delta(tombstone("bo", 2)))
    with fleet_site(tmp_path) as (site, fleet, receipts):
        assert (fleet.revision(), [one.subject_id for one in receipts]) == (3, ["anna", "bo"])
        fleet.settle()
        assert len(receipts) == 2
        assert site.gallery.index().names == {}


def test_a_delta_that_ends_in_the_middle_leaves_nothing_of_itself(room):
    site, fleet, _ = room

    class Killed(Exception):
        """The process ends here."""

    def die_in_the_middle():
        with site.gallery.writing(growing=True, local=False) as writing:
            writing.create_subject("anna", "Anna")
            writing.tables.fleet.set_state(7, GalleryDigest(bytes(31) + b"\x01", 1))
            raise Killed

    with pytest.raises(Killed):
        die_in_the_middle()
    assert (fleet.revision(), site.gallery.index().names) == (0, {})
    assert fleet.apply(Centre().delta(subject("anna", 1, reference(1)))).problem == ""


def test_an_enrolment_judged_while_the_centre_erased_its_subject_is_refused(tmp_path):
    with fleet_site(tmp_path) as (site, fleet, _):
        centre = Centre()
        fleet.apply(centre.delta(subject("anna", 1)))
        fleet.apply(centre.delta(tombstone("anna", 2)))
        with pytest.raises(Exception, match="not enrolled"):
            site.desk.add_reference(site.request(), "anna", portrait(1))
        assert site.desk.settle() == 0


def test_who_was_enrolled_before_there_was_a_fleet_is_told_to_it(tmp_path):
    with fleet_site(tmp_path) as (site, _, _):
        site.enrol("anna", 1)
        # As an older version left it: no rows of the fleet, schema 1.
        with site.gallery.writing(growing=False, local=False) as writing:
            for table in ("fleet_state", "fleet_subjects", "fleet_receipts"):
                writing.tables.fleet._database.run(f"DROP TABLE {table}")
            writing.tables.fleet._database.run("ALTER TABLE enrolled_references DROP COLUMN kind")
            writing.tables.fleet._database.run("PRAGMA user_version = 1")
    with fleet_site(tmp_path) as (_, fleet, _):
        (local,) = fleet.local_changes(0, 16)
        assert (local.change, local.subject.subject_id, len(local.subject.references)) == (1, "anna", 1)
        assert fleet.changes() == (1, 0)
