"""A damaged journal: set aside, its readable rest in a new one with a new epoch, and the ledger says so."""

from pathlib import Path

import apsw
import pytest

from doorward_daemon.errors import Conflict, Fault
from doorward_daemon.storage import Engine
from doorward_sync.event import Lane
from doorward_sync.payload import decode_payload
from doorward_testing.journals import JournalSite, draft

EVENTS = 600
ACKED = 200


@pytest.fixture
def site(tmp_path: Path) -> JournalSite:
    """A closed journal with events, some of them taken over."""
    site = JournalSite(tmp_path)
    with site.open() as journal:
        for number in range(EVENTS):
            journal.append(draft(number, op_id=f"op-{number}", padding=200))
        journal.acknowledge(Lane.LEDGER, ACKED)
    return site


def damage(site, change):
    path = site.folder / "journal.db"
    content = bytearray(path.read_bytes())
    path.write_bytes(change(content))


def recovered(journal):
    return decode_payload(journal.newest(1, "journal.recovered")[0].payload)


def check_rest(journal, epoch, least):
    """The rest is there once: taken over events under their key, the others anew with it inside."""
    facts = recovered(journal)
    assert facts["from_epoch"] == epoch
    assert facts["salvaged"] >= least
    events = journal.read(Lane.LEDGER, 0, 1000)
    assert [event.key.seq for event in events] == list(range(1, len(events) + 1))
    assert journal.epoch not in {epoch, 0}
    assert journal.verify() is None
    renewed = [decode_payload(event.payload) for event in events[:-1]]
    assert len(renewed) == facts["renewed"]
    for payload in renewed:
        # The first event behind a hole has nobody that vouches for it.
        assert payload["original_key"].pop("doubtful", True)
        assert payload["original_key"] == {"epoch": epoch, "lane": "LEDGER", "seq": payload["number"] + 1}
        assert payload["number"] >= ACKED
        assert journal.holds(f"op-{payload['number']}")
    numbers = [payload["number"] for payload in renewed]
    assert numbers == sorted(set(numbers))
    kept = [event for event in journal.newest(1000) if event.key.epoch == epoch]
    assert len(kept) + len(renewed) == facts["salvaged"]
    assert journal.lane_state(Lane.LEDGER).unacknowledged == len(events)


def epoch_of(site):
    with site.open() as journal:
        return journal.epoch


def test_a_truncated_journal_gives_back_what_is_left(site):
    epoch = epoch_of(site)
    damage(site, lambda content: content[: len(content) // 2])
    with site.open() as journal:
        check_rest(journal, epoch, least=50)
    aside = list((site.folder / "lost+found").iterdir())
    assert (aside[0] / "journal.db").stat().st_size > 0


def test_a_hole_in_the_middle_costs_what_lay_there_and_no_more(site):
    epoch = epoch_of(site)

    def zero_the_middle(content):
        middle = len(content) // 2 // 4096 * 4096
        content[middle : middle + 3 * 4096] = bytes(3 * 4096)
        return content

    damage(site, zero_the_middle)
    with site.open() as journal:
        check_rest(journal, epoch, least=EVENTS - 100)


def test_a_recovered_journal_opens_again_as_it_is(site):
    damage(site, lambda content: content[: len(content) // 2])
    with site.open() as journal:
        epoch, state = journal.epoch, journal.lane_state(Lane.LEDGER)
    with site.open() as journal:
        assert (journal.epoch, journal.lane_state(Lane.LEDGER)) == (epoch, state)
    assert len(list((site.folder / "lost+found").iterdir())) == 1


def test_a_journal_of_noise_is_replaced_by_an_empty_one_that_says_so(site):
    damage(site, lambda content: b"\xff" * len(content))
    with site.open() as journal:
        assert recovered(journal)["salvaged"] == 0
        assert recovered(journal)["from_epoch"] is None
        assert journal.append(draft(1)).key.seq == 2


def test_a_recovery_that_was_cut_short_is_done_again(site):
    epoch = epoch_of(site)
    aside = site.folder / "lost+found" / "20260101T000000.000000Z"
    aside.mkdir(parents=True)
    (site.folder / "journal.db").rename(aside / "journal.db")
    (site.folder / "journal.db.new").write_bytes(b"half of a successor")
    with site.open() as journal:
        check_rest(journal, epoch, least=EVENTS)
        assert recovered(journal)["salvaged"] == EVENTS
    assert not list(site.folder.glob("journal.db.new*"))


def test_a_foreign_file_is_not_set_aside_but_refused(site):
    damage(site, lambda content: content[:68] + b"\x00\x00\x00\x07" + content[72:])
    with pytest.raises(Conflict, match="another program's"):
        site.open()
    assert not (site.folder / "lost+found").exists()


def test_events_still_in_the_log_are_salvaged_too(tmp_path):
    site = JournalSite(tmp_path / "alive")
    copy = JournalSite(tmp_path / "copy")
    copy.folder.mkdir()
    with site.open(Engine()) as journal:
        epoch = journal.epoch
        for number in range(20):
            journal.append(draft(number, op_id=f"op-{number}"))
        # As after a power cut: the log has not been folded in.
        for name in ("journal.db", "journal.db-wal"):
            (copy.folder / name).write_bytes((site.folder / name).read_bytes())
    aside = copy.folder / "lost+found" / "20260101T000000.000000Z"
    aside.mkdir(parents=True)
    for name in ("journal.db", "journal.db-wal"):
        (copy.folder / name).rename(aside / name)
    before = (aside / "journal.db-wal").read_bytes()
    with copy.open() as journal:
        facts = recovered(journal)
        assert (facts["salvaged"], facts["renewed"], facts["from_epoch"]) == (20, 20, epoch)
    assert (aside / "journal.db-wal").read_bytes() == before


@pytest.mark.parametrize("rotten", [b"test.count\xff\xfe", b"test.countfd"])
def test_damage_found_while_it_runs_is_recovered_by_the_next_start(site, rotten):
    epoch = epoch_of(site)
    connection = apsw.Connection(str(site.folder / "journal.db"))
    column = "kind = CAST(? AS TEXT)" if rotten.endswith(b"\xfe") else "clock_state = CAST(? AS TEXT)"
    connection.execute(f"UPDATE journal_events SET {column} WHERE seq = 300", (rotten,))
    connection.close()
    with site.open() as journal:
        # As the uplink reads it, or whoever lists events.
        with pytest.raises(Fault):
            journal.read(Lane.LEDGER, 250, 100)
        assert journal.failure is not None
    with site.open() as journal:
        check_rest(journal, epoch, least=EVENTS - 1)
        assert journal.failure is None
    with site.open() as journal:
        assert len(journal.read(Lane.LEDGER, 0, 1000)) >= EVENTS - ACKED - 1
    assert len(list((site.folder / "lost+found").iterdir())) == 1
