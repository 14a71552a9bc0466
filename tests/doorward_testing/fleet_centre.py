"""What a centre gives a gallery, without a centre: deltas with a right digest, of made-up people."""

from dataclasses import dataclass, field, replace

from doorward_sync.chunk_messages import GalleryChunk
from doorward_sync.chunk_rule import digest_of
from doorward_sync.gallery_messages import GalleryDelta, ReferenceRecord, SubjectRecord
from doorward_sync.gallery_state import GalleryDigest
from doorward_testing.enrolment_site import SPACE, template_of


@dataclass(slots=True)
class Centre:
    """What a centre holds, and the deltas it makes of it."""

    revision: int = 0
    """Of its gallery."""
    subjects: dict[str, SubjectRecord] = field(default_factory=dict)
    """Everybody, tombstones included."""

    def delta(self, *subjects: SubjectRecord, snapshot: bool = False) -> GalleryDelta:
        """The next revision.

        Args:
            subjects: who changes.
            snapshot: whether they are all there is from now on.
        """
        if snapshot:
            self.subjects = {}
        self.subjects.update({one.subject_id: one for one in subjects})
        digest = GalleryDigest()
        for one in self.subjects.values():
            digest = digest.with_(one)
        before, self.revision = self.revision, self.revision + 1
        return GalleryDelta(
            from_revision=before,
            to_revision=self.revision,
            subjects=subjects,
            digest=digest.value,
            living=digest.living,
            snapshot=snapshot,
        )

    def chunks(self, *subjects: SubjectRecord, snapshot: bool = False, per_chunk: int = 1) -> list[GalleryChunk]:
        """The next revisions, one for each subject, as a device that has all before gets them.

        Args:
            subjects: who changes.
            snapshot: whether they are all there is from now on.
            per_chunk: subjects of a chunk.
        """
        before, from_revision = self.revision, 0 if snapshot else self.revision
        numbered = [replace(one, gallery_revision=before + place) for place, one in enumerate(subjects, start=1)]
        delta = self.delta(*numbered, snapshot=snapshot)
        self.revision = before + len(numbered)
        parts = [tuple(numbered[start : start + per_chunk]) for start in range(0, len(numbered), per_chunk)]
        ends = [from_revision, *(part[-1].gallery_revision for part in parts)]
        return [
            GalleryChunk(
                session_id="s",
                number=number,
                snapshot=snapshot,
                from_revision=from_revision,
                after_revision=ends[number - 1],
                through_revision=ends[number],
                to_revision=self.revision,
                subjects=part,
                chunk_digest=digest_of(part),
                digest=delta.digest,
                living=delta.living,
            )
            for number, part in enumerate(parts, start=1)
        ]


def reference(person: int, reference_id: str = "", space: str = SPACE, shot: int = 0) -> ReferenceRecord:
    """A reference of a made-up person, as it travels."""
    return ReferenceRecord(
        reference_id=reference_id or f"reference-{person}-{shot}",
        template=template_of(person, shot).vector.astype("<f4").tobytes(),
        embedding_id=space,
        precision="f32",
        quality_score=0.9,
        create_time_us=1_700_000_000_000_000,
    )


def subject(subject_id: str, version: int = 1, *references: ReferenceRecord, name: str = "") -> SubjectRecord:
    """A living subject, as it travels."""
    return SubjectRecord(subject_id=subject_id, version=version, display_name=name, references=references)


def tombstone(subject_id: str, version: int) -> SubjectRecord:
    """An erased subject, as it travels."""
    return SubjectRecord(subject_id=subject_id, version=version, erased=True)
