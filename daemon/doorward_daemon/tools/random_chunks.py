"""A gallery of random people in chunks, as a centre sends it: made as it is asked for, never in memory as a whole."""

from collections.abc import Iterator

from doorward_daemon.tools.random_gallery import random_vectors
from doorward_sync.chunk_messages import GalleryChunk
from doorward_sync.chunk_rule import digest_of
from doorward_sync.gallery_messages import ReferenceRecord, SubjectRecord
from doorward_sync.gallery_state import GalleryDigest

PER_CHUNK = 100
"""Subjects of a chunk: with templates of 512 numbers about the quarter of a MiB that centres send."""


def random_chunks(base: GalleryDigest, first: int, count: int, dimension: int, space: str) -> Iterator[GalleryChunk]:
    """New subjects for a device that has those before them, one reference each.

    Args:
        base: digest of what the device has.
        first: number of the first subject, which is the revision before it.
        count: subjects, 1 or more.
        dimension: numbers of a template.
        space: its embedding space.

    Yields:
        The chunks in order; the last one carries the digest of the whole.
    """
    digest, end = base, first + count
    for number, start in enumerate(range(first, end, PER_CHUNK), start=1):
        people = _people(start, min(PER_CHUNK, end - start), dimension, space)
        for one in people:
            digest = digest.with_(one)
        yield GalleryChunk(
            session_id="bench",
            number=number,
            snapshot=False,
            from_revision=first,
            after_revision=start,
            through_revision=start + len(people),
            to_revision=end,
            subjects=people,
            chunk_digest=digest_of(people),
            digest=digest.value,
            living=digest.living,
        )


def _people(start: int, count: int, dimension: int, space: str) -> tuple[SubjectRecord, ...]:
    vectors = random_vectors(count, dimension, seed=start)
    return tuple(_person(start + place, vector.tobytes(), space) for place, vector in enumerate(vectors))


def _person(number: int, template: bytes, space: str) -> SubjectRecord:
    reference = ReferenceRecord(
        reference_id=f"reference-{number}",
        template=template,
        embedding_id=space,
        precision="f32",
        quality_score=0.9,
        create_time_us=1_700_000_000_000_000,
    )
    return SubjectRecord(
        subject_id=f"subject-{number}",
        version=1,
        display_name=f"Name {number}",
        references=(reference,),
        gallery_revision=number + 1,
    )
