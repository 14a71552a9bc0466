"""The gallery of a device without a disk: the pure rules of both rooms, and a list of what is kept aside."""

import threading
from collections.abc import Callable

from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.chunk_rule import ChunkVerdict, judge_chunk, place_after, refused, taken
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject, SubjectRecord
from doorward_sync.gallery_state import DeltaHead, DeltaPlan, GalleryDigest, given_of, judge_delta, winner

ChunkRule = Callable[[GalleryPlace | None, int, GalleryChunk], ChunkVerdict]
DeltaRule = Callable[..., DeltaPlan]


class MemoryGallery:
    """A GalleryPort in memory that keeps to the rules of chunk_rule and gallery_state. Thread-safe.

    Args:
        chunk_rule: which chunk is taken; a red twin brings a broken one.
        delta_rule: what is applied.
    """

    def __init__(self, chunk_rule: ChunkRule = judge_chunk, delta_rule: DeltaRule = judge_delta) -> None:
        self.chunk_rule = chunk_rule
        self.delta_rule = delta_rule
        self.chunks: list[GalleryChunk] = []
        self.given: dict[str, SubjectRecord] = {}
        self._lock = threading.Lock()
        self._revision = 0
        self._digest = GalleryDigest()
        self._local: list[LocalSubject] = []
        self._last = 0
        self._acked = 0
        self._tell: Callable[[int], None] = lambda change: None

    def revision(self) -> int:
        """As GalleryPort."""
        return self._revision

    def digest(self) -> bytes:
        """As GalleryPort."""
        return self._digest.value

    def apply(self, delta: GalleryDelta) -> GalleryDeltaResult:
        """As GalleryPort."""
        with self._lock:
            return self._apply(delta, delta.subjects)

    def staged(self) -> GalleryPlace | None:
        """As GalleryPort."""
        return place_after(self.chunks[-1]) if self.chunks else None

    def take_chunk(self, chunk: GalleryChunk) -> GalleryChunkResult:
        """As GalleryPort."""
        with self._lock:
            return self._take_chunk(chunk)

    def _take_chunk(self, chunk: GalleryChunk) -> GalleryChunkResult:
        verdict = self.chunk_rule(self.staged(), self._revision, chunk)
        if verdict.problem is not None:
            self.chunks = self.chunks if verdict.place is not None else []
            return refused(chunk, self._revision, verdict)
        self.chunks = [*(self.chunks if chunk.number > 1 else []), chunk]
        if not chunk.is_last:
            return taken(chunk, self._revision, self.staged())
        newest = {one.subject_id: one for part in self.chunks for one in part.subjects}
        self.chunks = []
        result = self._apply(chunk, tuple(newest.values()))
        if result.digest_agreed and not result.problem:
            return taken(chunk, self._revision, None)
        verdict = ChunkVerdict(None, ChunkProblem.GALLERY_DIGEST, result.problem)
        return refused(chunk, self._revision, verdict)

    def _apply(self, head: DeltaHead, subjects: tuple[SubjectRecord, ...]) -> GalleryDeltaResult:
        named = {one.subject_id: given_of(one) for one in subjects}
        plan = self.delta_rule(self._revision, self._digest, head, named, self.given.get, lambda: tuple(self.given))
        if plan.result.digest_agreed and not plan.result.problem:
            self.given.update({one.subject_id: one for one in subjects})
            for subject_id in plan.vanished:
                del self.given[subject_id]
            self._revision, self._digest = plan.result.revision, plan.digest
        return plan.result

    def changes(self) -> tuple[int, int]:
        """As GalleryPort."""
        return self._last, self._acked

    def local_changes(self, after_change: int, limit: int) -> tuple[LocalSubject, ...]:
        """As GalleryPort."""
        with self._lock:
            return tuple(one for one in self._local if one.change > after_change)[:limit]

    def acknowledge_changes(self, through_change: int) -> None:
        """As GalleryPort."""
        self._acked = through_change

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """As GalleryPort."""
        self._tell = callback
        return lambda: None

    def change(self, subject: SubjectRecord) -> None:
        """Somebody changes a subject at the device."""
        with self._lock:
            self._last += 1
            self._local.append(LocalSubject(change=self._last, subject=subject))
        self._tell(self._last)

    def names(self) -> dict[str, str]:
        """Living subjects as a search sees them."""
        with self._lock:
            seen = dict(self.given)
            for local in self._local:
                subject_id = local.subject.subject_id
                seen[subject_id] = winner(seen.get(subject_id), local.subject)
            return {one.subject_id: one.display_name for one in seen.values() if not one.erased}

    def wreck(self) -> None:
        """Bit rot: what is here is no longer what the digest stands for."""
        with self._lock:
            self._digest = GalleryDigest(bytes(31) + b"\x01", 7)

    def copy(self) -> "MemoryGallery":
        """An image of the disk it lies on."""
        image = type(self)(self.chunk_rule, self.delta_rule)
        image.given, image.chunks = dict(self.given), list(self.chunks)
        image._revision, image._digest = self._revision, self._digest
        return image
