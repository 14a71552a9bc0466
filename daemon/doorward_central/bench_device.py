"""A device of the bench: its journal lies in memory, its end of the protocol is the real one."""

import asyncio
import hashlib
import time
import uuid
from collections.abc import AsyncIterator

import grpc

from doorward_api.v1 import uplink_service_pb2, uplink_service_pb2_grpc
from doorward_central.error import CentreError
from doorward_sync.chain import SALT_BYTES, commit_to_payload, genesis, link
from doorward_sync.device_io import DeviceMessage, DeviceOutput
from doorward_sync.device_session import DeviceSession
from doorward_sync.device_storage import Acknowledge, EventsRead, NoteAnchor, ReadEvents
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane
from doorward_sync.limits import PROTOCOL, UplinkLimits
from doorward_sync.messages import Hello, LaneStatus
from doorward_sync.outputs import Close, Send
from doorward_sync.wire_stream import from_wire_response, to_wire_request

EPOCH = 1
"""Of every journal here."""
_PAYLOAD = (
    '{{"audit":false,"camera_id":"gate","capture_age_ms":12.345,"comparison_score":0.612345,"door_id":"main",'
    '"face_count":1,"liveness":"LIVE","outcome":"MATCHED","quality_score":0.9123,"reason":"MATCHED",'
    '"similarity":0.771234,"subject_id":"subject-{number}","track_id":{number}}}'
)


def make_backlog(device_id: str, count: int) -> list[Event]:
    """Events of a month without a centre, chained as a journal chains them."""
    head, events = genesis(EPOCH, Lane.LEDGER), []
    boot_id = str(uuid.uuid5(uuid.NAMESPACE_OID, device_id))
    for seq in range(1, count + 1):
        payload = _PAYLOAD.format(number=seq).encode()
        salt = hashlib.sha256(f"{device_id}-{seq}".encode()).digest()[:SALT_BYTES]
        digest = commit_to_payload(salt, payload)
        key = EventKey(EPOCH, Lane.LEDGER, seq)
        wall_time_us = 1_800_000_000_000_000 + seq * 17_000_000
        when = EventTime(
            boot_id=boot_id, boottime_ns=seq * 10**9, wall_time_us=wall_time_us, clock_state=ClockState.SYNCED
        )
        event_id = str(uuid.UUID(int=(seq << 80) | 0x7 << 76 | 0b10 << 62 | int.from_bytes(salt[:7], "big")))
        head = link(head, key, event_id, "access.granted", when, digest)
        events.append(
            Event(
                key=key, event_id=event_id, kind="access.granted", time=when, payload=payload, salt=salt,
                payload_digest=digest, chain_hash=head,
            )
        )  # fmt: skip
    return events


class BenchDevice:
    """Sends its backlog over one stream.

    Args:
        device_id: its identity.
        events: its journal.
    """

    def __init__(self, device_id: str, events: list[Event]) -> None:
        self._device_id = device_id
        self._events = events
        self._session = DeviceSession(self._hello(), (0, 0), UplinkLimits(), time.monotonic())
        self._unsent: asyncio.Queue[DeviceMessage | None] = asyncio.Queue()
        self.acknowledged = 0

    async def drain(self, channel: grpc.aio.Channel) -> float:
        """Connects and sends until everything is acknowledged.

        Returns:
            Seconds from the first message to the last acknowledgement.

        Raises:
            CentreError: INTERNAL, the stream ended before.
        """
        began_s = time.monotonic()
        self._carry_out(self._session.start())
        call = uplink_service_pb2_grpc.UplinkServiceStub(channel).Connect(self._requests())
        try:
            async for response in call:
                self._carry_out(self._session.received(from_wire_response(response), time.monotonic()))
                if self.acknowledged >= len(self._events):
                    return time.monotonic() - began_s
        finally:
            call.cancel()
        raise CentreError("INTERNAL", f"{self._device_id}: the stream ended at event {self.acknowledged}")

    async def _requests(self) -> AsyncIterator[uplink_service_pb2.ConnectRequest]:
        while (message := await self._unsent.get()) is not None:
            yield to_wire_request(message)

    def _carry_out(self, outputs: list[DeviceOutput]) -> None:
        for output in outputs:
            match output:
                case Send():
                    self._unsent.put_nowait(output.message)
                case ReadEvents():
                    found = tuple(self._events[output.after_seq : output.after_seq + output.limit])
                    read = EventsRead(lane=output.lane, after_seq=output.after_seq, events=found)
                    self._carry_out(self._session.stored(read, time.monotonic()))
                case Acknowledge():
                    self.acknowledged = output.through_seq
                case Close():
                    self._unsent.put_nowait(None)
                case NoteAnchor():
                    pass  # its events are as old as the bench says
                case _:
                    raise CentreError("INTERNAL", f"{self._device_id}: nobody asked for {output}")

    def _hello(self) -> Hello:
        status = LaneStatus(
            lane=Lane.LEDGER, first_retained_seq=1, last_seq=len(self._events), acked_seq=0, chain_head_at_acked=b""
        )
        return Hello(
            min_protocol=PROTOCOL, max_protocol=PROTOCOL, device_id=self._device_id, epoch=EPOCH, lanes=(status,),
            boot_id="bench", boottime_ns=time.clock_gettime_ns(time.CLOCK_BOOTTIME),
            wall_time_us=time.time_ns() // 1000, gallery_revision=0, config_revision=0, embedding_id="",
            version="bench",
        )  # fmt: skip
