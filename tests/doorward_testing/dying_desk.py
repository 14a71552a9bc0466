"""A process (`python -m doorward_testing.dying_desk`) that writes at an enrolment desk and dies on the way."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

from doorward_daemon.enrolment import Step
from doorward_daemon.gallery import WriteRequest
from doorward_testing.enrolment_site import EnrolmentSite, open_site, portrait

DIED = 9
"""Exit status of a process that died at the step it was told."""


def enrol(site: EnrolmentSite, request: WriteRequest) -> None:
    """Adds a second reference to anna."""
    site.desk.add_reference(request, "anna", portrait(1, 1))


def remove(site: EnrolmentSite, request: WriteRequest) -> None:
    """Removes anna's oldest reference."""
    oldest = site.gallery.subject("anna").references[0]
    site.desk.remove_reference(request, "anna", oldest.reference_id)


def erase(site: EnrolmentSite, request: WriteRequest) -> None:
    """Erases anna."""
    site.desk.erase_subject(request, "anna")


WRITES: dict[str, Callable[[EnrolmentSite, WriteRequest], None]] = {"enrol": enrol, "remove": remove, "erase": erase}
"""The staged writes by name."""


def die_at(folder: Path, write: str, step: str, request: WriteRequest) -> None:
    """Does one write and ends the process at a step, without closing anything."""

    def observe(reached: Step) -> None:
        if reached == step:
            os._exit(DIED)

    with open_site(folder, observe=observe) as site:
        WRITES[write](site, request)


def work_for_ever(folder: Path) -> None:
    """Creates, enrols and erases subjects until it is killed; prints each write once it is answered."""
    with open_site(folder) as site:
        number = site.gallery.status().revision * 1000
        while True:
            number += 1
            name = f"s{number}"
            site.desk.create_subject(site.request(), name, f"Name of {name}")
            site.desk.add_reference(site.request(), name, portrait(number % 250), allow_duplicate=True)
            print(f"enrolled {name}", flush=True)  # noqa: T201 - the parent reads what was answered
            if number % 2:
                site.desk.erase_subject(site.request(), name)
                print(f"erased {name}", flush=True)  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) == 2:
        work_for_ever(Path(sys.argv[1]))
    die_at(Path(sys.argv[1]), sys.argv[2], sys.argv[3], WriteRequest("the-write", b"same"))
