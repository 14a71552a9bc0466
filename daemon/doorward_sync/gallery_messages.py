"""The messages of the uplink about the gallery, as values."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceRecord:
    """A reference as it travels between devices of one fleet."""

    reference_id: str
    """Identity of the reference."""
    template: bytes
    """The template, little-endian float32 of length 1."""
    embedding_id: str
    """Its embedding space."""
    precision: str
    """Precision it was computed in."""
    quality_score: float
    """Quality of the picture it came from, 0..1."""
    create_time_us: int
    """When it was enrolled, microseconds since 1970 UTC."""
    negative: bool = False
    """Whether it says who the subject is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubjectRecord:
    """A subject as it travels: whole, never in parts."""

    subject_id: str
    """Identity of the subject."""
    version: int
    """Raised with every change, wherever it is made; the higher one wins."""
    display_name: str = ""
    """Name for a screen; empty in a tombstone."""
    references: tuple[ReferenceRecord, ...] = ()
    """Its references; none in a tombstone."""
    erased: bool = False
    """Whether this is a tombstone."""
    gallery_revision: int = 0
    """Revision of the centre's gallery that brought this state; 0 on the way up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryDelta:
    """Changes of the gallery, down."""

    from_revision: int
    """Revision it builds on; not looked at in a snapshot."""
    to_revision: int
    """Revision after it."""
    subjects: tuple[SubjectRecord, ...]
    """Subjects that changed, tombstones among them."""
    digest: bytes
    """Digest of the gallery after it (gallery_digest.py), 32 bytes."""
    living: int
    """Living subjects after it."""
    snapshot: bool = False
    """Whether it replaces the gallery: who is not in it is erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GalleryDeltaResult:
    """How a delta was taken."""

    revision: int
    """Revision of the device's gallery now."""
    digest_agreed: bool
    """Whether the digest agreed; where not, nothing was applied."""
    problem: str = ""
    """Why it was not applied; empty where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSubject:
    """One subject that was changed at the device."""

    change: int
    """The device's counter of local changes: 1, 2, 3, ..."""
    subject: SubjectRecord
    """The subject after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSubjects:
    """Subjects that were changed at the device, up, in order of change; sent again until the centre confirms."""

    subjects: tuple[LocalSubject, ...]
    """The changes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalSubjectsAck:
    """Local changes up to here are committed at the centre."""

    through_change: int
    """Cumulative."""
