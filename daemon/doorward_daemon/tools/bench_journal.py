"""`doorwardd bench journal`: durable events per second, beside what SQLite alone commits of the same rows."""

import argparse
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from doorward_daemon.journal import EventDraft, Journal, JournalSettings, open_event_clock, open_journal
from doorward_daemon.journal.raw_limit import RawCommits
from doorward_daemon.tools.command import Subcommands, add_command
from doorward_daemon.tools.context import ToolContext
from doorward_daemon.tools.hardware import hardware
from doorward_daemon.tools.report import print_json, print_tables, remark, table_of
from doorward_daemon.tools.statistics import Spread
from doorward_sync.event import Event, Lane

CALLERS = 50
"""Threads that append at once: every door and kiosk of a large site."""
BATCH = 100
"""Events in one transaction."""
_BLOCK = 25
"""Commits of one kind in a row; then the other kind: both see the same disk, whoever else uses it."""
_PATIENCE_S = 30.0


@dataclass(slots=True)
class _Turns:
    """Times of the journal and of SQLite alone, taken in turns."""

    journal_ms: list[float] = field(default_factory=list)
    raw_ms: list[float] = field(default_factory=list)

    def to_json(self, events_per_call: int) -> dict[str, Any]:
        """Rates, times and their ratio; a rate is of the whole time, slow moments included."""
        ours, raw = sum(self.journal_ms), sum(self.raw_ms)
        return {
            "events_per_s": round(1000.0 * events_per_call * len(self.journal_ms) / ours, 1),
            "raw_events_per_s": round(1000.0 * events_per_call * len(self.raw_ms) / raw, 1),
            "ratio": round((raw / len(self.raw_ms)) / (ours / len(self.journal_ms)), 3),
            "ratio_of_medians": round(Spread.of(self.raw_ms).p50 / Spread.of(self.journal_ms).p50, 3),
            "append_ms": Spread.of(self.journal_ms).to_json(),
            "raw_ms": Spread.of(self.raw_ms).to_json(),
            "n": len(self.journal_ms),
        }


def add_parser(commands: Subcommands) -> argparse.ArgumentParser:
    """Adds the command to the group `bench`."""
    parser = add_command(commands, "journal", "measures durable events beside what SQLite alone commits")
    parser.add_argument("--repeat", type=int, default=3000, metavar="N", help="single events measured (default: 3000)")
    return parser


def run(arguments: argparse.Namespace, context: ToolContext) -> int:
    """Runs the command in a folder below the home, so that its disk is the one that is measured.

    Raises:
        DoorwardError: the disk does not take it.
    """
    folder = context.home if context.home.is_dir() else None
    with TemporaryDirectory(prefix="doorward-bench-", dir=folder) as place:
        document = measure(Path(place), max(_BLOCK, arguments.repeat))
    print_json(document) if arguments.json else _print(document)
    return 0


def measure(folder: Path, repeat: int) -> dict[str, Any]:
    """Appends and commits in turns.

    Args:
        folder: on the disk to measure.
        repeat: single events.
    """
    with (
        open_journal(folder, JournalSettings(), open_event_clock()) as journal,
        RawCommits(folder / "raw.db") as raw,
    ):
        remark("single events")
        single = _in_turns(journal, raw, (repeat, 1))
        remark(f"{BATCH} events at once")
        batch = _in_turns(journal, raw, (max(_BLOCK, repeat // 20), BATCH))
        remark(f"{CALLERS} callers at once")
        many = _many_callers(journal, repeat)
    return {
        "single": single.to_json(1),
        f"batch_{BATCH}": batch.to_json(BATCH),
        f"callers_{CALLERS}": many,
        "synchronous": "FULL",
        "hardware": hardware(),
    }


def _in_turns(journal: Journal, raw: RawCommits, amount: tuple[int, int]) -> _Turns:
    calls, events_per_call = amount
    turns = _Turns()
    _block(journal, raw, events_per_call, _Turns())
    for _ in range(max(1, calls // _BLOCK)):
        _block(journal, raw, events_per_call, turns)
    return turns


def _block(journal: Journal, raw: RawCommits, events_per_call: int, turns: _Turns) -> None:
    written: list[list[Event]] = []
    for number in range(_BLOCK):
        drafts = [_draft(number)] * events_per_call
        started_ns = time.perf_counter_ns()
        written.append(journal.append_many(drafts, _PATIENCE_S))
        turns.journal_ms.append((time.perf_counter_ns() - started_ns) / 1e6)
    turns.raw_ms += [_time_ms(raw.commit, events) for events in written]


def _many_callers(journal: Journal, repeat: int) -> dict[str, Any]:
    times_ms: list[float] = []

    def call() -> None:
        drafts = [_draft(number) for number in range(max(1, repeat // CALLERS))]
        times_ms.extend([_time_ms(journal.append, draft, _PATIENCE_S) for draft in drafts])

    threads = [threading.Thread(target=call) for _ in range(CALLERS)]
    commits = journal.status().commits
    took_ms = _time_ms(_run_all, threads)
    return {
        "events_per_s": round(1000.0 * len(times_ms) / took_ms, 1),
        "append_ms": Spread.of(times_ms).to_json(),
        "events_per_commit": round(len(times_ms) / max(1, journal.status().commits - commits), 1),
        "n": len(times_ms),
    }


def _run_all(threads: Sequence[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def _draft(number: int) -> EventDraft:
    """A decision as a gate records it."""
    payload = {
        "door_id": "main", "camera_id": "gate", "outcome": "MATCHED", "reason": "MATCHED", "audit": False,
        "track_id": number, "capture_age_ms": 12.345, "face_count": 1, "unrecorded_before": 0, "quality_score": 0.9123,
        "quality_reasons": [], "guidance": [], "liveness": "LIVE", "liveness_score": 0.9712,
        "subject_id": f"subject-{number}", "display_name": "Somebody", "comparison_score": 0.612345,
        "similarity": 0.771234,
    }  # fmt: skip
    return EventDraft("access.granted", payload, Lane.LEDGER)


def _time_ms(work: Callable[..., object], *arguments: object) -> float:
    started_ns = time.perf_counter_ns()
    work(*arguments)
    return (time.perf_counter_ns() - started_ns) / 1e6


def _print(document: Mapping[str, Any]) -> None:
    rows = [
        (name, f"{part['events_per_s']:.0f}", f"{part.get('raw_events_per_s', 0):.0f}", f"{part.get('ratio', 0):.2f}",
         f"{part['append_ms']['p50']:.2f}", f"{part['append_ms']['p99']:.2f}")
        for name, part in document.items() if isinstance(part, dict) and "events_per_s" in part
    ]  # fmt: skip
    columns = ("", "events/s", "SQLite alone", "ratio", "p50 ms", "p99 ms")
    print_tables(table_of("The journal, every commit durable", columns, rows))
    print(document["hardware"])
