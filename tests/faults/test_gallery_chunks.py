"""Every single step of keeping a gallery's chunks aside fails once, or is the last one: what comes out is whole."""

import contextlib
import errno
import os
from pathlib import Path

import pytest

from doorward_daemon.errors import Conflict
from doorward_daemon.gallery import FleetGallery
from doorward_daemon.gallery.chunk_staging import STAGING_FOLDER
from doorward_daemon.gallery.fleet_merge import FleetMerge
from doorward_daemon.gallery.fleet_transfer import FleetTransfer
from doorward_sync.chunk_messages import ChunkProblem
from doorward_sync.chunk_rule import digest_of
from doorward_sync.gallery_state import given_of
from doorward_testing.campaign import Campaign
from doorward_testing.enrolment_site import open_site
from doorward_testing.fleet_centre import Centre, reference, subject, tombstone

pytestmark = pytest.mark.faults
BEFORE = (subject("anna", 1, reference(1), name="Anna"), subject("old", 1, reference(4), name="Old"))
AFTER = (
    subject("anna", 2, reference(1), name="Anne"),
    tombstone("old", 2),
    subject("bo", 1, reference(2), name="Bo"),
)
OLD, NEW = {"anna": "Anna", "old": "Old"}, {"anna": "Anne", "bo": "Bo"}
STEPS = 60
"""More than a transfer of three chunks has."""


class Ended(BaseException):
    """The process ends here; what is on the disk stays."""


class Steps:
    """Counts what is done to files of the staging, and fails at one of them."""

    def __init__(self, patch: pytest.MonkeyPatch, at: int, error: BaseException | None) -> None:
        self.done = 0
        self._at, self._error = at, error
        for owner, name in ((os, "fsync"), (Path, "rename"), (Path, "unlink"), (Path, "rmdir"), (Path, "mkdir")):
            patch.setattr(owner, name, self._counting(getattr(owner, name)))

    def _counting(self, original):
        def step(*given: object, **options: object):
            target = given[0]
            if isinstance(target, Path) and STAGING_FOLDER not in str(target):
                return original(*given, **options)
            self.done += 1
            if self.done == self._at and self._error is not None:
                raise self._error
            return original(*given, **options)

        return step


def transfer():
    """A centre whose gallery was taken once, and the chunks of what changed since."""
    centre = Centre()
    return centre.delta(*BEFORE), centre.chunks(*AFTER)


def carry(fleet, chunks):
    """Sends what is missing, as a centre does; the answers."""
    answers = []
    while fleet.revision() != chunks[-1].to_revision and len(answers) < 20:
        place = fleet.staged()
        have = 0 if place is None else place.chunks
        chunk = chunks[have] if have < len(chunks) else _end(chunks[-1])
        answers.append(fleet.take_chunk(chunk).problem)
    return answers


def _end(last):
    """All of it is there, and not in force: the centre has nothing more, and says so."""
    return type(last)(
        session_id=last.session_id,
        number=last.number + 1,
        snapshot=last.snapshot,
        from_revision=last.from_revision,
        after_revision=last.through_revision,
        through_revision=last.to_revision,
        to_revision=last.to_revision,
        subjects=(),
        chunk_digest=digest_of(()),
        digest=last.digest,
        living=last.living,
    )


def opened(site):
    return FleetGallery(site.gallery, site.desk.undisturbed, lambda receipt: None)


def names(site):
    return dict(site.gallery.index().names)


@pytest.mark.parametrize("kind", [errno.ENOSPC, errno.EIO], ids=["no room", "an error"])
def test_whatever_step_fails_the_gallery_is_the_old_or_the_new_one_and_the_next_try_is_enough(
    kind: int, campaign: Campaign, tmp_path: Path
):
    failed = 0
    for at in range(1, STEPS):
        delta, chunks = transfer()
        with open_site(tmp_path / str(at)) as site:
            fleet = opened(site)
            fleet.apply(delta)
            with pytest.MonkeyPatch.context() as patch:
                steps = Steps(patch, at, OSError(kind, os.strerror(kind)))
                answers = None
                try:
                    answers = carry(fleet, chunks)
                except Conflict:
                    # The stream ends here; the next one begins with what is on the disk.
                    failed += 1
                assert names(site) in (OLD, NEW)
                assert (names(site) == NEW) == (fleet.revision() == chunks[-1].to_revision)
            if answers is not None:
                assert set(answers) <= {None, ChunkProblem.STORAGE_FULL}
                failed += ChunkProblem.STORAGE_FULL in answers
            carry(fleet, chunks)
            assert names(site) == NEW
        if steps.done < at:
            break
    assert failed >= 10
    campaign.note(f"chunk_steps_{errno.errorcode[kind]}", steps=steps.done, failed=failed, broken=0)
    assert steps.done < at, "there are more steps than this test takes"


def test_wherever_the_process_ends_the_next_one_goes_on_with_what_is_whole(campaign: Campaign, tmp_path: Path):
    ended = 0
    for at in range(1, STEPS):
        delta, chunks = transfer()
        folder = tmp_path / str(at)
        with open_site(folder) as site:
            fleet = opened(site)
            fleet.apply(delta)
            with pytest.MonkeyPatch.context() as patch:
                steps = Steps(patch, at, Ended())
                try:
                    carry(fleet, chunks)
                except Ended:
                    ended += 1
        with open_site(folder) as site:
            fleet = opened(site)
            assert names(site) in (OLD, NEW)
            assert ChunkProblem.GALLERY_DIGEST not in carry(fleet, chunks)
            assert names(site) == NEW
            assert not (folder / STAGING_FOLDER).exists() or fleet.staged() is not None
        if steps.done < at:
            break
    assert ended >= 10
    campaign.note("chunk_steps_ended", steps=steps.done, ended=ended, broken=0)


def test_a_gate_that_applies_chunks_as_they_come_is_caught(tmp_path):
    """The red twin: a gallery that no centre ever had is in force where the process ends between two chunks."""
    seen = []
    patient = FleetTransfer.take

    def hasty(transfer, chunk, revision):
        with transfer._gallery.writing(growing=False, local=False) as writing:
            for one in chunk.subjects:
                FleetMerge(writing, transfer._gallery.index())._take_subject(one, given_of(one))
        return patient(transfer, chunk, revision)

    for at in range(1, 12):
        delta, chunks = transfer()
        with open_site(tmp_path / str(at)) as site, pytest.MonkeyPatch.context() as patch:
            fleet = opened(site)
            fleet.apply(delta)
            patch.setattr(FleetTransfer, "take", hasty)
            Steps(patch, at, Ended())
            with contextlib.suppress(Ended):
                carry(fleet, chunks)
            seen.append(names(site))
    assert [one for one in seen if one not in (OLD, NEW)] != []
