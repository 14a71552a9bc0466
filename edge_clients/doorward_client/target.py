"""Where the daemon is and how a client shows its role there; the only reader of the client's process environment."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote

from doorward_client.errors import InvalidInput

SYSTEM_HOME = Path("/var/lib/doorward")
LOCAL_HOME = Path(".doorward")
# Source: unix(7): sun_path holds 108 bytes with the closing zero.
MAX_SOCKET_PATH_BYTES = 107
_ROLE_SOCKETS = ("viewer.sock", "operator.sock")


@dataclass(frozen=True, slots=True)
class Target:
    """A listener of a daemon; wrong ones are refused with InvalidInput TARGET_INVALID when they are made."""

    address: str
    """`unix:<path>` (the socket is the role), or `host:port` of a loopback listener."""
    token: str = field(default="", repr=False)
    """Bearer token of the role, for `host:port` only; it is not sent over a Unix socket."""

    def __post_init__(self) -> None:
        if self.socket is not None:
            _check_socket(self.address, self.socket)
        else:
            _check_host_port(self.address)
        if not self.token.isascii() or (self.token and not self.token.isprintable()):
            raise InvalidInput(
                "TARGET_INVALID", "the token holds characters that no token has; copy it again, on one line"
            )

    @property
    def socket(self) -> Path | None:
        """Path of the Unix socket; None for `host:port`."""
        if not self.address.startswith("unix:"):
            return None
        path = self.address.removeprefix("unix:")
        return Path("/" + path.lstrip("/") if path.startswith("//") else path)

    @property
    def uri(self) -> str:
        """The address as gRPC wants it: it reads `?`, `#` and `%` of a path as parts of a URI."""
        return f"unix:{quote(os.fsencode(self.socket))}" if self.socket is not None else f"dns:///{self.address}"

    def for_enroller(self) -> "Target":
        """The enroller's socket beside the viewer's or operator's, where there is one; else this target itself."""
        if self.socket is None or self.socket.name not in _ROLE_SOCKETS:
            return self
        sibling = self.socket.with_name("enroller.sock")
        return replace(self, address=f"unix:{sibling}") if sibling.exists() else self

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None, address: str | None = None) -> "Target":
        """The target that this process is meant to talk to.

        DOORWARD_TARGET and DOORWARD_TOKEN if they are set; else the operator's socket of DOORWARD_HOME, of ./.doorward
        where that exists, of /var/lib/doorward otherwise.

        Args:
            environment: the variables; None means those of this process.
            address: taken instead of DOORWARD_TARGET where it is given.

        Raises:
            InvalidInput: TARGET_INVALID.
        """
        known = process_environment() if environment is None else environment
        named = known.get("DOORWARD_TARGET", "") if address is None else address
        token = known.get("DOORWARD_TOKEN", "").strip()
        if address is None and not named:
            named = f"unix:{_home(known) / 'run' / 'operator.sock'}"
        return cls(named, token)


def process_environment() -> Mapping[str, str]:
    """The variables of this process, as they are now."""
    return MappingProxyType(dict(os.environ))


def _home(environment: Mapping[str, str]) -> Path:
    named = environment.get("DOORWARD_HOME", "")
    if named:
        return Path(named)
    return LOCAL_HOME if LOCAL_HOME.is_dir() else SYSTEM_HOME


def _check_socket(address: str, socket: Path) -> None:
    size = len(os.fsencode(socket))
    if socket == Path() or "\0" in address:
        raise _invalid(address, "names no socket; expected unix:<path>, e.g. unix:/var/lib/doorward/run/operator.sock")
    if size > MAX_SOCKET_PATH_BYTES:
        raise _invalid(
            address,
            f"is a socket path of {size} bytes and the system takes {MAX_SOCKET_PATH_BYTES}; use a shorter one",
        )


def _check_host_port(address: str) -> None:
    host, separator, port = address.rpartition(":")
    if not separator or not host or not port.isascii() or not port.isdigit() or not 0 < int(port) < 65536:
        raise _invalid(address, "is no target; expected unix:<path> or <host>:<port>, e.g. 127.0.0.1:8322")
    if not _is_loopback(host):
        raise _invalid(
            address,
            "is beyond this machine, where pictures and tokens would travel in the clear; use a socket or a loopback "
            "address (a tunnel ends at one)",
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _invalid(address: str, problem: str) -> InvalidInput:
    return InvalidInput("TARGET_INVALID", f"{address!r} {problem}", metadata={"target": address})
