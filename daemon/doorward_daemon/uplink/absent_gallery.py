"""The gallery of a device that shares none with its centre."""

from collections.abc import Callable

from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.chunk_rule import ChunkVerdict, refused
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject

_PROBLEM = "this device shares no gallery"


class AbsentGallery:
    """A GalleryPort that takes nothing and gives nothing."""

    def revision(self) -> int:
        """As GalleryPort."""
        return 0

    def digest(self) -> bytes:
        """As GalleryPort."""
        return b""

    def apply(self, delta: GalleryDelta) -> GalleryDeltaResult:
        """As GalleryPort."""
        return GalleryDeltaResult(revision=0, digest_agreed=True, problem=_PROBLEM)

    def staged(self) -> GalleryPlace | None:
        """As GalleryPort."""
        return None

    def take_chunk(self, chunk: GalleryChunk) -> GalleryChunkResult:
        """As GalleryPort."""
        return refused(chunk, 0, ChunkVerdict(None, ChunkProblem.NO_GALLERY, _PROBLEM))

    def changes(self) -> tuple[int, int]:
        """As GalleryPort."""
        return 0, 0

    def local_changes(self, after_change: int, limit: int) -> tuple[LocalSubject, ...]:
        """As GalleryPort."""
        return ()

    def acknowledge_changes(self, through_change: int) -> None:
        """As GalleryPort."""

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """As GalleryPort."""
        return lambda: None
