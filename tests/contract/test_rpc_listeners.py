"""Listeners: who may open a socket, what stands in the way of one, and what is left behind."""

import asyncio
import grp
import os
import socket
import stat
from pathlib import Path

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2_grpc
from pydantic import TypeAdapter, ValidationError

from doorward_api.v1 import device_service_pb2
from doorward_daemon.errors import Conflict, ErrorReason, InvalidInput
from doorward_daemon.rpc import RpcSettings
from doorward_daemon.rpc.roles import Role
from doorward_daemon.rpc.socket_file import LONGEST_PATH_BYTES, SocketFile
from doorward_testing.rpc_stage import connect, info_of, open_stage

SOCKETS = [f"{role.word}.sock" for role in Role]
TCP = RpcSettings(tcp_enabled=True, tcp_port=0, grace_s=0.2)
INFO = device_service_pb2.GetInfoRequest()


async def test_each_role_has_a_socket_that_only_its_group_may_open_and_none_is_left_behind(tmp_path):
    async with open_stage(tmp_path) as stage:
        assert stage.server.addresses == tuple(f"unix:{tmp_path / 'run' / name}" for name in SOCKETS)
        for name in SOCKETS:
            found = (tmp_path / "run" / name).stat()
            assert stat.S_ISSOCK(found.st_mode)
            assert stat.S_IMODE(found.st_mode) == 0o660
    assert list((tmp_path / "run").iterdir()) == []


async def test_a_socket_is_never_open_to_others_while_it_is_made(tmp_path):
    before = os.umask(0)
    try:
        modes = []

        def listen(address: str) -> None:
            made = socket.socket(socket.AF_UNIX)
            path = Path(address.removeprefix("unix:"))
            made.bind(str(path))
            modes.append(stat.S_IMODE(path.stat().st_mode))
            made.close()

        SocketFile(tmp_path / "viewer.sock").bind(listen)
        assert modes == [0o700]
        assert os.umask(0) == 0
    finally:
        os.umask(before)


@pytest.mark.skipif(os.geteuid() != 0, reason="giving a socket to another group needs root")
async def test_a_socket_belongs_to_the_group_of_its_role(tmp_path):
    group = next(entry for entry in grp.getgrall() if entry.gr_gid != os.getegid())
    async with open_stage(tmp_path, RpcSettings(viewer_group=group.gr_name)):
        assert (tmp_path / "run" / "viewer.sock").stat().st_gid == group.gr_gid
        assert (tmp_path / "run" / "operator.sock").stat().st_gid == os.getegid()
        # members of the group must reach the socket, and see nothing else
        assert stat.S_IMODE((tmp_path / "run").stat().st_mode) & 0o007 == 0o001


async def test_a_group_that_does_not_exist_is_a_configuration_error(tmp_path):
    with pytest.raises(InvalidInput) as refused:
        async with open_stage(tmp_path, RpcSettings(admin_group="nobody-has-this-group")):
            pass
    assert refused.value.reason is ErrorReason.CONFIG_INVALID
    assert refused.value.problems[0].field == "rpc.admin_group"


async def test_a_socket_left_by_a_killed_daemon_is_replaced(tmp_path):
    (tmp_path / "run").mkdir()
    for name in SOCKETS:
        with socket.socket(socket.AF_UNIX) as dead:
            dead.bind(str(tmp_path / "run" / name))
    async with open_stage(tmp_path) as stage, stage.client("viewer") as client:
        assert (await client.device.GetInfo(INFO)).role == "viewer"


async def test_a_socket_that_someone_serves_is_not_taken_from_him(tmp_path):
    async with open_stage(tmp_path) as stage:
        with pytest.raises(Conflict) as refused:
            async with open_stage(tmp_path):
                pass
        assert refused.value.reason is ErrorReason.LISTENER_UNAVAILABLE
        assert refused.value.metadata["address"].endswith("viewer.sock")
        async with stage.client("viewer") as client:
            assert (await client.device.GetInfo(INFO)).role == "viewer"


async def test_a_file_in_the_way_of_a_socket_is_kept_and_named(tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "operator.sock").write_text("somebody's notes")
    with pytest.raises(Conflict) as refused:
        async with open_stage(tmp_path):
            pass
    assert "operator.sock" in refused.value.message
    assert (tmp_path / "run" / "operator.sock").read_text() == "somebody's notes"
    assert [path.name for path in (tmp_path / "run").iterdir()] == ["operator.sock"]


async def test_a_socket_path_too_long_is_one_error_with_its_length_and_the_limit(tmp_path):
    home = tmp_path / ("x" * LONGEST_PATH_BYTES)
    with pytest.raises(InvalidInput) as refused:
        async with open_stage(home):
            pass
    path = str(home / "run" / "viewer.sock")
    assert refused.value.reason is ErrorReason.CONFIG_INVALID
    for part in (path, str(len(path)), str(LONGEST_PATH_BYTES), "DOORWARD_HOME"):
        assert part in refused.value.message


