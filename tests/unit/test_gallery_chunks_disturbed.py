"""A gallery that comes in chunks while something else goes on: a ledger without room, an erasure at the desk."""

from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from doorward_daemon.errors import ErrorReason, Overloaded
from doorward_daemon.gallery import FleetGallery
from doorward_daemon.gallery.chunk_staging import STAGING_FOLDER, ChunkStaging
from doorward_daemon.gallery.fleet_merge import FleetMerge
from doorward_daemon.gallery.fleet_row import FleetReceipt
from doorward_sync.chunk_messages import ChunkProblem
from doorward_sync.chunk_rule import digest_of
from doorward_testing.enrolment_site import open_site
from doorward_testing.fleet_centre import Centre, reference, subject, tombstone

ANNA = subject("anna", 1, reference(1), name="Anna")
BO = subject("bo", 1, reference(2), name="Bo")
CY = subject("cy", 1, reference(3), name="Cy")


@contextmanager
def fleet_site(folder, record=lambda receipt: None):
    with open_site(folder) as site:
        yield site, FleetGallery(site.gallery, site.desk.undisturbed, record)


class FullJournal:
    """A ledger that refuses receipts until there is room."""

    def __init__(self) -> None:
        self.asked = 0
        self.has_room = False
        self.recorded: list[str] = []

    def __call__(self, receipt: FleetReceipt) -> None:
        self.asked += 1
        if not self.has_room:
            raise Overloaded(ErrorReason.STORAGE_FULL, "the journal is full")
        self.recorded.append(receipt.subject_id)


def test_a_receipt_that_waits_for_room_keeps_no_gallery_from_coming(tmp_path):
    journal, centre = FullJournal(), Centre()
    with fleet_site(tmp_path, journal) as (site, fleet):
        fleet.apply(centre.delta(ANNA))
        fleet.apply(centre.delta(tombstone("anna", 2)))
        asked = journal.asked
        parts = centre.chunks(BO, CY, subject("di", 1, reference(4), name="Di"))
        assert fleet.take_chunk(parts[0]).problem is None
        assert fleet.take_chunk(parts[1]).place.chunks == 2
        assert journal.asked == asked
        # A stream that ends, and begins again.
        assert (fleet.revision(), fleet.staged().chunks) == (2, 2)
        assert fleet.take_chunk(parts[2]).problem is None
        assert sorted(site.gallery.index().names) == ["bo", "cy", "di"]
        journal.has_room = True
        assert (fleet.revision(), journal.recorded) == (5, ["anna"])


def test_an_erasure_of_the_centre_that_a_stopped_process_left_destroys_what_is_kept_aside(tmp_path):
    journal, centre = FullJournal(), Centre()
    with fleet_site(tmp_path, journal) as (_, fleet):
        fleet.apply(centre.delta(ANNA))
        fleet.apply(centre.delta(tombstone("anna", 2)))
        fleet.take_chunk(centre.chunks(BO, CY)[0])
    with fleet_site(tmp_path, journal) as (_, fleet):
        # Whether its bytes were scrubbed is not known any more.
        assert (fleet.revision(), fleet.staged()) == (2, None)
        assert not (tmp_path / STAGING_FOLDER).exists()


@pytest.mark.parametrize("window", ["before it is kept", "before it is in force"])
@pytest.mark.parametrize("number", [2, 3], ids=["in the middle", "the last one"])
def test_an_erasure_while_a_chunk_is_taken_makes_the_transfer_begin_again(tmp_path, monkeypatch, window, number):
    centre, put = Centre(), ChunkStaging.put
    with fleet_site(tmp_path) as (site, fleet):
        fleet.apply(centre.delta(ANNA))
        parts = centre.chunks(replace(ANNA, version=2), BO, CY)

        def disturbed(staging: ChunkStaging, chunk: object) -> None:
            steps = [lambda: put(staging, chunk), lambda: site.desk.erase_subject(site.request(), "anna")]
            for step in steps if window == "before it is in force" else reversed(steps):
                step()

        for part in parts[: number - 1]:
            fleet.take_chunk(part)
        with monkeypatch.context() as patch:
            patch.setattr(ChunkStaging, "put", disturbed)
            result = fleet.take_chunk(parts[number - 1])
        assert (fleet.staged(), (tmp_path / STAGING_FOLDER).exists()) == (None, False)
        if (window, number) == ("before it is in force", 2):
            # It was kept when it was answered for; the next one finds that it is not any more.
            result = fleet.take_chunk(parts[number])
        # No whole gallery is asked for, as it would be where the digest disagreed.
        assert (result.problem, result.place) == (ChunkProblem.OUT_OF_ORDER, None)
        assert [fleet.take_chunk(part).problem for part in parts] == [None] * 3
        assert sorted(site.gallery.index().names) == ["bo", "cy"]


@pytest.mark.parametrize("damage", [Path.unlink, lambda key: key.write_bytes(bytes(60))], ids=["no key", "another key"])
def test_a_key_that_is_lost_while_chunks_come_makes_the_transfer_begin_again(tmp_path, damage):
    with fleet_site(tmp_path) as (site, fleet):
        parts = Centre().chunks(ANNA, BO, CY)
        fleet.take_chunk(parts[0])
        damage(tmp_path / STAGING_FOLDER / "key")
        result = fleet.take_chunk(parts[1])
        assert (result.problem, result.place, fleet.staged()) == (ChunkProblem.OUT_OF_ORDER, None, None)
        assert [fleet.take_chunk(part).problem for part in parts] == [None] * 3
        assert sorted(site.gallery.index().names) == ["anna", "bo", "cy"]


def test_a_gallery_that_finds_no_room_to_come_into_force_fills_no_more_of_the_disk(tmp_path, monkeypatch):
    def full(*given: object) -> None:
        raise Overloaded(ErrorReason.STORAGE_FULL, "the disk is full")

    with fleet_site(tmp_path) as (site, fleet):
        *parts, last = Centre().chunks(ANNA, BO, CY)
        for part in parts:
            fleet.take_chunk(part)
        # What a centre sends that sees all of it here, and not in force.
        end = replace(last, number=4, after_revision=3, subjects=(), chunk_digest=digest_of(()))
        with monkeypatch.context() as patch:
            patch.setattr(FleetMerge, "take_staged", full)
            for chunk in (last, end, end, end):
                result = fleet.take_chunk(chunk)
                assert (result.problem, result.place.chunks) == (ChunkProblem.STORAGE_FULL, 3)
                assert len(list((tmp_path / STAGING_FOLDER).glob("*.chunk"))) == 3
        assert fleet.take_chunk(end).problem is None
        assert sorted(site.gallery.index().names) == ["anna", "bo", "cy"]
