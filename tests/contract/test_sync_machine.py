"""Both machines of the uplink against loss, doubling, reordering, crashes and old images, and red twins of them."""

from dataclasses import replace

import pytest
from hypothesis import Phase

from doorward_sync.admission import Admission, admit
from doorward_sync.centre_session import CentreSession
from doorward_sync.chunk_rule import ChunkVerdict, place_after
from doorward_sync.command_rule import without_doing
from doorward_sync.device_session import DeviceSession
from doorward_sync.event import Lane
from doorward_sync.fingerprint import event_digest
from doorward_sync.gallery_messages import GalleryDelta
from doorward_sync.gallery_state import GalleryDigest, judge_delta
from doorward_sync.messages import Ack
from doorward_sync.outputs import AlarmKind, Send
from doorward_sync.poison import StreamEnd
from doorward_testing.memory_gallery import MemoryGallery
from doorward_testing.sync_gallery import applies_as_they_come
from doorward_testing.sync_machine import run_machine
from doorward_testing.sync_nodes import SyncParts
from doorward_testing.sync_wiring import LIMITS
from doorward_testing.sync_world import SyncWorld

EXAMPLES = 450


def test_every_obligation_arrives_once_in_order_and_unaltered():
    seen = run_machine(SyncParts(), examples=EXAMPLES, steps=60)
    # A walk in which nothing gets through, or nothing goes wrong, proves nothing.
    assert seen["steps"] >= 5000
    assert seen["acked"] >= 500
    wrong = {AlarmKind.CENTRE_WENT_BACK, AlarmKind.CLONE_SUSPECTED, AlarmKind.HOLE, AlarmKind.GAP}
    assert {*wrong, AlarmKind.PROTOCOL_ERROR, AlarmKind.POISON} <= set(seen)
    assert seen["aside"] >= 10
    assert seen["done"] >= 100
    assert seen["configured"] >= 100
    assert {AlarmKind.CONFIG_REFUSED, "done", "expired", "unknown"} <= set(seen)
    assert seen["hints"] >= 100
    assert seen["calls"] >= 100
    assert seen["staged"] >= 1000
    assert {AlarmKind.GALLERY_DISAGREES, AlarmKind.GALLERY_REFUSED} <= set(seen)


def test_an_event_of_a_restored_device_does_not_take_the_place_of_one_that_was_put_aside():
    # Found by a walk of 547,000 steps: the younger event stood before an older one at the centre.
    world = SyncWorld(1, SyncParts())
    world.connect("gate-0")
    world.save_device("gate-0")
    world.emit("gate-0", Lane.LEDGER, StreamEnd.REFUSED)
    world.emit("gate-0", Lane.LEDGER)
    for _ in range(8):
        world.connect_if_cut("gate-0")
        for _ in range(5):
            world.go_round("gate-0")
    (rows,) = world.centre.lanes.values()
    assert (sorted(rows.rows), [hole.from_seq for hole in rows.holes]) == ([2], [1])
    world.restore_device("gate-0")
    world.emit("gate-0", Lane.LEDGER)
    world.heal()
    world.oracle.check(LIMITS.credit)
    world.oracle.check_end()
    assert sorted(rows.rows) == [2]
    assert [len(ledger) for ledger in world.centre.events_of("gate-0")] == [1, 1]


class AcknowledgesBeforeTheCommit(CentreSession):
    """Breaks C1."""

    def _on_batch(self, batch):
        super()._on_batch(batch)
        if batch.events and not self.lanes[batch.lane].is_disputed:
            through = self.lanes[batch.lane].taken
            self._out.append(Send(Ack(session_id=self.session_id, lane=batch.lane, through_seq=through)))


class BelievesEverySession(DeviceSession):
    """Breaks D4."""

    def _is_of_this_session(self, session_id):
        return True


def _without_digests(have, batch, known, placed) -> Admission:
    """Breaks C3: "insert, do nothing on conflict", and no look at what was there."""
    same = {event.key.seq: event_digest(event) for event in batch.events if event.key.seq in known}
    return admit(have, batch, same, placed)


