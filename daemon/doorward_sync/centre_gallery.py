"""The gallery on its way down to one device: one delta, or one chunk of one, under way at a time."""

from dataclasses import dataclass, replace

from doorward_sync.centre_storage import ChunkWanted, GalleryRead, ReadGallery
from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.chunk_rule import place_after
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult
from doorward_sync.limits import UplinkLimits
from doorward_sync.messages import Hello
from doorward_sync.outputs import Alarm, AlarmKind, Send

LARGEST_DISAGREEMENTS = 3
"""Refusals in a row that nothing was gained between; the next change of the gallery tries again."""
_FOR_GOOD = (ChunkProblem.MALFORMED, ChunkProblem.TOO_LARGE, ChunkProblem.TOO_MANY, ChunkProblem.NO_GALLERY)
"""What sending the same again does not help against."""
ROOM_RETRY_S = 60.0
"""After this a device that had no room is asked again; after twice as long each time it has none once more."""
LONGEST_ROOM_RETRY_S = 3600.0
"""It is never asked more seldom than this: asking may mean that it brings all it has into force, in vain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkTerms:
    """How a device takes its gallery in chunks."""

    session_id: str
    """Of the session."""
    largest_bytes: int
    """Of a chunk."""
    staged: GalleryPlace | None
    """What the device keeps aside."""


class CentreGallery:
    """What a device has of the gallery, and what it is to get.

    Args:
        device_revision: of the device's gallery.
        revision: of the centre's.
        chunks: how the device takes chunks; None where it takes none.
        is_shared: False for a device that shares no gallery now: nothing is sent to it.
    """

    __slots__ = (
        "_chunks",
        "_disagreements",
        "_furthest",
        "_is_reading",
        "_is_shared",
        "_needs_snapshot",
        "_not_before_s",
        "_place",
        "_room_retry_s",
        "_under_way",
        "_wanted_revision",
        "device_revision",
        "revision",
        "sent_s",
    )

    def __init__(
        self, device_revision: int, revision: int, chunks: ChunkTerms | None = None, *, is_shared: bool = True
    ) -> None:
        self.device_revision = device_revision
        self.revision = revision
        self.sent_s: float | None = None
        self._chunks = chunks
        self._is_shared = is_shared
        self._place = None if chunks is None else chunks.staged
        # What was begun as a snapshot in an earlier session is wanted as one still.
        self._needs_snapshot = self._place is not None and self._place.snapshot
        self._under_way: GalleryChunk | None = None
        self._wanted_revision = 0
        self._furthest = 0
        self._not_before_s = 0.0
        self._room_retry_s = ROOM_RETRY_S
        self._is_reading = False
        self._disagreements = 0

    def differs(self) -> None:
        """The device has another gallery than the centre had at that revision: only a snapshot helps."""
        self._needs_snapshot = True

    def changed(self, revision: int) -> None:
        """The gallery of the centre has a new revision."""
        self.revision = revision
        self._disagreements = 0

    def next_read(self, now_s: float) -> ReadGallery | None:
        """What to read next; None while the device is up to date, something is under way, or it has no room."""
        if not self._is_shared or self._is_reading or self.sent_s is not None:
            return None
        if self._disagreements >= LARGEST_DISAGREEMENTS or now_s < self._not_before_s:
            return None
        if self.device_revision == self.revision and not self._needs_snapshot:
            return None
        self._is_reading = True
        chunk = None
        if self._chunks is not None:
            chunk = ChunkWanted(place=self._place, largest_bytes=self._chunks.largest_bytes)
        return ReadGallery(from_revision=self.device_revision, snapshot=self._needs_snapshot, chunk=chunk)

    def was_read(self, read: GalleryRead, now_s: float) -> list[Send[GalleryDelta | GalleryChunk]]:
        """Sends what was read."""
        self._is_reading = False
        found = read.delta
        if found is None:
            self.device_revision = self.revision
            return []
        self.sent_s = now_s
        self._wanted_revision = found.to_revision
        if isinstance(found, GalleryChunk) and self._chunks is not None:
            found = replace(found, session_id=self._chunks.session_id)
            self._under_way = replace(found, subjects=())
        return [Send(found)]

    def taken(self, result: GalleryDeltaResult) -> list[Alarm]:
        """Counts how the device took a delta: it is up to date, behind, or in need of a snapshot."""
        if self.sent_s is None or self._under_way is not None:
            return []
        self.sent_s = None
        self.device_revision = result.revision
        if result.digest_agreed and not result.problem and result.revision == self._wanted_revision:
            self._needs_snapshot = False
            self._disagreements = 0
            return []
        self._needs_snapshot = not result.digest_agreed
        self._disagreements += 1
        return self._alarm(
            result.problem or ("it has another revision" if result.digest_agreed else "the digest disagrees")
        )

    def chunk_taken(self, result: GalleryChunkResult, now_s: float) -> list[Alarm]:
        """Counts how the device took a chunk; an answer of another session, or to another chunk, means nothing."""
        sent, ours = self._under_way, self._chunks is not None and result.session_id == self._chunks.session_id
        if sent is None or not ours or result.number != sent.number:
            return []
        self.sent_s = self._under_way = None
        self.device_revision = result.revision
        self._place = result.place
        if result.problem is None:
            return self._went_on(sent, result)
        self._needs_snapshot = self._needs_snapshot or result.problem is ChunkProblem.GALLERY_DIGEST
        if result.problem is ChunkProblem.STORAGE_FULL:
            self._not_before_s = now_s + self._room_retry_s
            self._room_retry_s = min(2 * self._room_retry_s, LONGEST_ROOM_RETRY_S)
        else:
            self._disagreements += LARGEST_DISAGREEMENTS if result.problem in _FOR_GOOD else 1
        if result.problem is ChunkProblem.NO_GALLERY:
            return []
        return self._alarm(f"{result.problem}: {result.detail}")

    def _went_on(self, sent: GalleryChunk, result: GalleryChunkResult) -> list[Alarm]:
        self._room_retry_s = ROOM_RETRY_S
        if sent.is_last and result.place is None and result.revision == sent.to_revision:
            self._needs_snapshot = False
            self._furthest = self._disagreements = 0
            return []
        if sent.is_last or result.place != place_after(sent):
            # It would be sent again for ever to a device that takes it and has nothing of it.
            self._disagreements += 1
            return self._alarm(f"takes chunk {sent.number} and has {result.place}")
        if result.number > self._furthest:
            self._furthest = result.number
            self._disagreements = 0
        return []

    def _alarm(self, problem: str) -> list[Alarm]:
        detail = f"device at revision {self.device_revision}: {problem}"
        return [Alarm(kind=AlarmKind.GALLERY_DISAGREES, detail=detail)]


def gallery_for(
    hello: Hello, session_id: str, limits: UplinkLimits, revision: int, loaded: tuple[int, bytes]
) -> CentreGallery:
    """The gallery of a device that has said Hello.

    Args:
        hello: what it said.
        session_id: of its session.
        limits: sizes.
        revision: the newest one of the centre's gallery that is known of.
        loaded: a revision of it with its digest; no digest where it is not told.
    """
    chunks = None
    if hello.takes_gallery_chunks:
        staged = hello.gallery_staged
        chunks = ChunkTerms(session_id=session_id, largest_bytes=limits.gallery_chunk_bytes, staged=staged)
    # Who takes chunks tells the digest of the gallery, if there is one: ledger-only and safe mode have none.
    is_shared = chunks is None or bool(hello.gallery_digest)
    gallery = CentreGallery(hello.gallery_revision, max(revision, loaded[0]), chunks, is_shared=is_shared)
    if hello.gallery_revision == loaded[0] and hello.gallery_digest and loaded[1] not in (b"", hello.gallery_digest):
        gallery.differs()
    return gallery
