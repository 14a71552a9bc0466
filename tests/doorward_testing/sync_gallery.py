"""The gallery of a simulated centre, every state it ever had, and what must hold of the galleries of its devices."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from doorward_sync.centre_storage import GalleryRead, ReadGallery
from doorward_sync.chunk_messages import GalleryChunk
from doorward_sync.chunk_rule import continued, digest_of, fill_chunk
from doorward_sync.gallery_messages import SubjectRecord
from doorward_sync.gallery_state import GalleryDigest
from doorward_testing.memory_gallery import MemoryGallery

GalleryState = tuple[int, frozenset[tuple[str, int, str]]]


def state_of(revision: int, subjects: Iterable[SubjectRecord]) -> GalleryState:
    """Who can be recognised, and since which revision."""
    living = (one for one in subjects if not one.erased)
    return revision, frozenset((one.subject_id, one.version, one.display_name) for one in living)


@dataclass(slots=True)
class CentreGalleryDisk:
    """What the centre keeps; part of its images."""

    revision: int = 0
    digest: GalleryDigest = field(default_factory=GalleryDigest)
    subjects: dict[str, SubjectRecord] = field(default_factory=dict)

    def put(self, subject_id: str, name: str, *, erased: bool) -> None:
        """A new state of a subject, under a new revision."""
        before = self.subjects.get(subject_id)
        version = 1 if before is None else before.version + 1
        self.revision += 1
        after = SubjectRecord(
            subject_id=subject_id,
            version=version,
            display_name="" if erased else name,
            erased=erased,
            gallery_revision=self.revision,
        )
        self.digest = self.digest.without(before).with_(after)
        self.subjects[subject_id] = after

    def read(self, command: ReadGallery) -> GalleryRead:
        """One chunk."""
        if command.from_revision == self.revision and not command.snapshot:
            return GalleryRead(None)
        assert command.chunk is not None
        snapshot = command.snapshot or command.from_revision > self.revision
        base = 0 if snapshot else command.from_revision
        place = continued(command.chunk.place, snapshot=snapshot, from_revision=base, revision=self.revision)
        following = sorted(
            (one for one in self.subjects.values() if one.gallery_revision > place.through_revision),
            key=lambda one: one.gallery_revision,
        )
        subjects, through = fill_chunk(place, following, command.chunk.largest_bytes, self.revision)
        return GalleryRead(
            GalleryChunk(
                session_id="",
                number=place.chunks + 1,
                snapshot=snapshot,
                from_revision=base,
                after_revision=place.through_revision,
                through_revision=through,
                to_revision=self.revision,
                subjects=subjects,
                chunk_digest=digest_of(subjects),
                digest=self.digest.value,
                living=self.digest.living,
            )
        )

    @property
    def state(self) -> GalleryState:
        """Who can be recognised."""
        return state_of(self.revision, self.subjects.values())


@dataclass(slots=True)
class GalleryHistory:
    """Every state a centre ever had, images that were put back included; outside of all of them."""

    states: set[GalleryState] = field(default_factory=lambda: {state_of(0, ())})

    def check(self, device_id: str, gallery: MemoryGallery) -> None:
        """What holds of a device after every step."""
        found = state_of(gallery.revision(), gallery.given.values())
        assert found in self.states, f"{device_id} searches a gallery that no centre ever had: {found}"


def check_gallery_end(device_id: str, gallery: MemoryGallery, centre: CentreGalleryDisk) -> None:
    """What holds once the faults have stopped and everything has settled."""
    assert state_of(gallery.revision(), gallery.given.values()) == centre.state, f"{device_id} has another gallery"
    place = gallery.staged()
    # What a centre sent before it was put back belongs to no transfer of it; the next one drops it.
    assert place is None or place.through_revision > centre.revision, f"{device_id} keeps chunks of what is in force"


def applies_as_they_come(gallery: MemoryGallery, chunk: GalleryChunk) -> None:
    """Brings a chunk into force alone, as no device may."""
    gallery.given.update({one.subject_id: replace(one) for one in chunk.subjects})
