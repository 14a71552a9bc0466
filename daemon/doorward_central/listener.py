"""The one place that makes the centre's listeners: devices, and its own operator."""

import os
import socket
import stat
from pathlib import Path

import grpc

from doorward_central.error import CentreError
from doorward_central.settings import ListenerSettings
from doorward_sync.wire_stream import LARGEST_MESSAGE_BYTES

ADMIN_SOCKET = Path("run") / "central.sock"
"""Place of the operator's socket in the home folder."""
_LONGEST_SOCKET_BYTES = 107
"""Linux keeps 108 bytes for the path of a socket, the last of which is zero (unix(7))."""


def make_server(max_streams: int) -> grpc.aio.Server:
    """A server without listeners.

    Args:
        max_streams: calls at once; more are refused.
    """
    options = [
        ("grpc.so_reuseport", 0),  # a taken port is to be an error, not a port shared with someone else
        ("grpc.max_receive_message_length", LARGEST_MESSAGE_BYTES),
        ("grpc.max_send_message_length", LARGEST_MESSAGE_BYTES),
        ("grpc.keepalive_time_ms", 30_000),
        # The answer to a ping waits behind the batches under way: as long as a heartbeat may be waited for, not less.
        ("grpc.keepalive_timeout_ms", 60_000),
        ("grpc.server_handshake_timeout_ms", 10_000),
    ]
    return grpc.aio.server(options=options, maximum_concurrent_rpcs=max_streams)


def listen(server: grpc.aio.Server, settings: ListenerSettings) -> str:
    """Opens the listener of devices. Transport security comes in here.

    Returns:
        The address, as devices write it.

    Raises:
        CentreError: LISTENER_UNAVAILABLE.
    """
    address = settings.address
    if address.startswith("unix:"):
        return listen_on_socket(server, Path(address.removeprefix("unix:")))
    host, _, port = address.rpartition(":")
    try:
        _prove_port_free(host, port)
        return f"{host}:{server.add_insecure_port(address)}"
    except (OSError, RuntimeError, ValueError) as error:
        found = f"{address}: the listener cannot be opened: {error}; stop who holds it, or set listener.address"
        raise CentreError("LISTENER_UNAVAILABLE", found, address=address) from error


def listen_on_socket(server: grpc.aio.Server, path: Path) -> str:
    """Opens a Unix socket for the centre's own user; what a killed centre left behind is removed.

    Returns:
        The address, as clients write it.

    Raises:
        CentreError: LISTENER_UNAVAILABLE.
    """
    if len(os.fsencode(path)) > _LONGEST_SOCKET_BYTES:
        raise _unavailable(path, f"its path is longer than {_LONGEST_SOCKET_BYTES} bytes; set a shorter DOORWARD_HOME")
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
        _remove_stale(path)
        # 0077, not 0117: a folder that another thread makes in this moment keeps the bits its owner needs.
        mask = os.umask(0o077)
        try:
            server.add_insecure_port(f"unix:{path}")
        finally:
            os.umask(mask)
        path.chmod(0o600)
    except (OSError, RuntimeError) as error:
        raise _unavailable(path, str(error)) from error
    return f"unix:{path}"


def is_served(path: Path) -> bool:
    """Whether somebody answers on a Unix socket."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        return path.exists() and probe.connect_ex(str(path)) == 0


def _remove_stale(path: Path) -> None:
    if not path.exists():
        return
    if not stat.S_ISSOCK(path.lstat().st_mode):
        raise _unavailable(path, "something that is no socket is in the way; remove it")
    if is_served(path):
        raise _unavailable(path, "another process serves it; stop it, or set a DOORWARD_HOME of its own")
    path.unlink()


def _prove_port_free(host: str, port: str) -> None:
    # gRPC says only that it failed, and writes the cause to standard error past our log.
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((host.strip("[]"), int(port)))


def _unavailable(path: Path, found: str) -> CentreError:
    return CentreError("LISTENER_UNAVAILABLE", f"{path}: the socket cannot be opened: {found}", address=str(path))
