"""A network of its own for a centre, joined to this machine's by a cable that can be pulled."""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

_NEAR, _FAR, _LENGTH = "10.213.77.1", "10.213.77.2", 24


@dataclass(frozen=True, slots=True)
class Cable:
    """A pair of virtual interfaces, one of them in the namespace."""

    namespace: str
    """Name of the network of its own."""
    interface: str
    """The near end."""
    far_address: str = _FAR
    """Where the far end is reached."""

    def pull(self) -> None:
        """Takes the line down: what is sent vanishes, nobody says that it is gone."""
        _ip("link", "set", self.interface, "down")

    def plug_in(self) -> None:
        """Brings the line back."""
        _ip("link", "set", self.interface, "up")

    def inside(self, *command: str) -> list[str]:
        """A command as it is run in the namespace."""
        return ["ip", "netns", "exec", self.namespace, *command]


@contextlib.contextmanager
def cable_or_skip() -> Iterator[Cable]:
    """Lays a cable while the body runs; skips by name where that may not be done."""
    if os.geteuid() != 0 or shutil.which("ip") is None:
        pytest.skip("network namespaces: needs root and iproute2")
    cable = Cable(namespace=f"doorward-{os.getpid()}", interface=f"dw{os.getpid() % 100_000}")
    try:
        _ip("netns", "add", cable.namespace)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"network namespaces: {error.stderr.strip()}")
    try:
        _ip("link", "add", cable.interface, "type", "veth", "peer", "name", "far", "netns", cable.namespace)
        _ip("address", "add", f"{_NEAR}/{_LENGTH}", "dev", cable.interface)
        _ip("-n", cable.namespace, "address", "add", f"{_FAR}/{_LENGTH}", "dev", "far")
        for interface in ("lo", "far"):
            _ip("-n", cable.namespace, "link", "set", interface, "up")
        cable.plug_in()
        yield cable
    finally:
        # The near end goes with the far one.
        _ip("netns", "delete", cable.namespace)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True, text=True)
