"""The oracle of the campaign, outside the system: what callers were told is on record, against the centre's table."""

import itertools
import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import ClockState, Event, EventKey, EventTime, Lane

COUNTED = "test.counted"
"""Kind of the events a caller inside the device's process asks for."""
ASKED_FOR = {COUNTED: "op", "access.granted": "note"}
"""Kinds of events that callers ask for, and where in the payload the name of the operation stands."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a caller was told."""

    event_id: str
    """Which event."""
    epoch: int
    """Under which key."""
    seq: int
    """As above."""
    digest: str
    """Of its payload, hexadecimal."""


@dataclass(slots=True)
class Obligations:
    """What callers asked for and what they were told, from the files they kept."""

    tried: set[str] = field(default_factory=set)
    """Operations that were begun, whether or not an answer came."""
    promised: dict[str, Promise] = field(default_factory=dict)
    """Operations that were acknowledged, in order."""
    taken_over: dict[int, int] = field(default_factory=dict)
    """Highest event of each epoch that the centre has said it has."""

    def read(self, log: Path) -> None:
        """Takes the file of one life: lines `try OP`, `ack OP EVENT_ID EPOCH SEQ DIGEST` and `over EPOCH SEQ`."""
        for line in log.read_text("ascii").splitlines() if log.is_file() else ():
            words = line.split()
            if words[0] == "try":
                self.tried.add(words[1])
            elif words[0] == "ack":
                self.promised[words[1]] = Promise(words[2], int(words[3]), int(words[4]), words[5])
            elif words[0] == "over":
                self.taken_over[int(words[1])] = int(words[2])

    def forgotten(self, database: Path) -> int:
        """Events that a centre has taken over and does not have; read without its code.

        Args:
            database: a copy of its file, the log beside it.
        """
        connection = apsw.Connection(str(database))
        have = dict(connection.execute("SELECT epoch, have_through FROM lanes WHERE lane = ?", (int(Lane.LEDGER),)))
        connection.close()
        return sum(max(0, through - have.get(epoch, 0)) for epoch, through in self.taken_over.items())


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What is wrong at the centre; all zero where nothing is."""

    promised: int
    """Obligations."""
    kept: int
    """Events in the centre's table."""
    lost: int
    """Promised and not there."""
    doubled: int
    """Operations that stand there twice."""
    altered: int
    """There under another digest."""
    foreign: int
    """There, and never asked for by anybody."""
    out_of_order: int
    """Promised one after the other, and there the other way round."""
    gaps: int
    """Sequence numbers that are neither there nor declared."""
    broken: int
    """Epochs whose chain does not verify."""

    @property
    def is_clean(self) -> bool:
        """Whether every obligation is fulfilled."""
        wrong = (self.lost, self.doubled, self.altered, self.foreign, self.out_of_order, self.gaps, self.broken)
        return not any(wrong)

    def figures(self) -> dict[str, int]:
        """As figures of the campaign."""
        return {name: int(getattr(self, name)) for name in self.__slots__}


def judge(obligations: Obligations, database: Path) -> Verdict:
    """Compares what was promised with the table of a centre that has stopped, read without the centre's code.

    Args:
        obligations: of one device.
        database: the file of the centre.
    """
    connection = apsw.Connection(str(database))
    try:
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        events = [_event(row) for row in connection.execute(f"SELECT {_COLUMNS} FROM events ORDER BY ordinal")]
        declared = _declared(connection)
    finally:
        connection.close()
    found = {event.event_id: event for event in events}
    named = (_operation(event) for event in events if event.kind in ASKED_FOR)
    operations = Counter(operation for operation in named if operation)
    there = [found[promise.event_id] for promise in obligations.promised.values() if promise.event_id in found]
    digests = {promise.event_id: promise.digest for promise in obligations.promised.values()}
    order = {event.event_id: place for place, event in enumerate(events)}
    return Verdict(
        promised=len(obligations.promised),
        kept=len(events),
        lost=len(obligations.promised) - len(there),
        doubled=sum(times - 1 for times in operations.values()),
        altered=sum(event.payload_digest.hex() != digests[event.event_id] for event in there),
        foreign=len(set(operations) - obligations.tried),
        out_of_order=sum(order[one.event_id] > order[next_.event_id] for one, next_ in itertools.pairwise(there)),
        gaps=_gaps(events, declared),
        broken=_broken(events),
    )


_COLUMNS = (
    "epoch, lane, seq, event_id, kind, boot_id, boottime_ns, wall_time_us, clock_state, payload, salt, payload_digest,"
    " chain_hash"
)


def _event(row: tuple[Any, ...]) -> Event:
    epoch, lane, seq, event_id, kind, boot_id, boottime_ns, wall_time_us, clock_state, payload, salt, digest, link = row
    return Event(
        key=EventKey(epoch=epoch, lane=Lane(lane), seq=seq),
        event_id=event_id,
        kind=kind,
        time=EventTime(
            boot_id=boot_id, boottime_ns=boottime_ns, wall_time_us=wall_time_us, clock_state=ClockState(clock_state)
        ),
        payload=payload,
        salt=salt,
        payload_digest=digest,
        chain_hash=link,
    )


def _operation(event: Event) -> str:
    return str(json.loads(event.payload or b"{}").get(ASKED_FOR[event.kind]) or "")


def _declared(connection: apsw.Connection) -> set[tuple[int, int, int]]:
    """Keys that are accounted for without being rows under them."""
    keys = set(connection.execute("SELECT epoch, lane, seq FROM moved_events"))
    for epoch, lane, low, high in connection.execute("SELECT epoch, lane, from_seq, to_seq FROM holes"):
        keys |= {(epoch, lane, seq) for seq in range(low, high + 1)}
    return keys


def _gaps(events: Iterable[Event], declared: set[tuple[int, int, int]]) -> int:
    keys = {(event.key.epoch, int(event.key.lane), event.key.seq) for event in events}
    last: dict[tuple[int, int], int] = {}
    for epoch, lane, seq in keys:
        last[epoch, lane] = max(seq, last.get((epoch, lane), 0))
    wanted = {(epoch, lane, seq) for (epoch, lane), high in last.items() for seq in range(1, high + 1)}
    return len(wanted - keys - declared)


def _broken(events: Iterable[Event]) -> int:
    lanes: dict[int, list[Event]] = {}
    for event in events:
        if event.key.lane is Lane.LEDGER:
            lanes.setdefault(event.key.epoch, []).append(event)
    broken = 0
    for epoch, run in lanes.items():
        run.sort(key=lambda event: event.key.seq)
        whole = [event for place, event in enumerate(run, start=1) if event.key.seq == place]
        broken += first_broken(whole, genesis(epoch, Lane.LEDGER)) is not None
    return broken
