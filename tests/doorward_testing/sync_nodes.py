"""The parts of a simulated fleet: devices, connections, and which machines are under test."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from doorward_sync.admission import admit
from doorward_sync.centre_session import CentreSession
from doorward_sync.command_rule import without_doing
from doorward_sync.device_io import CentreMessage, DeviceMessage
from doorward_sync.device_session import DeviceSession
from doorward_sync.limits import PROTOCOL
from doorward_sync.messages import Hello
from doorward_sync.push_order import PushOrder
from doorward_sync.stream_memory import StreamMemory
from doorward_testing.memory_gallery import MemoryGallery
from doorward_testing.sync_disks import LANES, Admit, DeviceDisk
from doorward_testing.sync_down import DeviceDownDisk, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncParts:
    """The parts under test; a red twin replaces one by a broken one."""

    device_session: type[DeviceSession] = DeviceSession
    """The device's machine."""
    centre_session: type[CentreSession] = CentreSession
    """The centre's machine."""
    rule: Admit = admit
    """What a batch does."""
    command_rule: Rule = without_doing
    """When a device does a command."""
    checks_config: bool = True
    """Whether a device checks a configuration before it keeps it."""
    gallery: Callable[[], MemoryGallery] = MemoryGallery
    """What a device keeps its gallery in."""
    has_epochs: bool = True
    """Whether a new journal has a new epoch."""
    has_device_faults: bool = True
    """Whether there are full disks, evictions and events the centre dies of; a twin broken elsewhere is caught faster
    without."""
    has_gallery: bool = True
    """Whether the gallery changes; implied by has_device_faults."""


@dataclass(slots=True)
class Stream:
    """One connection."""

    device_id: str
    """Of this device."""
    centre: CentreSession
    """The centre's end."""
    order: PushOrder | None = None
    """Where the messages go as single calls: what keeps them in order; None for a stream in both directions."""
    up: list[tuple[int, DeviceMessage]] = field(default_factory=list)
    """On the way to the centre, with the number of the call that would carry it."""
    sent: int = 0
    """Messages put on the way to the centre."""
    down: list[CentreMessage] = field(default_factory=list)
    """On the way to the device."""

    def send(self, message: DeviceMessage) -> None:
        """Puts a message on the way to the centre."""
        self.sent += 1
        self.up.append((self.sent, message))


@dataclass(slots=True)
class DeviceNode:
    """One device."""

    disk: DeviceDisk
    """Survives crashes."""
    down: DeviceDownDisk = field(default_factory=DeviceDownDisk)
    """As well: what came down."""
    session: DeviceSession | None = None
    """Does not."""
    stream: Stream | None = None
    """The newest connection."""
    image: tuple[DeviceDisk, MemoryGallery] | None = None
    """A copy of the disk, to be put back."""
    gallery: MemoryGallery = field(default_factory=MemoryGallery)
    """On the same disk."""
    late_up: list[tuple[int, DeviceMessage]] = field(default_factory=list)
    """Messages of streams that are over."""
    memory: StreamMemory = field(default_factory=StreamMemory)
    """What the process remembers of its streams."""
    answers: deque[CentreMessage] = field(default_factory=lambda: deque(maxlen=4))
    """The newest answers of the centre, whichever session they belong to."""


def hello_of(
    device_id: str,
    disk: DeviceDisk,
    boottime_ns: int = 0,
    mark: tuple[int, bytes] = (0, b""),
    gallery: MemoryGallery | None = None,
) -> Hello:
    """The first message of a device with this disk."""
    return Hello(
        min_protocol=PROTOCOL,
        max_protocol=PROTOCOL,
        device_id=device_id,
        epoch=disk.epoch,
        lanes=tuple(disk.status(lane) for lane in LANES),
        boot_id="boot",
        boottime_ns=boottime_ns,
        wall_time_us=0,
        gallery_revision=0 if gallery is None else gallery.revision(),
        takes_gallery_chunks=gallery is not None,
        gallery_staged=None if gallery is None else gallery.staged(),
        gallery_digest=b"" if gallery is None else gallery.digest(),
        config_revision=mark[0],
        config_digest=mark[1],
        embedding_id="",
        version="",
    )
