"""Kills both ends at random moments, again and again, and asks the oracle in between."""

import random
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from doorward_testing.nursery import Nursery
from doorward_testing.obligations import Obligations, Verdict, judge

DEVICE = "doorward_testing.busy_device:main"
CENTRE = "doorward_central.__main__:main"
_LONGEST_LIFE_S = 0.25
_DIES_WHILE_OPENING = 0.2
"""Share of the lives that end before they are ready: recovery itself has to survive, too."""
_READY_WITHIN_S = 60.0


@dataclass(slots=True)
class KillTally:
    """What became of all kills."""

    device_kills: int = 0
    """Of the device."""
    centre_kills: int = 0
    """Of the centre."""
    forgotten: int = 0
    """Events a centre had taken over, and did not have after its death."""
    verdicts: list[Verdict] = field(default_factory=list)
    """One for each home."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or left out."""
        return self.forgotten == 0 and all(verdict.is_clean for verdict in self.verdicts)

    def figures(self) -> dict[str, int]:
        """As figures of the campaign."""
        sums = {name: sum(verdict.figures()[name] for verdict in self.verdicts) for name in Verdict.__slots__}
        kills = {"device_kills": self.device_kills, "centre_kills": self.centre_kills}
        return {**kills, "forgotten": self.forgotten, **sums}


class KillLoop:
    """A device and a centre on one home, born and killed.

    Args:
        home: a folder of their own.
        device: starts devices.
        centre: starts centres.
        chance: when each dies.
    """

    def __init__(self, home: Path, device: Nursery, centre: Nursery, chance: random.Random) -> None:
        self._home = home
        self._device = device
        self._centre = centre
        self._chance = chance
        self._address = f"127.0.0.1:{_free_port()}"
        self._centre_pid = 0
        self.obligations = Obligations()

    def run(self, kills: int, centre_kill_every: int, tally: KillTally) -> None:
        """Kills so many devices, and the centre at every so manieth; then lets everything arrive and judges.

        Args:
            kills: of the device.
            centre_kill_every: kills of the device between two of the centre.
            tally: takes the outcome.
        """
        self._home.mkdir(parents=True)
        (self._home / "central.toml").write_text("[uplink]\nreconnect_spread_s = 0.2\n", encoding="utf-8")
        self._start_centre()
        for number in range(kills):
            if number % centre_kill_every == centre_kill_every - 1:
                tally.forgotten += self._kill_centre_under_way(f"c{number}")
                tally.centre_kills += 1
            self._live_and_die(f"d{number}", lambda: None)
            tally.device_kills += 1
        self._settle()
        assert self._centre.stop(self._centre_pid) == 0
        tally.verdicts.append(judge(self.obligations, self._database))
        shutil.rmtree(self._home)

    @property
    def _database(self) -> Path:
        return self._home / "data" / "central.db"

    def _live_and_die(self, run: str, meanwhile: Callable[[], None]) -> None:
        log = self._home / f"{run}.log"
        pid = self._bear(log, run)
        if self._chance.random() < _DIES_WHILE_OPENING:
            # The moments of death are the point of this harness, so here time passes.
            time.sleep(self._chance.uniform(0.0, 0.08))
        else:
            self._wait(lambda: log.is_file() and log.stat().st_size > 0, "the device is not ready")
            time.sleep(self._chance.uniform(0.0, _LONGEST_LIFE_S))
        meanwhile()
        assert self._device.kill(pid) == -9, (self._home / "device.log").read_text()
        self.obligations.read(log)
        log.unlink(missing_ok=True)

    def _kill_centre_under_way(self, run: str) -> int:
        """Kills the centre while a device sends; returns what it had taken over and does not have."""

        def kill() -> None:
            self._centre.kill(self._centre_pid)

        self._live_and_die(run, kill)
        copy = self._home / "copy"
        copy.mkdir()
        for file in self._database.parent.glob("central.db*"):
            shutil.copy(file, copy)
        forgotten = self.obligations.forgotten(copy / "central.db") if (copy / "central.db").is_file() else 0
        shutil.rmtree(copy)
        self._start_centre()
        return forgotten

    def _start_centre(self) -> None:
        log = str(self._home / "centre.log")
        command = ("--home", str(self._home), "serve", "--listen", self._address)
        self._centre_pid = self._centre.bear(*command, log=log)
        host, port = self._address.split(":")

        def serves() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((host, int(port))) == 0

        self._wait(serves, "the centre does not serve")

    def _settle(self) -> None:
        """A device that only sends, until everything is taken over."""
        log = self._home / "last.log"
        pid = self._bear(log, "")
        self._wait(lambda: log.is_file() and log.read_text() == "done\n", "not everything arrives")
        assert self._device.stop(pid) == 0

    def _bear(self, log: Path, run: str) -> int:
        arguments = (str(self._home / "device"), self._address, str(log), run)
        return self._device.bear(*arguments, log=str(self._home / "device.log"))

    def _wait(self, condition: Callable[[], bool], problem: str) -> None:
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while not condition():
            assert time.monotonic() < deadline_s, problem
            time.sleep(0.002)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
