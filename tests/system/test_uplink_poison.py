"""A centre that dies of one event gets all the others, over real streams; the one stays on the device."""

import pytest

from doorward_api.v1 import device_service_pb2, uplink_pb2
from doorward_daemon.app.uplink_desk import UplinkDesk
from doorward_daemon.journal import EventDraft
from doorward_daemon.rpc.wire_device import wire_uplink
from doorward_sync.event import Lane
from doorward_testing.centre_site import Device, free_address, until
from doorward_testing.journals import JournalSite, draft
from doorward_testing.nonsense_centre import LEDGER, Response, greeting, nonsense_centre

pytestmark = pytest.mark.system


class DyingCentre:
    """Takes everything in order and dies of one kind of event."""

    def __init__(self) -> None:
        self.kinds: dict[int, str] = {}
        self.holes: list[tuple[int, int, int]] = []
        self.deaths = 0
        self._have = 0

    def __call__(self, request) -> list[Response]:
        if request.HasField("hello"):
            welcome = greeting()
            welcome.hello_ack.have.append(uplink_pb2.HaveThrough(lane=LEDGER, through_seq=self._have))
            return [welcome]
        return [self._take(request.batch)] if request.HasField("batch") and request.batch.lane == LEDGER else []

    def _take(self, batch):
        if any(event.kind == "test.poisoned" for event in batch.events):
            self.deaths += 1
            raise RuntimeError("the centre dies of it")
        self.kinds.update({event.seq: event.kind for event in batch.events})
        self.holes += [(hole.from_seq, hole.to_seq, hole.reason) for hole in batch.holes]
        self._have = max([event.seq for event in batch.events] + [hole.to_seq for hole in batch.holes])
        return Response(ack=uplink_pb2.Ack(session_id="s", lane=LEDGER, through_seq=self._have))


async def test_the_queue_goes_on_and_the_operator_hears_of_it(tmp_path):
    address, centre = free_address(), DyingCentre()
    with JournalSite(tmp_path / "device").open() as journal:
        journal.append_many([draft(number) for number in range(20)])
        poisoned = journal.append(EventDraft("test.poisoned", {"number": 20}))
        journal.append_many([draft(number) for number in range(21, 40)])
        async with nonsense_centre(address, centre), Device(journal, address).connected() as uplink:
            await until(lambda: journal.outbox().unacknowledged == 0, timeout_s=60.0)
            status = wire_uplink(UplinkDesk(uplink, journal).status())
        place = poisoned.key.seq
        assert centre.holes == [(place, place, uplink_pb2.HOLE_REASON_QUARANTINED)]
        assert sorted(centre.kinds) == [seq for seq in range(1, 42) if seq != place]
        assert centre.kinds[41] == "journal.quarantined"
        # Forty events need six halvings, three streams each at most.
        assert 3 <= centre.deaths <= 21
        assert journal.read(Lane.LEDGER, place - 1, 1) == [poisoned]
        assert journal.verify() is None
    assert isinstance(status, device_service_pb2.GetUplinkStatusResponse)
    assert {alarm.kind: alarm.count for alarm in status.alarms}["poison"] == 1
    assert status.quarantined_events == 1
    assert status.attempts > centre.deaths
