"""A repeated write is answered as it was the first time, whoever repeats it and when."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from doorward_daemon.enrolment import EnrolmentDesk, EnrolmentSample, FaceSources
from doorward_daemon.errors import AlreadyExists, DoorwardError, ErrorReason, InvalidInput, NotFound
from doorward_daemon.gallery import WriteRequest, open_gallery
from doorward_daemon.model.picture import Picture
from doorward_testing.enrolment_site import (
    CALIBRATION,
    NO_SPARE_DISK,
    SPACE,
    EnrolmentSite,
    judge_portrait,
    open_site,
    portrait,
)
from doorward_testing.journals import open_patient_journal

SAME = WriteRequest("one", b"same")


def test_every_write_repeats_its_answer_and_does_nothing_twice(tmp_path: Path):
    requests = [WriteRequest(f"request-{number}", b"f") for number in range(5)]
    with open_site(tmp_path) as site:
        reference_id = ""

        def writes() -> list[object]:
            nonlocal reference_id
            created = site.desk.create_subject(requests[0], "anna", "Anna")
            added = site.desk.add_reference(requests[1], "anna", portrait(1))
            reference_id = reference_id or added.reference.reference_id
            renamed = site.desk.update_subject(requests[2], "anna", "Anna B.")
            removed = site.desk.remove_reference(requests[3], "anna", reference_id)
            return [created, added.reference, added.subject, added.judged.quality.score, renamed, removed]

        first = writes()
        revision = site.gallery.status().revision
        assert writes() == first
        receipt = site.desk.erase_subject(requests[4], "anna")
        assert site.desk.erase_subject(requests[4], "anna") == receipt
        assert site.gallery.status().revision == revision + 2
    with open_site(tmp_path) as site:
        assert site.desk.erase_subject(requests[4], "anna") == receipt


def test_a_subject_made_without_an_id_is_the_same_one_when_asked_again(tmp_path: Path):
    with open_site(tmp_path) as site:
        assert site.desk.create_subject(SAME, "", "A") == site.desk.create_subject(SAME, "", "A")
        assert site.gallery.status().subjects == 1


def test_another_request_with_a_used_id_is_refused(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(SAME, "anna", "")
        for write in (
            lambda other: site.desk.create_subject(other, "bert", ""),
            lambda other: site.desk.add_reference(other, "anna", portrait(1)),
            lambda other: site.desk.erase_subject(other, "anna"),
        ):
            with pytest.raises(AlreadyExists) as error:
                write(WriteRequest("one", b"different"))
            assert error.value.reason is ErrorReason.REQUEST_ID_REUSED
        assert site.gallery.status().subjects == 1


def test_a_repeated_write_for_somebody_erased_since_brings_nobody_back(tmp_path: Path):
    with open_site(tmp_path) as site:
        site.desk.create_subject(SAME, "anna", "Anna")
        site.desk.erase_subject(site.request(), "anna")
        with pytest.raises(NotFound) as error:
            site.desk.create_subject(SAME, "anna", "Anna")
        assert error.value.reason is ErrorReason.SUBJECT_NOT_FOUND
        assert site.gallery.status().subjects == 0


def test_a_refused_write_may_be_sent_again_once_it_is_possible(tmp_path: Path):
    with open_site(tmp_path) as site:
        with pytest.raises(NotFound):
            site.desk.add_reference(SAME, "anna", portrait(1))
        site.desk.create_subject(site.request(), "anna", "")
        assert site.desk.add_reference(SAME, "anna", portrait(1)).subject.subject_id == "anna"


def test_answers_are_forgotten_after_a_day(tmp_path: Path):
    now = datetime(2026, 1, 1, tzinfo=UTC)
    gallery = open_gallery(tmp_path, SPACE, NO_SPARE_DISK, now=lambda: now)
    with gallery, open_patient_journal(tmp_path) as journal:
        desk = EnrolmentDesk(gallery, FaceSources(judge_portrait), CALIBRATION, journal)
        desk.create_subject(SAME, "anna", "")
        now += timedelta(hours=23, minutes=59)
        assert desk.create_subject(SAME, "anna", "").subject_id == "anna"
        now += timedelta(minutes=2)
        with pytest.raises(AlreadyExists) as error:
            desk.create_subject(SAME, "anna", "")
        assert error.value.reason is ErrorReason.SUBJECT_EXISTS
        desk.create_subject(WriteRequest("two", b""), "bert", "")
        kept = gallery._database.run("SELECT request_id FROM requests")
        assert kept == [("two",)]


@pytest.mark.parametrize("request_id", ["", "x" * 65, "with space", "ä", "a\nb"])
def test_a_request_id_of_other_characters_is_refused(tmp_path: Path, request_id: str):
    with open_site(tmp_path) as site, pytest.raises(InvalidInput) as error:
        site.desk.erase_subject(WriteRequest(request_id, b""), "anna")
    assert [problem.field for problem in error.value.problems] == ["request_id"]


def in_threads(count: int, write: Callable[[], object]) -> list[object]:
    with ThreadPoolExecutor(count) as pool:
        return [future.result() for future in [pool.submit(write) for _ in range(count)]]


def test_the_same_write_from_many_threads_happens_once(tmp_path: Path):
    together = threading.Barrier(8)

    def judge(picture: Picture) -> EnrolmentSample:
        # All of them have found that the request is new before any of them goes on.
        together.wait(30)
        return judge_portrait(picture)

    with open_site(tmp_path, judge=judge) as site:
        site.desk.create_subject(site.request(), "anna", "")
        answers = in_threads(8, lambda: site.desk.add_reference(SAME, "anna", portrait(1)))
        assert len({answer.reference.reference_id for answer in answers}) == 1
        assert site.gallery.index().references == 1


def test_one_face_under_two_names_from_two_threads_is_enrolled_once(tmp_path: Path):
    together = threading.Barrier(2)

    def judge(picture: Picture) -> EnrolmentSample:
        together.wait(30)
        return judge_portrait(picture)

    with open_site(tmp_path, judge=judge) as site:
        names = ["anna", "bert"]
        for name in names:
            site.desk.create_subject(site.request(), name, "")

        def add() -> object:
            try:
                return site.desk.add_reference(site.request(), names.pop(), portrait(1))
            except DoorwardError as error:
                return error.reason

        answers = in_threads(2, add)
        assert ErrorReason.SUBJECT_DUPLICATE in answers
        assert site.gallery.index().references == 1


class RepeatedWrites(RuleBasedStateMachine):
    """Writes arrive in any order, any number of times; the gallery behaves as if each had arrived once."""

    NAMES = st.sampled_from(["anna", "bert", "carl"])
    IDS = st.integers(0, 5)

    @initialize()
    def open(self) -> None:
        self.folder = Path(self.tmp.mktemp("requests"))
        self.context = open_site(self.folder)
        self.site: EnrolmentSite = self.context.__enter__()
        self.expected: dict[str, str] = {}
        self.answers: dict[str, tuple[bytes, object, str]] = {}

    def teardown(self) -> None:
        if hasattr(self, "context"):
            self.context.__exit__(None, None, None)

    @rule(name=NAMES, title=st.sampled_from("xy"), number=IDS)
    def create(self, name: str, title: str, number: int) -> None:
        def change() -> None:
            if name in self.expected:
                raise KeyError(name)
            self.expected[name] = title

        self.write(
            number, f"create {name} {title}", name, change, lambda one: self.site.desk.create_subject(one, name, title)
        )

    @rule(name=NAMES, title=st.sampled_from("xy"), number=IDS)
    def update(self, name: str, title: str, number: int) -> None:
        def change() -> None:
            self.expected[name]
            self.expected[name] = title

        self.write(
            number, f"update {name} {title}", name, change, lambda one: self.site.desk.update_subject(one, name, title)
        )

    @rule(name=NAMES, number=IDS)
    def erase(self, name: str, number: int) -> None:
        def change() -> None:
            self.expected.pop(name)
            # The answers that spoke of the subject go with it.
            for key, (text, _, about) in list(self.answers.items()):
                if about == name:
                    self.answers[key] = (text, None, about)

        self.write(number, f"erase {name}", name, change, lambda one: self.site.desk.erase_subject(one, name))

    @rule()
    def restart(self) -> None:
        self.context.__exit__(None, None, None)
        self.context = open_site(self.folder)
        self.site = self.context.__enter__()

    def write(
        self, number: int, text: str, name: str, change: Callable[[], None], send: Callable[[WriteRequest], object]
    ) -> None:
        request = WriteRequest(f"id-{number}", text.encode())
        known = self.answers.get(request.request_id)
        if known is not None and known[0] != request.fingerprint:
            with pytest.raises(AlreadyExists) as error:
                send(request)
            assert error.value.reason is ErrorReason.REQUEST_ID_REUSED
        elif known is not None and known[1] is None:
            with pytest.raises(NotFound):
                send(request)
        elif known is not None:
            assert send(request) == known[1]
        else:
            self.send_new(request, name, change, send)

    def send_new(
        self, request: WriteRequest, name: str, change: Callable[[], None], send: Callable[[WriteRequest], object]
    ) -> None:
        try:
            change()
        except KeyError:
            with pytest.raises(DoorwardError):
                send(request)
        else:
            self.answers[request.request_id] = (request.fingerprint, send(request), name)

    @invariant()
    def the_gallery_holds_what_was_written(self) -> None:
        if hasattr(self, "site"):
            page = self.site.gallery.subjects()
            assert {one.subject_id: one.display_name for one in page.subjects} == self.expected


def test_repeated_writes_in_any_order_happen_once(tmp_path_factory: pytest.TempPathFactory):
    RepeatedWrites.tmp = tmp_path_factory
    case = RepeatedWrites.TestCase()
    case.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)
    case.runTest()
