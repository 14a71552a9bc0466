"""The store of the centre: each event once, two truths kept apart, nothing stops the queue."""

import asyncio
from dataclasses import replace

import pytest

from doorward_api.v1 import centre_service_pb2
from doorward_central.error import CentreError
from doorward_central.sqlite_store import open_sqlite_store
from doorward_central.store_thread import StoreThread
from doorward_sync.centre_storage import ChunkWanted, ReadGallery, StoreBatch, StoreHint, StoreLocalSubjects
from doorward_sync.chain import commit_to_payload, genesis
from doorward_sync.event import EventKey, Lane
from doorward_sync.gallery_messages import LocalSubject, SubjectRecord
from doorward_sync.gallery_state import GalleryDigest, plan_delta
from doorward_sync.messages import Batch, Hole, HoleReason
from doorward_testing.memory_gallery import MemoryGallery
from doorward_testing.sync_disks import DeviceDisk, make_event
from doorward_testing.sync_nodes import hello_of

GIB = 1024**3
EPOCH = 5


@pytest.fixture
def store(tmp_path):
    with open_sqlite_store(tmp_path, GIB) as store:
        yield store


def chain(names, start=1, epoch=EPOCH, head=None):
    before, events = head or genesis(epoch, Lane.LEDGER), []
    for seq, name in enumerate(names, start=start):
        event = make_event(EventKey(epoch, Lane.LEDGER, seq), name, before)
        events.append(event)
        before = event.chain_hash
    return tuple(events)


def batch(events, holes=(), epoch=EPOCH, device="gate-1"):
    return StoreBatch(device_id=device, epoch=epoch, batch=Batch(lane=Lane.LEDGER, events=events, holes=holes))


async def stored(store):
    page = await store.list_events(centre_service_pb2.ListStoredEventsRequest())
    return [(event.epoch, event.seq, event.event_id) for event in page.events]


async def test_a_batch_that_comes_twice_is_stored_once_and_acknowledged_twice(store):
    events = chain("abc")
    for _ in range(2):
        assert (await store.store_batch(batch(events))).confirmed_through == 3
    assert await stored(store) == [(EPOCH, 1, "a"), (EPOCH, 2, "b"), (EPOCH, 3, "c")]


async def test_another_event_under_a_taken_key_is_kept_aside_and_told(store):
    await store.store_batch(batch(chain("abc")))
    answer = await store.store_batch(batch(chain("abxy")))
    assert (answer.confirmed_through, answer.conflict_seq) == (2, 3)
    assert [name for _, _, name in await stored(store)] == ["a", "b", "c"]
    await store.greet(hello_of("gate-1", DeviceDisk(EPOCH)), "here")
    page = await store.list_devices(centre_service_pb2.ListDevicesRequest())
    assert (page.devices[0].conflicts, page.devices[0].stored_events) == (2, 3)


async def test_an_event_that_moved_to_a_new_epoch_is_not_stored_again(store):
    await store.store_batch(batch(chain("ab")))
    answer = await store.store_batch(batch(chain("bc", epoch=6), epoch=6))
    assert answer.confirmed_through == 2
    assert [name for _, _, name in await stored(store)] == ["a", "b", "c"]
    assert (await store.store_batch(batch(chain("bc", epoch=6), epoch=6))).confirmed_through == 2


async def test_a_gap_stores_nothing_and_a_declared_hole_closes_it(store):
    events = chain("abcde")
    answer = await store.store_batch(batch(events[3:]))
    assert (answer.missing_from, answer.confirmed_through) == (1, 3)
    assert await stored(store) == []
    hole = Hole(from_seq=1, to_seq=3, reason=HoleReason.PURGED_AFTER_ACK)
    assert (await store.store_batch(batch(events[3:], (hole,)))).confirmed_through == 5
    loaded = await store.greet(hello_of("gate-1", DeviceDisk(EPOCH)), "here")
    assert (loaded.have[0].through_seq, loaded.have[0].chain_head) == (5, events[4].chain_hash)


@pytest.mark.parametrize("payload", [b"no json", b"[]", b'{"other":1}'])
async def test_a_payload_that_is_none_is_quarantined_and_the_queue_goes_on(store, payload):
    good, bad, last = chain("abc")
    honest = payload != b'{"other":1}'
    digest = commit_to_payload(bad.salt, payload) if honest else bad.payload_digest
    bad = replace(bad, payload=payload, payload_digest=digest)
    assert (await store.store_batch(batch((good, bad, last)))).confirmed_through == 3
    page = await store.list_events(centre_service_pb2.ListStoredEventsRequest())
    assert [bool(event.quarantine_reason) for event in page.events] == [False, True, False]
    assert page.events[1].payload_json == ""


async def test_one_id_twice_in_a_batch_does_not_stop_the_queue(store):
    first, second = chain("ab")
    twin = replace(second, event_id=first.event_id)
    assert (await store.store_batch(batch((first, twin)))).confirmed_through == 2
    assert [name for _, _, name in await stored(store)] == ["a"]


