"""A process that dies at any step of a staged write leaves all of it or nothing of it after the restart."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from doorward_daemon.enrolment import Step
from doorward_daemon.gallery import WriteRequest, open_gallery
from doorward_testing.dying_desk import DIED, WRITES
from doorward_testing.enrolment_site import NO_SPARE_DISK, SPACE, EnrolmentSite, open_site, template_of
from doorward_testing.journals import operations_in

TESTS = Path(__file__).resolve().parents[1]
REQUEST = WriteRequest("the-write", b"same")
ERASING = [Step.STAGED, Step.RECORDED, Step.DESTROYED, Step.SCRUBBED, Step.ANSWERED]
CASES = [("enrol", step) for step in (Step.STAGED, Step.RECORDED, Step.ANSWERED)]
CASES += [(write, step) for write in ("remove", "erase") for step in ERASING]


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("enrolled")
    with open_site(folder) as site:
        site.enrol("anna", 1)
        site.enrol("bert", 2)
    return folder


def die(folder: Path, write: str, step: Step) -> None:
    command = [sys.executable, "-m", "doorward_testing.dying_desk", str(folder), write, step.value]
    ended = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "PYTHONPATH": str(TESTS)}
    )
    assert ended.returncode == DIED, ended.stderr


def visible(site: EnrolmentSite) -> dict[str, int]:
    page = site.gallery.subjects()
    index = site.gallery.index()
    for subject in page.subjects:
        assert index.references_of(subject.subject_id) == {one.reference_id for one in subject.references}
    return {one.subject_id: len(one.references) for one in page.subjects}


AFTER = {"enrol": {"anna": 2, "bert": 1}, "remove": {"anna": 0, "bert": 1}, "erase": {"bert": 1}}


@pytest.mark.parametrize(("write", "step"), CASES)
def test_dying_at_a_step_leaves_both_or_none(tmp_path: Path, enrolled: Path, write: str, step: Step):
    folder = Path(shutil.copytree(enrolled, tmp_path / "data"))
    die(folder, write, step)
    happened = step is not Step.STAGED
    with open_site(folder) as site:
        assert visible(site) == (AFTER[write] if happened else {"anna": 1, "bert": 1})
        assert operations_in(site.journal) == (3 if happened else 2)
        assert site.gallery.unfinished() == ()
        # Whoever asked and heard nothing asks again and gets the answer.
        if happened:
            assert site.gallery.answer_to(REQUEST) is not None
            revision = site.gallery.status().revision
            if write != "remove":
                WRITES[write](site, REQUEST)
            assert site.gallery.status().revision == revision
        else:
            WRITES[write](site, REQUEST)
            assert visible(site) == AFTER[write]


@pytest.mark.parametrize(("write", "step"), [("enrol", Step.STAGED), ("erase", Step.STAGED), ("remove", Step.STAGED)])
def test_what_is_not_decided_is_not_searched(tmp_path: Path, enrolled: Path, write: str, step: Step):
    folder = Path(shutil.copytree(enrolled, tmp_path / "data"))
    die(folder, write, step)
    with open_gallery(folder, SPACE, NO_SPARE_DISK) as gallery:
        expected = 1 if write == "enrol" else 0
        assert len(gallery.index().references_of("anna")) == expected
        assert gallery.index().holds("bert")
        assert len(gallery.unfinished()) == 1


def test_the_steps_are_told_in_their_order(tmp_path: Path):
    steps: list[Step] = []
    with open_site(tmp_path, observe=steps.append) as site:
        site.enrol("anna", 1)
        assert steps == [Step.STAGED, Step.RECORDED, Step.ANSWERED]
        steps.clear()
        site.desk.erase_subject(site.request(), "anna")
        assert steps == ERASING


def test_a_crash_while_settling_is_settled_by_the_next_start(tmp_path: Path, enrolled: Path):
    folder = Path(shutil.copytree(enrolled, tmp_path / "data"))
    die(folder, "erase", Step.RECORDED)
    # The next two starts die as well, each a step further, before the desk is open.
    die(folder, "enrol", Step.DESTROYED)
    die(folder, "enrol", Step.SCRUBBED)
    with open_site(folder) as site:
        assert visible(site) == {"bert": 1}
        assert site.gallery.index().search(template_of(1).vector, 1)[0].subject_id == "bert"
