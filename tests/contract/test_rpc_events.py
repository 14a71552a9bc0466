"""The record over the wire: pages, history then live, gaps, cursors, slow readers, the end of the daemon."""

import asyncio
import time
from contextlib import asynccontextmanager

import grpc
import pytest

from doorward_api.v1 import event_service_pb2 as pb
from doorward_daemon.journal import EventDraft
from doorward_daemon.rpc import RpcSettings
from doorward_daemon.rpc.event_cursor import EventCursor
from doorward_sync.event import Lane
from doorward_testing.journals import DAY_US, JournalSite, draft
from doorward_testing.rpc_stage import info_of, open_stage, until

QUICK = RpcSettings(grace_s=1.0, heartbeat_s=0.1, write_timeout_s=1.0)


def write(journal, *numbers: int, kind="test.counted", lane=Lane.LEDGER):
    journal.append_many([EventDraft(kind, {"number": number}, lane) for number in numbers])


async def read(call):
    async with asyncio.timeout(10):
        response = await call.read()
    assert response is not grpc.aio.EOF
    return response


async def seqs(call, count):
    """The next events; heartbeats between them are passed over."""
    found = []
    while len(found) < count:
        response = await read(call)
        assert response.WhichOneof("content") != "gap"
        if response.HasField("event"):
            found.append(response.event.seq)
    return found


async def ended(call, told=None):
    """Why a stream ends; what it tells before comes to `told`."""
    try:
        while response := await read(call):
            if told is not None:
                told.append(response)
    except grpc.aio.AioRpcError as error:
        return info_of(error)


@asynccontextmanager
async def watching(tmp_path, settings=QUICK, request=None):
    async with open_stage(tmp_path, settings) as stage, stage.client("operator") as client:
        yield stage, client.events.WatchEvents(request or pb.WatchEventsRequest())


