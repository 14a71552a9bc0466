"""What the centre does with a batch: inside the transaction that stores it, as a pure rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from doorward_sync.event import Event
from doorward_sync.fingerprint import content_digest, event_digest
from doorward_sync.messages import Batch, Hole


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """What to store of a batch, in one transaction."""

    have_through: int
    """Highest contiguous event after it."""
    confirmed_through: int
    """Highest event of this batch that may be acknowledged after the commit; below its first where none may."""
    inserts: tuple[Event, ...] = ()
    """New rows."""
    moved: tuple[Event, ...] = ()
    """Already there under another key of this device (an epoch that was left): store key, digest and chain link of
    the new place beside the old row, so that a resend compares equal and the chain stays whole."""
    holes: tuple[Hole, ...] = ()
    """Declared holes to write down; known ones among them."""
    disputed: tuple[Event, ...] = ()
    """Events from the conflict on: kept aside for review, nothing is overwritten."""
    conflict_seq: int | None = None
    """First key that holds another event."""
    missing_from: int | None = None
    """First missing event, where the batch does not follow what is there; nothing is stored then."""


def admit(have: int, batch: Batch, known: Mapping[int, bytes], placed: Mapping[str, bytes]) -> Admission:
    """Decides about a batch whose run was checked (batch_run.py). Idempotent: the same batch changes nothing.

    Args:
        have: highest contiguous event of (device, epoch, lane), 0 for none.
        batch: the batch.
        known: event_digest by seq, of the keys of this batch that are stored, moved ones included.
        placed: content_digest by event_id, of the events of this batch that are stored under another key.
    """
    first = min([event.key.seq for event in batch.events[:1]] + [hole.from_seq for hole in batch.holes])
    if first > have + 1:
        return Admission(have_through=have, confirmed_through=first - 1, missing_from=have + 1)
    inserts: list[Event] = []
    moved: list[Event] = []
    for place, event in enumerate(batch.events):
        seq = event.key.seq
        if _is_other(event, known, placed) or _was_given_up(seq, have, known):
            return Admission(
                have_through=max(have, seq - 1),
                confirmed_through=seq - 1,
                inserts=tuple(inserts),
                moved=tuple(moved),
                holes=tuple(hole for hole in batch.holes if hole.to_seq < seq),
                disputed=batch.events[place:],
                conflict_seq=seq,
            )
        if seq not in known:
            (moved if event.event_id in placed else inserts).append(event)
    end = max([event.key.seq for event in batch.events[-1:]] + [hole.to_seq for hole in batch.holes])
    return Admission(
        have_through=max(have, end),
        confirmed_through=end,
        inserts=tuple(inserts),
        moved=tuple(moved),
        holes=batch.holes,
    )


def _is_other(event: Event, known: Mapping[int, bytes], placed: Mapping[str, bytes]) -> bool:
    stored = known.get(event.key.seq)
    if stored is not None:
        return stored != event_digest(event)
    elsewhere = placed.get(event.event_id)
    return elsewhere is not None and elsewhere != content_digest(event)


def _was_given_up(seq: int, have: int, known: Mapping[int, bytes]) -> bool:
    # Within what is complete and yet no row: a declared hole, whose events will never come. What comes in its place is
    # from a journal that was put back to before the declaration, and is younger than what follows the hole.
    return seq <= have and seq not in known
