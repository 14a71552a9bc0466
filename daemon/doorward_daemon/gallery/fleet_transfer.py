"""A gallery that comes in chunks: kept aside until it is whole, then in force at once, or not at all."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from doorward_daemon.errors import Overloaded
from doorward_daemon.gallery.chunk_staging import ChunkStaging, StagingBroken
from doorward_daemon.gallery.fleet_merge import FleetMerge
from doorward_daemon.gallery.gallery import Gallery
from doorward_sync.chunk_messages import ChunkProblem, GalleryChunk, GalleryChunkResult, GalleryPlace
from doorward_sync.chunk_rule import ChunkVerdict, judge_chunk, place_after, place_before, refused, taken
from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, SubjectRecord
from doorward_sync.gallery_state import GivenSubject, given_of


@dataclass(frozen=True, slots=True)
class _Named:
    given: GivenSubject
    chunk: int


class FleetTransfer:
    """Takes chunks. What is in force stays so, and is searched, until the last one has come.

    Args:
        gallery: holds the subjects, and the chunks beside them.
        undisturbed: keeps enrolment from beginning a write while a transfer is applied.
        apply: takes a delta that fits into memory.
    """

    def __init__(
        self,
        gallery: Gallery,
        undisturbed: Callable[[], AbstractContextManager[None]],
        apply: Callable[[GalleryDelta], GalleryDeltaResult],
    ) -> None:
        self._gallery = gallery
        self._undisturbed = undisturbed
        self._apply = apply

    def take(self, chunk: GalleryChunk, revision: int) -> GalleryChunkResult:
        """Takes a chunk, and with the last one of its transfer the transfer.

        Args:
            chunk: the chunk.
            revision: of what the centre gave this device.

        Raises:
            Conflict: DATA_FOLDER_UNUSABLE.
            Fault: STORAGE_FAILED.
        """
        staging = self._gallery.staging
        verdict = judge_chunk(staging.place, revision, chunk)
        if verdict.problem is not None:
            if verdict.place is None:
                staging.clear()
            return refused(chunk, revision, verdict)
        if chunk.number == 1:
            staging.clear()
        try:
            if chunk.number == 1 and chunk.is_last:
                return self._applied(chunk, revision, self._apply(_delta_of(chunk)))
            kept = _keep(staging, chunk)
            if chunk.is_last:
                return self._applied(chunk, revision, self._apply_staged(staging, chunk, kept))
        except Overloaded as error:
            return refused(chunk, revision, ChunkVerdict(staging.place, ChunkProblem.STORAGE_FULL, error.message))
        except StagingBroken as error:
            staging.clear()
            return refused(chunk, revision, ChunkVerdict(None, ChunkProblem.OUT_OF_ORDER, str(error)))
        return taken(chunk, revision, verdict.place)

    def _applied(self, chunk: GalleryChunk, revision: int, result: GalleryDeltaResult) -> GalleryChunkResult:
        self._gallery.staging.clear()
        if result.problem or not result.digest_agreed:
            detail = (
                result.problem
                or f"{chunk.number} chunks make another gallery than that of revision {chunk.to_revision}"
            )
            return refused(chunk, revision, ChunkVerdict(None, ChunkProblem.GALLERY_DIGEST, detail))
        return taken(chunk, result.revision, None)

    def _apply_staged(self, staging: ChunkStaging, last: GalleryChunk, kept: GalleryPlace) -> GalleryDeltaResult:
        with self._undisturbed():
            # An erasure at the desk destroys what is kept aside; from here on none begins.
            if staging.place != kept:
                raise StagingBroken("an erasure removed what was kept aside")
            named = {
                subject.subject_id: _Named(given_of(subject), chunk.number)
                for chunk in staging.chunks()
                for subject in chunk.subjects
            }
            # Erasures make room; they must not wait for it.
            growing = not last.snapshot and not any(one.given.erased for one in named.values())
            with self._gallery.writing(growing=growing, local=False) as writing:
                return FleetMerge(writing, self._gallery.index()).take_staged(
                    last, {subject_id: one.given for subject_id, one in named.items()}, _newest(staging, named)
                )


def _keep(staging: ChunkStaging, chunk: GalleryChunk) -> GalleryPlace:
    """Keeps a chunk aside; what is to be here now."""
    if not chunk.subjects:
        # It only says that all is here, and where there is no room to bring that into force it comes again and again.
        return place_before(chunk)
    staging.put(chunk)
    return place_after(chunk)


def _newest(staging: ChunkStaging, named: dict[str, _Named]) -> Iterator[SubjectRecord]:
    """Each subject as the last chunk that names it has it, one chunk in memory at a time."""
    for chunk in staging.chunks():
        yield from (subject for subject in chunk.subjects if named[subject.subject_id].chunk == chunk.number)


def _delta_of(chunk: GalleryChunk) -> GalleryDelta:
    return GalleryDelta(
        from_revision=chunk.from_revision,
        to_revision=chunk.to_revision,
        subjects=chunk.subjects,
        digest=chunk.digest,
        living=chunk.living,
        snapshot=chunk.snapshot,
    )
