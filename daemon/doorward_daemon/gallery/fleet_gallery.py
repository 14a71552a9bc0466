"""The gallery as the uplink sees it: deltas of the centre come in, local changes go out."""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager

from doorward_daemon.errors import DoorwardError, Fault
from doorward_daemon.gallery.fleet_merge import FleetMerge
from doorward_daemon.gallery.fleet_row import FleetReceipt, FleetRow
from doorward_daemon.gallery.fleet_transfer import FleetTransfer
from doorward_daemon.gallery.gallery import Gallery
from doorward_daemon.gallery.template_cipher import SealBroken
from doorward_daemon.gallery.writing import GalleryWriting
from doorward_sync.chunk_messages import GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject, SubjectRecord

_LOG = logging.getLogger(__name__)


class FleetGallery:
    """Gives and takes subjects of a fleet. Thread-safe.

    Args:
        gallery: holds them.
        undisturbed: keeps enrolment from beginning a write while a delta is applied.
        record: writes a receipt into the ledger; again with the same op_id it changes nothing.
    """

    def __init__(
        self,
        gallery: Gallery,
        undisturbed: Callable[[], AbstractContextManager[None]],
        record: Callable[[FleetReceipt], None],
    ) -> None:
        self._gallery = gallery
        self._undisturbed = undisturbed
        self._record = record
        self._transfer = FleetTransfer(gallery, undisturbed, self._take)
        self._scrubbed: frozenset[str] = frozenset()

    def revision(self) -> int:
        """Revision of the gallery the centre gave this device; 0 before the first."""
        self.settle()
        return self._revision()

    def digest(self) -> bytes:
        """Digest of what the centre gave, 32 bytes."""
        with self._gallery.writing(growing=False, local=False) as writing:
            return writing.tables.fleet.state()[1].value

    def apply(self, delta: GalleryDelta) -> GalleryDeltaResult:
        """Takes a delta: on disk, in the search and in the ledger, no byte of the erased left, or nothing of it.

        Returns:
            How it was taken, for the centre.

        Raises:
            Overloaded: STORAGE_FULL; nothing was taken.
            Fault: STORAGE_FAILED.
        """
        self._gallery.staging.clear()
        result = self._take(delta)
        self.settle()
        return result

    def staged(self) -> GalleryPlace | None:
        """Chunks that are kept aside and not in force; those of a delta on another revision are removed.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE.
            Fault: STORAGE_FAILED.
        """
        place = self._gallery.staging.place
        if place is not None and not place.snapshot and place.from_revision != self.revision():
            self._gallery.staging.clear()
        return self._gallery.staging.place

    def take_chunk(self, chunk: GalleryChunk) -> GalleryChunkResult:
        """Takes a chunk: kept aside, on disk; the last one brings all of them into force, as `apply` does.

        Returns:
            How it was taken, for the centre.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE.
            Fault: STORAGE_FAILED.
        """
        result = self._transfer.take(chunk, self._revision())
        # A record that hangs must not hold up each of many chunks; connecting settles as well.
        if result.place is None:
            self.settle()
        return result

    def changes(self) -> tuple[int, int]:
        """The last local change, and the last one the centre has confirmed."""
        with self._gallery.writing(growing=False, local=False) as writing:
            return writing.tables.fleet.changes()

    def local_changes(self, after_change: int, limit: int) -> tuple[LocalSubject, ...]:
        """Local changes above one, in order; of several changes of one subject the last.

        Args:
            after_change: the change before the first one wanted.
            limit: subjects wanted at most.

        Raises:
            Fault: STORAGE_FAILED, also where a template is damaged.
        """
        with self._gallery.writing(growing=False, local=False) as writing:
            rows = writing.tables.fleet.changed(after_change, limit)
            try:
                return tuple(LocalSubject(change=row.change or 0, subject=_record_of(writing, row)) for row in rows)
            except SealBroken as error:
                raise writing.tables.file.damaged(str(error)) from error

    def acknowledge_changes(self, through_change: int) -> None:
        """Notes that the centre has every local change up to one."""
        with self._gallery.writing(growing=False, local=False) as writing:
            writing.tables.fleet.acknowledge(through_change)

    def subscribe(self, callback: Callable[[int], None]) -> Callable[[], None]:
        """Tells about the last local change whenever there is a new one, on disk; returns what ends it."""
        return self._gallery.watch_changes(callback)

    def settle(self) -> None:
        """Brings what the centre had destroyed to its end: no byte is left, and the ledger holds it.

        What cannot be recorded now is recorded with the next delta or connection.

        Raises:
            Fault: STORAGE_FAILED.
        """
        with self._gallery.writing(growing=False, local=False) as writing:
            receipts = writing.tables.receipts.all()
        if not receipts:
            return
        recorded: list[str] = []
        try:
            self._scrub(receipts)
            for receipt in receipts:
                self._record(receipt)
                recorded.append(receipt.op_id)
        except Fault:
            raise
        except DoorwardError as error:
            # A full journal is emptied by the uplink: it must not be what keeps the uplink from connecting.
            _LOG.warning("erased by the centre, not recorded yet: %s", error.message)
        with self._gallery.writing(growing=False, local=False) as writing:
            for op_id in recorded:
                writing.tables.receipts.delete(op_id)

    def _scrub(self, receipts: Iterable[FleetReceipt]) -> None:
        # Once for each erasure: it destroys what is kept aside, and a receipt may wait longer than a transfer takes.
        erased = frozenset(receipt.op_id for receipt in receipts)
        if not erased <= self._scrubbed:
            self._gallery.scrub()
            self._scrubbed = erased

    def _revision(self) -> int:
        with self._gallery.writing(growing=False, local=False) as writing:
            return writing.tables.fleet.state()[0]

    def _take(self, delta: GalleryDelta) -> GalleryDeltaResult:
        # Erasures make room; they must not wait for it.
        growing = not delta.snapshot and not any(subject.erased for subject in delta.subjects)
        with self._undisturbed(), self._gallery.writing(growing=growing, local=False) as writing:
            return FleetMerge(writing, self._gallery.index()).take(delta)


def _record_of(writing: GalleryWriting, row: FleetRow) -> SubjectRecord:
    if row.erased:
        return SubjectRecord(subject_id=row.subject_id, version=row.version, erased=True)
    return writing.records.record_of(row.subject_id, row.version)
