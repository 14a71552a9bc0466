"""A damaged journal is set aside, what is readable goes into a new one with a new epoch, and the ledger says so."""

import contextlib
import secrets
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from doorward_daemon.journal.book import JournalBook
from doorward_daemon.journal.clock import EventClock
from doorward_daemon.journal.draft import EventDraft, StampedDraft, stamp
from doorward_daemon.journal.salvage import Salvage, SalvagedEvent
from doorward_daemon.storage import file_error
from doorward_daemon.storage.durable import sync_folder
from doorward_sync.chain import SALT_BYTES
from doorward_sync.event import ClockState, EventTime
from doorward_sync.payload import PayloadError, decode_payload, encode_payload

LOST_AND_FOUND = "lost+found"
"""Folder beside the journal that holds damaged ones."""
_DONE = "recovered"
_MARK = "-damaged"
_SIDECARS = ("", "-wal", "-journal", _MARK)
_AT_ONCE = 500
_END_OF_TIME_US = 253_402_300_800_000_000
"""Year 10000: beyond it no message can carry a time."""


def set_aside(path: Path) -> Path:
    """Moves a damaged journal and its log into a folder of their own.

    Args:
        path: the journal's file.

    Returns:
        The file in its new place.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE.
        Overloaded: STORAGE_FULL.
    """
    try:
        folder = path.parent / LOST_AND_FOUND / f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        folder.mkdir(parents=True, mode=0o750)
        _move_all(path, folder)
        for parent in (folder, folder.parent, path.parent):
            sync_folder(parent)
    except OSError as error:
        raise file_error(path, error) from error
    return folder / path.name


def mark_damaged(path: Path, found: str) -> None:
    """Lets the next start recover a journal in which this one found damage that its checks at start do not see.

    Args:
        path: the journal's file.
        found: what was found.
    """
    with contextlib.suppress(OSError):
        path.with_name(path.name + _MARK).write_text(found, encoding="utf-8")


def marked_damage(path: Path) -> str:
    """What an earlier start found in the journal; empty where it found nothing.

    Args:
        path: the journal's file.
    """
    try:
        return path.with_name(path.name + _MARK).read_text(encoding="utf-8")
    except (OSError, ValueError):
        return ""


def unfinished_recovery(path: Path) -> Path | None:
    """A journal that was set aside and whose successor was never completed, since the process ended in between.

    Args:
        path: where the journal should be.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE.
    """
    folders = sorted((path.parent / LOST_AND_FOUND).glob("*Z"))
    if path.exists() or not folders or (folders[-1] / _DONE).exists():
        return None
    try:
        _move_all(path, folders[-1])
    except OSError as error:
        raise file_error(path, error) from error
    return folders[-1] / path.name


def discard_draft(path: Path) -> Path:
    """Where a successor is built; removes what an interrupted recovery left there.

    Args:
        path: where the journal should be.
    """
    draft = path.with_name(path.name + ".new")
    for sidecar in _SIDECARS:
        with contextlib.suppress(FileNotFoundError):
            draft.with_name(draft.name + sidecar).unlink()
    return draft


def put_in_place(draft: Path, path: Path, damaged: Path) -> None:
    """Makes the successor the journal, and the recovery finished.

    Args:
        draft: closed.
        path: where the journal should be.
        damaged: the one that was set aside.

    Raises:
        Conflict: DATA_FOLDER_UNUSABLE.
        Overloaded: STORAGE_FULL.
    """
    try:
        draft.replace(path)
        sync_folder(path.parent)
        (damaged.parent / _DONE).touch()
        sync_folder(damaged.parent)
    except OSError as error:
        raise file_error(path, error) from error


