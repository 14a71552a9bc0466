"""Kills a whole daemon while its camera decides, and the centre it reports to; everybody who was told keeps notes."""

import itertools
import json
import random
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from doorward_api.v1 import event_pb2
from doorward_client import DoorwardClient, DoorwardError
from doorward_testing.busy_gate import take_camera_away
from doorward_testing.centre_site import CentreProcess
from doorward_testing.daemon import RunningDaemon
from doorward_testing.obligations import Obligations, Promise, Verdict, judge

_LONGEST_LIFE_S = 1.5
_DIES_WHILE_STARTING = 0.15
"""Share of the lives that end before they serve: recovery itself has to survive, too."""
_LONGEST_START_S = 1.5
_ASK_EVERY_S = 0.05
_PATIENCE_S = 60.0
_ONE_FRAME_S = 0.06
"""Less than the time between two pictures of the busy gate."""


@dataclass(slots=True)
class GateKillTally:
    """What was done and what became of it."""

    daemon_kills: int = 0
    """SIGKILLs of the daemon."""
    died_while_starting: int = 0
    """Of these, before it served."""
    centre_kills: int = 0
    """SIGKILLs of the centre."""
    forgotten: int = 0
    """Events a centre had taken over, and did not have after its death."""
    decisions: int = 0
    """Decisions of the camera at the centre in the end."""
    granted: int = 0
    """Of these, who was let in."""
    decided_twice: int = 0
    """Decisions about one frame beyond the first."""
    opened_twice: int = 0
    """Openings beyond the first for one decision."""
    unlike: int = 0
    """Events by which the centre has more or fewer than the gate itself."""
    verdict: Verdict | None = None
    """About what was promised."""

    def figures(self) -> dict[str, int]:
        """As figures of the campaign."""
        own = {name: getattr(self, name) for name in self.__slots__ if name != "verdict"}
        return own | ({} if self.verdict is None else self.verdict.figures())

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, doubled or left out."""
        wrong = (self.forgotten, self.decided_twice, self.opened_twice, self.unlike)
        return not any(wrong) and self.verdict is not None and self.verdict.is_clean


@dataclass(slots=True, eq=False)
class _Witness:
    """Follows one life from outside: which events it told of, and which it said the centre has."""

    home: Path
    told: list[event_pb2.Event] = field(default_factory=list)
    taken_over: int = 0
    _threads: list[threading.Thread] = field(default_factory=list)

    def start(self) -> None:
        """Begins to follow; what is told is taken down at once."""
        self._threads = [threading.Thread(target=self._quietly, args=(work,)) for work in (self._follow, self._ask)]
        for thread in self._threads:
            thread.start()

    def join(self) -> None:
        """Waits until both connections have ended, as they do when the daemon dies."""
        for thread in self._threads:
            thread.join(30.0)
            assert not thread.is_alive()

    def _quietly(self, work: Callable[[DoorwardClient], None]) -> None:
        try:
            with DoorwardClient(f"unix:{self.home}/run/operator.sock") as client:
                work(client)
        except DoorwardError:
            # The daemon was killed: that is what this is for.
            return

    def _follow(self, client: DoorwardClient) -> None:
        for response in client.watch_events(resume=False, only_new=True):
            if response.HasField("event"):
                self.told.append(response.event)

    def _ask(self, client: DoorwardClient) -> None:
        while True:
            self.taken_over = max(self.taken_over, client.get_uplink_status(timeout_s=2.0).last_acknowledged_seq)
            time.sleep(_ASK_EVERY_S)


class GateKills:
    """One gate and its centre, killed again and again.

    Args:
        home: of the gate, as prepare_busy_gate() makes it.
        centre: its centre.
        chance: when each dies.
    """

    def __init__(self, home: Path, centre: CentreProcess, chance: random.Random) -> None:
        self._home = home
        self._centre = centre
        self._chance = chance
        self._obligations = Obligations()

    def run(self, daemon_kills: int, centre_kills: int) -> GateKillTally:
        """Kills, then lets everything arrive and judges.

        Args:
            daemon_kills: of the daemon.
            centre_kills: of the centre, spread over the lives of the daemon.
        """
        tally = GateKillTally()
        self._centre.start()
        for number in range(daemon_kills):
            kills_centre = (number + 1) * centre_kills // daemon_kills > number * centre_kills // daemon_kills
            self._live_and_die(tally, kills_centre=kills_centre)
        listed = self._settle()
        self._centre.kill()
        tally.verdict = judge(self._obligations, self._centre.home / "data" / "central.db")
        _count(listed, tally)
        tally.unlike = abs(len(listed) - tally.verdict.kept)
        return tally

    def _live_and_die(self, tally: GateKillTally, *, kills_centre: bool) -> None:
        # Each kill stands for one of another day: that many within a minute would end in safe mode, which has its own
        # test.
        (self._home / "data" / "starts").unlink(missing_ok=True)
        daemon = RunningDaemon(self._home)
        tally.daemon_kills += 1
        if not kills_centre and self._chance.random() < _DIES_WHILE_STARTING:
            tally.died_while_starting += 1
            daemon.start()
            # The moments of death are the point of this harness, so here time passes.
            time.sleep(self._chance.uniform(0.0, _LONGEST_START_S))
            daemon.kill()
            return
        with daemon:
            witness = _Witness(self._home)
            witness.start()
            time.sleep(self._chance.uniform(0.0, _LONGEST_LIFE_S))
            if kills_centre:
                self._kill_centre(witness, tally)
            daemon.kill()
        witness.join()
        self._take_down(witness)

    def _kill_centre(self, witness: _Witness, tally: GateKillTally) -> None:
        # It dies in mid-flow: the gate has decided something and the centre has heard of it in this very life.
        _wait_for(lambda: witness.told and witness.taken_over, "the gate decides nothing, or the centre hears nothing")
        time.sleep(self._chance.uniform(0.0, _LONGEST_LIFE_S / 2))
        self._centre.kill()
        tally.centre_kills += 1
        self._take_down(witness)
        tally.forgotten += self._forgotten()
        self._centre.start()
        time.sleep(self._chance.uniform(0.0, _LONGEST_LIFE_S / 2))

    def _forgotten(self) -> int:
        """Asks a copy: opening the file itself would end what the kill left unfinished."""
        copy = self._centre.home / "copy"
        shutil.copytree(self._centre.home / "data", copy)
        try:
            return self._obligations.forgotten(copy / "central.db")
        finally:
            shutil.rmtree(copy)

    def _take_down(self, witness: _Witness) -> None:
        told = tuple(witness.told)
        assert all(later.seq == event.seq + 1 for event, later in itertools.pairwise(told)), "told with a gap"
        for event in told:
            self._promise(event)
        if witness.told and witness.taken_over:
            self._obligations.taken_over[witness.told[-1].epoch] = witness.taken_over

    def _settle(self) -> list[event_pb2.Event]:
        """Lives once more without a camera until the centre has everything; the whole record of the gate."""
        take_camera_away(self._home)
        (self._home / "data" / "starts").unlink(missing_ok=True)
        with RunningDaemon(self._home) as daemon:
            with DoorwardClient(f"unix:{self._home}/run/operator.sock") as client:
                _wait_for(lambda: client.get_uplink_status().unsent_events == 0, "the centre does not get the rest")
                listed = list(client.list_events(page_size=500))
            # Not stopped: what it says about its end would come to the centre, or not.
            daemon.kill()
        for event in listed:
            self._promise(event)
        # What was told first in the order of the record: the oracle asks for the same order at the centre.
        by_key = sorted(self._obligations.promised.items(), key=lambda item: (item[1].epoch, item[1].seq))
        self._obligations.promised = dict(by_key)
        return listed

    def _promise(self, event: event_pb2.Event) -> None:
        digest = event.payload_digest.hex()
        # What was told first stands: a record that changes afterwards is found out by the digest of the first telling.
        self._obligations.promised.setdefault(event.event_id, Promise(event.event_id, event.epoch, event.seq, digest))


def _wait_for(condition: Callable[[], object], problem: str) -> None:
    deadline_s = time.monotonic() + _PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, problem
        time.sleep(0.02)


def _count(listed: Sequence[event_pb2.Event], tally: GateKillTally) -> None:
    captured: dict[int, list[float]] = {}
    opened: Counter[int] = Counter()
    for event in listed:
        said = json.loads(event.payload_json)
        if event.kind.startswith("access.") and said.get("camera_id"):
            captured_s = event.wall_time.ToMicroseconds() / 1e6 - said["capture_age_ms"] / 1e3
            captured.setdefault(said["track_id"], []).append(captured_s)
            tally.granted += event.kind == "access.granted"
        elif event.kind == "door.opened":
            opened[said["cause_seq"]] += 1
    tally.decisions = sum(map(len, captured.values()))
    # Tracks are numbered anew in every life; one that was captured at one moment was so in one life.
    gaps_s = (later - first for times_s in captured.values() for first, later in itertools.pairwise(sorted(times_s)))
    tally.decided_twice = sum(gap_s < _ONE_FRAME_S for gap_s in gaps_s)
    tally.opened_twice = sum(opened.values()) - len(opened)
