"""The record over the wire, page by page."""

import grpc
import pytest

from doorward_api.v1 import event_service_pb2 as pb
from doorward_daemon.journal import EventDraft
from doorward_daemon.rpc import RpcSettings
from doorward_daemon.rpc.event_cursor import EventCursor
from doorward_testing.rpc_stage import info_of, open_stage

QUICK = RpcSettings(grace_s=1.0)


def write(journal, *numbers: int, kind):
    journal.append_many([EventDraft(kind, {"number": number}) for number in numbers])


async def test_pages_hold_what_was_asked_for_and_the_last_one_says_so(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        write(stage.journal, *range(4), kind="access.granted")
        write(stage.journal, *range(3), kind="door.opened")
        write(stage.journal, 9, kind="access.denied")
        found, token = [], ""
        while True:
            page = await client.events.ListEvents(pb.ListEventsRequest(page_size=2, page_token=token, kind="access"))
            found.append([event.seq for event in page.events])
            token = page.next_page_token
            if not token:
                break
        newest = await client.events.ListEvents(pb.ListEventsRequest(newest=2, kind="access"))
        none = await client.events.ListEvents(pb.ListEventsRequest(kind="subject"))
    assert found == [[1, 2], [3, 4], [8]]
    assert [event.seq for event in newest.events] == [4, 8]
    assert list(none.events) == []


async def test_a_page_of_the_largest_events_fits_a_message(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("operator") as client:
        stage.journal.append_many([EventDraft("test.counted", {"padding": "x" * 65_000}) for _ in range(200)])
        page = await client.events.ListEvents(pb.ListEventsRequest(page_size=500))
        newest = await client.events.ListEvents(pb.ListEventsRequest(newest=500))
    assert 10 < len(page.events) < 200
    assert page.next_page_token
    assert newest.events[-1].seq == 200


async def test_a_page_token_of_another_journal_is_refused(tmp_path):
    async with open_stage(tmp_path, QUICK) as stage, stage.client("viewer") as client:
        for token in ("nonsense", EventCursor(5, 1).encode(), EventCursor(stage.journal.epoch, 4).encode()):
            with pytest.raises(grpc.aio.AioRpcError) as caught:
                await client.events.ListEvents(pb.ListEventsRequest(page_token=token))
            assert info_of(caught.value).reason == "PAGE_TOKEN_INVALID"