async def test_what_was_answered_is_there_after_the_store_was_opened_again(tmp_path):
    with open_sqlite_store(tmp_path, GIB) as store:
        await store.store_batch(batch(chain("ab")))
    with open_sqlite_store(tmp_path, GIB) as store:
        assert len(await stored(store)) == 2


async def test_a_second_centre_on_the_same_folder_is_refused(tmp_path):
    with open_sqlite_store(tmp_path, GIB), pytest.raises(CentreError) as refused, open_sqlite_store(tmp_path, GIB):
        pass
    assert (refused.value.reason, refused.value.exit_code) == ("DATA_FOLDER_HELD", 75)


async def test_work_that_fails_takes_no_other_work_with_it(tmp_path):
    thread = StoreThread(tmp_path, GIB)
    try:

        def wrong(connection):
            connection.execute("INSERT INTO requests VALUES ('half', x'00', 's', 0)")
            raise CentreError("FIELD_INVALID", "wrong")

        asked = [
            thread.submit(lambda connection: connection.execute("INSERT INTO requests VALUES ('one', x'00', 's', 0)")),
            thread.submit(wrong),
            thread.submit(lambda connection: connection.execute("SELECT request_id FROM requests").fetchall()),
        ]
        with pytest.raises(CentreError, match="wrong"):
            asked[1].result(10)
        assert asked[2].result(10) == [("one",)]
    finally:
        thread.close()


async def test_a_full_store_says_so_and_takes_in_again_what_fits_later(tmp_path):
    with open_sqlite_store(tmp_path, 400_000) as store:
        names = [f"{number:06}" * 100 for number in range(2000)]
        events = chain(names)

        async def fill():
            for start in range(0, 2000, 200):
                await store.store_batch(batch(events[start : start + 200]))

        with pytest.raises(CentreError) as refused:
            await fill()
        assert refused.value.reason == "STORAGE_FULL"
        assert store.failure is None
        before = len(await stored(store))
    with open_sqlite_store(tmp_path, GIB) as store:
        assert (await store.store_batch(batch(events[before : before + 200]))).confirmed_through == before + 200


async def test_events_of_many_devices_are_committed_in_groups(store):
    events = chain("abcdefgh")
    await asyncio.gather(*(store.store_batch(batch(events, device=f"gate-{number}")) for number in range(40)))
    assert len(await stored(store)) == 320


async def test_lists_go_page_by_page_and_filter(store):
    await store.store_batch(batch(chain("abcdefgh")))
    await store.store_batch(batch(chain("xyz"), device="gate-2"))
    seen, token = [], ""
    while True:
        page = await store.list_events(centre_service_pb2.ListStoredEventsRequest(page_size=3, page_token=token))
        seen += [event.event_id for event in page.events]
        token = page.next_page_token
        if not token:
            break
    assert seen == list("abcdefghxyz")
    request = centre_service_pb2.ListStoredEventsRequest
    assert [one.event_id for one in (await store.list_events(request(device_id="gate-2"))).events] == list("xyz")
    assert [one.event_id for one in (await store.list_events(request(newest=2))).events] == list("yz")
    assert len((await store.list_events(request(kind="test"))).events) == 11
    assert len((await store.list_events(request(kind="tes"))).events) == 0
    with pytest.raises(CentreError) as refused:
        await store.list_events(request(page_token="nonsense!"))
    assert refused.value.reason == "PAGE_TOKEN_INVALID"


async def test_deltas_lead_a_device_to_the_digest_of_the_centre(store):
    given, revision, digest = {}, 0, GalleryDigest()
    for version, (subject_id, erased) in enumerate([("a", False), ("b", False), ("a", True), ("c", False)], start=1):
        subject = SubjectRecord(subject_id=subject_id, version=version, erased=erased)
        change = LocalSubject(change=version, subject=subject)
        await store.store_local(StoreLocalSubjects(device_id="gate-1", subjects=(change,)))
        if version % 2 == 0:
            read = await store.read_gallery(ReadGallery(from_revision=revision, snapshot=False))
            plan = plan_delta(revision, digest, read.delta, given.get, lambda: tuple(given))
            assert plan.result.digest_agreed
            assert not plan.result.problem
            given.update({one.subject_id: one for one in read.delta.subjects})
            revision, digest = plan.result.revision, plan.digest
    assert {one for one, subject in given.items() if not subject.erased} == {"b", "c"}
    assert (await store.read_gallery(ReadGallery(from_revision=revision, snapshot=False))).delta is None
    ahead = await store.read_gallery(ReadGallery(from_revision=revision + 9, snapshot=False))
    assert ahead.delta.snapshot


