"""Subjects and their references as the rest of the daemon sees them; templates stay in the gallery."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from doorward_daemon.model.quality import QualityBand


class ReferenceState(StrEnum):
    """Stage of an enrolment: only ACTIVE references are searched."""

    PENDING = "PENDING"
    ACTIVE = "ACTIVE"
    ERASING = "ERASING"


class ReferenceKind(StrEnum):
    """What a reference says of its subject."""

    POSITIVE = "POSITIVE"
    """This is the subject."""
    NEGATIVE = "NEGATIVE"
    """This is not the subject: a look-alike, said so by an operator."""


@dataclass(frozen=True, slots=True)
class Reference:
    """One enrolled template of a subject, without the template."""

    reference_id: str
    """Made by the device."""
    quality_score: float
    """Of the picture it came from, 0..1."""
    quality_band: QualityBand
    """Band of that score."""
    embedding_id: str
    """Embedding space of the template."""
    precision: str
    """Precision it was computed in."""
    created_at: datetime
    """Aware, UTC."""
    kind: ReferenceKind = ReferenceKind.POSITIVE
    """What it says of the subject."""


@dataclass(frozen=True, slots=True)
class Subject:
    """An enrolled person."""

    subject_id: str
    """1..64 letters, digits, dot, dash, underscore."""
    display_name: str
    """At most 200 characters; may be empty."""
    references: tuple[Reference, ...]
    """ACTIVE ones, oldest first."""
    revision: int
    """Revision of the gallery in which it last changed."""
    created_at: datetime
    """Aware, UTC."""
    updated_at: datetime
    """Aware, UTC."""


@dataclass(frozen=True, slots=True)
class SubjectPage:
    """A page of a list of subjects."""

    subjects: tuple[Subject, ...]
    """Ordered by subject_id."""
    next_page_token: str
    """Empty on the last page."""
    total_size: int
    """Subjects in the gallery."""


@dataclass(frozen=True, slots=True)
class ErasureReceipt:
    """Proof that a subject was erased."""

    receipt_id: str
    """Made by the device."""
    subject_id: str
    """The subject."""
    erased_references: int
    """References destroyed with it."""
    gallery_revision: int
    """Revision from which it is gone."""
    erased_at: datetime
    """Aware, UTC."""


@dataclass(frozen=True, slots=True)
class GalleryStatus:
    """How much the gallery holds."""

    subjects: int
    """Enrolled subjects."""
    references: int
    """References that are searched, "not this person" ones not among them."""
    foreign_references: int
    """References of another embedding space, not searched."""
    revision: int
    """Raised by every change."""
