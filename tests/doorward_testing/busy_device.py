"""A device that records, and sends what it recorded, until it is killed; it keeps what its callers were told."""

import asyncio
import itertools
import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from doorward_daemon.journal import EventDraft, Journal, JournalSettings, open_event_clock, open_journal
from doorward_daemon.uplink import DeviceIdentity, UplinkParts, UplinkSettings, open_uplink
from doorward_sync.event import Lane
from doorward_testing.centre_site import until
from doorward_testing.obligations import COUNTED

SETTINGS = JournalSettings(spare_disk_bytes=0, append_timeout_ms=60_000, keep_acknowledged_days=3650)
"""On a disk of the size of a test; a slow machine is no fault here."""
QUICK_UPLINK = UplinkSettings(first_retry_max_s=0.1, retry_base_s=0.05, retry_cap_s=0.2)
"""Comes back at once: the campaign has no time for the spread of a fleet."""

Record = Callable[[Journal, int, str], None]


def record_durably(journal: Journal, log: int, operation: str) -> None:
    """Asks for an event; the answer is kept when it has come, as a caller does."""
    event = journal.append(EventDraft(COUNTED, {"op": operation}, op_id=operation))
    told = f"ack {operation} {event.event_id} {event.key.epoch} {event.key.seq} {event.payload_digest.hex()}\n"
    os.write(log, told.encode("ascii"))


def keep_recording(journal: Journal, log: Path, run: str, record: Record = record_durably) -> None:
    """Asks for one event after the other until the process ends.

    Args:
        journal: where to.
        log: file of what this caller asked for and was told; survives the process.
        run: name of this life.
        record: how one is asked for.
    """
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.write(descriptor, b"ready\n")
    taken_over = 0
    for number in itertools.count():
        operation = f"{run}-{number}"
        # Before the question: what was asked for may be there although no answer came.
        os.write(descriptor, f"try {operation}\n".encode("ascii"))
        record(journal, descriptor, operation)
        if (acked := journal.lane_state(Lane.LEDGER).acked) != taken_over:
            taken_over = acked
            os.write(descriptor, f"over {journal.epoch} {acked}\n".encode("ascii"))


def main(arguments: Sequence[str], record: Record = record_durably) -> int:
    """Lives: FOLDER CENTRE LOG RUN; with an empty RUN it only sends, and says when it is done."""
    folder, centre, log, run = arguments
    asyncio.run(_live(Path(folder), centre, (Path(log), run), record))
    return 0


async def _live(folder: Path, centre: str, caller: tuple[Path, str], record: Record) -> None:
    asked_to_stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asked_to_stop.set)
    identity = DeviceIdentity(device_id="gate-1", boot_id="boot-1", version="0.0.0", embedding_id="")
    with open_journal(folder, SETTINGS, open_event_clock()) as journal:
        parts = UplinkParts(identity=identity, outbox=journal)
        async with open_uplink(parts, replace(QUICK_UPLINK, centre_address=centre)):
            log, run = caller
            if run:
                await asyncio.to_thread(keep_recording, journal, log, run, record)
            await until(lambda: not journal.outbox().unacknowledged, timeout_s=600)
            log.write_text("done\n", encoding="ascii")
            await asked_to_stop.wait()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
