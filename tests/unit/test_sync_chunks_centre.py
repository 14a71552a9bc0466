"""The centre's end of a gallery in chunks: whose answer counts, and how often a device that refuses is asked."""

from copy import copy
from dataclasses import replace

import pytest

from doorward_sync.centre_gallery import LARGEST_DISAGREEMENTS, ROOM_RETRY_S, CentreGallery, ChunkTerms
from doorward_sync.centre_greeting import CentreGreeting
from doorward_sync.centre_session import CentreSession
from doorward_sync.centre_storage import ChunkWanted, GalleryRead, LanesLoaded, ReadGallery
from doorward_sync.chunk_messages import ChunkProblem, GalleryPlace
from doorward_sync.chunk_rule import judge_chunk, place_after, refused, taken
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult
from doorward_sync.messages import Heartbeat
from doorward_sync.outputs import Close, CloseReason
from doorward_testing.sync_disks import DeviceDisk
from doorward_testing.sync_gallery import CentreGalleryDisk
from doorward_testing.sync_nodes import hello_of
from doorward_testing.sync_wiring import LIMITS

TERMS = ChunkTerms(session_id="s", largest_bytes=140, staged=None)


def _centre(*names: str) -> CentreGalleryDisk:
    centre = CentreGalleryDisk()
    for name in names:
        centre.put(name, name.upper(), erased=False)
    return centre


def test_an_answer_of_another_session_or_to_another_chunk_means_nothing():
    centre, ends = _centre(*"abcdefg"), CentreGallery(0, 7, TERMS)
    (sent,) = ends.was_read(centre.read(ends.next_read(0.0)), 0.0)
    done = taken(sent.message, 0, place_after(sent.message))
    assert ends.chunk_taken(replace(done, session_id="t"), 0.0) == []
    assert ends.chunk_taken(replace(done, number=2), 0.0) == []
    assert ends.sent_s is not None
    assert ends.chunk_taken(done, 0.0) == []
    assert ends.sent_s is None
    assert ends.chunk_taken(replace(done, revision=7), 0.0) == []
    assert ends.device_revision == 0


def _refuse(ends: CentreGallery, centre: CentreGalleryDisk, problem: ChunkProblem, now_s: float = 0.0) -> int:
    """A device that always says no; how often it was asked, and what for counts as an alarm."""
    asked = 0
    while (wanted := ends.next_read(now_s)) is not None and asked < 100:
        (sent,) = ends.was_read(centre.read(wanted), now_s)
        asked += 1
        verdict = replace(judge_chunk(None, 0, sent.message), place=None, problem=problem)
        ends.chunk_taken(refused(sent.message, 0, verdict), now_s)
    return asked


@pytest.mark.parametrize("problem", list(ChunkProblem))
def test_a_device_that_refuses_is_not_asked_for_ever(problem):
    centre, ends = _centre(*"abcdefg"), CentreGallery(0, 7, TERMS)
    again = problem in (
        ChunkProblem.OUT_OF_ORDER,
        ChunkProblem.WRONG_BASE,
        ChunkProblem.CHUNK_DIGEST,
        ChunkProblem.GALLERY_DIGEST,
    )
    assert _refuse(ends, centre, problem) == (LARGEST_DISAGREEMENTS if again else 1)
    centre.put("h", "H", erased=False)
    ends.changed(8)
    assert (ends.next_read(0.0) is None) == (problem is ChunkProblem.STORAGE_FULL)


@pytest.mark.parametrize(
    "lie",
    [{"place": None}, {"place": GalleryPlace(snapshot=False, from_revision=0, chunks=9, through_revision=7)}],
    ids=["nothing", "more than was sent"],
)
def test_a_device_that_takes_a_chunk_and_has_something_else_is_not_sent_it_for_ever(lie):
    centre, ends, alarms = _centre(*"abcdefg"), CentreGallery(0, 7, TERMS), []
    for _ in range(100):
        if (asked := ends.next_read(0.0)) is None:
            break
        (sent,) = ends.was_read(centre.read(asked), 0.0)
        alarms += ends.chunk_taken(replace(taken(sent.message, 0, None), **lie), 0.0)
    assert len(alarms) == LARGEST_DISAGREEMENTS


def test_a_device_that_takes_a_delta_and_keeps_its_revision_is_not_sent_it_for_ever():
    ends, alarms = CentreGallery(0, 7), []
    delta = GalleryDelta(from_revision=0, to_revision=7, subjects=(), digest=bytes(32), living=0)
    while ends.next_read(0.0) is not None and len(alarms) < 100:
        ends.was_read(GalleryRead(delta), 0.0)
        alarms += ends.taken(GalleryDeltaResult(revision=0, digest_agreed=True))
    assert len(alarms) == LARGEST_DISAGREEMENTS


def test_a_device_without_room_is_asked_again_after_a_minute():
    centre, ends = _centre(*"abcdefg"), CentreGallery(0, 7, TERMS)
    assert _refuse(ends, centre, ChunkProblem.STORAGE_FULL) == 1
    assert ends.next_read(ROOM_RETRY_S - 0.1) is None
    assert ends.next_read(ROOM_RETRY_S) is not None


