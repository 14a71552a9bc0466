"""The journal without its thread: places, links, watermarks and rows, one transaction at a time."""

import contextlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from doorward_daemon.errors import ErrorReason, InvalidInput
from doorward_daemon.journal.draft import StampedDraft
from doorward_daemon.journal.event_table import EventTable
from doorward_daemon.journal.lane_state import LaneState
from doorward_daemon.journal.storage_state import is_never_refused, reserve_bytes
from doorward_daemon.storage import Database
from doorward_sync.chain import commit_to_payload, genesis, link
from doorward_sync.event import Event, EventKey, Lane


@dataclass(slots=True)
class Written:
    """What one transaction did."""

    groups: list[list[Event]] = field(default_factory=list)
    """The events of each group asked for, also those that were there before."""
    fresh: list[Event] = field(default_factory=list)
    """The new ones, in their order."""


class JournalBook:
    """The state of a journal and its database. Not thread-safe. Made by `open_book`.

    What is kept in memory changes only after the transaction that changed it on disk.

    Args:
        database: of the journal's schema.
        epoch: of this database.
    """

    def __init__(self, database: Database, epoch: int) -> None:
        self.database = database
        self.events = EventTable(database, epoch)
        self.epoch = epoch
        self.lanes: dict[Lane, LaneState] = {lane: self._load(lane) for lane in Lane}
        self.quarantined = self._load_quarantine()
        self._reserve_bytes = reserve_bytes(database.max_bytes)

    def reload(self, epoch: int) -> None:
        """Takes the state of another epoch from disk, where it was made."""
        self.events = EventTable(self.database, epoch)
        self.epoch = epoch
        self.lanes = {lane: self._load(lane) for lane in Lane}
        self.quarantined = self._load_quarantine()

    def write(self, groups: Sequence[Sequence[StampedDraft]], *, growing: bool = True) -> Written:
        """Adds events, all of them or none; on disk when this returns.

        Args:
            groups: in the order in which they get their places.
            growing: False lets the reserve be used.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        written = Written()
        essential = all(draft.lane is Lane.LEDGER for group in groups for draft in group)
        urgent = all(is_never_refused(draft) for group in groups for draft in group)
        with self.changing(growing=growing, essential=essential, urgent=urgent) as lanes:
            for group in groups:
                written.groups.append([self.put(lanes, draft, written.fresh) for draft in group])
        return written

    @contextlib.contextmanager
    def changing(
        self, *, growing: bool, essential: bool = False, urgent: bool = False
    ) -> Iterator[dict[Lane, LaneState]]:
        """A transaction over a copy of the lanes, which are taken over once it is on disk.

        Args:
            growing: as Database.transaction.
            essential: as Database.transaction.
            urgent: whether it may use the part of the room that is kept for what is never refused.
        """
        lanes = dict(self.lanes)
        spare_bytes = 0 if urgent else self._reserve_bytes
        with self.database.transaction(growing=growing, essential=essential, spare_bytes=spare_bytes):
            yield lanes
            for lane, state in lanes.items():
                if self._needs_saving(self.lanes[lane], state):
                    self._save(lane, state)
        self.lanes = lanes

    def put(self, lanes: dict[Lane, LaneState], draft: StampedDraft, fresh: list[Event]) -> Event:
        """Gives a draft its place and writes it, inside `changing`.

        Args:
            lanes: of `changing`.
            draft: what happened.
            fresh: takes the event where it is new.

        Returns:
            The event; where the operation was recorded before, the one it was recorded with.
        """
        if draft.op_id is not None and (known := self.events.of_operation(draft.op_id)) is not None:
            return known
        before = lanes[draft.lane]
        event = _placed(draft, EventKey(self.epoch, draft.lane, before.last + 1), before.chain_head)
        self.events.insert(event, draft.op_id)
        # Not `replace`, which costs as much as the row's own statement.
        lanes[draft.lane] = LaneState(
            epoch=before.epoch,
            first_retained=before.first_retained,
            last=event.key.seq,
            acked=before.acked,
            chain_head=event.chain_hash,
            chain_head_at_acked=before.chain_head_at_acked,
            oldest_unacknowledged=before.oldest_unacknowledged or event.time,
            unacknowledged_bytes=before.unacknowledged_bytes + len(draft.payload),
        )
        fresh.append(event)
        return event

    def acknowledge(self, lane: Lane, through: int) -> None:
        """Moves the watermark of a lane up. Lower or equal changes nothing.

        Raises:
            InvalidInput: CURSOR_INVALID, there is no such event yet.
        """
        state = self.lanes[lane]
        if through > state.last:
            raise _beyond(lane, through, state.last)
        if through <= state.acked:
            return
        with self.changing(growing=False) as lanes:
            lanes[lane] = self.with_acked(state, lane, through)

    def with_acked(self, state: LaneState, lane: Lane, acked: int) -> LaneState:
        """A lane whose watermark stands elsewhere, with all that follows from it."""
        at_acked = self.events.at(lane, acked)
        # The difference only: a month of events may wait.
        low, high = sorted((state.acked, acked))
        moved_bytes = self.events.payload_bytes(lane, low, high)
        waiting = self.events.after(lane, acked, state.last, 1)
        head = at_acked.chain_hash if at_acked else (genesis(self.epoch, lane) if acked == 0 else b"")
        return replace(
            state,
            acked=acked,
            chain_head_at_acked=head if lane is Lane.LEDGER else b"",
            oldest_unacknowledged=waiting[0].time if waiting else None,
            unacknowledged_bytes=state.unacknowledged_bytes + (moved_bytes if acked < state.acked else -moved_bytes),
        )

    def drop_aside(self, most: int) -> int:
        """Drops the oldest copies in quarantine beyond a number, in a transaction; returns how many.

        Raises:
            Overloaded: STORAGE_FULL.
            Fault: STORAGE_FAILED.
        """
        if self.events.aside_count() <= most:
            return 0
        with self.changing(growing=False) as lanes:
            dropped = self.events.drop_aside({lane: state.acked for lane, state in lanes.items()}, most)
        self.quarantined = self._load_quarantine()
        return dropped

    def used_share(self) -> float:
        """Filled part of the room that decisions may take, 0..1; above 1 where the reserve is in use.

        Raises:
            Fault: STORAGE_FAILED.
        """
        whole = self.database.max_bytes
        return self.database.used_share() * whole / (whole - self._reserve_bytes)

    def floor_us(self) -> int:
        """Highest wall time that earlier runs had seen, microseconds since 1970 UTC."""
        return int(self.database.run("SELECT clock_floor_us FROM journal_identity")[0][0])

    def save_floor(self, floor_us: int) -> None:
        """Keeps the highest wall time seen for later runs."""
        with self.database.transaction(growing=False):
            self.database.run("UPDATE journal_identity SET clock_floor_us = ?", floor_us)

    def _load_quarantine(self) -> dict[Lane, frozenset[int]]:
        # Those a restored centre may ask for again count, too.
        return {lane: self.events.kept_aside(lane, 0) for lane in Lane}

    def _load(self, lane: Lane) -> LaneState:
        rows = self.database.run(
            "SELECT last_seq, acked_seq, chain_head, chain_head_at_acked FROM journal_lanes WHERE lane = ?", int(lane)
        )
        start = genesis(self.epoch, lane) if lane is Lane.LEDGER else b""
        last, acked, chain_head, chain_head_at_acked = rows[0] if rows else (0, 0, start, start)
        first = self.events.first_seq(lane)
        if (newest := self.events.last(lane)) is not None and newest.key.seq > last:
            last, chain_head = newest.key.seq, newest.chain_hash
        state = LaneState(
            epoch=self.epoch,
            first_retained=last + 1 if first is None else first,
            last=last,
            acked=acked,
            chain_head=chain_head,
            chain_head_at_acked=chain_head_at_acked,
        )
        waiting = self.events.after(lane, acked, last, 1)
        return replace(
            state,
            oldest_unacknowledged=waiting[0].time if waiting else None,
            unacknowledged_bytes=self.events.payload_bytes(lane, acked, last),
        )

    @staticmethod
    def _needs_saving(before: LaneState, after: LaneState) -> bool:
        # What was only added is read off the rows themselves: one page less in every commit.
        return before.acked != after.acked or before.first_retained != after.first_retained

    def _save(self, lane: Lane, state: LaneState) -> None:
        self.database.run(
            "INSERT INTO journal_lanes (lane, last_seq, acked_seq, chain_head, chain_head_at_acked)"
            " VALUES (?, ?, ?, ?, ?) ON CONFLICT (lane) DO UPDATE SET last_seq = excluded.last_seq,"
            " acked_seq = excluded.acked_seq, chain_head = excluded.chain_head,"
            " chain_head_at_acked = excluded.chain_head_at_acked",
            int(lane),
            state.last,
            state.acked,
            state.chain_head,
            state.chain_head_at_acked,
        )


def open_book(database: Database, epoch: int | None = None) -> JournalBook:
    """Reads the state of a journal; gives a new database its epoch.

    Args:
        database: of the journal's schema.
        epoch: for a new database; None makes one.

    Raises:
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    rows = database.run("SELECT epoch FROM journal_identity")
    if rows:
        return JournalBook(database, int(rows[0][0]))
    # Never 0, so that an epoch nobody set cannot pass for one.
    made = epoch or secrets.randbits(63) or 1
    with database.transaction(growing=True):
        database.run("INSERT INTO journal_identity (one, epoch, clock_floor_us) VALUES (1, ?, 0)", made)
    return JournalBook(database, made)


def _placed(draft: StampedDraft, key: EventKey, before: bytes) -> Event:
    digest = commit_to_payload(draft.salt, draft.payload)
    chained = draft.lane is Lane.LEDGER
    return Event(
        key=key,
        event_id=draft.event_id,
        kind=draft.kind,
        time=draft.time,
        payload=draft.payload,
        salt=draft.salt,
        payload_digest=digest,
        chain_hash=link(before, key, draft.event_id, draft.kind, draft.time, digest) if chained else b"",
    )


def _beyond(lane: Lane, seq: int, last: int) -> InvalidInput:
    return InvalidInput(
        ErrorReason.CURSOR_INVALID,
        f"lane {lane.name}: event {seq} does not exist, the last one is {last}; look the lane up again",
        metadata={"lane": lane.name, "seq": str(seq), "last": str(last)},
    )