async def test_history_is_told_first_then_what_happens_without_a_seam(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        write(stage.journal, *range(450))
        call = client.events.WatchEvents(pb.WatchEventsRequest())
        first = await seqs(call, 1)
        writer = asyncio.to_thread(lambda: [write(stage.journal, number) for number in range(300)])
        rest, _ = await asyncio.gather(seqs(call, 749), writer)
    assert first + rest == list(range(1, 751))


async def test_every_cursor_resumes_behind_its_event(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        write(stage.journal, *range(5))
        call = client.events.WatchEvents(pb.WatchEventsRequest())
        cursors = [(await read(call)).cursor for _ in range(5)]
        for index, cursor in enumerate(cursors[:-1]):
            again = client.events.WatchEvents(pb.WatchEventsRequest(cursor=cursor))
            assert await seqs(again, 4 - index) == list(range(index + 2, 6))


async def test_a_reader_of_the_new_has_a_place_before_anything_happens(tmp_path):
    async with watching(tmp_path, request=pb.WatchEventsRequest(only_new=True)) as (stage, call):
        first = await read(call)
        assert first.WhichOneof("content") == "heartbeat"
        write(stage.journal, 1)
        assert await seqs(call, 1) == [1]


async def test_silence_is_broken_by_heartbeats(tmp_path):
    async with watching(tmp_path) as (stage, call):
        write(stage.journal, 1)
        assert await seqs(call, 1) == [1]
        for _ in range(3):
            response = await read(call)
            assert (response.WhichOneof("content"), response.heartbeat.last_seq) == ("heartbeat", 1)


async def test_only_the_kind_asked_for_is_told_and_the_place_moves_past_the_rest(tmp_path):
    async with watching(tmp_path, request=pb.WatchEventsRequest(kind="access")) as (stage, call):
        write(stage.journal, 1, kind="access.granted")
        write(stage.journal, *range(400), kind="accessory.sold")
        assert await seqs(call, 1) == [1]
        async with asyncio.timeout(10):
            while (heartbeat := await read(call)).heartbeat.last_seq < 401:
                pass
        write(stage.journal, 2, kind="access.denied")
        assert await seqs(call, 1) == [402]
    assert EventCursor(stage.journal.epoch, 401).encode() == heartbeat.cursor


async def test_lane_bulk_is_not_told(tmp_path):
    async with watching(tmp_path) as (stage, call):
        write(stage.journal, 1, lane=Lane.BULK)
        write(stage.journal, 1, 2)
        write(stage.journal, 2, lane=Lane.BULK)
        write(stage.journal, 3)
        assert await seqs(call, 3) == [1, 2, 3]


async def test_what_was_purged_is_told_as_a_gap(tmp_path):
    site = _site(tmp_path)
    with site.open() as journal:
        journal.append_many([draft(number) for number in range(10)])
        journal.acknowledge(Lane.LEDGER, 6)
        epoch = journal.epoch
        site.reading.wall_time_us += 30 * DAY_US
        site.reading.boottime_ns += 30 * DAY_US * 1000
        journal.enforce_retention()
        kept_from = journal.lane_state(Lane.LEDGER).first_retained
    assert kept_from > 3
    async with open_stage(tmp_path, QUICK, site) as stage, stage.client("operator") as client:
        cursor = EventCursor(epoch, 1).encode()
        call = client.events.WatchEvents(pb.WatchEventsRequest(cursor=cursor))
        gap = await read(call)
        assert (gap.gap.from_seq, gap.gap.to_seq) == (2, kept_from - 1)
        assert gap.gap.reason == pb.EVENT_GAP_REASON_RETENTION
        assert await seqs(call, 1) == [kept_from]
        oldest = client.events.WatchEvents(pb.WatchEventsRequest())
        assert await seqs(oldest, 1) == [kept_from], "who asks for what is kept misses nothing"
        again = client.events.WatchEvents(pb.WatchEventsRequest(cursor=gap.cursor))
        assert await seqs(again, 1) == [kept_from]


async def test_a_cursor_of_an_earlier_journal_is_told_the_break_and_then_everything(tmp_path):
    cursor = EventCursor(12345, 77).encode()
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        write(stage.journal, 1, 2)
        call = client.events.WatchEvents(pb.WatchEventsRequest(cursor=cursor))
        gap = await read(call)
        assert (gap.gap.reason, gap.gap.from_seq, gap.gap.to_seq) == (pb.EVENT_GAP_REASON_NEW_EPOCH, 78, 0)
        assert await seqs(call, 2) == [1, 2]


@pytest.mark.parametrize("damage", ["nonsense", "AAAA", "äöü", "flipped", "beyond"])
async def test_a_cursor_that_was_never_given_out_is_refused(tmp_path, damage):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        true = EventCursor(stage.journal.epoch, 0).encode()
        flipped = true[:4] + ("A" if true[4] != "A" else "B") + true[5:]
        made = {"flipped": flipped, "beyond": EventCursor(stage.journal.epoch, 9).encode()}
        call = client.events.WatchEvents(pb.WatchEventsRequest(cursor=made.get(damage, damage)))
        assert (await ended(call)).reason == "CURSOR_INVALID"


async def test_a_reader_that_does_not_read_is_sent_away_and_loses_nothing(tmp_path):
    settings = RpcSettings(grace_s=1.0, write_timeout_s=0.3, max_waiting_events=16)
    async with watching(tmp_path, settings=settings) as (stage, call):
        told = [await read(call)]
        padded = [EventDraft("test.counted", {"padding": "x" * 60_000}) for _ in range(400)]
        await asyncio.to_thread(stage.journal.append_many, padded, 30.0)
        await asyncio.to_thread(_until_forgotten, stage.journal)
        assert (await ended(call, told)).reason == "SLOW_READER"
        known = sum(response.HasField("event") for response in told)
        assert known < 400
        async with stage.client("operator") as client:
            again = client.events.WatchEvents(pb.WatchEventsRequest(cursor=told[-1].cursor))
            assert await seqs(again, 400 - known) == list(range(known + 1, 401))


async def test_a_burst_larger_than_what_is_held_is_told_from_the_disk(tmp_path):
    settings = RpcSettings(grace_s=1.0, heartbeat_s=0.1, max_waiting_events=16)
    async with watching(tmp_path, settings=settings) as (stage, call):
        for burst in range(4):
            write(stage.journal, *range(100))
            assert await seqs(call, 100) == list(range(100 * burst + 1, 100 * burst + 101))


async def test_streams_end_at_once_when_the_daemon_stops(tmp_path):
    async with open_stage(tmp_path, RpcSettings(grace_s=30.0)) as stage:
        client_stage = stage.client("viewer")
        client = await client_stage.__aenter__()
        call = client.events.WatchEvents(pb.WatchEventsRequest())
        await read(call)
        ending = asyncio.create_task(ended(call))
        started_s = asyncio.get_running_loop().time()
    info = await ending
    assert asyncio.get_running_loop().time() - started_s < 10.0
    assert info.reason == "NOT_READY"
    await client_stage.__aexit__(None, None, None)


async def test_more_streams_than_a_listener_takes_are_refused_and_calls_still_pass(tmp_path):
    async with (
        open_stage(tmp_path, RpcSettings(grace_s=1.0, max_watchers=2)) as stage,
        stage.client("viewer") as viewer,
        stage.client("operator") as operator,
    ):
        calls = [viewer.events.WatchEvents(pb.WatchEventsRequest()) for _ in range(2)]
        for call in calls:
            await read(call)
        assert (await ended(viewer.events.WatchEvents(pb.WatchEventsRequest()))).reason == "OVERLOADED"
        await viewer.events.ListEvents(pb.ListEventsRequest())
        other = operator.events.WatchEvents(pb.WatchEventsRequest())
        await read(other)
        calls[0].cancel()
        await until(lambda: len(stage.journal._subscribers) == 2)
        await read(viewer.events.WatchEvents(pb.WatchEventsRequest()))


async def test_a_viewer_sees_no_scores_and_an_operator_does(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage:
        facts = {"subject_id": "ada", "comparison_score": 0.71, "capture_age_ms": 8.5}
        stage.journal.append(EventDraft("access.granted", facts))
        seen = {}
        for role in ("viewer", "operator"):
            async with stage.client(role) as client:
                live = (await read(client.events.WatchEvents(pb.WatchEventsRequest()))).event
                (listed,) = (await client.events.ListEvents(pb.ListEventsRequest())).events
                assert live == listed
                seen[role] = listed
    assert seen["viewer"].payload_json == '{"capture_age_ms":8.5,"subject_id":"ada"}'
    assert seen["operator"].payload_json == '{"capture_age_ms":8.5,"comparison_score":0.71,"subject_id":"ada"}'
    assert (len(seen["operator"].salt), seen["viewer"].salt) == (16, b"")


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        ("ListEvents", pb.ListEventsRequest(page_size=501)),
        ("ListEvents", pb.ListEventsRequest(newest=-1)),
        ("ListEvents", pb.ListEventsRequest(kind="Access")),
        ("ListEvents", pb.ListEventsRequest(newest=1, page_token=EventCursor(1, 1).encode())),
        ("WatchEvents", pb.WatchEventsRequest(kind="a..b")),
        ("WatchEvents", pb.WatchEventsRequest(only_new=True, cursor=EventCursor(1, 1).encode())),
    ],
)
async def test_wrong_fields_are_named(tmp_path, method, request_):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        call = getattr(client.events, method)(request_)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await (call if method == "ListEvents" else call.read())
    assert info_of(caught.value).reason == "FIELD_INVALID"


async def test_a_reader_that_leaves_is_forgotten_by_the_journal(tmp_path):
    async with watching(tmp_path) as (stage, call):
        await read(call)
        assert len(stage.journal._subscribers) == 1
        call.cancel()
        await until(lambda: not stage.journal._subscribers)


def _site(tmp_path):
    (tmp_path / "journal").mkdir()
    return JournalSite(tmp_path / "journal")


def _until_forgotten(journal):
    limit_s = time.monotonic() + 20
    while journal._subscribers:
        assert time.monotonic() < limit_s, "the stream goes on although nobody reads"
        time.sleep(0.01)
