"""SIGKILL of the whole daemon at random moments while a gate is open: a reader outside keeps what it was told."""

import random
import threading
import time
from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import pytest

from doorward_api.v1 import event_pb2
from doorward_client import DoorwardClient, DoorwardError
from doorward_daemon.packs.manifest import InstalledPack
from doorward_testing.daemon import RunningDaemon, give_pack
from doorward_testing.event_witness import EventWitness, Told, broken_in, recorded, told_of

KILLS = 20
LONGEST_LIFE_S = 2.5
GATE = '[[doors]]\ndoor_id = "main"\n[[cameras]]\ncamera_id = "gate"\nsource = "demo"\ndoor_id = "main"\n'


def _check(events: Sequence[event_pb2.Event], promised: Told) -> None:
    found = dict(map(told_of, events))
    assert len(found) == len(events)
    assert {key: found.get(key) for key in promised} == promised
    for _, run in groupby(events, key=lambda event: event.epoch):
        epoch = list(run)
        assert [event.seq for event in epoch] == list(range(1, len(epoch) + 1))
        assert broken_in(epoch) is None


def _open_until_it_dies(home: Path) -> None:
    # A camera decides every few seconds; an operator in a hurry sees to it that kills meet commits.
    try:
        with DoorwardClient(f"unix:{home}/run/operator.sock") as client:
            while True:
                client.open_door("main", timeout_s=2.0)
    except DoorwardError:
        return


def _live_and_die(home: Path, life_s: float, promised: Told) -> Told:
    # Each kill stands for one of another day: that many within a minute would end in safe mode, which has its own test.
    (home / "data" / "starts").unlink(missing_ok=True)
    with RunningDaemon(home) as daemon:
        _check(recorded(home), promised)
        witness = EventWitness(home)
        witness.start()
        assert witness.has_heard.wait(10.0)
        # The moment of the kill is the point of this test, so here time passes.
        opener = threading.Thread(target=_open_until_it_dies, args=(home,))
        opener.start()
        time.sleep(life_s)
        daemon.kill()
    opener.join()
    witness.join()
    return witness.told


@pytest.mark.system
@pytest.mark.models
@pytest.mark.timeout(600)
def test_twenty_kills_lose_nothing_a_reader_was_told(any_pack: InstalledPack, tmp_path: Path):
    give_pack(tmp_path, any_pack)
    (tmp_path / "doorward.toml").write_text(GATE)
    chance = random.Random(11)
    promised: Told = {}
    for _ in range(KILLS):
        promised |= _live_and_die(tmp_path, chance.uniform(0.0, LONGEST_LIFE_S), promised)
    with RunningDaemon(tmp_path):
        events = recorded(tmp_path)
    _check(events, promised)
    decisions = [event for event in events if event.kind.startswith("access.")]
    print(f"\n{KILLS} kills, {len(promised)} events told, {len(events)} kept, {len(decisions)} decisions")  # noqa: T201 - the figure is wanted
    assert len(decisions) >= KILLS // 2
    assert len({event.epoch for event in events}) == 1
