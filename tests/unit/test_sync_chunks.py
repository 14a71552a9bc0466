"""A gallery in chunks: what a chunk holds, which one is taken, and how a transfer goes on after a break."""

from dataclasses import replace

import pytest

from doorward_sync.centre_gallery import CentreGallery, ChunkTerms
from doorward_sync.centre_storage import ChunkWanted, ReadGallery
from doorward_sync.chunk_messages import ChunkProblem, GalleryPlace
from doorward_sync.chunk_rule import (
    LARGEST_CHUNK_BYTES,
    LARGEST_SUBJECT_BYTES,
    MOST_CHUNKS,
    continued,
    digest_of,
    fill_chunk,
    judge_chunk,
    weight_of,
)
from doorward_sync.device_down import DeviceDown
from doorward_sync.device_gallery import DeviceGallery
from doorward_sync.device_storage import StageChunk
from doorward_sync.gallery_messages import ReferenceRecord, SubjectRecord
from doorward_testing.memory_gallery import MemoryGallery
from doorward_testing.sync_gallery import CentreGalleryDisk

# Two subjects of one letter.
TERMS = ChunkTerms(session_id="s", largest_bytes=140, staged=None)


def _centre(*names: str) -> CentreGalleryDisk:
    centre = CentreGalleryDisk()
    for name in names:
        centre.put(name, name.upper(), erased=False)
    return centre


def _read(centre, device_revision=0, place=None, *, snapshot=False):
    wanted = ChunkWanted(place=place, largest_bytes=140)
    return centre.read(ReadGallery(from_revision=device_revision, snapshot=snapshot, chunk=wanted)).delta


def _carry(centre: CentreGalleryDisk, gallery: MemoryGallery, ends: CentreGallery, most: int = 100) -> list:
    """Carries chunks until nothing is to be sent, `most` at most; what came down."""
    sent = []
    while len(sent) < most and (wanted := ends.next_read(0.0)) is not None:
        for one in ends.was_read(centre.read(wanted), 0.0):
            sent.append(one.message)
            ends.chunk_taken(gallery.take_chunk(one.message), 0.0)
    return sent


def _with_reference(subject_id: str, size_bytes: int, revision: int = 1) -> SubjectRecord:
    reference = ReferenceRecord(
        reference_id="r",
        template=bytes(size_bytes),
        embedding_id="e",
        precision="f32",
        quality_score=1,
        create_time_us=0,
    )
    return SubjectRecord(subject_id=subject_id, version=1, references=(reference,), gallery_revision=revision)


def test_a_chunk_ends_before_it_is_too_large_and_a_subject_is_never_divided():
    subjects = [_with_reference(name, 100, number) for number, name in enumerate("abc", start=1)]
    start = continued(None, snapshot=False, from_revision=0, revision=3)
    two_bytes = 2 * weight_of(subjects[0])
    assert fill_chunk(start, subjects, two_bytes, 3) == (tuple(subjects[:2]), 2)
    assert fill_chunk(start, subjects, two_bytes - 1, 3) == (tuple(subjects[:1]), 1)
    assert fill_chunk(start, subjects, 1, 3) == (tuple(subjects[:1]), 1)
    assert fill_chunk(start, subjects, 3 * two_bytes, 3) == (tuple(subjects), 3)


def test_what_is_read_for_a_chunk_is_no_more_than_one_subject_longer():
    asked = []

    def following():
        for number in range(1, 1000):
            asked.append(number)
            yield _with_reference(f"s{number}", 100, number)

    fill_chunk(continued(None, snapshot=True, from_revision=0, revision=999), following(), 500, 999)
    assert len(asked) == 3


def test_a_gallery_of_many_chunks_is_in_force_with_the_last_one_and_not_before():
    centre, gallery, ends = _centre(*"abcdefg"), MemoryGallery(), CentreGallery(0, 7, TERMS)
    assert len(_carry(centre, gallery, ends, most=3)) == 3
    assert (gallery.names(), gallery.revision()) == ({}, 0)
    assert gallery.staged() == GalleryPlace(snapshot=False, from_revision=0, chunks=3, through_revision=6)
    assert [one.is_last for one in _carry(centre, gallery, ends)] == [True]
    assert (sorted(gallery.names()), gallery.revision(), gallery.staged()) == (list("abcdefg"), 7, None)


def test_after_a_break_the_first_missing_chunk_comes_and_none_before_it():
    centre, gallery = _centre(*"abcdefg"), MemoryGallery()
    _carry(centre, gallery, CentreGallery(0, 7, TERMS), most=2)
    again = CentreGallery(0, 7, replace(TERMS, session_id="t", staged=gallery.staged()))
    sent = _carry(centre, gallery, again)
    assert [one.number for one in sent] == [3, 4]
    assert sorted(gallery.names()) == list("abcdefg")


def test_a_revision_made_meanwhile_moves_the_end_and_nothing_comes_twice_but_what_changed():
    centre, gallery, ends = _centre(*"abcdefg"), MemoryGallery(), CentreGallery(0, 7, TERMS)
    _carry(centre, gallery, ends, most=2)
    centre.put("a", "Changed", erased=False)
    centre.put("g", "", erased=True)
    ends.changed(9)
    named = [subject.subject_id for chunk in _carry(centre, gallery, ends) for subject in chunk.subjects]
    assert named == ["e", "f", "a", "g"]
    assert (gallery.revision(), gallery.names()["a"], "g" in gallery.names()) == (9, "Changed", False)


