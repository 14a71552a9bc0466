"""What lies under the power cuts: the journal, gallery with ledger, the store of the centre, each with its promise."""

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Protocol

from doorward_central.database import open_connection
from doorward_central.error import CentreError
from doorward_central.event_rows import have_of, store_batch
from doorward_central.store_thread import StoreThread
from doorward_daemon.errors import Fault
from doorward_daemon.journal.book import open_book
from doorward_daemon.journal.opening import JOURNAL_SCHEMA
from doorward_daemon.storage import DatabaseDamaged, StorageSettings, open_database
from doorward_sync.centre_storage import StoreBatch
from doorward_sync.chain import first_broken, genesis
from doorward_sync.event import Event, EventKey, Lane
from doorward_sync.messages import Batch
from doorward_testing.enrolment_site import EnrolmentSite, open_site, portrait
from doorward_testing.journals import draft, stamped
from doorward_testing.sync_disks import make_event

Tell = Callable[[int], None]
"""Told after each write that was confirmed how many there are."""
ROOM = StorageSettings(spare_disk_bytes=0)
"""On a disk of the size of a test."""
_GIB = 1024**3
_EPOCH = 5


class CutSite(Protocol):
    """A database, or two, that is written to on a recording disk and read after a cut."""

    def write(self, folder: Path, writes: int, tell: Tell) -> None:
        """Makes it and writes to it; every database is opened on the default disk."""

    def found(self, folder: Path) -> int | None:
        """How many writes are there, from the first on; -1 where it is no such state, None where it is damaged."""


class JournalCuts:
    """The journal: events one by one, some of them taken over, the log folded in now and then."""

    FOLD_EVERY = 20
    """Writes between two checkpoints."""

    def write(self, folder: Path, writes: int, tell: Tell) -> None:
        """As CutSite."""
        with closing(open_database(folder / "journal.db", JOURNAL_SCHEMA, ROOM)) as database:
            book = open_book(database)
            tell(0)
            for number in range(1, writes + 1):
                book.write([[stamped(draft(number))]])
                tell(number)
                if number % self.FOLD_EVERY == 0:
                    book.acknowledge(Lane.LEDGER, number)
                    book.database.fold_log()

    def found(self, folder: Path) -> int | None:
        """As CutSite."""
        try:
            book = open_book(open_database(folder / "journal.db", JOURNAL_SCHEMA, ROOM))
        except DatabaseDamaged:
            return None
        state = book.lanes[Lane.LEDGER]
        events = book.events.after(Lane.LEDGER, 0, state.last, state.last + 1)
        assert [event.key.seq for event in events] == list(range(1, state.last + 1))
        assert state.acked <= state.last
        assert first_broken(events, genesis(book.epoch, Lane.LEDGER)) is None
        assert book.database.run("PRAGMA integrity_check") == [("ok",)]
        book.database.close()
        return len(events)


class EnrolmentCuts:
    """Gallery and ledger together, as an enrolment writes them: subjects created, enrolled and erased."""

    def write(self, folder: Path, writes: int, tell: Tell) -> None:
        """As CutSite."""
        with open_site(folder) as site:
            tell(0)
            for number, (do, _) in enumerate(islice(_enrolment(), writes), start=1):
                do(site)
                tell(number)

    def found(self, folder: Path) -> int | None:
        """As CutSite."""
        try:
            with open_site(folder) as site:
                living = {one.subject_id: len(one.references) for one in site.gallery.subjects(page_size=500).subjects}
                kinds = Counter(event.kind for event in site.journal.read(Lane.LEDGER, 0, 1000))
                assert site.gallery.unfinished() == ()
                assert site.journal.verify() is None
        except Fault:
            return None
        steps = [({}, Counter[str]()), *((state, ledger) for _, (state, ledger) in islice(_enrolment(), 500))]
        return next((place for place, step in enumerate(steps) if step == (living, kinds)), -1)


class CentreCuts:
    """The store of the centre: batches of one to three events of one device."""

    FOLD_EVERY = 15
    """As JournalCuts."""

    def write(self, folder: Path, writes: int, tell: Tell) -> None:
        """As CutSite; a write is an event."""
        with closing(StoreThread(folder, _GIB)) as thread:
            tell(0)
            place = 0
            while place < writes:
                events = tuple(_run_of_events(writes)[place : place + 1 + place % 3])
                asked = StoreBatch(
                    device_id="gate-1", epoch=_EPOCH, batch=Batch(lane=Lane.LEDGER, events=events, holes=())
                )
                place = thread.submit(partial(store_batch, command=asked, now_us=1)).result().confirmed_through
                tell(place)
                if place % self.FOLD_EVERY == 0:
                    thread.submit_outside(lambda connection: connection.wal_checkpoint()).result()

    def found(self, folder: Path) -> int | None:
        """As CutSite."""
        try:
            connection = open_connection(folder, _GIB)
        except CentreError:
            return None
        have = have_of(connection, "gate-1", _EPOCH)
        through = have[0].through_seq if have else 0
        rows = connection.execute("SELECT seq, event_id, chain_hash FROM events ORDER BY ordinal").fetchall()
        expected = [(event.key.seq, event.event_id, event.chain_hash) for event in _run_of_events(through)]
        assert rows == expected
        assert connection.execute("PRAGMA integrity_check").get == "ok"
        connection.close()
        return through


def copy_plain_files(source: Path, target: Path) -> None:
    """Gives a cut what SQLite did not write: the key of the device, which was there before."""
    for folder in (found for found in source.iterdir() if found.is_dir()):
        shutil.copytree(folder, target / folder.name)


def _run_of_events(count: int) -> Sequence[Event]:
    while len(_EVENTS) < count:
        before = _EVENTS[-1].chain_hash if _EVENTS else genesis(_EPOCH, Lane.LEDGER)
        seq = len(_EVENTS) + 1
        _EVENTS.append(make_event(EventKey(epoch=_EPOCH, lane=Lane.LEDGER, seq=seq), f"event-{seq}", before))
    return _EVENTS[:count]


_EVENTS: list[Event] = []
"""Made once: every cut is compared with them."""

_Do = Callable[[EnrolmentSite], object]
_State = tuple[dict[str, int], Counter[str]]


def _enrolment() -> Iterator[tuple[_Do, _State]]:
    """Writes, and what there is after each: references by subject, and events of the ledger by kind."""
    living: dict[str, int] = {}
    ledger: Counter[str] = Counter()
    for number in range(250):
        name = f"s{number}"
        living = {**living, name: 0}
        yield _create(name), (living, ledger)
        living, ledger = {**living, name: 1}, ledger + Counter(["subject.enrolled"])
        yield _enrol(name, number), (living, ledger)
        if number % 2:
            living = {one: count for one, count in living.items() if one != name}
            ledger = ledger + Counter(["subject.erased"])
            yield _erase(name), (living, ledger)


def _create(name: str) -> _Do:
    return lambda site: site.desk.create_subject(site.request(), name, name)


def _enrol(name: str, person: int) -> _Do:
    return lambda site: site.desk.add_reference(site.request(), name, portrait(person), allow_duplicate=True)


def _erase(name: str) -> _Do:
    return lambda site: site.desk.erase_subject(site.request(), name)
