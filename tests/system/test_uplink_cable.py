"""The cable to the centre is pulled while a real daemon decides five hundred times, and plugged in again."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

from doorward_client import DoorwardClient
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.centre_site import CentreProcess
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.network_namespace import Cable, cable_or_skip

pytestmark = [pytest.mark.system, pytest.mark.models, pytest.mark.timeout(240)]
DECISIONS = 500
PORT = 8330
CONFIGURATION = f"""
[[doors]]
door_id = "main"
[uplink]
centre_address = "10.213.77.2:{PORT}"
first_retry_max_s = 0.2
retry_base_s = 0.1
retry_cap_s = 0.5
answer_timeout_s = 5.0
"""


@pytest.fixture
def cable() -> Iterator[Cable]:
    with cable_or_skip() as cable:
        yield cable


@pytest.fixture
def centre(cable: Cable, tmp_path: Path) -> Iterator[CentreProcess]:
    centre = CentreProcess(tmp_path / "centre", f"{cable.far_address}:{PORT}", tuple(cable.inside()))
    centre.start()
    yield centre
    centre.kill()


def stored(centre: CentreProcess) -> list[dict]:
    """Everything the centre has, in order of arrival."""
    command = [sys.executable, "-m", "doorward_central", "--home", str(centre.home), "events", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)["events"]


def decide(client: DoorwardClient, count: int) -> list[float]:
    """Lets the door be opened so often; how long each took, seconds."""
    times_s = []
    for _ in range(count):
        began_s = time.monotonic()
        client.open_door("main", timeout_s=10.0)
        times_s.append(time.monotonic() - began_s)
    return times_s


def wait_until_sent(client: DoorwardClient, timeout_s: float) -> float:
    """Waits until the centre has everything; how long that took, seconds."""
    began_s = time.monotonic()
    while client.get_uplink_status().unsent_events:
        assert time.monotonic() - began_s < timeout_s, client.get_uplink_status()
        time.sleep(0.05)
    return time.monotonic() - began_s


def test_five_hundred_decisions_while_the_cable_is_pulled_arrive_each_once_in_order(
    cable: Cable, centre: CentreProcess, any_pack: InstalledPack, tmp_path: Path
):
    home = tmp_path / "gate"
    give_pack(home, any_pack)
    (home / "doorward.toml").write_text(CONFIGURATION)
    with RunningDaemon(home), DoorwardClient(f"unix:{home}/run/operator.sock") as client:
        before_s = decide(client, 50)
        wait_until_sent(client, 30.0)
        acknowledged = client.get_uplink_status().last_acknowledged_seq
        cable.pull()
        during_s = decide(client, DECISIONS)
        status = client.get_uplink_status()
        assert status.last_acknowledged_seq == acknowledged
        assert status.unsent_events >= 2 * DECISIONS
        cable.plug_in()
        took_s = wait_until_sent(client, 60.0)
        recorded = [(event.seq, event.event_id) for event in client.list_events(page_size=500)]
        at_centre = [(event["seq"], event["event_id"]) for event in stored(centre)]
    sys.stdout.write(
        f"\n{DECISIONS} decisions without a line; everything at the centre {took_s:.1f} s after it came back; median "
        f"{median(before_s) * 1e3:.1f} ms a decision before, {median(during_s) * 1e3:.1f} ms during\n"
    )
    assert [seq for seq, _ in at_centre] == list(range(1, len(at_centre) + 1))
    assert at_centre == recorded[: len(at_centre)]
    assert len(at_centre) >= 2 * (DECISIONS + len(before_s))
    # No decision waits for the line: on one that is gone they take what they took before.
    assert median(during_s) < 3 * median(before_s) + 0.01
