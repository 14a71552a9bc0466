"""`doorward-central bench`: what the embedded centre takes in, beside what SQLite alone commits of the same rows."""

import argparse
import asyncio
import contextlib
import os
import sys
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import apsw
import grpc

from doorward_central.bench_device import EPOCH, BenchDevice, make_backlog
from doorward_central.database import open_connection
from doorward_central.error import CentreError
from doorward_central.event_rows import store_batch
from doorward_central.listener import is_served
from doorward_sync.centre_storage import StoreBatch
from doorward_sync.event import Event, Lane
from doorward_sync.messages import Batch

_BATCH = 200
_READY_WITHIN_S = 20.0
_RAW = "INSERT INTO raw VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"


async def run_bench(options: argparse.Namespace) -> dict[str, object]:
    """Starts a centre of its own in a temporary folder and drains devices into it.

    Raises:
        CentreError: the centre does not come up, or a stream ends.
    """
    with TemporaryDirectory(prefix="doorward-bench-") as folder:
        home = Path(folder)
        async with _centre(home) as address:
            backlog = await _drain(address, ["backlog"], options.backlog)
            fleet = await _drain(address, [f"fleet-{number}" for number in range(options.devices)], options.each)
        events = make_backlog("raw", min(options.backlog, 50_000))
        raw = _raw_rows_per_s(home / "raw.db", events)
        store = _store_rows_per_s(home / "store", events)
    return {
        "backlog": {**backlog, "share_of_raw": round(float(backlog["events_per_s"]) / raw, 3)},
        "fleet": fleet,
        "store_alone_events_per_s": round(store, 1),
        "raw_events_per_s": round(raw, 1),
        "batch": _BATCH,
        "synchronous": "FULL",
        "cores": len(os.sched_getaffinity(0)),
    }


async def _drain(address: str, device_ids: Sequence[str], count: int) -> dict[str, float]:
    devices = [BenchDevice(device_id, make_backlog(device_id, count)) for device_id in device_ids]
    began_s = time.monotonic()
    async with contextlib.AsyncExitStack() as stack:
        options = [("grpc.use_local_subchannel_pool", 1)]
        channels = [
            await stack.enter_async_context(grpc.aio.insecure_channel(address, options=options)) for _ in devices
        ]
        took_s = await asyncio.gather(
            *(device.drain(channel) for device, channel in zip(devices, channels, strict=True))
        )
        all_s = time.monotonic() - began_s
    return {
        "devices": len(devices),
        "events": len(devices) * count,
        "drained_s": round(all_s, 3),
        "slowest_device_s": round(max(took_s), 3),
        "events_per_s": round(len(devices) * count / all_s, 1),
    }


@contextlib.asynccontextmanager
async def _centre(home: Path) -> AsyncIterator[str]:
    socket = home / "devices.sock"
    # A burst of the whole fleet is what is measured, not how it is sent away.
    (home / "central.toml").write_text("[uplink]\nhandshake_burst = 100000\n", encoding="utf-8")
    arguments = ("--home", str(home), "serve", "--listen", f"unix:{socket}")
    # Its log would be most of what is measured, and of what is read.
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "doorward_central", *arguments, stderr=asyncio.subprocess.DEVNULL
    )
    try:
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while not is_served(socket):
            if process.returncode is not None or time.monotonic() > deadline_s:
                raise CentreError("INTERNAL", "the centre of the bench does not come up; try `doorward-central serve`")
            await asyncio.sleep(0.02)
        yield f"unix:{socket}"
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()


def _raw_rows_per_s(path: Path, events: Sequence[Event]) -> float:
    """SQLite alone: the same values in one table with one unique key, a durable commit for every batch."""
    connection = apsw.Connection(str(path))
    for name, value in (("locking_mode", "EXCLUSIVE"), ("journal_mode", "WAL"), ("synchronous", "FULL")):
        connection.pragma(name, value)
    connection.execute(
        "CREATE TABLE raw (epoch, lane, seq, event_id, kind, boot_id, boottime_ns, payload, salt, digest, chain_hash,"
        " PRIMARY KEY (epoch, lane, seq)) WITHOUT ROWID"
    )
    began_s = time.monotonic()
    for start in range(0, len(events), _BATCH):
        connection.execute("BEGIN IMMEDIATE")
        connection.executemany(_RAW, [_values(event) for event in events[start : start + _BATCH]])
        connection.execute("COMMIT")
    took_s = time.monotonic() - began_s
    connection.close()
    return len(events) / took_s


def _store_rows_per_s(folder: Path, events: Sequence[Event]) -> float:
    """The centre's own storing without network and protocol."""
    connection = open_connection(folder, 1 << 40)
    began_s = time.monotonic()
    for start in range(0, len(events), _BATCH):
        batch = Batch(lane=Lane.LEDGER, events=tuple(events[start : start + _BATCH]))
        connection.execute("BEGIN IMMEDIATE")
        store_batch(connection, StoreBatch(device_id="raw", epoch=EPOCH, batch=batch), 0)
        connection.execute("COMMIT")
    took_s = time.monotonic() - began_s
    connection.close()
    return len(events) / took_s


def _values(event: Event) -> tuple[int | str | bytes | None, ...]:
    key, when = event.key, event.time
    numbers = (key.epoch, int(key.lane), key.seq)
    return (
        *numbers,
        event.event_id,
        event.kind,
        when.boot_id,
        when.boottime_ns,
        event.payload,
        event.salt,
        event.payload_digest,
        event.chain_hash,
    )
