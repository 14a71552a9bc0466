"""A gallery that comes in chunks: kept aside sealed, over restarts, in force whole or not at all."""

import os
import time
import tracemalloc
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from doorward_daemon.gallery import FleetGallery, GallerySettings, open_gallery
from doorward_daemon.gallery.chunk_staging import STAGING_FOLDER, STALE_AFTER_S
from doorward_daemon.gallery.fleet_merge import FleetMerge
from doorward_daemon.storage import Database
from doorward_sync.chunk_messages import ChunkProblem, GalleryPlace
from doorward_sync.chunk_rule import digest_of
from doorward_testing.enrolment_site import SPACE, open_site, template_of
from doorward_testing.fleet_centre import Centre, reference, subject, tombstone

ANNA = subject("anna", 1, reference(1), name="Anna Unmistakable")
BO = subject("bo", 1, reference(2), name="Bo Unmistakable")
CY = subject("cy", 1, reference(3), name="Cy Unmistakable")


@contextmanager
def fleet_site(folder):
    with open_site(folder) as site:
        yield site, FleetGallery(site.gallery, site.desk.undisturbed, lambda receipt: None)


@pytest.fixture
def room(tmp_path):
    with fleet_site(tmp_path) as opened:
        yield opened


def best(site, person):
    return [found.subject_id for found in site.gallery.index().search(template_of(person).vector, 1)]


def staged_files(folder):
    return (
        sorted(path.name for path in (folder / STAGING_FOLDER).glob("*")) if (folder / STAGING_FOLDER).exists() else []
    )


def test_nothing_of_a_gallery_is_in_force_before_its_last_chunk(room):
    site, fleet = room
    *parts, last = Centre().chunks(ANNA, BO, CY)
    for number, part in enumerate(parts, start=1):
        result = fleet.take_chunk(part)
        assert (result.problem, result.revision, result.place.chunks) == (None, 0, number)
        assert (best(site, 1), fleet.revision()) == ([], 0)
    result = fleet.take_chunk(last)
    assert (result.problem, result.revision, result.place) == (None, 3, None)
    assert [best(site, person) for person in (1, 2, 3)] == [["anna"], ["bo"], ["cy"]]
    assert site.gallery.index().name_of("anna") == "Anna Unmistakable"


def test_chunks_are_there_after_a_restart_and_the_next_one_is_enough(tmp_path):
    first, second, third = Centre().chunks(ANNA, BO, CY)
    with fleet_site(tmp_path) as (_, fleet):
        fleet.take_chunk(first)
        fleet.take_chunk(second)
    with fleet_site(tmp_path) as (site, fleet):
        assert fleet.staged() == GalleryPlace(snapshot=False, from_revision=0, chunks=2, through_revision=2)
        assert fleet.take_chunk(third).revision == 3
        assert sorted(site.gallery.index().names) == ["anna", "bo", "cy"]
    assert staged_files(tmp_path) == []


def test_what_is_kept_aside_is_sealed_and_gone_with_the_last_chunk(tmp_path, room):
    site, fleet = room
    first, second, third = Centre().chunks(ANNA, BO, CY)
    fleet.take_chunk(first)
    fleet.take_chunk(second)
    assert staged_files(tmp_path) == ["00000001.chunk", "00000002.chunk", "key"]
    files = list((tmp_path / STAGING_FOLDER).iterdir())
    assert [path.stat().st_mode & 0o077 for path in (*files, tmp_path / STAGING_FOLDER)] == [0] * 4
    assert [chunk.session_id for chunk in site.gallery.staging.chunks()] == ["", ""]
    held = b"".join(path.read_bytes() for path in files)
    for secret in (b"Unmistakable", b"anna", ANNA.references[0].template, BO.references[0].template[:16]):
        assert secret not in held
    fleet.take_chunk(third)
    assert staged_files(tmp_path) == []


def test_a_subject_that_comes_again_counts_as_it_came_last(room):
    site, fleet = room
    centre = Centre()
    first, *_ = centre.chunks(ANNA, BO)
    renamed = replace(ANNA, version=2, display_name="Renamed", gallery_revision=3)
    erased = replace(tombstone("bo", 2), gallery_revision=4)
    head = Centre().delta(renamed, erased)
    fleet.take_chunk(first)
    rest = replace(
        first,
        number=2,
        after_revision=1,
        through_revision=4,
        to_revision=4,
        subjects=(renamed, erased),
        chunk_digest=digest_of((renamed, erased)),
        digest=head.digest,
        living=head.living,
    )
    assert fleet.take_chunk(rest).problem is None
    assert (site.gallery.index().names, fleet.revision()) == ({"anna": "Renamed"}, 4)