@pytest.mark.parametrize("spare", [0, 1])
async def test_the_longest_path_is_served_and_one_byte_more_is_not(tmp_path, spare):
    # operator.sock and enroller.sock are the longest names
    fill = LONGEST_PATH_BYTES - len(os.fsencode(tmp_path)) - 1 - len("/run/enroller.sock") + spare
    home = tmp_path / ("x" * fill)
    if spare == 0:
        async with open_stage(home) as stage, stage.client("enroller") as client:
            assert (await client.device.GetInfo(INFO)).role == "enroller"
    else:
        with pytest.raises(InvalidInput):
            async with open_stage(home):
                pass


async def test_a_run_folder_that_cannot_be_made_is_a_listener_error(tmp_path):
    (tmp_path / "run").write_text("not a folder")
    with pytest.raises(Conflict) as refused:
        async with open_stage(tmp_path):
            pass
    assert refused.value.reason is ErrorReason.LISTENER_UNAVAILABLE


async def test_tcp_is_off_by_default_and_makes_no_tokens(tmp_path):
    async with open_stage(tmp_path) as stage:
        assert all(address.startswith("unix:") for address in stage.server.addresses)
    assert not (tmp_path / "data" / "tokens").exists()


async def test_tokens_are_made_once_for_the_daemons_user_only_and_give_their_roles(tmp_path):
    async with open_stage(tmp_path, TCP):
        pass
    before = {role: (tmp_path / "data" / "tokens" / f"{role.word}.token").read_text().strip() for role in Role}
    async with open_stage(tmp_path, TCP) as stage, connect(stage.server.addresses[-1]) as client:
        for role in Role:
            path = tmp_path / "data" / "tokens" / f"{role.word}.token"
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
            assert path.read_text().strip() == before[role]
            metadata = (("authorization", f"Bearer {before[role]}"),)
            assert (await client.device.GetInfo(INFO, metadata=metadata)).role == role.word
    assert len(set(before.values())) == len(Role)
    assert all(len(token) >= 43 for token in before.values())


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer wrong", "Basic dXNlcjpwYXNz", "Bearer ünïcode"])
async def test_a_call_on_tcp_without_a_right_token_is_unauthenticated(tmp_path, authorization):
    metadata = (
        None if authorization is None else (("authorization", authorization.encode("ascii", "replace").decode()),)
    )
    async with open_stage(tmp_path, TCP) as stage, connect(stage.server.addresses[-1]) as client:
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await client.device.GetInfo(INFO, metadata=metadata)
        with pytest.raises(grpc.aio.AioRpcError) as unknown:
            await client.channel.unary_unary("/no.Service/Method")(b"", metadata=metadata)
        health = health_pb2_grpc.HealthStub(client.channel)
        with pytest.raises(grpc.aio.AioRpcError) as checked:
            await health.Check(health_pb2.HealthCheckRequest(), metadata=metadata)
    for error in (refused, unknown, checked):
        assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
        assert info_of(error.value).reason == "TOKEN_INVALID"


async def test_there_is_no_reflection_on_tcp(tmp_path):
    async with open_stage(tmp_path, TCP) as stage, connect(stage.server.addresses[-1]) as client:
        token = (tmp_path / "data" / "tokens" / "admin.token").read_text().strip()
        reflection = reflection_pb2_grpc.ServerReflectionStub(client.channel)
        # Nothing is written: a refusal that meets a request on its way may come through as a reset stream.
        call = reflection.ServerReflectionInfo(metadata=(("authorization", f"Bearer {token}"),))
        assert await call.code() is grpc.StatusCode.UNIMPLEMENTED


async def test_a_taken_port_is_named(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Conflict) as refused:
            async with open_stage(tmp_path, RpcSettings(tcp_enabled=True, tcp_port=port)):
                pass
    assert refused.value.reason is ErrorReason.LISTENER_UNAVAILABLE
    assert refused.value.metadata["address"] == f"127.0.0.1:{port}"
    assert list((tmp_path / "run").iterdir()) == []


async def test_a_token_file_that_others_may_read_is_refused(tmp_path):
    async with open_stage(tmp_path, TCP):
        pass
    (tmp_path / "data" / "tokens" / "admin.token").chmod(0o644)
    with pytest.raises(Conflict) as refused:
        async with open_stage(tmp_path, TCP):
            pass
    assert "admin.token" in refused.value.message
    assert "0644" in refused.value.message


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.7", "::", "localhost.example.org"])
def test_a_host_beyond_loopback_is_refused_by_the_settings(host):
    with pytest.raises(ValidationError):
        TypeAdapter(RpcSettings).validate_python({"tcp_host": host})


async def test_a_silent_tcp_connection_is_closed(tmp_path):
    settings = RpcSettings(tcp_enabled=True, tcp_port=0, handshake_timeout_s=0.2, grace_s=0.2)
    async with open_stage(tmp_path, settings) as stage:
        host, port = stage.server.addresses[-1].rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host, int(port))
        async with asyncio.timeout(5):
            while await reader.read(1024):  # the server's own settings frame, then the end
                pass
        writer.close()
        await writer.wait_closed()