async def test_chunks_lead_a_device_to_the_same_gallery_though_it_changes_meanwhile(store):
    async def change(version, subject_id, *, erased=False):
        subject = SubjectRecord(subject_id=subject_id, version=version, erased=erased)
        local = LocalSubject(change=version, subject=subject)
        await store.store_local(StoreLocalSubjects(device_id="gate-1", subjects=(local,)))

    for version, subject_id in enumerate("abcde", start=1):
        await change(version, subject_id)
    gallery, numbers = MemoryGallery(), []
    while gallery.revision() != await store.gallery_revision():
        wanted = ChunkWanted(place=gallery.staged(), largest_bytes=140)
        read = await store.read_gallery(ReadGallery(from_revision=gallery.revision(), snapshot=False, chunk=wanted))
        numbers.append((read.delta.number, [one.subject_id for one in read.delta.subjects]))
        assert gallery.take_chunk(read.delta).problem is None
        if len(numbers) == 1:
            await change(6, "a", erased=True)
    assert numbers == [(1, ["a", "b"]), (2, ["c", "d"]), (3, ["e", "a"])]
    assert sorted(gallery.names()) == ["b", "c", "d", "e"]
    ahead = ReadGallery(from_revision=99, snapshot=False, chunk=ChunkWanted(place=None, largest_bytes=10_000))
    whole = (await store.read_gallery(ahead)).delta
    assert (whole.number, whole.snapshot, whole.is_last, len(whole.subjects)) == (1, True, True, 5)


async def test_an_older_change_of_a_device_does_not_bring_an_erased_subject_back(store):
    async def change(number, subject):
        local = LocalSubject(change=number, subject=subject)
        await store.store_local(StoreLocalSubjects(device_id="gate-1", subjects=(local,)))

    await change(1, SubjectRecord(subject_id="a", version=3, erased=True))
    await change(2, SubjectRecord(subject_id="a", version=3, display_name="Anna"))
    await change(3, SubjectRecord(subject_id="a", version=2, display_name="Anna"))
    page = await store.list_subjects(centre_service_pb2.ListFleetSubjectsRequest(with_erased=True))
    assert [(one.subject_id, one.erased, one.gallery_revision) for one in page.subjects] == [("a", True, 1)]


def test_the_database_is_for_its_user_alone(tmp_path):
    with open_sqlite_store(tmp_path, GIB):
        assert (tmp_path / "central.db").stat().st_mode & 0o077 == 0


async def test_a_hint_is_shown_until_its_event_comes_and_never_after(store):
    events = chain("abc")
    hint = StoreHint(device_id="gate-1", event=events[2])
    assert await store.note_hint(hint)
    assert not await store.note_hint(hint)
    shown = await store.list_events(centre_service_pb2.ListStoredEventsRequest())
    assert ([one.event_id for one in shown.hints], list(shown.events)) == (["c"], [])
    other = await store.list_events(centre_service_pb2.ListStoredEventsRequest(device_id="gate-2"))
    assert not other.hints
    assert (await store.store_batch(batch(events))).confirmed_through == 3
    assert not await store.note_hint(hint)
    shown = await store.list_events(centre_service_pb2.ListStoredEventsRequest())
    assert (len(shown.events), list(shown.hints)) == (3, [])


async def test_a_hint_whose_payload_is_not_its_own_is_not_believed(store):
    forged = replace(chain("a")[0], payload=b'{"id":"forged"}')
    assert not await store.note_hint(StoreHint(device_id="gate-1", event=forged))
    assert not (await store.list_events(centre_service_pb2.ListStoredEventsRequest())).hints


async def test_a_device_announces_no_more_than_a_screen_shows(store):
    for event in chain([f"alarm-{number}" for number in range(70)]):
        assert await store.note_hint(StoreHint(device_id="gate-1", event=event))
    assert len((await store.list_events(centre_service_pb2.ListStoredEventsRequest())).hints) == 64


async def test_a_tombstone_names_the_devices_that_have_confirmed_it_and_those_that_have_not(store):
    for device in ("gate-1", "gate-2"):
        await store.greet(hello_of(device, DeviceDisk(EPOCH)), "127.0.0.1")
    create = centre_service_pb2.CreateFleetSubjectRequest(request_id="1", subject_id="ann")
    await store.create_subject(create)
    await store.note_gallery("gate-1", 1)
    erase = centre_service_pb2.EraseFleetSubjectRequest(request_id="2", subject_id="ann")
    await store.erase_subject(erase)
    listing = centre_service_pb2.ListFleetSubjectsRequest(with_erased=True)
    (tombstone,) = (await store.list_subjects(listing)).subjects
    assert (list(tombstone.confirmed_device_ids), list(tombstone.pending_device_ids)) == ([], ["gate-1", "gate-2"])
    await store.note_gallery("gate-1", 2)
    (tombstone,) = (await store.list_subjects(listing)).subjects
    assert (list(tombstone.confirmed_device_ids), list(tombstone.pending_device_ids)) == (["gate-1"], ["gate-2"])
