"""The connection of a client: where it goes, how long it waits, how often it tries, when it closes."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import grpc
import pytest

from doorward_api.v1.recognition_service_pb2 import IdentifyRequest
from doorward_client import (
    ChannelSettings,
    DoorwardClient,
    Forbidden,
    NotReady,
    Target,
    TimedOut,
    Unreachable,
    aio,
)
from doorward_testing.both_clients import FLAVOURS, PICTURE, picture_file
from doorward_testing.scripted_server import Refusal, ScriptedServer, Silence

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE


@pytest.fixture
def server(tmp_path):
    with ScriptedServer(tmp_path / "operator.sock") as server:
        yield server


@pytest.fixture(params=FLAVOURS)
def flavour(request):
    return FLAVOURS[request.param]


@pytest.fixture
def ask(flavour, server):
    return flavour(Target(server.target), None)


def test_a_daemon_that_stays_unready_is_told_after_the_last_attempt(ask, server):
    server.answer("Identify", Refusal("NOT_READY", UNAVAILABLE, "the models are loading", retry_after_s=2))
    with pytest.raises(NotReady, match="the models are loading") as caught:
        ask("identify", PICTURE)
    assert len(server.calls) == ChannelSettings().max_attempts
    assert caught.value.retry_after_s == 2.0


def test_retries_can_be_switched_off(flavour, server):
    server.answer("Identify", Refusal("NOT_READY", UNAVAILABLE))
    with pytest.raises(NotReady):
        flavour(Target(server.target), ChannelSettings(max_attempts=1))("identify", PICTURE)
    assert len(server.calls) == 1


def test_other_refusals_are_not_repeated(ask, server):
    server.answer("Identify", Refusal("OVERLOADED", grpc.StatusCode.RESOURCE_EXHAUSTED))
    with pytest.raises(Exception, match="the daemon says no"):
        ask("identify", PICTURE)
    assert len(server.calls) == 1


def test_silence_ends_at_the_deadline_of_the_settings_or_of_the_call(flavour, server):
    server.answer("Identify", Silence())
    with pytest.raises(TimedOut) as caught:
        flavour(Target(server.target), ChannelSettings(deadline_s=0.2))("identify", PICTURE)
    assert caught.value.reason == "DEADLINE_EXCEEDED"
    assert caught.value.request_id == server.calls[0].metadata["x-request-id"]
    with pytest.raises(TimedOut):
        flavour(Target(server.target), None)("identify", PICTURE, timeout_s=0.2)


def test_a_missing_socket_is_told_with_what_to_do(flavour, tmp_path):
    target = Target(f"unix:{tmp_path}/none.sock")
    with pytest.raises(Unreachable, match=r"there is no socket .*none\.sock; start the daemon") as caught:
        flavour(target, ChannelSettings(max_attempts=1))("get_status")
    assert caught.value.reason == "UNREACHABLE"
    assert caught.value.metadata["target"] == target.address


def test_a_daemon_that_goes_away_in_the_middle_of_a_call_is_told_as_such(flavour, tmp_path):
    with ThreadPoolExecutor() as pool, ScriptedServer(tmp_path / "operator.sock") as server:
        server.answer("Identify", Silence())
        call = pool.submit(flavour(Target(server.target), ChannelSettings(max_attempts=2)), "identify", PICTURE)
        server.wait_for("Identify")
        server.stop()
        with pytest.raises(Unreachable):
            call.result(20)


def test_a_call_that_the_daemon_drops_is_told_as_such(ask, server):
    server.answer("GetStatus", Refusal("", grpc.StatusCode.CANCELLED))
    with pytest.raises(Unreachable, match="nobody answers at"):
        ask("get_status")


def test_a_file_in_the_sockets_place_is_told_as_such(flavour, tmp_path):
    picture_file(tmp_path, "operator.sock")
    with pytest.raises(Unreachable, match="is not a socket"):
        flavour(Target(f"unix:{tmp_path}/operator.sock"), ChannelSettings(max_attempts=1))("get_status")


def test_a_listener_without_a_daemon_is_told_as_such(flavour):
    with pytest.raises(Unreachable, match=r"no daemon answers at 127\.0\.0\.1:1;"):
        flavour(Target("127.0.0.1:1"), ChannelSettings(max_attempts=1))("get_status")


def test_a_socket_path_with_odd_letters_is_reached(flavour, tmp_path):
    socket = tmp_path / "a b#c?d%20[e].sock"
    with ScriptedServer(socket) as server:
        assert socket.is_socket()
        flavour(Target(server.target), None)("get_status")
        assert len(server.calls) == 1


def test_a_proxy_of_the_environment_never_sees_a_call(flavour, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    with ScriptedServer(None) as server:
        flavour(Target(server.target), ChannelSettings(max_attempts=1))("get_status")
        assert len(server.calls) == 1


def test_a_token_shows_the_role_over_tcp(flavour):
    with ScriptedServer(None) as server:
        flavour(Target(server.target, "secret"), None)("get_status")
        assert server.calls[0].metadata["authorization"] == "Bearer secret"


def test_a_wrong_token_is_forbidden(flavour):
    with ScriptedServer(None) as server:
        server.answer("GetStatus", Refusal("TOKEN_INVALID", grpc.StatusCode.UNAUTHENTICATED))
        with pytest.raises(Forbidden) as caught:
            flavour(Target(server.target, "wrong"), None)("get_status")
        assert caught.value.reason == "TOKEN_INVALID"


def test_a_client_that_was_not_entered_says_how_to():
    with pytest.raises(RuntimeError, match="with DoorwardClient"):
        DoorwardClient("localhost:1").get_status()


def test_a_client_can_be_entered_again_and_its_channel_is_closed_in_between(server):
    client = DoorwardClient(server.target)
    for _ in range(2):
        with client:
            client.get_status()
    with pytest.raises(RuntimeError):
        client.get_status()
    assert len(server.calls) == 2


def test_the_default_target_is_looked_up_when_the_client_is_entered(server, monkeypatch):
    client = DoorwardClient()
    monkeypatch.setenv("DOORWARD_TARGET", server.target)
    with client:
        client.get_status()
    assert len(server.calls) == 1


def test_tasks_share_one_client(server):
    async def ask_together():
        async with aio.DoorwardClient(server.target) as client:
            await asyncio.gather(*(client.identify(PICTURE) for _ in range(8)))

    asyncio.run(ask_together())
    assert len(server.calls) == 8


def test_a_cancelled_task_is_cancelled_and_the_client_serves_on(server):
    server.answer("Identify", Silence())

    async def give_up():
        async with aio.DoorwardClient(server.target) as client:
            task = asyncio.create_task(client.identify(PICTURE))
            await asyncio.to_thread(server.wait_for, "Identify")
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return await client.get_status()

    assert asyncio.run(give_up()) is not None


def test_leaving_a_client_closes_its_channel_whatever_happened(server):
    client = DoorwardClient(server.target)
    with suppress(ZeroDivisionError), client:
        kept = client._link.recognition.Identify
        raise ZeroDivisionError
    with pytest.raises(ValueError, match="closed channel"):
        kept(IdentifyRequest())


async def test_leaving_an_asyncio_client_closes_its_channel_whatever_happened(server):
    client = aio.DoorwardClient(server.target)
    with suppress(ZeroDivisionError):
        async with client:
            kept = client._link.channel
            raise ZeroDivisionError
    assert kept.get_state() is grpc.ChannelConnectivity.SHUTDOWN
