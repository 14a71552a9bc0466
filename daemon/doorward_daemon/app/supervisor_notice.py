"""Tells systemd how the daemon is, where systemd asked for it (sd_notify(3)); elsewhere nothing happens."""

import socket


class SupervisorNotice:
    """Sends single datagrams to the notify socket; errors are ignored, a supervisor that does not listen is not ours.

    The protocol is one line of text per datagram; a library would be larger than this file.

    Args:
        address: NOTIFY_SOCKET; empty or None where nobody asked.
    """

    def __init__(self, address: str | None) -> None:
        self._address = None if not address else (f"\0{address[1:]}" if address.startswith("@") else address)

    def ready(self) -> None:
        """The daemon serves."""
        self._send("READY=1\nSTATUS=serving")

    def status(self, text: str) -> None:
        """What the daemon is doing, one line."""
        self._send(f"STATUS={text}")

    def alive(self) -> None:
        """The vital loops have moved."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The daemon has begun to stop."""
        self._send("STOPPING=1\nSTATUS=stopping")

    def _send(self, message: str) -> None:
        if self._address is None:
            return
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
                channel.setblocking(False)
                channel.sendto(message.encode(), self._address)
        except OSError:
            return
