"""Opens the journal of a data folder, whatever state it is in."""

import logging
from pathlib import Path

from doorward_daemon.journal.book import JournalBook, open_book
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.journal import Journal
from doorward_daemon.journal.recovery import (
    discard_draft,
    marked_damage,
    prune_set_aside,
    put_in_place,
    refill,
    set_aside,
    unfinished_recovery,
)
from doorward_daemon.journal.settings import JournalSettings
from doorward_daemon.journal.writer import CommitObserver
from doorward_daemon.storage import (
    DURABLE,
    DatabaseDamaged,
    DatabaseFile,
    Engine,
    Schema,
    StorageSettings,
    open_database,
)

_LOG = logging.getLogger(__name__)

JOURNAL_FILE = "journal.db"
"""Name of the database in the data folder."""
# `DWJL` in the header.
JOURNAL_SCHEMA = Schema(
    0x44574A4C,
    "doorward_daemon.journal",
    "journal",
    "start the daemon again: it begins a new journal and keeps what is readable",
)
"""What makes a file a journal."""


def _prune(folder: Path, settings: JournalSettings) -> None:
    try:
        gone = prune_set_aside(folder, settings.set_aside_max_count, settings.set_aside_max_bytes)
    except OSError as error:
        _LOG.warning("old damaged journals could not be deleted: %s", error)
        return
    for name in gone:
        _LOG.info("a damaged journal of %s is deleted: newer ones are kept", name)


def open_journal(
    folder: Path,
    settings: JournalSettings,
    clock: EventClock,
    observe: CommitObserver = lambda duration_s, events: None,
    engine: Engine = DURABLE,
) -> Journal:
    """Opens the journal, makes it where there is none; a damaged one is set aside and a new one begun from its rest.

    Args:
        folder: the data folder.
        settings: its limits.
        clock: stamps the events; takes over the floor that earlier runs had seen.
        observe: told about each commit: seconds, events.
        engine: DURABLE outside tests.

    Raises:
        Conflict: DATA_FOLDER_HELD; DATA_FOLDER_UNUSABLE, it cannot be written, or is another program's or a newer
            version's.
        Overloaded: STORAGE_FULL, no room for a new one.
        Fault: STORAGE_FAILED, the disk fails.
    """
    _prune(folder, settings)
    path = folder / JOURNAL_FILE
    storage = StorageSettings(max_bytes=settings.max_bytes, spare_disk_bytes=settings.spare_disk_bytes)
    cause = "a recovery was interrupted"
    damaged = unfinished_recovery(path)
    if damaged is None:
        try:
            if found := marked_damage(path):
                raise DatabaseFile(path, JOURNAL_SCHEMA).damaged(found)
            return Journal(_open(path, storage, clock, engine), settings, clock, observe)
        except DatabaseDamaged as damage:
            cause = damage.metadata.get("found", damage.message)
            _LOG.exception("the journal is damaged and set aside")
            damaged = set_aside(path)
    _rebuild(path, storage, clock, (damaged, cause))
    return Journal(_open(path, storage, clock, engine), settings, clock, observe)


def _open(path: Path, storage: StorageSettings, clock: EventClock, engine: Engine) -> JournalBook:
    database = open_database(path, JOURNAL_SCHEMA, storage, engine)
    try:
        book = open_book(database)
        clock.remember_floor(book.floor_us())
        clock.now()
        # Proves, before anybody relies on it, that a commit goes through.
        book.save_floor(clock.floor_us)
    except BaseException:
        database.close()
        raise
    return book


def _rebuild(path: Path, storage: StorageSettings, clock: EventClock, loss: tuple[Path, str]) -> None:
    damaged, cause = loss
    draft = discard_draft(path)
    database = open_database(draft, JOURNAL_SCHEMA, storage)
    try:
        refill(open_book(database), clock, damaged, cause)
        # Nothing may stay in the log: only the file itself is put in place.
        database.scrub()
    finally:
        database.close()
    put_in_place(draft, path, damaged)
