"""A real centre for tests: in this loop, or as a process that can be killed; a device with a real journal beside it."""

import asyncio
import contextlib
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from doorward_api.v1 import centre_pb2, centre_service_pb2
from doorward_central.listener import ADMIN_SOCKET
from doorward_central.remote_desk import remote_desk
from doorward_central.settings import CentreSettings, ListenerSettings, UplinkSettings
from doorward_daemon.journal import Journal
from doorward_daemon.uplink import DeviceIdentity, Uplink, UplinkParts, open_uplink
from doorward_daemon.uplink import UplinkSettings as DeviceUplinkSettings
from doorward_daemon.uplink.ports import GalleryPort
from doorward_testing.memory_gallery import MemoryGallery

QUICK = UplinkSettings(reconnect_spread_s=0.2, heartbeat_interval_s=1)
"""Devices that are sent away come back at once."""


def free_address() -> str:
    """A loopback address nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def centre_settings(address: str) -> CentreSettings:
    """A centre for tests at an address."""
    return CentreSettings(listener=ListenerSettings(address=address, grace_s=0.5), uplink=QUICK)


@dataclass(slots=True)
class CentreProcess:
    """`doorward-central serve` as a process."""

    home: Path
    address: str
    prefix: tuple[str, ...] = ()
    """Before the command: `ip netns exec ...` gives it a network of its own."""
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it and waits until it serves."""
        command = [*self.prefix, sys.executable, "-m", "doorward_central", "--home", str(self.home)]
        config = self.home / "central.toml"
        self.home.mkdir(parents=True, exist_ok=True)
        config.write_text("[uplink]\nreconnect_spread_s = 0.2\n", encoding="utf-8")
        self.process = subprocess.Popen([*command, "serve", "--listen", self.address], stderr=subprocess.DEVNULL)
        host, port = self.address.split(":")
        deadline_s = time.monotonic() + 30
        while time.monotonic() < deadline_s:
            with socket.socket() as probe:
                if probe.connect_ex((host, int(port))) == 0:
                    return
            assert self.process.poll() is None, f"the centre ended with {self.process.returncode}"
            threading.Event().wait(0.02)
        raise AssertionError("the centre does not serve")

    def kill(self) -> None:
        """Kills it, if it runs."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    async def events(self) -> list[centre_pb2.StoredEvent]:
        """Everything it has stored."""
        return await stored_events(self.home)


async def stored_events(home: Path) -> list[centre_pb2.StoredEvent]:
    """Everything a serving centre has stored, in order of arrival."""
    found: list[centre_pb2.StoredEvent] = []
    request = centre_service_pb2.ListStoredEventsRequest()
    async with remote_desk(home / ADMIN_SOCKET) as desk:
        while True:
            page = await desk.list_events(request)
            found += page.events
            if not page.next_page_token:
                return found
            request.page_token = page.next_page_token


@dataclass(slots=True)
class Device:
    """A device with a journal and a gallery."""

    journal: Journal
    address: str
    device_id: str = "gate-1"
    gallery: GalleryPort = field(default_factory=MemoryGallery)
    settings: DeviceUplinkSettings = field(default_factory=DeviceUplinkSettings)
    """Of its uplink; where it connects to and how soon it tries again are what a test wants."""

    @contextlib.asynccontextmanager
    async def connected(self) -> AsyncIterator[Uplink]:
        """With its uplink running."""
        identity = DeviceIdentity(device_id=self.device_id, boot_id="boot-1", version="0.0.0", embedding_id="test")
        settings = replace(
            self.settings, centre_address=self.address, first_retry_max_s=0.1, retry_base_s=0.05, retry_cap_s=0.2
        )
        parts = UplinkParts(identity=identity, outbox=self.journal, gallery=self.gallery)
        async with open_uplink(parts, settings) as uplink:
            yield uplink


async def until(condition: Callable[[], bool] | Callable[[], Awaitable[bool]], timeout_s: float = 20.0) -> float:
    """Waits until something holds.

    Returns:
        How long it took, seconds.
    """
    begun_s = time.monotonic()
    while time.monotonic() - begun_s < timeout_s:
        held = condition()
        if await held if isinstance(held, Awaitable) else held:
            return time.monotonic() - begun_s
        await asyncio.sleep(0.01)
    raise AssertionError(f"does not hold after {timeout_s} s")


def template(seed: int, numbers: int = 4) -> bytes:
    """A template of length 1."""
    raw = [((seed * 31 + place) % 7) - 3.0 for place in range(numbers)]
    length = sum(number * number for number in raw) ** 0.5 or 1.0
    return struct.pack(f"<{numbers}f", *(number / length for number in raw))


@contextlib.contextmanager
def running(centre: CentreProcess) -> Iterator[CentreProcess]:
    """Starts a centre's process; it is gone at the end."""
    centre.start()
    try:
        yield centre
    finally:
        centre.kill()


def in_order_once(events: Sequence[centre_pb2.StoredEvent], device_id: str = "gate-1") -> list[int]:
    """Sequence numbers of a device's ledger, checked to be 1, 2, 3, ... in order of arrival."""
    seqs = [event.seq for event in events if event.device_id == device_id]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len({event.event_id for event in events}) == len(events)
    return seqs
