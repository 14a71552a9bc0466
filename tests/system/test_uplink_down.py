"""What the centre tells a device to be and to do: a real centre, a real daemon, the line between, and restarts."""

import contextlib
import io
import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from doorward_central.__main__ import main
from doorward_testing.centre_site import CentreProcess, free_address, running
from doorward_testing.daemon import RunningDaemon
from doorward_testing.ledger_home import write_ledger_home

pytestmark = [pytest.mark.system, pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def centre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CentreProcess]:
    with running(CentreProcess(tmp_path_factory.mktemp("centre"), free_address())) as centre:
        yield centre


@pytest.fixture
def home(centre: CentreProcess, tmp_path: Path) -> Path:
    return write_ledger_home(tmp_path / "gate", centre.address)


def ask(centre: CentreProcess, *typed: str) -> tuple[int, dict]:
    """What `doorward-central` prints; in this process, which is what takes no half second each."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = main(["--home", str(centre.home), *typed, "--json"])
    return code, json.loads(printed.getvalue())


def configure(centre: CentreProcess, folder: Path, device: str, text: str) -> tuple[int, dict]:
    file = folder / "wanted.toml"
    file.write_text(text)
    return ask(centre, "config", "set", device, str(file))


def device_of(home: Path) -> str:
    return (home / "data" / "device_id").read_text().strip()


def config_until(centre: CentreProcess, device: str, revision: int) -> dict:
    """The configuration once the device has answered a revision."""
    until_s = time.monotonic() + 30
    while time.monotonic() < until_s:
        config = ask(centre, "config", "show", device)[1]["config"]
        if config["answered_revision"] == revision:
            return config
        time.sleep(0.05)
    raise AssertionError(f"no answer to revision {revision}: {config}")


def kinds_of(centre: CentreProcess, device: str, kind: str) -> list[dict]:
    events = ask(centre, "events", "--device", device, "--kind", kind)[1]["events"]
    return [{"kind": event["kind"], **json.loads(event["payload_json"])} for event in events]


def test_a_configuration_is_applied_a_wrong_one_keeps_it_and_both_are_told(centre: CentreProcess, home: Path):
    with RunningDaemon(home):
        device = device_of(home)
        code, answer = configure(centre, home, device, '[log]\nlevel = "DEBUG"\n')
        assert (code, answer["config"]["revision"]) == (0, 1)
        config = config_until(centre, device, 1)
        assert (config["device_revision"], config["problem"], config["restart_sections"]) == (1, "", [])
        configure(centre, home, device, "[gate]\nlow_from = 9.0\n")
        config = config_until(centre, device, 2)
        assert (config["revision"], config["device_revision"]) == (2, 1)
        assert "gate.low_from" in config["problem"]
    told = kinds_of(centre, device, "config")
    assert [(one["kind"], one["revision"]) for one in told] == [("config.applied", 1), ("config.refused", 2)]


def test_what_may_not_come_from_the_centre_is_refused_where_it_is_typed(centre: CentreProcess, tmp_path: Path):
    code, answer = configure(centre, tmp_path, "gate-9", '[uplink]\ncentre_address = "evil:1"\n')
    assert (code, answer["error"]["reason"]) == (2, "CONFIG_INVALID")
    assert "uplink" in answer["error"]["message"]
    assert ask(centre, "config", "show", "gate-9")[1]["config"]["revision"] == 0


def test_a_door_opens_once_for_a_command_that_is_repeated_and_not_for_one_that_expired(
    centre: CentreProcess, home: Path
):
    with RunningDaemon(home):
        device = device_of(home)
        typed = ("command", device, "open-door", "--id", f"{device[:8]}-1", "--wait-s", "20")
        for _ in range(2):
            code, answer = ask(centre, *typed)
            assert (code, answer["command"]["outcome"]) == (0, "DONE")
        code, answer = ask(centre, *typed, "--door", "other")
        assert (code, answer["error"]["reason"]) == (2, "REQUEST_ID_REUSED")
        answer = ask(centre, "command", device, "self-test", "--wait-s", "20")[1]
        assert answer["command"]["outcome"] == "REFUSED"
    # Nobody is there to take it: it never leaves the centre, and the door stays shut when the device is back.
    ask(centre, "command", device, "open-door", "--id", f"{device[:8]}-2", "--valid-s", "1")
    time.sleep(1.0)
    with RunningDaemon(home):
        answer = ask(centre, "command", device, "open-door", "--id", f"{device[:8]}-3", "--wait-s", "20")[1]
        assert answer["command"]["outcome"] == "DONE"
        commands = ask(centre, "command", device, "list")[1]["commands"]
    assert [(one["sent"], one["outcome"]) for one in commands] == [
        (True, "DONE"),
        (False, "EXPIRED"),
        (True, "REFUSED"),
        (True, "DONE"),
    ]


def test_a_restart_brings_the_new_configuration_into_force(centre: CentreProcess, home: Path):
    with RunningDaemon(home) as daemon:
        device = device_of(home)
        answer = ask(centre, "command", device, "restart")[1]
        assert daemon.wait() == 70
    with RunningDaemon(home):
        # It is asked again what became of the command, and answers from the record: it does not end a second time.
        until_s = time.monotonic() + 30
        while time.monotonic() < until_s:
            (command,) = ask(centre, "command", device, "list")[1]["commands"]
            if command["outcome"] == "DONE":
                break
            time.sleep(0.05)
        assert command["command_id"] == answer["command"]["command_id"]
        assert command["outcome"] == "DONE"
        assert ask(centre, "command", device, "open-door", "--wait-s", "20")[1]["command"]["outcome"] == "DONE"


def test_a_group_configures_its_devices_and_one_of_them_differs(centre: CentreProcess, tmp_path: Path):
    with contextlib.ExitStack() as stack:
        homes = [write_ledger_home(tmp_path / name, centre.address) for name in ("a", "b")]
        for home in homes:
            stack.enter_context(RunningDaemon(home))
        first, second = (device_of(home) for home in homes)
        (tmp_path / "shared.toml").write_text('[log]\nlevel = "DEBUG"\nkeep_days = 5\n')
        code, answer = ask(centre, "config", "set", "--group", "entrance", str(tmp_path / "shared.toml"))
        assert (code, answer["group"]["device_ids"]) == (0, [])
        for device in (first, second):
            assert ask(centre, "devices", "group", device, "entrance")[0] == 0
            assert config_until(centre, device, 1)["problem"] == ""
        configure(centre, tmp_path, second, "[log]\nkeep_days = 9\n")
        config = config_until(centre, second, 2)
        assert (config["problem"], config["device_revision"], config["group"]) == ("", 2, "entrance")
        assert [(one["key"], one["source"]) for one in config["origins"]] == [
            ("log.keep_days", "DEVICE"),
            ("log.level", "GROUP"),
        ]
        (tmp_path / "shared.toml").write_text('[log]\nlevel = "INFO"\n')
        ask(centre, "config", "set", "--group", "entrance", str(tmp_path / "shared.toml"))
        assert (config_until(centre, first, 2)["problem"], config_until(centre, second, 3)["problem"]) == ("", "")
        ask(centre, "devices", "ungroup", second)
        config = config_until(centre, second, 4)
        assert (config["document_toml"], config["group"]) == ("[log]\nkeep_days = 9\n", "")
        assert ask(centre, "config", "show", "--group", "entrance")[1]["group"]["device_ids"] == [first]
