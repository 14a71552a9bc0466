"""Devices and centres with a mistake that the campaign has to find: the red twins of the kill loops."""

import os
from collections.abc import Sequence
from typing import Any

from doorward_central import __main__ as central_main
from doorward_central.store_thread import StoreThread
from doorward_daemon.journal import EventDraft, Journal
from doorward_daemon.journal.draft import stamp
from doorward_daemon.journal.ticket import AppendTicket
from doorward_sync.chain import commit_to_payload
from doorward_testing import busy_device
from doorward_testing.obligations import COUNTED

_COMMIT_EVERY = 25


def device(arguments: Sequence[str]) -> int:
    """A device that answers before its commit."""
    return busy_device.main(arguments, _answer_first)


def repeating_device(arguments: Sequence[str]) -> int:
    """A device whose caller asks again under no name: what was written is written again."""
    return busy_device.main(arguments, _ask_twice)


def centre(arguments: Sequence[str]) -> int:
    """A centre that acknowledges before its commit."""
    StoreThread._transact = _transact_lazily  # type: ignore[assignment, method-assign]
    return central_main.main(arguments)


def _answer_first(journal: Journal, log: int, operation: str) -> None:
    draft = stamp(EventDraft(COUNTED, {"op": operation}, op_id=operation), journal._clock)
    digest = commit_to_payload(draft.salt, draft.payload).hex()
    os.write(log, f"ack {operation} {draft.event_id} 0 0 {digest}\n".encode("ascii"))
    journal._put(AppendTicket([draft]))


def _ask_twice(journal: Journal, log: int, operation: str) -> None:
    journal.append(EventDraft(COUNTED, {"op": operation}))
    event = journal.append(EventDraft(COUNTED, {"op": operation}))
    told = f"ack {operation} {event.event_id} {event.key.epoch} {event.key.seq} {event.payload_digest.hex()}\n"
    os.write(log, told.encode("ascii"))


def _transact_lazily(thread: StoreThread, group: list[Any]) -> list[tuple[Any, Exception | None]]:
    connection = thread._connection
    if not connection.in_transaction:
        connection.execute("BEGIN IMMEDIATE")
    done = [thread._carry_out(job) for job in group]
    waiting = getattr(thread, "_waiting_groups", 0) + 1
    if waiting >= _COMMIT_EVERY:
        connection.execute("COMMIT")
        waiting = 0
    thread._waiting_groups = waiting  # type: ignore[attr-defined]
    return done
