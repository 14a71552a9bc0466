"""The run of sequence numbers a batch stands for, and how large it may be."""

from collections.abc import Iterable

from doorward_sync.event import Event
from doorward_sync.limits import EVENT_OVERHEAD_BYTES, UplinkLimits
from doorward_sync.messages import Batch


class ProtocolError(ValueError):
    """The other end broke the protocol: the message says how."""


def size_bytes(event: Event) -> int:
    """Upper estimate of an event's size on the wire."""
    return EVENT_OVERHEAD_BYTES + len(event.kind.encode()) + len(event.payload or b"")


def fitting(events: Iterable[Event], limits: UplinkLimits, most_bytes: int) -> tuple[Event, ...]:
    """The longest beginning of events that fits one batch of so many bytes; at least one where there is one."""
    taken: list[Event] = []
    room = min(most_bytes, limits.batch_bytes)
    for event in events:
        room -= size_bytes(event)
        if taken and (room < 0 or len(taken) >= limits.batch_events):
            break
        taken.append(event)
    return tuple(taken)


def run_of(batch: Batch, epoch: int, limits: UplinkLimits) -> tuple[int, int]:
    """First and last sequence number of a batch that was checked.

    Raises:
        ProtocolError: it is empty, too large, of another epoch or lane, or leaves a gap.
    """
    _check_size(batch, limits)
    spans = [(hole.from_seq, hole.to_seq) for hole in batch.holes]
    for event in batch.events:
        if event.key.epoch != epoch or event.key.lane is not batch.lane:
            raise ProtocolError(f"event {event.key} is not of epoch {epoch}, lane {batch.lane.name}")
        spans.append((event.key.seq, event.key.seq))
    spans.sort()
    return spans[0][0], _end_of(spans)


def _check_size(batch: Batch, limits: UplinkLimits) -> None:
    if not batch.events and not batch.holes:
        raise ProtocolError("the batch is empty")
    if len(batch.events) > limits.batch_events or len(batch.holes) > limits.batch_events:
        raise ProtocolError(f"the batch has {len(batch.events)} events; at most {limits.batch_events} are allowed")
    size = sum(size_bytes(event) for event in batch.events)
    if len(batch.events) > 1 and size > limits.batch_bytes:
        raise ProtocolError(f"the batch has {size} bytes; at most {limits.batch_bytes} are allowed")


def _end_of(spans: list[tuple[int, int]]) -> int:
    after = spans[0][0] - 1
    if after < 0:
        raise ProtocolError(f"sequence numbers begin at 1; found {spans[0][0]}")
    for first, last in spans:
        if first != after + 1 or last < first:
            raise ProtocolError(f"expected seq {after + 1}, found {first}..{last}")
        after = last
    return after
