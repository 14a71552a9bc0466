"""The live streams of all devices: who is connected, and who has to hear of a change."""

import time
from typing import Protocol

from doorward_central.counters import Counters
from doorward_sync.centre_storage import PendingCommand
from doorward_sync.down_messages import ConfigDocument
from doorward_sync.messages import GoAwayReason
from doorward_sync.outputs import AlarmKind
from doorward_sync.session_register import SessionRegister
from doorward_sync.token_bucket import TokenBucket


class LiveStream(Protocol):
    """What the fleet asks of a stream."""

    @property
    def session_id(self) -> str:
        """Identity of its session."""

    def end(self, reason: GoAwayReason) -> None:
        """Ends it."""

    def gallery_changed(self, revision: int) -> None:
        """Tells it of a new revision of the gallery."""

    def config_changed(self, document: ConfigDocument) -> None:
        """Tells it of the configuration its device is to have."""

    def commanded(self, pending: PendingCommand) -> None:
        """Gives it a command for its device."""


class Fleet:
    """One live stream per device; the newer one wins. For one event loop.

    Args:
        gallery_revision: of the store at start.
        handshakes: how many streams may begin.
        counters: where alarms are counted.
    """

    def __init__(self, gallery_revision: int, handshakes: TokenBucket, counters: Counters) -> None:
        self.gallery_revision = gallery_revision
        self.counters = counters
        self._handshakes = handshakes
        self._register = SessionRegister()
        self._streams: dict[str, LiveStream] = {}

    def admits(self) -> bool:
        """Whether one more stream may begin now."""
        self._handshakes, wait_s = self._handshakes.take(time.monotonic())
        return wait_s <= 0.0

    def enter(self, device_id: str, stream: LiveStream, address: str) -> None:
        """A device has said Hello on a stream; its older one ends."""
        registered = self._register.enter(device_id, stream.session_id, address, time.monotonic())
        self._streams[stream.session_id] = stream
        if registered.is_clone_suspected:
            detail = f"{device_id} changes hands between addresses; two boxes may have one identity"
            self.counters.alarm(AlarmKind.CLONE_SUSPECTED, detail)
        if registered.older is not None and registered.older in self._streams:
            self._streams[registered.older].end(GoAwayReason.TAKEN_OVER)

    def leave(self, device_id: str, stream: LiveStream) -> None:
        """A stream has ended."""
        self._register.leave(device_id, stream.session_id)
        self._streams.pop(stream.session_id, None)

    def is_connected(self, device_id: str) -> bool:
        """Whether a device has a stream now."""
        return device_id in self._register.live()

    def gallery_changed(self, revision: int) -> None:
        """Tells every stream of a new revision of the gallery."""
        if revision > self.gallery_revision:
            self.gallery_revision = revision
            for stream in tuple(self._streams.values()):
                stream.gallery_changed(revision)

    def config_changed(self, device_id: str, document: ConfigDocument) -> None:
        """A device is to have another configuration."""
        if (stream := self._stream_of(device_id)) is not None:
            stream.config_changed(document)

    def commanded(self, device_id: str, pending: PendingCommand) -> None:
        """A command waits for a device."""
        if (stream := self._stream_of(device_id)) is not None:
            stream.commanded(pending)

    def _stream_of(self, device_id: str) -> LiveStream | None:
        session_id = self._register.session_of(device_id)
        return None if session_id is None else self._streams.get(session_id)

    def end_all(self, reason: GoAwayReason) -> None:
        """Ends every stream."""
        for stream in tuple(self._streams.values()):
            stream.end(reason)
