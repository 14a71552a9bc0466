"""An enrolment or erasure whose record the disk takes late: all of it or nothing, once, and it may be repeated."""

import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from doorward_daemon.enrolment import EnrolmentDesk, FaceSources
from doorward_daemon.errors import ErrorReason, NotReady
from doorward_daemon.gallery import WriteRequest, open_gallery
from doorward_daemon.journal import JournalSettings, open_event_clock, open_journal
from doorward_daemon.storage import Engine
from doorward_testing.enrolment_site import CALIBRATION, NO_SPARE_DISK, SPACE, EnrolmentSite, judge_portrait, portrait
from doorward_testing.faulty_disk import FaultyDisk

REQUEST = WriteRequest("the-write", b"same")


@pytest.fixture
def disk(request: pytest.FixtureRequest) -> FaultyDisk:
    return FaultyDisk(f"slow-{request.node.name}")


@pytest.fixture
def site(tmp_path: Path, disk: FaultyDisk):
    settings = JournalSettings(spare_disk_bytes=0, append_timeout_ms=100)
    with ExitStack() as stack:
        gallery = stack.enter_context(open_gallery(tmp_path, SPACE, NO_SPARE_DISK))
        journal = stack.enter_context(
            open_journal(tmp_path, settings, open_event_clock(), engine=Engine(vfs=disk.name))
        )
        stack.callback(disk.answers.set)
        desk = EnrolmentDesk(gallery, FaceSources(judge_portrait), CALIBRATION, journal)
        yield EnrolmentSite(gallery, journal, desk)


def _slow(site: EnrolmentSite, disk: FaultyDisk, write: Callable[[], object]) -> None:
    disk.answers.clear()
    with pytest.raises(NotReady) as refusal:
        write()
    assert refusal.value.reason is ErrorReason.JOURNAL_SLOW
    disk.answers.set()


def test_an_enrolment_that_was_recorded_late_is_finished_by_its_repetition_and_stands_once(site, disk):
    site.desk.create_subject(WriteRequest("first", b"a"), "anna", "Anna")
    _slow(site, disk, lambda: site.desk.add_reference(REQUEST, "anna", portrait(1, 1)))
    enrolled = site.desk.add_reference(REQUEST, "anna", portrait(1, 1))
    assert [one.reference_id for one in site.gallery.subject("anna").references] == [enrolled.reference.reference_id]
    assert site.gallery.unfinished() == ()


def test_an_erasure_that_was_recorded_late_is_finished_and_the_subject_is_gone(site, disk):
    site.desk.create_subject(WriteRequest("first", b"a"), "anna", "Anna")
    site.desk.add_reference(WriteRequest("second", b"b"), "anna", portrait(1, 1))
    _slow(site, disk, lambda: site.desk.erase_subject(REQUEST, "anna"))
    assert site.desk.erase_subject(REQUEST, "anna").subject_id == "anna"
    assert site.gallery.subjects().subjects == ()
    assert site.gallery.unfinished() == ()


def test_a_disk_that_answers_while_the_ledger_is_asked_again_costs_nobody_an_error(site, disk):
    site.desk.create_subject(WriteRequest("first", b"a"), "anna", "Anna")
    disk.answers.clear()
    timer = threading.Timer(0.15, disk.answers.set)
    timer.start()
    enrolled = site.desk.add_reference(REQUEST, "anna", portrait(1, 1))
    timer.join()
    assert site.gallery.subject("anna").references[0].reference_id == enrolled.reference.reference_id
