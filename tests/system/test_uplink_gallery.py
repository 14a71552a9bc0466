"""One gallery for a fleet: a real centre, two real gates, and the people who are enrolled and erased between them."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest

from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.centre_site import CentreProcess, free_address, running
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.pictures import astronaut, save

pytestmark = [pytest.mark.system, pytest.mark.models]
LONGEST_S = 10.0
"""Longest time a change may take from end to end here; 2 s are meant, on a box that does nothing else."""


@dataclass(frozen=True)
class Fleet:
    """A centre and two gates."""

    centre: CentreProcess
    gates: tuple[RunningDaemon, RunningDaemon]

    def ask(self, *typed: str) -> dict:
        command = [sys.executable, "-m", "doorward_central", "--home", str(self.centre.home), *typed, "--json"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def subjects(self) -> dict[str, int]:
        """References of each subject the centre has."""
        return {one["subject_id"]: one["reference_count"] for one in self.ask("subjects", "list")["subjects"]}


@pytest.fixture(scope="module")
def fleet(any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Fleet]:
    address = free_address()
    home = tmp_path_factory.mktemp("fleet")
    settings = {
        "DOORWARD__RECOGNITION__LIVENESS": "off",
        "DOORWARD__UPLINK__CENTRE_ADDRESS": address,
        "DOORWARD__UPLINK__FIRST_RETRY_MAX_S": "0.5",
        "DOORWARD__UPLINK__RETRY_BASE_S": "0.2",
        "DOORWARD__UPLINK__RETRY_CAP_S": "0.5",
    }
    with ExitStack() as stack:
        centre = stack.enter_context(running(CentreProcess(home / "centre", address)))
        gates = []
        for name in ("a", "b"):
            give_pack(home / name, any_pack)
            gates.append(stack.enter_context(RunningDaemon(home / name, **settings)))
        yield Fleet(centre, (gates[0], gates[1]))


def until(holds: Callable[[], bool], what: str) -> float:
    """Waits until something holds and prints how long that took, seconds; the asking itself included."""
    begun_s = time.monotonic()
    while not holds():
        assert time.monotonic() - begun_s < LONGEST_S, f"not within {LONGEST_S} s: {what}"
        time.sleep(0.02)
    took_s = time.monotonic() - begun_s
    print(f"{what}: {took_s:.2f} s")  # noqa: T201 - the figure of the test
    return took_s


def matched(gate: RunningDaemon, picture: Path) -> str:
    """Who a gate takes a picture for; empty for nobody."""
    answer = gate.client("identify", str(picture), "--json")
    assert answer.code == 0, answer.stdout + answer.stderr
    return answer.json()["identification"].get("match", {}).get("subject_id", "")


def knows(gate: RunningDaemon, subject_id: str) -> bool:
    return gate.client("subjects", "show", subject_id, "--json").code == 0


def test_who_is_enrolled_at_one_gate_is_known_at_the_other_and_erased_at_both(fleet: Fleet, tmp_path: Path):
    here, there = fleet.gates
    picture = save(astronaut(), tmp_path / "enrol.png")
    probe = save(astronaut(scale=0.8, brightness=0.85), tmp_path / "probe.jpg")
    enrolled = here.client("enrol", "--id", "eileen", "--name", "Eileen", str(picture), "--json")
    assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    until(lambda: fleet.subjects().get("eileen") == 1, "enrolled at a gate, listed at the centre")
    until(lambda: matched(there, probe) == "eileen", "listed at the centre, recognised at the other gate")
    fleet.ask("subjects", "erase", "eileen")
    until(lambda: not any(knows(gate, "eileen") for gate in fleet.gates), "erased at the centre, gone at both gates")
    assert [matched(gate, probe) for gate in fleet.gates] == ["", ""]
    for gate in fleet.gates:
        events = gate.client("events", "list", "--kind", "subject.erased", "--json")
        assert '"centre"' in events.stdout.replace("\\", ""), events.stdout + events.stderr


def test_who_is_added_at_the_centre_is_recognised_at_a_gate(fleet: Fleet, tmp_path: Path):
    gate = fleet.gates[0]
    picture = save(astronaut(), tmp_path / "enrol.png")
    probe = save(astronaut(scale=0.8), tmp_path / "probe.jpg")
    extracted = gate.client("extract", str(picture), "--json")
    assert extracted.code == 0, extracted.stdout + extracted.stderr
    template = tmp_path / "template.json"
    template.write_text(extracted.stdout, encoding="utf-8")
    fleet.ask("subjects", "add", "--id", "added", "--name", "Added", "--from-template", str(template))
    until(lambda: matched(gate, probe) == "added", "added at the centre, recognised at a gate")


def test_what_happened_while_the_centre_was_away_is_there_when_it_is_back(fleet: Fleet, tmp_path: Path):
    here, there = fleet.gates
    fleet.centre.kill()
    picture = save(astronaut(), tmp_path / "enrol.png")
    enrolled = here.client("enrol", "--id", "offline", "--name", "Offline", str(picture), "--json", "--allow-duplicate")
    assert enrolled.code == 0, enrolled.stdout + enrolled.stderr
    fleet.centre.start()
    until(lambda: knows(there, "offline"), "enrolled during an outage, known at the other gate")


def test_who_is_made_known_while_a_gate_is_in_safe_mode_is_known_after_its_next_start(fleet: Fleet, tmp_path: Path):
    gate = fleet.gates[1]
    template = tmp_path / "template.json"
    template.write_text(gate.client("extract", str(save(astronaut(), tmp_path / "a.png")), "--json").stdout)
    for _ in range(3):
        gate.kill()
        gate.start()
        until(lambda: gate.readiness()[0] == 200 or "safe mode" in gate.readiness()[1], "a start is over")
    assert "safe mode" in gate.readiness()[1]
    fleet.ask("subjects", "add", "--id", "later", "--name", "Later", "--from-template", str(template))
    assert gate.stop() == 0
    gate.start()
    gate.wait_until_ready()
    until(lambda: knows(gate, "later"), "added while a gate was in safe mode, known there after its next start")
