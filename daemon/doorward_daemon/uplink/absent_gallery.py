"""The gallery of a device that shares none with its centre."""

from collections.abc import Callable

from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject


class AbsentGallery:
    """A GalleryPort that takes nothing and gives nothing."""

    def revision(self) -> int:
        """As GalleryPort."""
        return 0

    def apply(self, delta: GalleryDelta) -> GalleryDeltaResult:
        """As GalleryPort."""
        return GalleryDeltaResult(revision=0, digest_agreed=True, problem="this device shares no gallery")

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