def test_a_gallery_that_changes_all_the_time_arrives_all_the_same():
    centre, gallery, ends = _centre(*"abcdefghijklmnopq"), MemoryGallery(), CentreGallery(0, 17, TERMS)
    for number in range(40):
        if gallery.revision():
            break
        centre.put("a", f"name {number}", erased=False)
        ends.changed(centre.revision)
        _carry(centre, gallery, ends, most=1)
    assert gallery.revision() == centre.revision


def test_a_snapshot_that_was_begun_goes_on_as_one_in_the_next_session():
    centre, gallery = _centre(*"abcdefg"), MemoryGallery()
    gallery.given["old"] = SubjectRecord(subject_id="old", version=1)
    gallery.wreck()
    gallery.take_chunk(_read(centre, snapshot=True))
    ends = CentreGallery(0, 7, replace(TERMS, staged=gallery.staged()))
    assert ends.next_read(0.0).snapshot
    ends = CentreGallery(0, 7, replace(TERMS, staged=gallery.staged()))
    assert [one.snapshot for one in _carry(centre, gallery, ends)] == [True] * 3
    assert sorted(gallery.names()) == list("abcdefg")


def test_what_another_centre_sent_is_not_gone_on_with():
    place = GalleryPlace(snapshot=False, from_revision=3, chunks=2, through_revision=9)
    assert continued(place, snapshot=False, from_revision=3, revision=9) == place
    for other in ({"snapshot": True, "from_revision": 0}, {"snapshot": False, "from_revision": 4}):
        assert continued(place, **other, revision=9).chunks == 0
    assert continued(place, snapshot=False, from_revision=3, revision=8).chunks == 0
    mad = replace(place, chunks=MOST_CHUNKS)
    assert continued(mad, snapshot=False, from_revision=3, revision=9).chunks == 0


def test_a_centre_that_was_put_back_in_the_middle_is_found_out_by_the_digest_of_the_whole():
    centre, gallery = _centre(*"abcdefg"), MemoryGallery()
    _carry(centre, gallery, CentreGallery(0, 7, TERMS), most=2)
    other = _centre(*"hijklmnop")
    ends = CentreGallery(0, 9, replace(TERMS, staged=gallery.staged()))
    sent = _carry(other, gallery, ends)
    assert [one.snapshot for one in sent] == [False] * 3 + [True] * 5
    assert sorted(gallery.names()) == list("hijklmnop")


HOSTILE = {
    "out of order": ({"number": 4}, ChunkProblem.OUT_OF_ORDER),
    "the same again": ({"number": 2}, ChunkProblem.OUT_OF_ORDER),
    "of another place": ({"after_revision": 3}, ChunkProblem.OUT_OF_ORDER),
    "of a snapshot": ({"snapshot": True, "from_revision": 0}, ChunkProblem.OUT_OF_ORDER),
    "of another base": ({"from_revision": 1}, ChunkProblem.WRONG_BASE),
    "beyond the end": ({"to_revision": 5}, ChunkProblem.MALFORMED),
    "less than it holds": ({"through_revision": 5}, ChunkProblem.MALFORMED),
    "a snapshot of something": ({"snapshot": True, "from_revision": 2}, ChunkProblem.MALFORMED),
    "number 0": ({"number": 0}, ChunkProblem.MALFORMED),
    "nothing, and not the last": ({"subjects": (), "chunk_digest": digest_of(())}, ChunkProblem.MALFORMED),
    "too many": ({"number": MOST_CHUNKS + 1}, ChunkProblem.TOO_MANY),
    "another content": ({"chunk_digest": bytes(32)}, ChunkProblem.CHUNK_DIGEST),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_chunk_that_does_not_fit_is_refused_by_name_and_the_gallery_stays(case):
    spoiled, problem = HOSTILE[case]
    centre, gallery = _centre(*"abcdefg"), MemoryGallery()
    _carry(centre, gallery, CentreGallery(0, 7, TERMS), most=2)
    before = gallery.staged()
    chunk = replace(_read(centre, place=before), **spoiled)
    result = gallery.take_chunk(chunk)
    assert (result.problem, result.revision, gallery.names()) == (problem, 0, {})
    keeps = problem in (ChunkProblem.OUT_OF_ORDER, ChunkProblem.CHUNK_DIGEST)
    assert result.place == gallery.staged() == (before if keeps else None)


def test_a_subject_twice_in_a_chunk_or_against_the_order_of_revisions_is_malformed():
    chunk = _read(_centre(*"abcdefg"))
    one, two = chunk.subjects
    for subjects in (
        (two, one),
        (one, replace(two, subject_id=one.subject_id)),
        (replace(one, gallery_revision=0), two),
    ):
        spoiled = replace(chunk, subjects=subjects, chunk_digest=digest_of(subjects))
        assert judge_chunk(None, 0, spoiled).problem is ChunkProblem.MALFORMED


@pytest.mark.parametrize(
    "subjects",
    [
        (_with_reference("a", LARGEST_CHUNK_BYTES // 2, 1), _with_reference("b", LARGEST_CHUNK_BYTES // 2, 2)),
        (_with_reference("a", LARGEST_SUBJECT_BYTES, 1),),
    ],
    ids=["of two", "of one"],
)
def test_a_chunk_that_is_too_large_is_refused_unread(subjects):
    chunk = replace(_read(_centre(*"ab")), subjects=subjects, chunk_digest=b"never looked at")
    assert judge_chunk(None, 0, chunk).problem is ChunkProblem.TOO_LARGE


def test_a_chunk_of_another_session_changes_nothing():
    chunk = replace(_read(_centre(*"ab")), session_id="s")
    down = DeviceDown(DeviceGallery(0, 0))
    assert down.received(chunk, "t", 0, None) == []
    assert down.ignored == 1
    assert down.received(chunk, "s", 0, None) == [StageChunk(chunk)]
