"""A daemon that keeps dying comes up in safe mode: it says what is wrong, keeps its events, and refuses the rest."""

import json
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from doorward_api.v1.device_pb2 import DeviceState
from doorward_client import DoorwardClient, NotReady
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.pictures import astronaut, save

pytestmark = [pytest.mark.system, pytest.mark.models]


class SafeDaemon(RunningDaemon):
    """A daemon that is expected to come up in safe mode."""

    def wait_until_ready(self) -> None:
        """Waits until it says that it is in safe mode."""
        deadline = time.monotonic() + 30.0
        while "safe mode" not in self.readiness()[1]:
            assert time.monotonic() < deadline, f"{self.readiness()}\n{self.output()}"
            time.sleep(0.02)


@pytest.fixture(scope="module")
def safe_daemon(any_pack: InstalledPack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SafeDaemon]:
    home = tmp_path_factory.mktemp("home")
    give_pack(home, any_pack)
    for _ in range(2):
        with RunningDaemon(home) as daemon:
            daemon.kill()
    with SafeDaemon(home) as daemon:
        yield daemon


@pytest.fixture
def client(safe_daemon: SafeDaemon) -> Iterator[DoorwardClient]:
    with DoorwardClient(f"unix:{safe_daemon.home}/run/enroller.sock") as client:
        yield client


def test_the_third_start_is_alive_not_ready_and_says_what_to_do(safe_daemon: SafeDaemon, client: DoorwardClient):
    with urllib.request.urlopen(f"http://127.0.0.1:{safe_daemon.http_port}/healthz", timeout=5) as reply:
        assert reply.status == 200
    code, body = safe_daemon.readiness()
    assert code == 503
    assert json.loads(body)["reasons"][0].startswith("safe mode: three abnormal starts within a minute; ")
    status = client.get_status()
    assert status.state == DeviceState.DEVICE_STATE_DEGRADED
    assert [problem for problem in status.problems if "restart the daemon" in problem]
    assert status.pack == ""


def test_events_are_kept_and_its_own_start_says_safe(client: DoorwardClient):
    modes = [json.loads(event.payload_json)["mode"] for event in client.list_events(kind="device.started")]
    assert modes == ["normal", "normal", "safe"]


CLOSED: dict[str, Callable[[DoorwardClient, Path], object]] = {
    "identify": lambda client, picture: client.identify(picture, timeout_s=3.0),
    "create_subject": lambda client, picture: client.create_subject("a", timeout_s=3.0),
    "add_reference": lambda client, picture: client.add_reference("a", picture, timeout_s=3.0),
    "erase_subject": lambda client, picture: client.erase_subject("a", timeout_s=3.0),
    "list_subjects": lambda client, picture: list(client.list_subjects(timeout_s=3.0)),
    "list_cameras": lambda client, picture: list(client.list_cameras(timeout_s=3.0)),
    "open_door": lambda client, picture: client.open_door("main", timeout_s=3.0),
    "run_self_test": lambda client, picture: client.run_self_test(timeout_s=3.0),
}


@pytest.mark.parametrize("name", CLOSED)
def test_what_is_closed_is_refused_by_type(client: DoorwardClient, tmp_path: Path, name: str):
    picture = save(astronaut(), tmp_path / "probe.png")
    with pytest.raises(NotReady) as refusal:
        CLOSED[name](client, picture)
    assert refusal.value.reason == "NOT_READY"


def test_a_clean_restart_leaves_safe_mode(any_pack: InstalledPack, tmp_path: Path):
    give_pack(tmp_path, any_pack)
    for _ in range(2):
        with RunningDaemon(tmp_path) as daemon:
            daemon.kill()
    with SafeDaemon(tmp_path) as daemon:
        assert daemon.stop() == 0
    with RunningDaemon(tmp_path) as daemon:
        assert daemon.client("status", "--json").json()["state"] == "SERVING"
