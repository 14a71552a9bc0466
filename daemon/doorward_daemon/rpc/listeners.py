"""The one place that makes listeners: a Unix socket per role, and TCP on loopback where it is wanted."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc

from doorward_daemon.errors import Conflict, ErrorReason
from doorward_daemon.rpc.call import Gate
from doorward_daemon.rpc.interceptor import CallInterceptor
from doorward_daemon.rpc.role_source import RoleSource, SocketRole, TokenRoles
from doorward_daemon.rpc.roles import Role, Work
from doorward_daemon.rpc.settings import RpcSettings
from doorward_daemon.rpc.socket_file import SocketFile
from doorward_daemon.rpc.stream_hall import StreamHall, StreamPlaces
from doorward_daemon.rpc.token_file import read_tokens
from doorward_daemon.rpc.work_queue import WorkQueue
from doorward_daemon.telemetry import Metrics


@dataclass(frozen=True, slots=True)
class Services:
    """What every listener serves."""

    register: Callable[[grpc.aio.Server], None]
    """Adds the servicers, the same objects on every listener."""
    register_reflection: Callable[[grpc.aio.Server], None]
    """Adds reflection; Unix sockets only."""
    queues: Mapping[Work, WorkQueue]
    """The lines calls wait in."""
    streams: StreamHall
    """Where streams stay."""
    metrics: Metrics
    """Where calls are counted."""


@dataclass(frozen=True, slots=True)
class Folders:
    """Where sockets and tokens are kept."""

    run: Path
    """<home>/run: the sockets."""
    tokens: Path
    """<home>/data/tokens: the bearer tokens of TCP."""


@asynccontextmanager
async def open_listeners(services: Services, settings: RpcSettings, folders: Folders) -> AsyncIterator[tuple[str, ...]]:
    """Serves on all listeners while the body runs; at its end sockets are removed and calls in hand get their grace.

    gRPC cannot tell which of a server's listeners a call came in on, so every role has a server of its own. They share
    threads, completion queue and servicers: a further server costs 4 KB of memory (measured, grpcio 1.82.3).

    Yields:
        The addresses, as clients write them.

    Raises:
        InvalidInput: CONFIG_INVALID, a socket's path is too long or its group is not known.
        Conflict: LISTENER_UNAVAILABLE, a socket or port is taken.
    """
    files = {role: SocketFile(folders.run / f"{role.word}.sock", _group_of(role, settings)) for role in Role}
    _open_run_folder(folders.run, for_groups=any(file.group for file in files.values()))
    for file in files.values():
        file.prepare()
    async with AsyncExitStack() as stack:
        servers: list[grpc.aio.Server] = []
        stack.push_async_callback(_stop, servers, settings.grace_s)
        addresses = []
        for role, file in files.items():
            server = _make_server(services, settings, SocketRole(role))
            services.register_reflection(server)
            servers.append(server)
            stack.callback(file.remove, file.bind(server.add_insecure_port))
            addresses.append(f"unix:{file.path}")
        if settings.tcp_enabled:
            server = _make_server(services, settings, TokenRoles(read_tokens(folders.tokens)))
            servers.append(server)
            addresses.append(_bind_port(server, settings))
        for server in servers:
            await server.start()
        yield tuple(addresses)


def _make_server(services: Services, settings: RpcSettings, roles: RoleSource) -> grpc.aio.Server:
    # Places for streams are counted per listener: viewers that watch cannot keep operators from watching.
    lines: dict[Work, WorkQueue | StreamPlaces] = {**services.queues, Work.STREAM: StreamPlaces(settings.max_watchers)}
    gate = Gate(roles, lines, services.metrics, settings.first_message_timeout_s, services.streams)
    server = grpc.aio.server(
        interceptors=[CallInterceptor(gate)],
        options=_options(settings),
        maximum_concurrent_rpcs=settings.max_concurrent_rpcs,
    )
    services.register(server)
    return server


def _options(settings: RpcSettings) -> list[tuple[str, int]]:
    def ms(seconds: float) -> int:
        return round(seconds * 1000)

    return [
        ("grpc.so_reuseport", 0),  # a taken port is to be an error, not a port shared with someone else
        ("grpc.max_receive_message_length", settings.max_message_bytes),
        ("grpc.max_send_message_length", settings.max_message_bytes),
        ("grpc.max_concurrent_streams", settings.max_streams_per_connection),
        ("grpc.server_handshake_timeout_ms", ms(settings.handshake_timeout_s)),
        ("grpc.max_connection_idle_ms", ms(settings.idle_timeout_s)),
        ("grpc.keepalive_time_ms", ms(settings.keepalive_time_s)),
        ("grpc.keepalive_timeout_ms", ms(settings.keepalive_timeout_s)),
        ("grpc.http2.min_ping_interval_without_data_ms", ms(settings.min_ping_interval_s)),
        ("grpc.max_connection_age_ms", ms(settings.connection_age_s)),
        ("grpc.max_connection_age_grace_ms", ms(settings.connection_age_grace_s)),
    ]


def _bind_port(server: grpc.aio.Server, settings: RpcSettings) -> str:
    host = f"[{settings.tcp_host}]" if ":" in settings.tcp_host else settings.tcp_host
    try:
        _prove_port_free(settings)
        port = server.add_insecure_port(f"{host}:{settings.tcp_port}")
    except (OSError, RuntimeError) as error:
        address = f"{host}:{settings.tcp_port}"
        raise Conflict(
            ErrorReason.LISTENER_UNAVAILABLE,
            f"{address}: the port cannot be opened: {error}; stop who holds it, or set rpc.tcp_port",
            metadata={"address": address},
        ) from error
    return f"{host}:{port}"


def _prove_port_free(settings: RpcSettings) -> None:
    # gRPC says only that it failed, and writes the cause to standard error past our log.
    family = socket.AF_INET6 if ":" in settings.tcp_host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind((settings.tcp_host, settings.tcp_port))


def _open_run_folder(folder: Path, *, for_groups: bool) -> None:
    try:
        folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        if for_groups:
            # Members of the role groups must reach their socket; they still cannot list the folder.
            folder.chmod(stat.S_IMODE(folder.stat().st_mode) | stat.S_IXOTH)
    except OSError as error:
        raise Conflict(
            ErrorReason.LISTENER_UNAVAILABLE,
            f"{folder}: the folder of the sockets cannot be used: {error.strerror}; give the daemon's user access",
            metadata={"address": str(folder)},
        ) from error


def _group_of(role: Role, settings: RpcSettings) -> str:
    groups = {
        Role.VIEWER: settings.viewer_group,
        Role.OPERATOR: settings.operator_group,
        Role.ENROLLER: settings.enroller_group,
        Role.ADMIN: settings.admin_group,
    }
    return groups[role]


async def _stop(servers: Sequence[grpc.aio.Server], grace_s: float) -> None:
    await asyncio.gather(*(server.stop(grace_s) for server in servers))
