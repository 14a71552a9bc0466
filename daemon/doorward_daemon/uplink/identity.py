"""Who this device says it is: the one place to change when a certificate proves it."""

import time
from dataclasses import dataclass
from pathlib import Path

from doorward_daemon.uplink.down_ports import ConfigPort
from doorward_daemon.uplink.outbox_lane import status_of
from doorward_daemon.uplink.ports import GalleryPort, OutboxPort
from doorward_sync.event import Lane
from doorward_sync.limits import PROTOCOL
from doorward_sync.messages import Hello


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceIdentity:
    """What stays the same while the daemon runs."""

    device_id: str
    """Made once for the data folder."""
    boot_id: str
    """Boot of this machine, as its kernel names it."""
    version: str
    """Of this daemon."""
    embedding_id: str
    """Embedding space of its pack."""

    def hello(self, outbox: OutboxPort, gallery: GalleryPort, config: ConfigPort) -> Hello:
        """The first message of a stream, from what is on disk now."""
        config_revision, config_digest = config.mark()
        return Hello(
            min_protocol=PROTOCOL,
            max_protocol=PROTOCOL,
            device_id=self.device_id,
            epoch=outbox.epoch,
            lanes=tuple(status_of(lane, outbox.lane_state(lane)) for lane in Lane),
            boot_id=self.boot_id,
            boottime_ns=boottime_ns(),
            wall_time_us=wall_time_us(),
            gallery_revision=gallery.revision(),
            takes_gallery_chunks=True,
            gallery_staged=gallery.staged(),
            gallery_digest=gallery.digest(),
            config_revision=config_revision,
            config_digest=config_digest,
            embedding_id=self.embedding_id,
            version=self.version,
            anchors=outbox.clock_anchors(),
        )


def read_boot_id() -> str:
    """Identity of this boot; empty where the kernel names none."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return ""


def boottime_ns() -> int:
    """Nanoseconds since boot, suspend included."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME)


def wall_time_us() -> int:
    """Microseconds since 1970 UTC, as the clock stands."""
    return time.time_ns() // 1000
