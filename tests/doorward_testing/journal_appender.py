"""A process that records events and says so, line by line, after each is on disk: to be killed at any moment."""

import itertools
import os
import sys
from pathlib import Path

from doorward_daemon.journal import EventDraft, JournalSettings, open_event_clock, open_journal
from doorward_sync.event import Lane

ACKNOWLEDGE_EVERY = 40


def main(folder: Path, run: str) -> None:
    """Records until killed; each line is `operation seq`."""
    settings = JournalSettings(spare_disk_bytes=0, append_timeout_ms=30_000, keep_acknowledged_days=3650)
    with open_journal(folder, settings, open_event_clock()) as journal:
        for number in itertools.count():
            op_id = f"{run}-{number}"
            event = journal.append(EventDraft("test.counted", {"number": number, "run": run}, op_id=op_id))
            # One write: a line is there or is not.
            os.write(1, f"{op_id} {event.key.seq}\n".encode("ascii"))
            if number % ACKNOWLEDGE_EVERY == 0:
                journal.acknowledge(Lane.LEDGER, event.key.seq)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
