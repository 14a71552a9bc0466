"""Wherever the disk fails in an enrolment or erasure, afterwards there is all of it or nothing of it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import DoorwardError, ErrorReason, Fault, Overloaded
from doorward_daemon.gallery import WriteRequest
from doorward_testing.enrolment_site import EnrolmentSite, open_site, portrait, template_of
from doorward_testing.failing_disk import FailingDisk, failing_disk
from doorward_testing.journals import operations_in

REQUEST = WriteRequest("the-write", b"same")


def enrol(site: EnrolmentSite) -> None:
    site.desk.add_reference(REQUEST, "anna", portrait(1, 1))


def erase(site: EnrolmentSite) -> None:
    site.desk.erase_subject(REQUEST, "anna")


def remove(site: EnrolmentSite) -> None:
    first = site.gallery.subject("anna").references[0]
    site.desk.remove_reference(REQUEST, "anna", first.reference_id)


def create(site: EnrolmentSite) -> None:
    site.desk.create_subject(REQUEST, "dora", "Dora")


def rename(site: EnrolmentSite) -> None:
    site.desk.update_subject(REQUEST, "anna", "Another name")


REASONS = {apsw.FullError: ErrorReason.STORAGE_FULL, apsw.IOError: ErrorReason.STORAGE_FAILED}
WRITES = [enrol, erase, remove, create, rename]


def state(site: EnrolmentSite) -> tuple[object, ...]:
    """What a client can see, and that the index agrees with the database."""
    page = site.gallery.subjects()
    index = site.gallery.index()
    for subject in page.subjects:
        assert index.references_of(subject.subject_id) == {one.reference_id for one in subject.references}
    assert index.references == sum(len(subject.references) for subject in page.subjects)
    assert site.gallery.unfinished() == ()
    return tuple((one.subject_id, one.display_name, len(one.references)) for one in page.subjects)


def error_of(site: EnrolmentSite, write: Callable[[EnrolmentSite], None]) -> DoorwardError | None:
    try:
        write(site)
    except DoorwardError as error:
        return error
    return None


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two enrolled subjects, to be copied."""
    folder = tmp_path_factory.mktemp("enrolled")
    with open_site(folder) as site:
        site.enrol("anna", 1)
        site.enrol("bert", 2)
    return folder


def states_around(enrolled: Path, folder: Path, write: Callable[[EnrolmentSite], None]) -> tuple[object, object]:
    shutil.copytree(enrolled, folder)
    with open_site(folder) as site:
        before = state(site)
        write(site)
        return before, state(site)


def run_to_crash(
    disk: FailingDisk, folder: Path, write: Callable[[EnrolmentSite], None], operations: int, lasting: bool
) -> tuple[DoorwardError | None, Path]:
    """Runs a write on a disk that fails, and copies what a process that stops right then leaves behind."""
    crashed = folder.with_name(f"{folder.name}-crashed")
    with open_site(folder) as site:
        disk.fail_after(operations, lasting=lasting)
        error = error_of(site, write)
        shutil.copytree(folder, crashed)
        disk.repair()
    return error, crashed


# A full disk stays full; the dangerous broken one fails once and then works as if nothing had been.
@pytest.mark.parametrize(("fault", "lasting"), [(apsw.FullError, True), (apsw.IOError, False)])
@pytest.mark.parametrize("write", WRITES)
def test_a_disk_that_fails_at_any_write_leaves_all_or_nothing(
    tmp_path: Path, enrolled: Path, write: Callable[[EnrolmentSite], None], fault: type[apsw.Error], lasting: bool
):
    before, after = states_around(enrolled, tmp_path / "whole", write)
    assert before != after
    for operations in range(200):
        folder = Path(shutil.copytree(enrolled, tmp_path / str(operations)))
        with failing_disk(fault) as disk:
            error, crashed = run_to_crash(disk, folder, write, operations, lasting)
            assert error is None or error.reason is REASONS[fault]
            with open_site(crashed) as site:
                found = state(site)
                assert found in (before, after)
                if write in (enrol, erase, remove):
                    # Two enrolments were recorded on the way here.
                    assert operations_in(site.journal) == (3 if found == after else 2)
                # The caller who got no answer asks again, and from then on it is done.
                write_again(site, write)
                assert state(site) == after
            if error is None and not disk.has_failed:
                break
    assert 1 < operations < 199


def write_again(site: EnrolmentSite, write: Callable[[EnrolmentSite], None]) -> None:
    if write is remove:
        site.desk.settle()
        if not site.gallery.subject("anna").references:
            return  # done before the answer was lost
    write(site)


@pytest.mark.parametrize("write", WRITES)
def test_a_full_disk_that_gets_room_again_needs_no_restart(
    tmp_path: Path, enrolled: Path, write: Callable[[EnrolmentSite], None]
):
    _, after = states_around(enrolled, tmp_path / "whole", write)
    for operations in range(0, 40, 3):
        folder = Path(shutil.copytree(enrolled, tmp_path / str(operations)))
        with failing_disk(apsw.FullError) as disk, open_site(folder) as site:
            disk.fail_after(operations)
            error = error_of(site, write)
            assert error is None or isinstance(error, Overloaded)
            assert site.gallery.index().search(template_of(2).vector, 1)[0].subject_id == "bert"
            disk.repair()
            write_again(site, write)
            assert state(site) == after


def test_after_an_io_error_nothing_is_tried_again_before_a_restart(tmp_path: Path):
    with failing_disk(apsw.IOError) as disk, open_site(tmp_path) as site:
        site.enrol("anna", 1)
        disk.fail_after(0)
        with pytest.raises(Fault) as first:
            create(site)
        disk.repair()
        assert site.gallery.failure is not None
        with pytest.raises(Fault) as second:
            create(site)
        assert first.value.reason is second.value.reason is ErrorReason.STORAGE_FAILED
        assert str(tmp_path / "gallery.db") in second.value.message
        assert site.gallery.index().search(template_of(1).vector, 1)[0].subject_id == "anna"
