"""The rules of gallery revisions: which record wins, what a delta changes, what the digest is."""

import hashlib
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from doorward_sync.gallery_messages import GalleryDelta, GalleryDeltaResult, LocalSubject, SubjectRecord

NO_DIGEST = bytes(32)
"""Digest of an empty gallery."""


@dataclass(frozen=True, slots=True)
class GivenSubject:
    """What is worth remembering of a record the centre gave: enough for the next delta, and no template."""

    version: int
    """Its version."""
    erased: bool
    """Whether it was a tombstone."""
    digest: bytes
    """Its subject_digest, 32 bytes."""


@dataclass(frozen=True, slots=True)
class GalleryDigest:
    """XOR of subject_digest over all living subjects, and their number: order does not matter, a change is O(1)."""

    value: bytes = NO_DIGEST
    """32 bytes."""
    living: int = 0
    """Living subjects."""

    def without(self, subject: SubjectRecord | GivenSubject | None) -> "GalleryDigest":
        """The digest after a subject left; None and tombstones were never in it."""
        return self if subject is None or subject.erased else self._xor(_digest_of(subject), -1)

    def with_(self, subject: SubjectRecord | GivenSubject) -> "GalleryDigest":
        """The digest after a subject came; tombstones do not enter it."""
        return self if subject.erased else self._xor(_digest_of(subject), 1)

    def _xor(self, digest: bytes, count: int) -> "GalleryDigest":
        mixed = int.from_bytes(self.value, "big") ^ int.from_bytes(digest, "big")
        return GalleryDigest(mixed.to_bytes(len(NO_DIGEST), "big"), self.living + count)


def content_of(subject: SubjectRecord) -> bytes:
    """The digest of name and references, 32 bytes; the order of the references does not matter."""
    parts = [subject.display_name.encode()]
    for one in sorted(subject.references, key=lambda reference: reference.reference_id):
        texts = (one.reference_id, one.embedding_id, one.precision)
        parts += [text.encode() for text in texts]
        parts += [one.template, struct.pack(">dq", one.quality_score, one.create_time_us)]
        # Left out where it is false, so that digests of galleries without such references stay what they were.
        parts += [b"NEGATIVE"] if one.negative else []
    return hashlib.sha256(b"".join(struct.pack(">I", len(part)) + part for part in parts)).digest()


def subject_digest(subject: SubjectRecord) -> bytes:
    """SHA-256 over subject_id, version and content, 32 bytes."""
    identity = subject.subject_id.encode()
    head = struct.pack(">I", len(identity)) + identity + struct.pack(">q", subject.version)
    return hashlib.sha256(head + content_of(subject)).digest()


def given_of(subject: SubjectRecord) -> GivenSubject:
    """What to remember of a record the centre gave."""
    return GivenSubject(subject.version, subject.erased, subject_digest(subject))


def winner(centres: SubjectRecord | None, devices: SubjectRecord) -> SubjectRecord:
    """Which of two states of a subject holds, wherever it was changed.

    The higher version wins; at equal versions a tombstone, then the centre's. So an erasure loses only against a
    deliberate change after it, which had to start from the tombstone's version.
    """
    if centres is None or devices.version > centres.version:
        return devices
    if devices.version == centres.version and devices.erased:
        return devices
    return centres


class DeltaHead(Protocol):
    """What is said of a delta, whole or in chunks, apart from its subjects; the fields of GalleryDelta."""

    @property
    def snapshot(self) -> bool:
        """Whether it replaces the gallery."""

    @property
    def from_revision(self) -> int:
        """Revision it builds on."""

    @property
    def to_revision(self) -> int:
        """Revision after it."""

    @property
    def digest(self) -> bytes:
        """Digest of the gallery after it."""

    @property
    def living(self) -> int:
        """Living subjects after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeltaPlan:
    """What a delta does, to be carried out in one transaction where result.digest_agreed."""

    result: GalleryDeltaResult
    """For the centre."""
    digest: GalleryDigest
    """Digest after it."""
    named: Mapping[str, GivenSubject] = field(default_factory=dict)
    """Subjects to store, tombstones included, each by its subject_id."""
    vanished: tuple[str, ...] = ()
    """Subjects a snapshot does not name any more: erase them, with receipts."""


def judge_delta(
    revision: int,
    digest: GalleryDigest,
    head: DeltaHead,
    named: Mapping[str, GivenSubject],
    stored: Callable[[str], SubjectRecord | GivenSubject | None],
    stored_ids: Callable[[], Iterable[str]],
) -> DeltaPlan:
    """Decides about a delta whose subjects need not be in memory; nothing is applied unless everything fits.

    Args:
        revision: the device's revision.
        digest: digest of the records the centre gave; local changes under way are not among them.
        head: of the delta.
        named: its subjects.
        stored: record the centre gave before, by subject; tombstones included.
        stored_ids: all of them; asked for a snapshot only.
    """
    if not head.snapshot and head.from_revision != revision:
        problem = f"builds on revision {head.from_revision}, the device has {revision}"
        return _refused(revision, digest, problem, agreed=True)
    after = GalleryDigest() if head.snapshot else digest
    for subject_id, subject in named.items():
        after = (after if head.snapshot else after.without(stored(subject_id))).with_(subject)
    if (after.value, after.living) != (head.digest, head.living):
        return _refused(revision, digest, "", agreed=False)
    vanished = tuple(one for one in stored_ids() if one not in named) if head.snapshot else ()
    result = GalleryDeltaResult(revision=head.to_revision, digest_agreed=True)
    return DeltaPlan(result=result, digest=after, named=named, vanished=vanished)


def plan_delta(
    revision: int,
    digest: GalleryDigest,
    delta: GalleryDelta,
    stored: Callable[[str], SubjectRecord | GivenSubject | None],
    stored_ids: Callable[[], Iterable[str]],
) -> DeltaPlan:
    """Decides about a delta that is in memory, as judge_delta does."""
    named = {subject.subject_id: given_of(subject) for subject in delta.subjects}
    if len(named) != len(delta.subjects):
        return _refused(revision, digest, "names a subject twice", agreed=False)
    return judge_delta(revision, digest, delta, named, stored, stored_ids)


def _refused(revision: int, digest: GalleryDigest, problem: str, *, agreed: bool) -> DeltaPlan:
    return DeltaPlan(result=GalleryDeltaResult(revision=revision, digest_agreed=agreed, problem=problem), digest=digest)


def _digest_of(subject: SubjectRecord | GivenSubject) -> bytes:
    return subject.digest if isinstance(subject, GivenSubject) else subject_digest(subject)


def is_settled(local: LocalSubject, acked_change: int, given: SubjectRecord | None) -> bool:
    """Whether a local change may be forgotten: the centre has it, and its answer has come down.

    Until then the device searches winner(given, local.subject): an erased person never comes back for a moment.
    """
    return local.change <= acked_change and given is not None and given.version >= local.subject.version