def _would_ask(ends: CentreGallery, now_s: float) -> bool:
    return copy(ends).next_read(now_s) is not None


def test_a_device_that_stays_without_room_is_asked_less_and_less_often_and_soon_again_once_it_has_some():
    centre, ends, now_s, waits_s = _centre(*"abcdefg"), CentreGallery(0, 7, TERMS), 0.0, []
    for _ in range(8):
        assert _refuse(ends, centre, ChunkProblem.STORAGE_FULL, now_s) == 1
        wait_s = next(wait_s for wait_s in range(1, 10_000) if _would_ask(ends, now_s + wait_s))
        waits_s.append(wait_s)
        now_s += wait_s
    assert waits_s == [60, 120, 240, 480, 960, 1920, 3600, 3600]
    (sent,) = ends.was_read(centre.read(ends.next_read(now_s)), now_s)
    ends.chunk_taken(taken(sent.message, 0, place_after(sent.message)), now_s)
    assert _refuse(ends, centre, ChunkProblem.STORAGE_FULL, now_s) == 1
    assert ends.next_read(now_s + ROOM_RETRY_S) is not None


def _opened(hello, loaded):
    return _greeted(hello, loaded)[1]


def _greeted(hello, loaded):
    session = CentreSession(
        CentreGreeting(session_id="s", device_id="", gallery_revision=loaded.gallery[0]), LIMITS, 0.0
    )
    session.received(hello, 0.0)
    return session, [one for one in session.stored(loaded, 0.0, 0) if isinstance(one, ReadGallery)]


def test_an_answer_is_not_late_while_the_device_says_that_it_is_storing():
    centre = _centre(*"abcdefg")
    hello = replace(hello_of("gate", DeviceDisk(5)), takes_gallery_chunks=True, gallery_digest=bytes(32))
    session, (asked,) = _greeted(hello, LanesLoaded((), gallery=(7, b"d" * 32)))
    session.stored(centre.read(asked), 0.0, 0)
    interval_s, patience_s = LIMITS.heartbeat_interval_s, LIMITS.answer_timeout_s
    for beat in range(1, 41):
        heartbeat = Heartbeat(boottime_ns=beat, wall_time_us=0, is_storing=True)
        session.received(heartbeat, float(beat * interval_s))
        assert Close(reason=CloseReason.ANSWER_LATE) not in session.tick(beat * interval_s + 1.0, 0)
    last_s = float(40 * interval_s)
    assert last_s > 3 * patience_s
    # It is done with storing, and says nothing of it: that is an answer which never comes.
    waits_s = max(patience_s, 2 * interval_s)
    session.received(Heartbeat(boottime_ns=41, wall_time_us=0), last_s + waits_s - 2.0)
    assert Close(reason=CloseReason.ANSWER_LATE) not in session.tick(last_s + waits_s - 1.0, 0)
    assert session.tick(last_s + waits_s, 0) == [Close(reason=CloseReason.ANSWER_LATE)]


def test_what_hello_says_decides_how_the_gallery_comes():
    hello = replace(hello_of("gate", DeviceDisk(5)), gallery_revision=3)
    place = GalleryPlace(snapshot=False, from_revision=3, chunks=2, through_revision=5)
    loaded = LanesLoaded((), gallery=(7, bytes(32)))
    assert _opened(hello, loaded) == [ReadGallery(from_revision=3, snapshot=False)]
    chunks = replace(hello, takes_gallery_chunks=True, gallery_staged=place, gallery_digest=b"d" * 32)
    (asked,) = _opened(chunks, loaded)
    assert asked.chunk == ChunkWanted(place=place, largest_bytes=LIMITS.gallery_chunk_bytes)


def test_a_device_without_a_gallery_is_sent_none_whatever_changes():
    hello = replace(hello_of("gate", DeviceDisk(5)), takes_gallery_chunks=True)
    assert _opened(hello, LanesLoaded((), gallery=(7, bytes(32)))) == []
    ends = CentreGallery(0, 7, TERMS, is_shared=False)
    ends.changed(8)
    assert ends.next_read(0.0) is None


def test_another_gallery_of_the_same_revision_is_replaced_and_the_same_one_is_left_alone():
    hello = replace(hello_of("gate", DeviceDisk(5)), gallery_revision=3, gallery_digest=b"d" * 32)
    (asked,) = _opened(hello, LanesLoaded((), gallery=(3, bytes(32))))
    assert asked.snapshot
    for told, known in ((b"d" * 32, b"d" * 32), (b"", bytes(32)), (b"d" * 32, b"")):
        assert _opened(replace(hello, gallery_digest=told), LanesLoaded((), gallery=(3, known))) == []


def test_a_device_that_takes_no_chunks_gets_one_delta():
    ends = CentreGallery(0, 7)
    assert ends.next_read(0.0) == ReadGallery(from_revision=0, snapshot=False)
    assert ends.was_read(GalleryRead(None), 0.0) == []
    assert ends.next_read(0.0) is None