def test_a_snapshot_in_chunks_erases_whom_it_does_not_name_with_a_receipt(tmp_path):
    with open_site(tmp_path) as site:
        receipts = []
        fleet = FleetGallery(site.gallery, site.desk.undisturbed, receipts.append)
        centre = Centre()
        fleet.apply(centre.delta(ANNA, BO))
        for chunk in centre.chunks(BO, CY, snapshot=True):
            assert best(site, 1) == ["anna"]
            fleet.take_chunk(chunk)
        assert sorted(site.gallery.index().names) == ["bo", "cy"]
        assert [receipt.subject_id for receipt in receipts] == ["anna"]


def test_a_wrong_digest_of_the_whole_keeps_the_old_gallery_and_drops_the_chunks(tmp_path, room):
    site, fleet = room
    centre = Centre()
    fleet.apply(centre.delta(ANNA))
    first, last = centre.chunks(BO, CY)
    fleet.take_chunk(first)
    result = fleet.take_chunk(replace(last, digest=bytes(32)))
    assert (result.problem, result.revision, result.place) == (ChunkProblem.GALLERY_DIGEST, 1, None)
    assert (sorted(site.gallery.index().names), fleet.staged(), staged_files(tmp_path)) == (["anna"], None, [])
    alone = fleet.take_chunk(replace(centre.chunks(BO)[0], from_revision=1, after_revision=1, digest=bytes(32)))
    assert (alone.problem, fleet.revision()) == (ChunkProblem.GALLERY_DIGEST, 1)


def test_a_chunk_that_was_damaged_on_the_disk_makes_the_transfer_begin_again(tmp_path, room):
    site, fleet = room
    parts = Centre().chunks(ANNA, BO, CY)
    fleet.take_chunk(parts[0])
    fleet.take_chunk(parts[1])
    path = tmp_path / STAGING_FOLDER / "00000001.chunk"
    spoiled = bytearray(path.read_bytes())
    spoiled[40] ^= 1
    path.write_bytes(spoiled)
    result = fleet.take_chunk(parts[2])
    assert (result.problem, result.place) == (ChunkProblem.OUT_OF_ORDER, None)
    assert (site.gallery.index().names, staged_files(tmp_path)) == ({}, [])
    assert [fleet.take_chunk(part).problem for part in parts] == [None] * 3
    assert sorted(site.gallery.index().names) == ["anna", "bo", "cy"]


def _swap(folder):
    one, two = folder / "00000001.chunk", folder / "00000002.chunk"
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second)
    two.write_bytes(first)


def _age(folder):
    for path in folder.glob("*.chunk"):
        os.utime(path, (time.time() - STALE_AFTER_S - 60,) * 2)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "key").unlink(),
        lambda folder: (folder / "key").write_bytes(bytes(60)),
        lambda folder: (folder / "00000002.chunk").write_bytes(b""),
        lambda folder: (folder / "00000001.chunk").unlink(),
        _swap,
        _age,
    ],
    ids=["no key", "another key", "an empty file", "a gap", "two files swapped", "a week old"],
)
def test_what_cannot_be_gone_on_with_is_removed_at_the_next_start(tmp_path, damage):
    with fleet_site(tmp_path) as (_, fleet):
        for part in Centre().chunks(ANNA, BO, CY)[:2]:
            fleet.take_chunk(part)
    damage(tmp_path / STAGING_FOLDER)
    with fleet_site(tmp_path) as (_, fleet):
        assert (fleet.staged(), staged_files(tmp_path)) == (None, [])


def test_chunks_of_an_older_revision_are_removed(tmp_path, room):
    _, fleet = room
    centre = Centre()
    fleet.take_chunk(centre.chunks(ANNA, BO)[0])
    other = Centre()
    assert fleet.apply(other.delta(CY)).revision == 1
    assert (fleet.staged(), staged_files(tmp_path)) == (None, [])


