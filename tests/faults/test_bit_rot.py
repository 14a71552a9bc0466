"""Bits that flip, and files that somebody deletes: what is altered is noticed, what is readable is kept."""

import asyncio
import json
import random
import shutil
from collections.abc import Sequence
from pathlib import Path

import apsw
import pytest

from doorward_central.serving import open_centre
from doorward_daemon.config import load_settings
from doorward_daemon.config.environment import Environment
from doorward_daemon.errors import DoorwardError
from doorward_daemon.journal import Journal
from doorward_sync.event import Event, Lane
from doorward_testing.campaign import Campaign
from doorward_testing.centre_site import Device, centre_settings, free_address, stored_events, until
from doorward_testing.enrolment_site import open_site, template_of
from doorward_testing.journals import JournalSite, draft
from doorward_testing.ledger_home import write_ledger_home

pytestmark = [pytest.mark.faults, pytest.mark.timeout(900)]
EVENTS = 200


def flip(path: Path, bits: int, chance: random.Random) -> None:
    """Flips random bits of a file."""
    content = bytearray(path.read_bytes())
    for _ in range(bits):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    path.write_bytes(content)


def a_journal(folder: Path) -> dict[str, bytes]:
    """Makes one, half of it in the log, as a power cut leaves it; returns the payload of every event by its id."""
    with JournalSite(folder / "alive").open() as journal:
        events = [journal.append(draft(number, padding=100)) for number in range(EVENTS // 2)]
        journal.acknowledge(Lane.LEDGER, EVENTS // 4)
        journal._on_writer(journal._book.database.fold_log)
        events += [journal.append(draft(number, padding=100)) for number in range(EVENTS // 2, EVENTS)]
        shutil.copytree(folder / "alive", folder / "image")
    return {event.event_id: event.payload or b"" for event in events}


def altered(journal: Journal, original: dict[str, bytes]) -> list[Event]:
    """Events that are not what they were, and are not said to be doubtful; what a recovery adds is no alteration."""
    events = [event for event in journal.read(Lane.LEDGER, 0, 1000) if event.kind == "test.counted"]
    return [event for event in events if not is_the_same(event.payload or b"", original.get(event.event_id, b"?"))]


def is_the_same(found: bytes, original: bytes) -> bool:
    try:
        facts = json.loads(found)
        is_doubted = facts.pop("original_key", {}).get("doubtful", False)
        return is_doubted or facts == json.loads(original)
    except ValueError:
        return found == original


@pytest.mark.parametrize("file", ["journal.db", "journal.db-wal"])
def test_no_flipped_bit_of_a_journal_passes_for_what_was_written(file: str, campaign: Campaign, ram_folder: Path):
    rounds = campaign.count("runs", 60, 1_000)
    chance = random.Random(campaign.seed)
    original = a_journal(ram_folder)
    outcomes = dict.fromkeys(("as it was", "set aside", "named", "refused", "shorter"), 0)
    for _ in range(rounds):
        folder = ram_folder / "rotten"
        shutil.copytree(ram_folder / "image", folder)
        flip(folder / file, chance.choice((1, 1, 8, 64)), chance)
        outcomes[outcome_of(folder, original)] += 1
        shutil.rmtree(folder)
    campaign.note(f"bit_rot_{file}", rounds=rounds, unnoticed=0, **outcomes)
    # A log whose frames do not add up ends there: SQLite cannot tell that from a cut. The centre can (below).
    assert outcomes["shorter"] == 0 or file.endswith("-wal")
    assert outcomes["set aside"] + outcomes["named"] + outcomes["shorter"] > 0


def outcome_of(folder: Path, original: dict[str, bytes]) -> str:
    """What became of a rotten journal; an alteration that nothing notices is a failure."""
    try:
        with JournalSite(folder).open() as journal:
            is_recovered = bool(journal.newest(1, "journal.recovered"))
            broken = journal.verify()
            wrong = altered(journal, original)
            assert not wrong or broken is not None, f"altered and not noticed: {[event.key.seq for event in wrong]}"
            if is_recovered:
                return "set aside"
            if broken is not None:
                return "named"
            return "as it was" if journal.lane_state(Lane.LEDGER).last == EVENTS else "shorter"
    except DoorwardError:
        return "refused"


def test_a_payload_that_rots_passes_the_checks_of_sqlite_and_not_ours(ram_folder: Path):
    """The red twin: without the digest of every row this would go unnoticed."""
    with JournalSite(ram_folder).open() as journal:
        journal.append_many([draft(number, padding=100) for number in range(20)])
    path = ram_folder / "journal.db"
    content = path.read_bytes()
    place = content.index(b'{"number":7,') + 11
    path.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :])
    connection = apsw.Connection(str(path))
    assert connection.execute("PRAGMA integrity_check").get == "ok"
    connection.close()
    with JournalSite(ram_folder).open() as journal:
        broken = journal.verify()
        assert broken is not None
        assert broken.seq == 8


async def test_a_deleted_log_costs_no_event_the_centre_has_and_no_number_is_used_for_two(tmp_path: Path):
    address, home = free_address(), tmp_path / "centre"
    site = JournalSite(tmp_path / "device")
    async with open_centre(home, centre_settings(address)):
        with site.open() as journal:
            journal.append_many([draft(number) for number in range(10)])
            journal._on_writer(journal._book.database.fold_log)
            async with Device(journal, address).connected():
                journal.append_many([draft(number) for number in range(10, 30)])
                await until(lambda: journal.outbox().unacknowledged == 0)
            main_file = (site.folder / "journal.db").read_bytes()
        # An operator has deleted the log; the main file is as it was when the log was folded in last.
        (site.folder / "journal.db").write_bytes(main_file)
        (site.folder / "journal.db-wal").unlink(missing_ok=True)
        with site.open() as journal:
            assert journal.lane_state(Lane.LEDGER).last < 30
            journal.append_many([draft(number) for number in range(100, 105)])
            async with Device(journal, address).connected():
                await until(lambda: journal.outbox().unacknowledged == 0 and journal.newest(1)[0].key.seq > 0)
                await until(lambda: bool(journal.newest(50, "journal.epoch_opened")))
                await until(lambda: journal.outbox().unacknowledged == 0)
            assert await asyncio.to_thread(journal.verify) is None
        events = await stored_events(home)
    counted = [event.payload_json for event in events if event.kind == "test.counted"]
    assert len(counted) == len(set(counted)) == 35


def test_no_flipped_bit_of_a_gallery_names_anybody_wrongly(campaign: Campaign, ram_folder: Path):
    rounds = campaign.count("runs", 25, 1_000)
    chance = random.Random(campaign.seed)
    people = {f"s{person}": person for person in range(6)}
    with open_site(ram_folder / "image") as site:
        for subject_id, person in people.items():
            site.enrol(subject_id, person)
    outcomes = {"opened": 0, "refused": 0}
    for _ in range(rounds):
        folder = ram_folder / "rotten"
        shutil.copytree(ram_folder / "image", folder)
        flip(folder / "gallery.db", chance.choice((1, 8, 64)), chance)
        outcomes["opened" if names_nobody_wrongly(folder, people) else "refused"] += 1
        shutil.rmtree(folder)
    campaign.note("bit_rot_gallery.db", rounds=rounds, named_wrongly=0, **outcomes)
    assert min(outcomes.values()) > 0


def names_nobody_wrongly(folder: Path, people: dict[str, int]) -> bool:
    """Whether it opened; whom it then names is who it is."""
    try:
        with open_site(folder) as site:
            for subject_id, person in people.items():
                found: Sequence = site.gallery.index().search(template_of(person).vector, 1)
                close = [one.subject_id for one in found if one.score > 0.9]
                assert close in ([], [subject_id]), f"{subject_id} is called {close}"
    except DoorwardError:
        return False
    return True


def test_no_flipped_bit_of_a_configuration_is_anything_but_a_typed_refusal(campaign: Campaign, tmp_path: Path):
    rounds = campaign.count("runs", 60, 5_000)
    chance = random.Random(campaign.seed)
    home = write_ledger_home(tmp_path)
    whole = (home / "doorward.toml").read_bytes()
    outcomes = {"taken": 0, "refused": 0}
    for _ in range(rounds):
        (home / "doorward.toml").write_bytes(whole)
        flip(home / "doorward.toml", chance.choice((1, 4)), chance)
        try:
            load_settings(None, Environment(home=home, assets=None, overrides=()))
            outcomes["taken"] += 1
        except DoorwardError:
            outcomes["refused"] += 1
    campaign.note("bit_rot_configuration", rounds=rounds, **outcomes)
    assert outcomes["refused"] > 0