def _without_ids(have, batch, known, placed) -> Admission:
    """Stores an event again that comes back under another key."""
    return admit(have, batch, known, {})


def _with_gaps(have, batch, known, placed) -> Admission:
    """Breaks C2."""
    return admit(max(have, batch.events[0].key.seq - 1) if batch.events else have, batch, known, placed)


class TakesEverything(CentreSession):
    """Breaks C2: what does not follow is taken all the same."""

    def _open(self, loaded, now_s, wall_time_us):
        super()._open(loaded, now_s, wall_time_us)
        for lane in self.lanes.values():
            lane.taken = 10**6


def _trusting(revision, digest, head, named, stored, stored_ids):
    """Brings a gallery into force without a look at the digest of the whole."""
    after = GalleryDigest() if head.snapshot else digest
    for subject_id, subject in named.items():
        after = (after if head.snapshot else after.without(stored(subject_id))).with_(subject)
    agreed = replace(_HEAD, **{name: getattr(head, name) for name in ("from_revision", "to_revision", "snapshot")})
    agreed = replace(agreed, digest=after.value, living=after.living)
    return judge_delta(revision, digest, agreed, named, stored, stored_ids)


def _across_transfers(staged, revision, chunk):
    """Goes on with whatever is kept aside, of whichever revision it is."""
    return ChunkVerdict(place_after(chunk))


class AppliesChunksAsTheyCome(MemoryGallery):
    """Keeps nothing aside."""

    def take_chunk(self, chunk):
        result = super().take_chunk(chunk)
        if result.problem is None and result.place is not None:
            applies_as_they_come(self, chunk)
        return result


_HEAD = GalleryDelta(from_revision=0, to_revision=0, subjects=(), digest=b"", living=0)
RED_TWINS = {
    "applies a gallery without the digest of the whole": (
        SyncParts(gallery=lambda: MemoryGallery(delta_rule=_trusting)),
        "no centre ever had",
    ),
    "applies chunks as they come": (SyncParts(gallery=AppliesChunksAsTheyCome), "no centre ever had"),
    "acknowledges before the commit": (
        SyncParts(centre_session=AcknowledgesBeforeTheCommit),
        "C1: acknowledged",
    ),
    "believes every session": (
        SyncParts(device_session=BelievesEverySession),
        "D4: acknowledged more than|C1: acknowledged",
    ),
    "compares no digests": (SyncParts(rule=_without_digests), "C1: acknowledged|on no disk"),
    "counts without epochs": (SyncParts(has_epochs=False), "do not arrive|C1: acknowledged"),
    "knows no ids": (SyncParts(rule=_without_ids), "twice at the centre"),
    "does a command whenever it comes": (SyncParts(command_rule=lambda **facts: None), "done twice|after their time"),
    "does a command that was cut short again": (
        SyncParts(command_rule=lambda was_accepted, **facts: without_doing(was_accepted=False, **facts)),
        "done twice",
    ),
    "keeps a configuration unchecked": (SyncParts(checks_config=False), "never validated"),
    "accepts gaps": (SyncParts(centre_session=TakesEverything, rule=_with_gaps), "above a gap"),
}
"""A broken rule, and what the oracle says of it."""


SEEDS = {"acknowledges before the commit": 1}
"""Walks that meet what the twin is named for before what follows from it."""


def test_a_device_that_goes_on_across_transfers_is_held_up_by_the_digest_of_the_whole():
    parts = SyncParts(gallery=lambda: MemoryGallery(_across_transfers), has_device_faults=False)
    seen = run_machine(parts, examples=300, steps=60, phases=(Phase.generate,))
    assert seen[AlarmKind.GALLERY_DISAGREES] >= 10


@pytest.mark.parametrize("twin", RED_TWINS)
def test_a_broken_twin_is_caught(twin):
    parts, verdict = RED_TWINS[twin]
    parts = replace(parts, has_device_faults=False, has_gallery=parts.gallery is not MemoryGallery)
    with pytest.raises(AssertionError, match=verdict):
        run_machine(parts, examples=3000, steps=60, phases=(Phase.generate,), seed=SEEDS.get(twin))