def test_an_erasure_at_the_device_leaves_no_sealed_copy_either(tmp_path, room):
    site, fleet = room
    centre = Centre()
    fleet.apply(centre.delta(ANNA))
    first, last = centre.chunks(replace(ANNA, version=2), BO)
    fleet.take_chunk(first)
    site.desk.erase_subject(site.request(), "anna")
    assert staged_files(tmp_path) == []
    result = fleet.take_chunk(last)
    assert (result.problem, result.place) == (ChunkProblem.OUT_OF_ORDER, None)
    assert [fleet.take_chunk(part).problem for part in (first, last)] == [None, None]
    # The erasure is on its way up, and wins there.
    assert site.gallery.index().names == {"bo": "Bo Unmistakable"}


def test_without_room_a_chunk_is_refused_by_name_and_what_is_here_stays(tmp_path):
    first, second = Centre().chunks(ANNA, BO)
    with open_site(tmp_path) as site:
        fleet = FleetGallery(site.gallery, site.desk.undisturbed, lambda receipt: None)
        fleet.take_chunk(first)
    settings = GallerySettings(spare_disk_bytes=1 << 60)
    with open_gallery(tmp_path, SPACE, settings) as gallery:
        fleet = FleetGallery(gallery, site.desk.undisturbed, lambda receipt: None)
        result = fleet.take_chunk(second)
        assert (result.problem, result.place.chunks) == (ChunkProblem.STORAGE_FULL, 1)
        assert "free disk space" in result.detail
        assert fleet.staged() == result.place


def test_a_process_that_ends_while_a_transfer_is_applied_goes_on_with_what_it_kept(tmp_path, monkeypatch):
    class Killed(BaseException):
        """The process ends here."""

    def die(merge, subject_record):
        raise Killed

    chunks = Centre().chunks(ANNA, BO, CY)
    with fleet_site(tmp_path) as (_, fleet), monkeypatch.context() as patch:
        patch.setattr(FleetMerge, "_store", die)
        fleet.take_chunk(chunks[0])
        fleet.take_chunk(chunks[1])
        with pytest.raises(Killed):
            fleet.take_chunk(chunks[2])
    with fleet_site(tmp_path) as (site, fleet):
        assert (site.gallery.index().names, fleet.revision(), fleet.staged().chunks) == ({}, 0, 3)
        last = chunks[-1]
        end = replace(last, number=4, after_revision=3, subjects=(), chunk_digest=digest_of(()))
        assert fleet.take_chunk(end).revision == 3
        assert sorted(site.gallery.index().names) == ["anna", "bo", "cy"]


def test_a_transfer_of_many_chunks_needs_the_memory_of_few(room):
    _, fleet = room
    # Of another space: what is searched lies in memory anyhow.
    vector = np.ones(64 * 1024, "<f4")
    template = (vector / np.linalg.norm(vector)).astype("<f4").tobytes()
    large = partial(reference, 1, space="another-space")
    people = [subject(f"s{n}", 1, replace(large(f"r{n}"), template=template)) for n in range(120)]
    chunks = Centre().chunks(*people, per_chunk=2)
    tracemalloc.start()
    try:
        assert {fleet.take_chunk(chunk).problem for chunk in chunks} == {None}
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert fleet.revision() == 120
    assert peak_bytes < 120 * len(template) / 4


def test_a_subject_that_is_new_comes_into_force_in_a_few_statements(tmp_path, monkeypatch):
    run = Database.run
    statements = []

    def counting(database, sql, *bindings: object):
        statements.append(sql)
        return run(database, sql, *bindings)

    monkeypatch.setattr(Database, "run", counting)
    counts = []
    for people in (10, 110):
        with fleet_site(tmp_path / str(people)) as (site, fleet):
            last = give_all_but_the_last(fleet, people)
            statements.clear()
            assert fleet.take_chunk(last).problem is None
            counts.append(len(statements))
            assert len(site.gallery.index().names) == people
    # Each is a piece of the time during which enrolment waits.
    assert counts[1] - counts[0] <= 100 * 9


def give_all_but_the_last(fleet, people):
    """Puts all but the last chunk of so many people aside; the last chunk."""
    everybody = [subject(f"s{one}", 1, reference(one % 200, f"r{one}")) for one in range(people)]
    *parts, last = Centre().chunks(*everybody, per_chunk=5)
    for part in parts:
        fleet.take_chunk(part)
    return last
