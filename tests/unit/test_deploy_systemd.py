"""The systemd units: rendered, and read by systemd itself where it is there."""

import configparser
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SYSTEMD = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
UNITS = ("doorwardd.service", "doorward-central.service", "doorward-kiosk.service")
COMMANDS = {"doorwardd.service": "doorwardd", "doorward-central.service": "doorward-central"} | {
    "doorward-kiosk.service": "doorward-kiosk"
}
ANALYZE = shutil.which("systemd-analyze")
HARDENING = (
    "NoNewPrivileges=true",
    "ProtectSystem=strict",
    "ProtectHome=true",
    "PrivateTmp=true",
    "CapabilityBoundingSet=",
    "SystemCallFilter=@system-service",
    "RestrictNamespaces=true",
    "DevicePolicy=closed",
    "User=doorward",
    "Restart=always",
)


@pytest.fixture
def rendered(tmp_path) -> Path:
    """All units, for commands that exist."""
    commands, home, units = tmp_path / "bin", tmp_path / "home", tmp_path / "units"
    for folder in (commands, home, units):
        folder.mkdir()
    for command in COMMANDS.values():
        shutil.copy("/bin/true", commands / command)
    subprocess.run(
        [sys.executable, SYSTEMD / "render.py", "--bin", commands, "--home", home, units],
        check=True,
        capture_output=True,
    )
    return units


def test_every_program_has_its_unit(rendered):
    assert sorted(unit.name for unit in rendered.iterdir()) == sorted(UNITS)


@pytest.mark.parametrize("unit", UNITS)
def test_a_unit_starts_its_own_command_and_keeps_it_in(unit, rendered):
    lines = (rendered / unit).read_text("utf-8").splitlines()
    command = rendered.parent / "bin" / COMMANDS[unit]
    assert f"ExecStart={command} serve" in lines
    assert f"Environment=DOORWARD_HOME={rendered.parent / 'home'}" in lines
    assert [setting for setting in HARDENING if setting not in lines] == []
    prevented = next(line for line in lines if line.startswith("RestartPreventExitStatus="))
    assert "2" in prevented.partition("=")[2].split()


def test_the_page_sees_nothing_of_the_home_but_the_sockets(rendered):
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read(rendered / "doorward-kiosk.service")
    service, home = parser["Service"], rendered.parent / "home"
    hidden = service["InaccessiblePaths"].split()
    assert {f"-{home / name}" for name in ("data", "log", "packs", "cache")} == set(hidden)
    assert service["IPAddressAllow"] == "localhost"
    assert service["PrivateDevices"] == "true"


def test_a_folder_that_is_not_absolute_is_refused():
    render = runpy.run_path(str(SYSTEMD / "render.py"))["render"]
    with pytest.raises(ValueError, match="absolute"):
        render("x=@BIN@", Path("bin"), Path("/home"))


@pytest.mark.skipif(ANALYZE is None, reason="systemd-analyze is not on this machine")
@pytest.mark.parametrize("unit", UNITS)
def test_systemd_reads_the_unit_without_a_complaint(unit, rendered):
    answer = subprocess.run(
        [ANALYZE, "verify", "--man=no", rendered / unit], capture_output=True, text=True, check=False
    )
    # Only what it says about this unit: a container's other units are not ours.
    complaints = [line for line in answer.stderr.splitlines() if unit in line]
    assert complaints == []
