"""Kills both ends at random moments, again and again, and asks the oracle in between."""

import random
import shutil
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from doorward_testing.nursery import Nursery
from doorward_testing.obligations import Obligations, Verdict, judge

CENTRE = "doorward_central.__main__:main"
_LONGEST_LIFE_S = 0.25
_DIES_WHILE_OPENING = 0.2
"""Share of the lives that end before they are ready: recovery itself has to survive, too."""
_READY_WITHIN_S = 60.0


class Mortal(Protocol):
    """A device that is born and killed, with a caller that keeps what it was told."""

    obligations: Obligations
    """What its callers were told, in all its lives."""

    def bear(self, run: str) -> None:
        """Begins a life, and a caller that asks for one event after the other."""

    def is_ready(self) -> bool:
        """Whether it takes events."""

    def kill(self) -> None:
        """Ends the life by SIGKILL, and takes down what the caller was told."""

    def settle(self) -> None:
        """Lives once more, only to send what is left, and stops in good order."""


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


class KilledCentre:
    """A centre that is born and killed.

    Args:
        home: its folder.
        nursery: starts centres.
    """

    def __init__(self, home: Path, nursery: Nursery) -> None:
        self._home = home
        self._nursery = nursery
        self._pid = 0
        self.address = f"127.0.0.1:{_free_port()}"
        """Where devices reach it, in all its lives."""

    @property
    def database(self) -> Path:
        """Its file."""
        return self._home / "data" / "central.db"

    def start(self) -> None:
        """Begins a life and waits until it serves."""
        self._home.mkdir(parents=True, exist_ok=True)
        (self._home / "central.toml").write_text("[uplink]\nreconnect_spread_s = 0.2\n", encoding="utf-8")
        command = ("--home", str(self._home), "serve", "--listen", self.address)
        self._pid = self._nursery.bear(*command, log=str(self._home / "log"))
        host, port = self.address.split(":")

        def serves() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex((host, int(port))) == 0

        wait_for(serves, "the centre does not serve")

    def kill(self) -> None:
        """Ends its life by SIGKILL."""
        assert self._nursery.kill(self._pid) == -9, (self._home / "log").read_text()

    def stop(self) -> None:
        """Ends its life in good order."""
        assert self._nursery.stop(self._pid) == 0

    def forgotten(self, obligations: Obligations) -> int:
        """Events it had taken over and does not have on its disk; asked of a copy, while it is dead."""
        copy = self._home / "copy"
        copy.mkdir()
        try:
            for file in self.database.parent.glob("central.db*"):
                shutil.copy(file, copy)
            return obligations.forgotten(copy / "central.db") if self.database.is_file() else 0
        finally:
            shutil.rmtree(copy)


class KillLoop:
    """A device and a centre, killed.

    Args:
        device: to be killed.
        centre: as well.
        chance: when each dies.
    """

    def __init__(self, device: Mortal, centre: KilledCentre, chance: random.Random) -> None:
        self._device = device
        self._centre = centre
        self._chance = chance

    def run(self, kills: int, centre_kill_every: int, tally: KillTally) -> None:
        """Kills so many devices, and the centre at every so manieth; then lets everything arrive and judges.

        Args:
            kills: of the device.
            centre_kill_every: kills of the device between two of the centre.
            tally: takes the outcome.
        """
        self._centre.start()
        for number in range(1, kills + 1):
            kills_centre = number % centre_kill_every == 0
            self._live_and_die(f"life{number}", self._centre.kill if kills_centre else lambda: None)
            tally.device_kills += 1
            if kills_centre:
                tally.forgotten += self._centre.forgotten(self._device.obligations)
                tally.centre_kills += 1
                self._centre.start()
        self._device.settle()
        self._centre.stop()
        tally.verdicts.append(judge(self._device.obligations, self._centre.database))

    def _live_and_die(self, run: str, meanwhile: Callable[[], None]) -> None:
        self._device.bear(run)
        if self._chance.random() < _DIES_WHILE_OPENING:
            # The moments of death are the point of this harness, so here time passes.
            time.sleep(self._chance.uniform(0.0, 0.08))
        else:
            wait_for(self._device.is_ready, "the device is not ready")
            time.sleep(self._chance.uniform(0.0, _LONGEST_LIFE_S))
        meanwhile()
        self._device.kill()


def wait_for(condition: Callable[[], bool], problem: str) -> None:
    """Waits until something holds.

    Raises:
        AssertionError: it does not, in a minute.
    """
    deadline_s = time.monotonic() + _READY_WITHIN_S
    while not condition():
        assert time.monotonic() < deadline_s, problem
        time.sleep(0.002)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
