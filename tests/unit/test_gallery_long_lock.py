"""While a gallery of the centre comes into force, who wants to read or change subjects is told to come again."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from doorward_daemon.errors import ErrorReason, Overloaded
from doorward_daemon.gallery import LongLock
from doorward_testing.enrolment_site import EnrolmentSite, open_site, portrait

PATIENCE_S = 60.0
READS_AND_WRITES = {
    "read": lambda site: site.gallery.subject("anna"),
    "list": lambda site: site.gallery.subjects(),
    "create": lambda site: site.desk.create_subject(site.request(), "bo", "Bo"),
    "rename": lambda site: site.desk.update_subject(site.request(), "anna", "Anna B."),
    "enrol": lambda site: site.desk.add_reference(site.request(), "anna", portrait(1, shot=1)),
    "erase": lambda site: site.desk.erase_subject(site.request(), "anna"),
}


@pytest.fixture
def site(tmp_path):
    with open_site(tmp_path) as opened:
        opened.enrol("anna", 1)
        yield opened


def bring_into_force(site: EnrolmentSite, entered: threading.Event, release: threading.Event) -> None:
    """What the uplink's thread does, as long as it is told to."""
    with site.desk.undisturbed(), site.gallery.writing(growing=False, local=False):
        entered.set()
        assert release.wait(PATIENCE_S)


@pytest.mark.parametrize("name", READS_AND_WRITES)
def test_who_would_wait_for_long_is_told_when_to_come_again_and_served_then(site: EnrolmentSite, name: str):
    entered, release = threading.Event(), threading.Event()
    with ThreadPoolExecutor(2) as threads, ExitStack() as stack:
        stack.callback(release.set)
        holding = threads.submit(bring_into_force, site, entered, release)
        assert entered.wait(PATIENCE_S)
        with pytest.raises(Overloaded) as refused:
            threads.submit(READS_AND_WRITES[name], site).result(PATIENCE_S)
        assert (refused.value.reason, refused.value.retry_after_s) == (ErrorReason.OVERLOADED, 1.0)
        release.set()
        holding.result(PATIENCE_S)
        threads.submit(READS_AND_WRITES[name], site).result(PATIENCE_S)


def test_what_is_not_said_to_take_long_is_waited_for():
    lock, done = LongLock("a test"), threading.Event()

    def ask() -> None:
        with lock.briefly():
            done.set()

    with ThreadPoolExecutor(1) as threads:
        with lock:
            asking = threads.submit(ask)
            assert not done.wait(1.2)
        asking.result(PATIENCE_S)
    assert done.is_set()