def prune_set_aside(folder: Path, most: int, most_bytes: int) -> list[str]:
    """Deletes the oldest damaged journals whose recovery is finished; the newest one stays.

    Args:
        folder: the data folder.
        most: so many may stay.
        most_bytes: so large may they be together.

    Returns:
        The names of their folders.
    """
    found = sorted(one for one in (folder / LOST_AND_FOUND).glob("*Z") if (one / _DONE).exists())
    sizes = [sum(file.stat().st_size for file in one.iterdir()) for one in found]
    gone: list[str] = []
    while len(found) > 1 and (len(found) > most or sum(sizes) > most_bytes):
        oldest = found.pop(0)
        sizes.pop(0)
        shutil.rmtree(oldest)
        gone.append(oldest.name)
    return gone


def refill(book: JournalBook, clock: EventClock, damaged: Path, cause: str) -> None:
    """Writes what is readable into the successor: acknowledged events as they were, the others anew.

    Args:
        book: the successor, empty.
        clock: stamps the event that says what happened; takes over the floor.
        damaged: the journal that was set aside.
        cause: what was wrong with it.

    Raises:
        Overloaded: STORAGE_FULL.
        Fault: STORAGE_FAILED.
    """
    with Salvage(damaged) as salvage:
        clock.remember_floor(salvage.clock_floor_us)
        kept = _keep_acknowledged(book, salvage)
        renewed = _renew_unacknowledged(book, salvage)
        facts = {
            "salvaged": kept + renewed,
            "renewed": renewed,
            "from_epoch": salvage.epoch,
            "cause": cause,
            "set_aside": f"{LOST_AND_FOUND}/{damaged.parent.name}",
        }
    book.write([[stamp(EventDraft("journal.recovered", facts), clock)]], growing=False)


def _keep_acknowledged(book: JournalBook, salvage: Salvage) -> int:
    count = 0
    for piece in _pieces(found for found in salvage.events() if found.acknowledged):
        with book.changing(growing=False):
            for found in piece:
                book.events.keep(found.event, found.op_id)
        count += len(piece)
    return count


def _renew_unacknowledged(book: JournalBook, salvage: Salvage) -> int:
    count = 0
    for piece in _pieces(found for found in salvage.events() if not found.acknowledged):
        book.write([[_renewed(found) for found in piece]], growing=False)
        count += len(piece)
    return count


def _renewed(found: SalvagedEvent) -> StampedDraft:
    event = found.event
    key: dict[str, int | str] = {"epoch": event.key.epoch, "lane": event.key.lane.name, "seq": event.key.seq}
    if found.doubtful:
        # Its new link would vouch for what the old one did not.
        key["doubtful"] = True
    return StampedDraft(
        kind=event.kind,
        payload=_with_original_key(event.payload, key),
        lane=event.key.lane,
        op_id=found.op_id,
        event_id=event.event_id,
        time=_possible(event.time),
        salt=secrets.token_bytes(SALT_BYTES),
    )


def _possible(time: EventTime) -> EventTime:
    """The time, where it can be one: flipped bits may make a moment before the boot of it, or a year of six digits.

    A flipped sign is the one number of it that has no link.
    """
    if time.boottime_ns >= 0 and 0 <= time.wall_time_us < _END_OF_TIME_US:
        return time
    return EventTime(boot_id=time.boot_id, boottime_ns=0, wall_time_us=0, clock_state=ClockState.UNSET)


def _with_original_key(payload: bytes | None, key: dict[str, int | str]) -> bytes:
    if payload is None:
        return encode_payload({"original_key": key, "erased": True})
    try:
        return encode_payload({**decode_payload(payload), "original_key": key})
    except PayloadError:
        # One of the largest: no room for the key beside it. The old one stays in lost+found.
        return encode_payload({"original_key": key, "too_large": True})


def _pieces(found: Iterator[SalvagedEvent]) -> Iterator[list[SalvagedEvent]]:
    while piece := list(islice(found, _AT_ONCE)):
        yield piece


def _move_all(path: Path, folder: Path) -> None:
    for sidecar in _SIDECARS:
        with contextlib.suppress(FileNotFoundError):
            path.with_name(path.name + sidecar).replace(folder / (path.name + sidecar))
