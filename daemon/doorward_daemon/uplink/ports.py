"""What the uplink needs of the rooms it serves; app wires them. All of it is called on the uplink's own threads."""

from collections.abc import Callable, Collection, Sequence
from typing import Protocol

from doorward_daemon.uplink.outbox_lane import OutboxLane
from doorward_sync.chunk_messages import GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.clock_anchor import ClockAnchor
from doorward_sync.event import Event, Lane
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject


class OutboxPort(Protocol):
    """The journal as the uplink sees it. Thread-safe; failures are DoorwardErrors."""

    @property
    def epoch(self) -> int:
        """Of the journal's database."""

    def lane_state(self, lane: Lane) -> OutboxLane:
        """How far a lane has got."""

    def read(self, lane: Lane, after_seq: int, limit: int) -> list[Event]:
        """Events of a lane above a seq, ascending."""

    def waiting(self, kinds: Collection[str], limit: int) -> list[Event]:
        """The last unacknowledged events of some kinds, oldest first; at most `limit` of each lane."""

    def acknowledge(self, lane: Lane, through: int) -> None:
        """Notes that the centre has everything up to an event."""

    def rewind_to(self, lane: Lane, seq: int) -> None:
        """Notes that the centre has no more than up to an event; declares what is no longer here as a hole."""

    def quarantined(self, lane: Lane) -> frozenset[int]:
        """Unacknowledged events of a lane that are in quarantine; answers at once."""

    def quarantine(self, lane: Lane, seq: int, reason: str) -> None:
        """In one transaction: a copy of an event is put aside, and the ledger says so. Again changes nothing."""

    def clock_anchors(self) -> tuple[ClockAnchor, ...]:
        """What is known of the clock in the last boots, newest first."""

    def note_anchor(self, anchor: ClockAnchor) -> None:
        """Keeps what is now known of the clock of this boot."""

    def open_epoch(self) -> None:
        """In one transaction: a new epoch, and everything unacknowledged of every lane renumbered from 1."""

    def subscribe(self, callback: Callable[[Sequence[Event]], None]) -> Callable[[], None]:
        """Tells about every event from now on; returns what ends it."""


class GalleryPort(Protocol):
    """The gallery as the uplink sees it. Thread-safe; failures are DoorwardErrors."""

    def revision(self) -> int:
        """Revision of the gallery the centre gave this device; 0 before the first."""

    def digest(self) -> bytes:
        """Digest of what the centre gave, 32 bytes; empty where there is no gallery."""

    def apply(self, delta: GalleryDelta) -> GalleryDeltaResult:
        """Carries out doorward_sync.gallery_state.plan_delta in one transaction: revision, digest and the records given
        are on disk with the subjects, and in the search, or none of it is. Erasures leave receipts in the ledger.
        """

    def staged(self) -> GalleryPlace | None:
        """Chunks that are kept aside and not in force; None where there are none."""

    def take_chunk(self, chunk: GalleryChunk) -> GalleryChunkResult:
        """Takes a chunk by doorward_sync.chunk_rule.judge_chunk; with the last one of a transfer, all of it by
        doorward_sync.gallery_state.judge_delta, as `apply` does.
        """

    def changes(self) -> tuple[int, int]:
        """The last local change, and the last one the centre has confirmed."""

    def local_changes(self, after_change: int, limit: int) -> tuple[LocalSubject, ...]:
        """Local changes above one, in order; of several changes of one subject only the last need be there."""

    def acknowledge_changes(self, through_change: int) -> None:
        """Notes that the centre has every local change up to one."""

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Tells about the last local change whenever there is a new one; returns what ends it."""
