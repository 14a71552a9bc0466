"""One live session per device: the newer one wins, and too many changes of hands are told (C4)."""

from collections import deque
from dataclasses import dataclass

TAKE_OVERS = 3
"""More of them from different addresses within the window look like a cloned device."""
WINDOW_S = 600.0
"""Ten minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """What a new session means for the device's older one."""

    older: str | None
    """Session to end with GoAway(taken_over); None where there is none."""
    is_clone_suspected: bool
    """Whether the device changed hands between addresses too often."""


class SessionRegister:
    """Live sessions by device."""

    def __init__(self) -> None:
        self._live: dict[str, tuple[str, str]] = {}
        self._take_overs: dict[str, deque[float]] = {}

    def enter(self, device_id: str, session_id: str, address: str, now_s: float) -> Registered:
        """A session has said Hello.

        Args:
            device_id: its device, authenticated.
            session_id: the session.
            address: where it comes from, without the port.
            now_s: monotonic seconds.
        """
        older = self._live.get(device_id)
        self._live[device_id] = (session_id, address)
        if older is None or older[0] == session_id:
            return Registered(older=None, is_clone_suspected=False)
        moved = self._take_overs.setdefault(device_id, deque(maxlen=TAKE_OVERS + 1))
        if older[1] != address:
            moved.append(now_s)
        recent = [at_s for at_s in moved if now_s - at_s <= WINDOW_S]
        return Registered(older=older[0], is_clone_suspected=len(recent) > TAKE_OVERS)

    def leave(self, device_id: str, session_id: str) -> bool:
        """A session has ended; one that was taken over before changes nothing.

        Returns:
            Whether the device has no session now.
        """
        if self._live.get(device_id, ("", ""))[0] != session_id:
            return False
        del self._live[device_id]
        return True

    def live(self) -> dict[str, str]:
        """Session by device."""
        return {device_id: session_id for device_id, (session_id, _) in self._live.items()}

    def session_of(self, device_id: str) -> str | None:
        """The live session of a device; None where it has none."""
        found = self._live.get(device_id)
        return None if found is None else found[0]
